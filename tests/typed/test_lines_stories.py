"""Comments and issues that are edited: what was answered stays so, and what is new is never passed over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.model.snapshot import LastEdit
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped, Refused
from core.issue_desk import IssueDesk, facts, new, told
from stories import ADA, BOB
from typed.desks import desk, undeclared


def edits(issue: IssueDesk, number: int, text: str) -> None:
    """Bob edits his comment, two minutes later."""
    issue.later(2)
    at = next(place for place, one in enumerate(issue.comments) if one.id == number)
    issue.comments[at] = replace(issue.comments[at], body=text, updated_at=issue.now)
    issue.editors[number] = LastEdit(BOB, issue.now)


def said_then_edited(first: str, then: str) -> tuple[IssueDesk, str]:
    """The incident after an answered comment was edited, and what is answered to the edit."""
    issue = desk("usual")
    number = issue.says(BOB, first)
    issue.run()
    edits(issue, number, then)
    plan = issue.run()
    done = [one for one in facts(plan) if not isinstance(one, Helped | Refused)]
    assert done == []
    answer = told(plan)
    assert new(issue.run()) == []
    return issue, answer


@pytest.mark.parametrize(
    ("first", "then", "names"),
    [
        pytest.param("/akc", "/ack", ["/ack"], id="E002"),
        pytest.param("/ack", "/ack\n/affects web", ["/affects"], id="E005"),
        ("/sev P9", "/sev P1", ["/sev P1"]),
        ("/sev P3", "/sev P1", ["/sev P1"]),
        ("/ack", "/rollback web", ["/rollback"]),
        ("/akc", "- /ack\n- /sev P1", ["/ack", "/sev"]),
    ],
)
def test_what_an_edit_adds_to_an_answered_comment_is_told(first: str, then: str, names: list[str]) -> None:
    _, answer = said_then_edited(first, then)
    assert [name for name in names if name not in answer] == []
    assert "new comment" in answer


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param("/ack\nlokking into it", "/ack\nlooking into it", id="E004"),
        ("/akc\nhello", "/akc\nhallo"),
        ("/ack\n/sev P1", "/ack"),
        ("- /ack", "- /ack\n- looking"),
    ],
)
def test_an_edit_beside_what_was_answered_is_neither_run_nor_answered_again(first: str, then: str) -> None:
    _, answer = said_then_edited(first, then)
    assert answer == ""


def test_e006_a_severity_that_is_written_into_the_issue_later_is_told() -> None:
    issue = undeclared("Down", "Checkout fails.", frozenset({"incident"}), Settings())
    issue.run()
    issue.later(5)
    issue.body, issue.retold = "Checkout fails.\n\nSeverity: P1", LastEdit(ADA, issue.now)
    assert "/sev P1" in told(issue.run())
    assert new(issue.run()) == []


@pytest.mark.parametrize("then", ["/ack", "/sev P1"])
def test_nobody_speaks_in_the_name_of_the_author_of_the_issue(then: str) -> None:
    issue = undeclared("Down", f"Checkout fails.\n\n{then}", frozenset({"incident"}), Settings())
    issue.retold = LastEdit(BOB, issue.now + timedelta(minutes=1))
    issue.later(2)
    plan = issue.run()
    assert plan.incident.reached("acknowledged") is None
    assert plan.incident.severity == "P2"
