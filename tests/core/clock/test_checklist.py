from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from allclear.core.clock.checklist import asked_lists, checklist
from allclear.core.clock.gates import holds, listed
from allclear.core.clock.window import window_end
from allclear.core.record.life import Cleared, Resolved
from allclear.core.record.postmortem import PostmortemOpened
from allclear.core.record.progress import ActionAdded, Fired, Ticked
from allclear.core.record.voices import Spoken
from commands.room import ALICE, BOB, HOTDASH, Talk, at

UTC = ZoneInfo("UTC")


def done(talk: Talk) -> set[str]:
    return {item.step.id for item in checklist(talk.incident, talk.runbook) if item.done}


def test_the_lists_of_the_book_in_their_order() -> None:
    incident = Talk().incident

    assert [(one.checklist.title, len(one.items)) for one in asked_lists(incident, HOTDASH)] == [
        ("During Incident", 9),
        ("Apply Immediate Fix", 4),
        ("Post-Incident", 5),
    ]
    assert asked_lists(Talk("P3").incident, HOTDASH) == ()
    assert [item.step.id for item in checklist(incident, HOTDASH)] == [step.id for step in HOTDASH.boxes]


def test_a_declaration_with_a_severity_ticks_two_steps() -> None:
    assert done(Talk()) == {"severity", "issue"}
    assert done(Talk(asked=True)) == {"issue"}
    assert done(Talk(report=True)) == set()


@pytest.mark.parametrize(
    ("typed", "step"),
    [
        ("/ack", "investigation"),
        ("/finding the pool", "root-cause"),
        ("/status identified", "root-cause"),
        ("/status monitoring", "fix"),
    ],
)
def test_a_milestone_ticks_its_step(typed: str, step: str) -> None:
    talk = Talk()
    talk.says(typed)

    assert step in done(talk)
    item = next(item for item in checklist(talk.incident, HOTDASH) if item.step.id == step)
    assert (item.verified, item.by, item.at) == (True, None, talk.now)


def test_a_person_ticks_the_rest_and_the_engine_wins_over_a_person() -> None:
    talk = Talk()
    talk.add("/check", Ticked(step="verification"), Ticked(step="issue"), by=BOB)
    items = {item.step.id: item for item in checklist(talk.incident, HOTDASH)}

    assert (items["verification"].by, items["verification"].verified) == (BOB, False)
    assert (items["issue"].by, items["issue"].verified) == (None, True)
    assert items["debrief"].verified is False


def test_the_notice_of_this_interval_ticks_the_step_and_an_old_one_does_not() -> None:
    talk = Talk()
    talk.add("t", Fired(timer="devops-1/0/0", deadline="Alert", due=talk.now))
    assert "notified" in done(talk)

    talk.add("c", Cleared(override="x"), by=ALICE)
    talk.says("/reopen again")
    assert "notified" not in done(talk)
    talk.add("t2", Fired(timer="devops-1/1/0", deadline="Alert", due=talk.now))
    assert "notified" in done(talk)


def test_the_steps_after_the_end_tick_themselves() -> None:
    talk = Talk()
    talk.add("c", Cleared(override="x"), Spoken(voice="team", moment="all-clear"), by=ALICE)
    assert "all-clear" in done(talk)
    talk.add("a", ActionAdded(text="one", owner=BOB), by=ALICE)
    assert "actions" not in done(talk)
    talk.entries.pop()
    talk.add("a", ActionAdded(text="one", owner=BOB, due="2026-03-09"), by=ALICE)
    talk.add("p", PostmortemOpened(path="x", branch="b", url="https://example.test"))
    assert {"actions", "post-mortem"} <= done(talk)


def test_a_list_holds_its_moment_with_what_is_not_optional_and_comes_before_it() -> None:
    talk = Talk()

    assert [hold.id for hold in holds(talk.incident, HOTDASH, "resolve", talk.now, UTC)] == [
        *("notified", "investigation", "root-cause", "fix", "verification"),
    ]
    assert holds(talk.incident, HOTDASH, "mitigated", talk.now, UTC) == ()


def test_a_gate_that_waits_for_a_milestone_says_how_it_comes_about() -> None:
    talk = Talk("P3")

    assert listed(holds(talk.incident, HOTDASH, "all-clear", talk.now, UTC)) == (
        "- Not resolved yet: `/resolve <what fixed it>`"
    )


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ("14:31", ["Extended monitoring (until 16:01 UTC, 1 h 30 min left)"]),
        ("16:00", ["Extended monitoring (until 16:01 UTC, 1 min left)"]),
        ("16:01", []),
        ("23:00", []),
    ],
)
def test_the_window_opens_the_gate_to_the_minute(clock: str, said: list[str]) -> None:
    talk = Talk("P0")
    talk.says("/status monitoring")
    talk.add("/resolve", Resolved(text="rolled back"), by=BOB)

    assert window_end(talk.incident, talk.runbook) == at("16:01")
    assert [hold.text for hold in holds(talk.incident, talk.runbook, "all-clear", at(clock), UTC)] == said


def test_a_severity_without_a_window_has_no_window() -> None:
    talk = Talk("P3")
    talk.says("/status monitoring")

    assert window_end(talk.incident, HOTDASH) is None
    assert "monitoring" not in {hold.id for hold in holds(talk.incident, HOTDASH, "all-clear", talk.now, UTC)}


def test_before_the_fix_there_is_no_end_of_the_window() -> None:
    talk = Talk("P0")

    assert window_end(talk.incident, HOTDASH) is None
    last = holds(talk.incident, HOTDASH, "all-clear", talk.now, UTC)[-1]
    assert (last.id, last.text) == ("monitoring", "Extended monitoring of 2 hours after the fix")
