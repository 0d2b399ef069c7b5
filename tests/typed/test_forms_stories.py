"""What people and bots do in several steps: forms below which an issue is closed, boxes, other apps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear.core.model.people import Access, Person, Rights
from conversations.room import Room, open_room
from core.issue_desk import IssueDesk, facts, told
from stories import BOB, CAT
from typed.desks import desk

STALE = Person(id=99, login="stale[bot]")
FINDING = "Root cause: pool exhausted\nProposed fix: roll back"
CLOSING = (
    "Resolved: 2025-10-19T15:06:00Z\nDuration: 61 minutes\nFix: rolled back to v41\n"
    "Verified: All metrics normal"
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def answered(issue: IssueDesk) -> str:
    return told(issue.run()).replace("\u2060", "").replace("\\", "")


@pytest.mark.parametrize("row", ["E012"])
def test_another_app_that_labels_and_comments_is_not_answered(row: str) -> None:
    issue = desk("usual")
    issue.access = issue.access | {STALE.login: Access(Rights.WRITE, STALE)}
    issue.does(STALE, "labeled", "stale")
    issue.says(STALE, "This issue is stale.\n\n/remove-lifecycle stale would keep it")
    assert (answered(issue), "stale" in issue.labels) == ("", True)


def test_the_words_of_a_bot_are_answered_once_with_the_way_to_switch_that_off() -> None:
    issue = desk("usual")
    issue.says(CAT, "/remove-lifecycle stale\n/lifecycle frozen")
    said = answered(issue)
    assert (said.count("commands of other bots"), said.count("`ignore: [")) == (1, 1)


@pytest.mark.parametrize("row", ["E036"])
def test_who_closes_an_incident_as_a_duplicate_is_told_of_the_command(row: str, room: Room) -> None:
    room.opens("ann")
    room.clock.advance(60)
    room.people["bob"].close(room.number, "duplicate")
    room.deliver()
    assert room.issue.state == "open"
    assert "/duplicate #" in room.replies[-1].body


def test_a_form_of_a_bot_is_no_command() -> None:
    issue = desk("usual")
    issue.access = issue.access | {STALE.login: Access(Rights.WRITE, STALE)}
    issue.says(STALE, FINDING)
    assert (answered(issue), issue.run().entries[-1].what != "finding") == ("", True)


def test_a_form_of_a_stranger_is_not_answered() -> None:
    issue = desk("usual")
    issue.says(Person(id=4, login="eve"), FINDING)
    assert answered(issue) == ""


def test_the_hint_at_a_command_is_given_once() -> None:
    issue = desk("usual")
    issue.says(BOB, "Root cause: pool exhausted")
    assert "/finding" in answered(issue)
    issue.says(BOB, "Root cause: or the disk")
    assert answered(issue) == ""


def test_closing_by_hand_below_the_closing_form_takes_its_fix_and_is_one_act() -> None:
    issue = desk("fixed")
    issue.says(BOB, CLOSING)
    issue.does(BOB, "closed")
    plan = issue.run()
    assert [one.t for one in facts(plan) if one.t in ("resolved", "cleared")] == ["resolved", "cleared"]
    assert "rolled back to v41" in told(plan)
    assert (issue.state, answered(issue)) == ("closed", "")


def test_closing_by_hand_ends_what_only_nobody_called_resolved() -> None:
    issue = desk("fixed")
    issue.does(BOB, "closed")
    plan = issue.run()
    assert [one.t for one in facts(plan) if one.t in ("resolved", "cleared")] == ["resolved", "cleared"]
    assert issue.state == "closed"


def test_a_closing_form_that_does_not_hold_is_told_once_and_the_issue_is_open_again() -> None:
    issue = desk("usual")
    issue.says(BOB, CLOSING)
    issue.does(BOB, "closed")
    said = answered(issue)
    assert said.count("still open") == 1
    assert issue.state == "open"


def test_a_box_of_a_step_that_stands_for_a_fact_asks_for_the_fact_and_is_empty_again() -> None:
    issue = desk("usual")
    issue.ticks(BOB, "Root cause identified")
    said = answered(issue)
    assert "/finding" in said
    assert issue.panel is not None
    assert "[x] Root cause identified" not in issue.panel.body
