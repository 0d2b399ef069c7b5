"""Checklists of a written runbook in a conversation: what they hold, what ticks them, what they run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allclear.core.clock.checklist import asked_lists, checklist
from allclear.core.clock.deadlines import timers
from allclear.core.clock.gates import holds
from allclear.core.model.authored import read_authored
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.model.people import Rights
from allclear.core.model.stored import read_values
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped
from allclear.core.record.life import Cleared, Reopened
from allclear.core.record.production import OperationAsked, OperationEnded
from allclear.core.record.progress import Fired
from allclear.core.view.lists import shown_lists
from commands.room import ALICE, BOB, CLAIRE, Heard, Talk
from written import SMALL, small

ACTIONS: dict[str, Any] = {
    "cache": {
        "title": "Clear the cache",
        "run": ["npm", "run", "cache"],
        "least": "write",
        "approval": "none",
    },
    "scale": {
        "title": "Add machines",
        "run": ["fly", "scale", "{count}"],
        "parameters": {"count": {"pattern": "[0-9]{1,2}"}},
        "least": "write",
        "approval": "none",
    },
}


def book(lists: dict[str, Any], **changes: Any) -> Runbook:
    return small(lists=lists, **changes)


def talk(lists: dict[str, Any], severity: str = "SEV3", **changes: Any) -> Talk:
    settings = read_authored(Settings, {"actions": ACTIONS})
    return Talk(severity, book=book(lists, **changes), settings=settings)


def held(room: Talk, before: str) -> list[str]:
    return [one.id for one in holds(room.incident, room.runbook, before, room.now, room.zone)]


def done(room: Talk) -> set[str]:
    return {item.step.id for item in checklist(room.incident, room.runbook, room.now) if item.done}


def ended(room: Talk, heard: Heard, **outcome: object) -> None:
    (fact,) = heard.facts
    assert isinstance(fact, OperationAsked)
    room.later(minutes=1)
    end = read_values(OperationEnded, {"op": fact.op, "outcome": "done"} | outcome)
    room.add(f"ended {fact.op}", end)


def smoked(room: Talk, *, passed: bool, name: str = "up") -> None:
    op = f"smoke-{len(room.entries):06d}"
    room.add(f"asked {op}", OperationAsked(op=op, kind="smoke", service="web"))
    line = SmokeLine(name=name, outcome="pass" if passed else "fail")
    room.add(f"ended {op}", OperationEnded(op=op, outcome="done", smoke=Smoke(lines=(line,))))


@pytest.mark.parametrize(
    ("before", "typed", "said"),
    [
        ("acknowledged", "/ack", "The incident is not acknowledged yet."),
        ("identified", "/finding the pool", "The incident is not identified yet."),
        ("identified", "/status identified", "The incident is not identified yet."),
        ("mitigating", "/status mitigating", "The incident is not mitigating yet."),
        ("monitoring", "/status monitoring", "The incident is not monitoring yet."),
        ("mitigated", "/monitoring", "The incident is not monitoring yet."),
    ],
)
def test_a_list_holds_any_moment_and_any_state(before: str, typed: str, said: str) -> None:
    room = talk(
        {
            "first": {
                "before": before,
                "steps": {"look": "Look at it", "maybe": {"text": "x", "optional": True}},
            }
        }
    )

    heard = room.says(typed)
    assert heard.code == "gate"
    assert heard.say == f"{said} One thing is still open:\n- Look at it: `/check look`"
    assert room.says("/check look").say.startswith("Done: Look at it. Nothing is open before `/")
    assert room.says(typed).code == ""


def test_what_is_past_is_held_no_more() -> None:
    room = talk({"first": {"before": "monitoring", "steps": {"look": "Look at it"}}})
    room.says("/check look")
    room.says("/status monitoring")
    room.says("/uncheck look")

    assert room.says("/check look").say == "Done: Look at it."
    assert room.says("/status monitoring still watching").code == ""


def test_who_resolves_at_once_passes_the_fix_s_list_too() -> None:
    room = talk({"first": {"before": "mitigated", "steps": {"look": "Look at it"}}})

    assert "Look at it: `/check look`" in room.says("/resolve restarted").say
    room.says("/check look")
    assert room.says("/resolve restarted").code == ""


def test_a_closed_incident_is_held_by_nothing() -> None:
    room = talk({"first": {"before": "acknowledged", "steps": {"look": "Look at it"}}})
    room.add("c", Cleared(override="over"), by=CLAIRE)
    assert room.says("/check look").say == "Done: Look at it."


def test_a_step_is_asked_for_by_severity_flag_and_kind_of_fix() -> None:
    lists = {
        "first": {
            "before": "resolved",
            "steps": {
                "all": "For all",
                "worst": {"text": "For the worst", "for": "SEV1"},
                "lost": {"text": "Data", "when": {"flag": "data-loss"}},
                "fast": {"text": "Hotfix", "when": {"fix": "hotfix"}},
            },
        }
    }
    room = talk(lists)
    assert held(room, "resolve") == ["all"]
    room.says("/flag data-loss")
    room.says("/sev SEV1")
    assert held(room, "resolve") == ["all", "worst", "lost", "mitigated"]


def test_the_severity_is_named_before_the_resolution() -> None:
    room = Talk("SEV2", book=small(lists={"a": {"steps": {"b": "B"}}}), asked=True)
    assert [one.text for one in holds(room.incident, room.runbook, "resolve", room.now, room.zone)] == [
        "Nobody has named the severity",
        "Not mitigated yet",
    ]


def test_a_moment_that_comes_by_itself_or_later_holds_nothing() -> None:
    steps = {
        "same": {"text": "A", "done": "resolved"},
        "later": {"text": "B", "done": "all-clear"},
        "said": {"text": "C", "done": "said team.all-clear"},
        "before": {"text": "D", "done": "acknowledged"},
        "update": {"text": "E", "done": "said team.update"},
    }
    room = talk({"first": {"before": "resolved", "steps": steps}})
    assert held(room, "resolve") == ["before", "update"]
    lists = {"first": {"before": "mitigating", "steps": {"x": {"text": "X", "done": "mitigated"}}}}
    assert held(talk(lists), "mitigating") == []


def test_nobody_ticks_against_a_failing_smoke_run() -> None:
    room = talk(
        {"first": {"before": "resolved", "steps": {"well": {"text": "All is well", "done": "smoke"}}}}
    )
    room.says("/status monitoring")
    smoked(room, passed=False)
    assert room.says("/check well").code == "gate"
    assert held(room, "resolve") == ["well", "smoke"]
    room.later(minutes=1)
    smoked(room, passed=True)
    assert held(room, "resolve") == []


def test_a_number_that_says_that_it_is_well_is_measured_after_the_fix() -> None:
    measures = {"errors": {"title": "Error rate", "recovered": "< 1"}}
    room = talk({"a": {"steps": {"b": "B"}}}, "SEV1", measures=measures)
    smoked(room, passed=True, name="errors")
    assert held(room, "all-clear") == ["resolved", "monitoring"]
    room.says("/status monitoring")
    found = holds(room.incident, room.runbook, "all-clear", room.now, room.zone)
    assert [(one.id, one.text, one.how) for one in found][-1] == (
        "recovered",
        "Error rate was not measured since the fix",
        "`/smoke web`",
    )
    smoked(room, passed=True, name="errors")
    assert held(room, "all-clear") == ["resolved", "monitoring"]


def test_told_is_the_page_that_went_out_and_reached_somebody() -> None:
    steps = {
        "any": {"text": "Team told", "done": "told"},
        "lead": {"text": "Lead told", "done": "told Team Lead"},
        "hand": {"text": "Called", "done": "told On-call"},
    }
    room = talk({"first": {"steps": steps}})
    room.add("u", Fired(timer="on-call-1/0/0", deadline="x", due=room.now, unheard=True))
    assert done(room) == set()
    room.says("/escalate Team Lead")
    assert done(room) == {"lead"}
    room.add("c", Fired(timer="called/0/c101.1/0", deadline="x", due=room.now))
    assert done(room) == {"any", "lead"}
    room.later(minutes=30)
    room.add("t", Fired(timer="on-call-again/0/0", deadline="x", due=room.now))
    assert done(room) == {"any", "lead"}
    room.later(minutes=1)
    room.add("again", Reopened(), by=ALICE)
    assert done(room) == set()
    room.add("n", Fired(timer="on-call-1/1/0", deadline="x", due=room.now))
    assert done(room) == {"any", "hand"}


def test_roles_evidence_meetings_and_words_of_voices_are_ticked_by_people_until_they_are_seen() -> None:
    steps = {
        "team": {"text": "Roles", "done": "role ic, tech"},
        "meet": {"text": "Meeting", "done": "meeting"},
        "kept": {"text": "Evidence", "done": "evidence record, logs"},
        "gone": {"text": "Watched", "done": "watched"},
    }
    room = talk({"first": {"before": "resolved", "steps": steps}})
    heard = room.says("/resolve x").say
    assert "`/role ic @somebody` and `/role tech @somebody`, or `/check team`" in heard
    assert "- Evidence: `/evidence`, or `/check kept`" in heard
    assert "- Meeting: `/meeting <time>`, or `/check meet`" in heard
    room.says("/role ic @alice")
    assert "team" not in done(room)
    room.says("/role tech @bob")
    room.says("/status monitoring")
    # Where nobody has to watch a fix, it was watched at once.
    assert done(room) == {"team", "gone"}
    room.says("/check meet kept")
    assert held(room, "resolve") == []


VOICES = {
    "team": {"at": {"update": "{{ text }}", "identified": "Found", "declared": "Down"}},
    "page": {"public": True, "at": {"declared": "Down"}},
}


@pytest.mark.parametrize(
    ("moment", "how"),
    [
        ("page.declared", "`/publish page`, or `/check told`"),
        ("team.update", "`/update <text>`, or `/check told`"),
        ("team.identified", "`/finding` with the root cause, or `/check told`"),
        ("team.declared", "`/check told`"),
    ],
)
def test_what_makes_a_voice_speak_is_told(moment: str, how: str) -> None:
    steps = {"told": {"text": "Told", "done": f"said {moment}"}}
    room = talk({"last": {"before": "all-clear", "steps": steps}}, voices=VOICES)
    assert f"- Told: {how}" in room.says("/all-clear").say


def test_steps_are_found_by_name_by_text_and_by_their_place_while_one_list_is_open() -> None:
    room = talk(
        {
            "first": {"steps": {"look": "Look", "see": "See it all", "see-again": "See"}},
            "later": {"opens": "acknowledged", "steps": {"after": "After"}},
        }
    )
    assert room.says("/check").say.startswith("Which step? The checklist has `look`, `see`, `see-again`.")
    heard = room.says("/check lok").say
    assert heard.startswith(
        "`lok` is not a step of the checklist; it has `look`, `see`, `see-again`. Did you mean `look`?"
    )
    assert "`4` is not a step" in room.says("/check 4").say
    assert room.says("/check 1, 3.").say == "Done: Look, See."
    assert room.says("/uncheck **See_again**, and `1`").say == "Open again: See, Look."
    assert room.says("/check see it all & Look").say == "Done: See it all, Look."
    assert room.says("/check after").say == "Done: After."
    room.says("/uncheck 1-3")
    assert room.says("/check step #1 to 2, seeagain: done").say == "Done: Look, See it all, See."
    assert room.says("/uncheck 1..2").say == "Open again: Look, See it all."
    assert room.says("/check - [x] look").say == "Done: Look."
    assert "`3-2` is not a step" in room.says("/check 3-2").say
    assert "`4` is not a step" in room.says("/check 2-4").say
    assert "`look?` is a question, not an order; `/check look` is one." in room.says("/check look?").say
    room.says("/ack")
    assert "Numbers count where one list is open, and there are several." in room.says("/check 1-2").say
    assert "`2` is not a step" in room.says("/check 2").say
    assert "Which step?" in room.says("/check , \u2705").say
    assert "Which step?" in room.says("/check the steps are done").say


def test_a_step_is_found_by_its_text_without_what_stands_in_brackets_and_by_its_number() -> None:
    room = talk({"first": {"steps": {"page": "Page updated (if there is one)", "look": "Look"}}})
    assert room.says("/check page updated, step-2").say == "Done: Page updated (if there is one), Look."


@pytest.mark.parametrize("severity", ["SEV1", "SEV3"])
def test_a_text_has_the_incident_s_values_and_drops_the_line_that_is_not_for_it(severity: str) -> None:
    steps = {
        "watch": "Watch for {{ watch }}",
        "both": "Stay\nuntil {{ watch }} are over, {{ severity }} of `{{ brief }}`",
    }
    room = talk({"first": {"opens": "mitigated", "steps": steps}}, severity)
    room.says("/status monitoring")
    (one,) = asked_lists(room.incident, room.runbook, room.now)
    if severity == "SEV1":
        assert [item.step.id for item in one.items] == ["watch", "both"]
        assert room.says("/check watch").say.startswith("Done: Watch for 30 minutes.")
        assert room.says("/check both").say == (
            "Done: Stay until 30 minutes are over, SEV1 of `Checkout is down`."
        )
    else:
        assert [item.step.id for item in one.items] == ["both"]
        assert room.says("/check both").say == "Done: Stay."


def test_what_a_list_is_late_with_is_called_for_each_day_until_it_is_done() -> None:
    lists = {
        "after": {
            "title": "After it",
            "role": "scribe",
            "opens": "resolved",
            "due": {"SEV3": "2d"},
            "steps": {"share": "Share it", "maybe": {"text": "Maybe", "optional": True}},
        }
    }
    room = talk(lists)
    room.says("/resolve restarted")
    room.says("/all-clear restarted")

    def next_due() -> list[tuple[str, timedelta, tuple[str, ...]]]:
        return [
            (one.key, one.due - room.now, one.to) for one in timers(room.incident, room.runbook, room.now)
        ]

    assert next_due() == [("after-list/0/0", timedelta(days=2, minutes=-1), ("Scribe",))]
    room.later(days=2)
    room.add("t", Fired(timer="after-list/0/0", deadline="x", due=room.now))
    assert next_due()[0][:2] == ("after-list/0/1", timedelta(days=1, minutes=-1))
    room.says("/check share")
    assert next_due() == []


def test_a_list_with_a_condition_is_due_from_when_it_holds() -> None:
    lists = {
        "data": {"when": {"flag": "data-loss"}, "due": "1h", "steps": {"restore": "Restore"}},
    }
    room = talk(lists)
    room.later(hours=3)
    assert not [one for one in timers(room.incident, room.runbook, room.now) if one.deadline.checklist]
    room.says("/flag data-loss")
    (one,) = [one for one in timers(room.incident, room.runbook, room.now) if one.deadline.checklist]
    assert one.due == room.now + timedelta(hours=1)
    assert one.to == ("Incident Commander", "responders")
    room.add("c", Cleared(override="over"), by=CLAIRE)
    assert not [one for one in timers(room.incident, room.runbook, room.now) if one.deadline.checklist]


LISTS: dict[str, Any] = {
    "after": {
        "title": "After it",
        "opens": "mitigated",
        "steps": {
            "first": {"text": "Clear", "run": "cache"},
            "talk": "Talk",
            "second": {"text": "Scale", "run": "scale"},
            "third": {"text": "Restart", "run": "restart"},
        },
    },
    "worst": {"for": "SEV1", "steps": {"only": {"text": "Only", "run": "cache"}}},
}


def test_a_list_runs_its_actions_one_after_the_other() -> None:
    room = talk(LISTS)
    assert room.says("/run after").say == (
        "After it opens when the incident is mitigated, so nothing of it can be run."
    )
    assert room.says("/run worst").say == "Worst is not for this incident, so nothing of it can be run."
    room.says("/status monitoring")
    first = room.says("/run AFTER the cache is bad")
    assert first.say.endswith("After it, `/run after` runs `scale`.")
    assert "under way already" in room.says("/run after").say
    ended(room, first)
    assert "first" in done(room)
    assert "`scale` needs `count`" in room.says("/run after").say
    ended(room, room.says("/run after count=3"))
    heard = room.says("/run after")
    assert heard.code == "settings"
    assert heard.say.startswith("After it names the action `restart`, which is not there.")
    room.says("/check third")
    heard = room.says("/run after")
    assert heard.facts == (Helped(),)
    assert heard.say == "Every action of After it was run already. Nothing changes."


def test_an_action_that_ran_before_its_list_opened_is_none_of_it() -> None:
    room = talk(LISTS)
    ended(room, room.says("/run cache"))
    room.says("/status monitoring")
    assert "first" not in done(room)
    ended(room, room.says("/run cache"), outcome="failed")
    assert "first" not in done(room)
    ended(room, room.says("/run cache"))
    assert "first" in done(room)


def test_in_a_drill_a_dry_run_is_the_action() -> None:
    settings = read_authored(Settings, {"actions": ACTIONS})
    room = Talk("SEV3", book=book(LISTS), settings=settings, kind="drill")
    room.says("/status monitoring")
    ended(room, room.says("/run after"))
    assert "first" in done(room)


def test_the_rights_of_a_list_are_those_of_its_action() -> None:
    room = talk(LISTS)
    room.says("/status monitoring")
    assert room.says("/run after", by=BOB, rights=Rights.TRIAGE).code == "not-allowed"


def test_a_minor_incident_without_lists_needs_one_command_to_be_resolved() -> None:
    room = Talk("SEV3", book=small())
    assert room.says("/resolve a typo").code == ""
    assert held(room, "all-clear") == []
    assert "SEV3" in SMALL["severities"]


KINDS = (
    *("acknowledged", "resolved", "all-clear", "published", "severity", "told", "told Manager", "smoke"),
    *("watched", "meeting", "actions", "post-mortem", "role ic", "said team.declared", "evidence record"),
)
"""Everything that a step may be done by and a person may tick past."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_tick_of_a_person_without_the_fact_shows_as_one_by_hand(kind: str) -> None:
    steps = {"one": {"text": "One", "done": kind}, "other": "Other"}
    voices = {"team": {"at": {"declared": "It is down"}}}
    room = Talk("SEV1", book=book({"first": {"steps": steps}}, voices=voices), asked=True)
    heard = room.says("/check one other")
    assert "say that a person ticked One by hand" in heard.say
    shown = [item for item in checklist(room.incident, room.runbook, room.now) if item.by_hand]
    assert [item.step.id for item in shown] == ["one"]
    ((first,), _) = shown_lists(room.incident, room.runbook, room.settings, room.zone)
    boxes: Any = first["items"]
    assert [box["told"] for box in boxes] == ["alice, 14:01 UTC, by hand", "alice, 14:01 UTC"]


def test_several_ticks_by_hand_are_named() -> None:
    steps = {"meet": {"text": "Meet", "done": "meeting"}, "say": {"text": "Say", "done": "all-clear"}}
    room = talk({"first": {"steps": steps}})
    assert room.says("/check meet say").say.endswith(
        "say that a person ticked Meet, Say by hand, until the record has it (`/meeting <time>`)."
    )
