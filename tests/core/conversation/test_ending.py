"""Forms in comments, and how far a closing comment goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allclear.core.policy.settings import Settings
from core.issue_desk import BOT, EVE, IssueDesk, declared, facts, told
from stories import ADA, BOB, CAT

FINDING = "Root cause: the pool\nProposed fix: roll back"
CLOSING = "Resolved: 15:06\nDuration: 5 minutes\nFix: rolled back\nVerified: All normal"


def minor(**more: object) -> IssueDesk:
    """A fixed P3, of which nobody has said yet that it is resolved."""
    desk = declared(labels=frozenset({"incident", "P3"}), title="Typo", **more)
    desk.says(BOB, "/ack\n/finding a typo\n/status monitoring")
    desk.run()
    return desk


def kinds(desk: IssueDesk) -> list[str]:
    return [fact.t for fact in facts(desk.run())]


def test_a_form_is_the_command_and_the_reply_says_so() -> None:
    desk = declared()
    desk.says(BOB, FINDING)
    plan = desk.run()
    assert facts(plan)[0].t == "finding"
    assert "Taken as `/finding`. Recorded: root cause, proposed fix." in told(plan)
    assert plan.entries[-1].key.endswith(".form")
    assert kinds(desk) == []


def test_a_form_in_front_of_commands_comes_first_and_both_count_once() -> None:
    desk = declared()
    desk.says(BOB, f"{FINDING}\n/sev P2")
    assert [one for one in kinds(desk) if one in ("finding", "severity")] == ["finding", "severity"]
    assert kinds(desk) == []


@pytest.mark.parametrize("who", [EVE, BOT, None])
def test_a_form_of_somebody_who_gives_no_commands_is_left_alone(who: object) -> None:
    desk = declared()
    desk.write(who, FINDING)  # type: ignore[arg-type]  # a person or nobody
    plan = desk.run()
    assert (facts(plan), told(plan), desk.refused) == ([], "", set())


def test_a_form_that_may_not_be_given_is_refused_like_its_command() -> None:
    desk = minor()
    desk.says(CAT, CLOSING)
    assert "Taken as `/all-clear`. `/all-clear` needs `write` access" in told(desk.run())


def test_a_word_that_the_settings_leave_to_others_is_no_form() -> None:
    desk = declared(settings=Settings(ignore=("finding",)))
    desk.says(BOB, FINDING)
    assert told(desk.run()) == ""


def test_a_hint_is_given_once_a_command_and_incident() -> None:
    desk = declared()
    desk.says(BOB, "Root cause: the pool")
    desk.says(BOB, "Root cause: the disk")
    assert told(desk.run()).count("nothing was recorded") == 1
    desk.says(BOB, "Evidence: logs")
    assert told(desk.run()) == ""


def test_a_form_counts_while_the_incident_is_open() -> None:
    desk = minor()
    desk.says(BOB, "/all-clear typo mended")
    desk.run()
    desk.says(BOB, FINDING)
    assert told(desk.run()) == ""


def test_an_edited_form_that_was_answered_is_not_answered_again() -> None:
    desk = declared()
    desk.says(BOB, "/ack")
    desk.run()
    last = desk.comments[-1]
    at = next(n for n, one in enumerate(desk.comments) if one.body == "/ack")
    desk.comments[at] = replace(desk.comments[at], body=FINDING, updated_at=last.updated_at)
    assert kinds(desk) == []


def test_the_all_clear_of_what_only_nobody_called_resolved_does_both() -> None:
    desk = minor()
    desk.says(BOB, "/all-clear typo mended")
    plan = desk.run()
    assert [fact.t for fact in facts(plan)][:2] == ["resolved", "cleared"]
    assert "**Resolved, and all clear.**" in told(plan)
    assert desk.state == "closed"


def test_a_closing_form_and_the_close_below_it_are_one_act() -> None:
    desk = minor()
    desk.says(BOB, CLOSING)
    desk.does(BOB, "closed")
    said = told(desk.run())
    assert said.count("Resolved, and all clear") == 1
    assert "over" not in told(desk.run())


def test_a_closing_form_of_somebody_else_does_not_answer_a_close() -> None:
    desk = declared()
    desk.says(BOB, CLOSING)
    desk.does(ADA, "closed")
    assert told(desk.run()).count("still open") == 2
