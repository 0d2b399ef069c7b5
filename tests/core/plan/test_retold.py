"""The text of an issue that names another severity after the declaration."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.model.snapshot import LastEdit, Wants
from allclear.core.record.audit import Helped
from core.issue_desk import IssueDesk, declared, facts, told
from stories import ADA, BOB, NOON

AFTER = NOON + timedelta(minutes=5)
BODY = "Nobody can pay.\n\nSeverity: P0"
SAYS = "The text of the issue was changed and names P0 now, but the incident stays P1"


def desk(**more: object) -> IssueDesk:
    found = declared(**more)
    found.run()
    return found.later(6)


def test_a_severity_that_the_text_names_later_is_answered_once_and_changes_nothing() -> None:
    issue = desk()
    issue.body, issue.retold = BODY, LastEdit(ADA, AFTER)
    plan = issue.run()
    assert SAYS in told(plan)
    assert "`/sev P0` makes it P0." in told(plan)
    assert [one for one in facts(plan) if isinstance(one, Helped)] == [Helped()]
    assert plan.incident.severity == "P1"
    assert "/sev P0" not in told(issue.run())


@pytest.mark.parametrize(
    "edit",
    [None, LastEdit(ADA, NOON), LastEdit(ADA, NOON - timedelta(hours=1)), LastEdit(None, AFTER, known=False)],
)
def test_a_text_that_was_so_at_the_declaration_or_may_have_been_is_not_news(edit: LastEdit | None) -> None:
    issue = desk(body=BODY, labels=frozenset({"incident", "P1"}))
    issue.title = "Checkout is down"
    issue.retold = edit
    assert "was changed and names" not in told(issue.run())


def test_a_title_that_names_another_severity_later_is_answered() -> None:
    issue = desk()
    issue.title = "[INCIDENT P0] Checkout is down"
    issue.does(BOB, "renamed")
    plan = issue.run()
    assert "The title of the issue was changed and names P0 now" in told(plan)
    assert "was changed" not in told(issue.run())


def test_text_and_title_that_name_the_same_severity_are_answered_once() -> None:
    issue = desk()
    issue.title, issue.body, issue.retold = "P0: Checkout is down", BODY, LastEdit(None, AFTER)
    issue.does(BOB, "renamed")
    assert told(issue.run()).count("was changed and names P0") == 1


def test_a_title_with_another_severity_than_the_label_is_told_at_the_declaration_only() -> None:
    issue = IssueDesk(title="P2: Checkout is down", labels=frozenset({"incident", "P1"}))
    assert "names P1 and P2" in told(issue.run())
    issue.later(5)
    assert told(issue.run()) == ""


def test_a_severity_that_the_incident_had_is_asked_about_nobody() -> None:
    issue = desk(body="Severity: P1")
    issue.says(BOB, "/sev P2")
    plan = issue.run()
    assert "was changed and names" not in told(plan)
    assert not any(one.issue_editor for one in issue.asked)
    assert Wants(issue_editor=True) not in issue.asked


def test_what_is_older_than_a_day_is_no_news() -> None:
    issue = desk().later(60 * 25)
    issue.body, issue.retold = BODY, LastEdit(ADA, issue.now)
    assert "was changed and names" not in told(issue.run())
    assert not any(one.issue_editor for one in issue.asked)


def test_what_is_over_is_not_looked_at() -> None:
    issue = desk()
    issue.says(BOB, "/duplicate #9")
    issue.body, issue.retold = BODY, LastEdit(ADA, AFTER)
    issue.says(ADA, '/all-clear --override "a false alarm"')
    issue.run()
    assert "was changed and names" not in told(issue.run())
