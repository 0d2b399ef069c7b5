"""A title that names another severity after the declaration."""

from __future__ import annotations

from allclear.core.record.audit import Helped
from core.issue_desk import IssueDesk, declared, facts, told
from stories import BOB


def retitled(title: str) -> IssueDesk:
    """A P1 whose title was changed."""
    issue = declared()
    issue.run()
    issue.title = title
    issue.does(BOB, "renamed")
    return issue


def test_a_severity_that_the_title_names_later_is_answered_once_and_changes_nothing() -> None:
    issue = retitled("[INCIDENT P0] Checkout is down")
    plan = issue.run()
    assert "The title was changed and names P0 now, but the incident stays P1" in told(plan)
    assert "`/sev P0` makes it P0." in told(plan)
    assert (facts(plan), plan.incident.severity) == ([Helped()], "P1")
    assert told(issue.run()) == ""


def test_a_severity_that_the_incident_had_is_no_news() -> None:
    issue = retitled("P1: Nobody can pay")
    issue.says(BOB, "/sev P2")
    assert "was changed" not in told(issue.run())
    assert "was changed" not in told(retitled("Nobody can pay").run())


def test_a_title_with_another_severity_than_the_label_is_told_at_the_declaration_only() -> None:
    issue = IssueDesk(title="P2: Checkout is down", labels=frozenset({"incident", "P1"}))
    assert "names P1 and P2" in told(issue.run())
    issue.later(5)
    assert told(issue.run()) == ""


def test_the_title_of_what_is_over_is_not_looked_at() -> None:
    issue = declared(title="Checkout is down")
    issue.says(issue.author, '/all-clear --override "a false alarm"')
    issue.run()
    issue.title = "P0: Checkout is down"
    issue.does(BOB, "renamed")
    assert "was changed" not in told(issue.run())
