from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.clock.deadlines import due, timers, upcoming
from allclear.core.record.life import Cleared, Dismissed, Duplicated
from allclear.core.record.postmortem import PostmortemPublished
from allclear.core.record.progress import Fired, Ticked
from commands.room import ALICE, BOB, HOTDASH, HOTDASH_DATA, Talk, at, runbook


def said(talk: Talk, clock: str, day: int = 2) -> dict[str, str]:
    """The deadlines due at that time, with whom they reach."""
    return {t.deadline.id: ", ".join(t.to) for t in due(talk.incident, talk.runbook, at(clock, day))}


def fire(talk: Talk, clock: str, day: int = 2) -> list[str]:
    """Tell everybody what is due, as a pass does; the keys of what was told."""
    found = due(talk.incident, talk.runbook, at(clock, day))
    talk.now = at(clock, day)
    for timer in found:
        talk.add(
            f"t:{timer.key}",
            Fired(timer=timer.key, deadline=timer.deadline.title, due=timer.due, covers=timer.covers),
        )
    return [timer.key for timer in found]


@pytest.mark.parametrize(("severity", "response"), [("P0", "14:05"), ("P1", "14:15"), ("P2", "15:00")])
def test_the_response_times_of_the_book(severity: str, response: str) -> None:
    incident = Talk(severity).incident
    found = {timer.deadline.id: timer.due for timer in timers(incident, HOTDASH, at("14:00"))}

    assert found["response"] == at(response)


def test_a_low_severity_has_a_day() -> None:
    found = {timer.deadline.id: timer.due for timer in timers(Talk("P3").incident, HOTDASH, at("14:00"))}

    assert found == {"backlog-1": at("14:00"), "response": at("14:00", day=3)}


@pytest.mark.parametrize(
    ("severity", "clock", "who"),
    [
        ("P0", "14:00", {"ceo-2": "CEO, DevOps", "all-hands": "All hands"}),
        ("P1", "14:14", {"devops-1": "DevOps"}),
        ("P1", "14:15", {"response": "DevOps", "manager": "Manager"}),
        ("P2", "14:59", {"devops-1": "DevOps"}),
        ("P2", "15:00", {"response": "DevOps", "manager": "Manager"}),
        ("P3", "23:59", {"backlog-1": "DevOps"}),
    ],
)
def test_the_escalation_matrix_of_000_05(severity: str, clock: str, who: dict[str, str]) -> None:
    assert said(Talk(severity), clock) == who


def test_a_reminder_is_for_whom_was_told_before_not_for_whom_something_else_tells_at_the_same_time() -> None:
    """`manager` comes before `response` in the order of their ids."""
    talk = Talk("P1")
    fact = Fired(timer="devops-1/0/0", deadline="Alert", due=talk.now, titles=("DevOps",))
    talk.add("t:devops-1/0/0", fact)

    assert said(talk, "14:15") == {"manager": "Manager", "response": "DevOps"}


def test_missed_levels_collapse_into_the_highest_and_missed_repetitions_into_the_last() -> None:
    talk = Talk("P0")

    (top,) = (t for t in due(talk.incident, HOTDASH, at("14:12")) if t.deadline.ladder == "ceo")
    assert (top.deadline.id, top.due) == ("ceo-2", at("14:10"))
    assert top.covers == ("ceo-1/0/0", "response/0/0")
    assert top.to == ("CEO", "DevOps")


def test_what_was_said_is_not_said_again_and_repeats_until_somebody_acknowledges() -> None:
    talk = Talk("P0")

    assert fire(talk, "14:00") == ["all-hands/0/0", "ceo-2/0/0"]
    assert fire(talk, "14:00") == []
    assert fire(talk, "14:05") == ["ceo-2/0/1"]
    assert fire(talk, "14:06") == []
    talk.says("/ack")
    assert fire(talk, "14:14") == []


def test_the_updates_of_a_p0_are_due_from_the_declaration_on_and_anew_with_every_update() -> None:
    talk = Talk("P0")
    talk.says("/ack")
    assert "team-update" in said(talk, "14:15")
    talk.now = at("14:20")
    talk.says("/update all hands are on it")

    assert "team-update" not in said(talk, "14:35")
    assert said(talk, "14:36")["team-update"] == "Incident Commander, responders"
    assert fire(talk, "14:36")[-1] == "team-update/0/20260302T142100/0"
    assert fire(talk, "14:50") == []
    assert fire(talk, "15:10") == ["team-update/0/20260302T142100/2"]


def test_raising_the_severity_keeps_the_anchors_and_lowering_drops_what_was_to_come() -> None:
    talk = Talk("P2")
    assert "manager" not in said(talk, "14:20")
    talk.says("/sev P1")
    assert "manager" in said(talk, "14:20")
    talk.says("/sev P3")
    assert said(talk, "14:20") == {"backlog-1": "DevOps"}


def test_a_milestone_stops_its_deadlines() -> None:
    talk = Talk("P1")
    talk.says("/status monitoring")

    found = {timer.deadline.id: timer.due for timer in upcoming(talk.incident, HOTDASH, at("14:02"))}
    assert found == {"monitoring-over": at("15:01")}


def test_a_flag_is_a_condition() -> None:
    officer = {"when": {"flag": "security"}, "after": "15m", "tell": "Officer"}
    talk = Talk("P1", book=runbook(rules=HOTDASH_DATA["rules"] | {"officer": officer}))

    assert "officer" not in said(talk, "14:15")
    talk.now = at("14:20")
    talk.says("/flag security")
    assert "officer" not in said(talk, "14:35")
    assert said(talk, "14:36")["officer"] == "Officer"


@pytest.mark.parametrize("end", [Duplicated(of=12), Dismissed()])
def test_the_clocks_of_a_duplicate_stop(end: Duplicated | Dismissed) -> None:
    talk = Talk("P0")
    talk.add("end", end, by=ALICE)

    assert timers(talk.incident, HOTDASH, at("23:00")) == ()


def test_after_the_close_only_the_post_mortem_and_what_is_left_to_do_are_due() -> None:
    talk = Talk("P1")
    talk.add("c", Cleared(override="x"), by=ALICE)

    assert said(talk, "13:59", day=3) == {}
    assert said(talk, "14:00", day=3) == {"review-reminder": "Incident Commander, responders"}
    top = due(talk.incident, HOTDASH, at("15:00", day=6))[0]
    assert (top.deadline.id, top.due, top.covers) == (
        "review-due",
        at("14:00", day=6),
        ("after-list/0/1", "review-reminder/0/0"),
    )

    steps = next(one.steps for one in HOTDASH.lists if one.id == "after")
    talk.add("/check", *(Ticked(step=step.id) for step in steps), by=BOB)
    top = due(talk.incident, HOTDASH, at("15:00", day=6))[0]
    assert (top.deadline.id, top.covers) == ("review-due", ("review-reminder/0/0",))

    talk.add("p", PostmortemPublished(at=talk.now + timedelta(hours=1)))
    assert said(talk, "15:00", day=6) == {}


def test_a_published_post_mortem_ends_the_reminders_of_the_list_too() -> None:
    talk = Talk("P1")
    talk.add("c", Cleared(override="x"), by=ALICE)
    talk.add("p", PostmortemPublished(at=talk.now + timedelta(hours=1)))

    assert said(talk, "15:00", day=6) == {}


def test_a_reopening_has_its_own_clocks() -> None:
    talk = Talk("P1")
    fire(talk, "14:20")
    talk.add("c", Cleared(override="x"), by=ALICE)
    talk.now = at("18:00")
    talk.says("/reopen it is back")

    assert fire(talk, "18:16") == ["response/1/0", "manager/1/0"]
    assert {key for key in talk.incident.progress.fired if "/1/" in key} == {
        *("devops-1/1/0", "response/1/0", "manager/1/0"),
    }


def test_a_reopening_starts_the_clock_of_the_updates_anew() -> None:
    talk = Talk("P0")
    talk.says("/update one")
    talk.add("c", Cleared(override="x"), by=ALICE)
    talk.now = at("18:00")
    talk.says("/reopen it is back")

    found = {timer.deadline.id: timer.due for timer in timers(talk.incident, HOTDASH, at("18:02"))}
    assert found["team-update"] == at("18:16")


def test_a_report_has_no_clocks() -> None:
    assert timers(Talk(report=True).incident, HOTDASH, at("23:00")) == ()
