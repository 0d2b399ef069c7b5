"""The closing form, on an incident that is resolved already."""

from __future__ import annotations

from core.issue_desk import told
from stories import BOB
from typed.desks import desk

FORM = "Resolved: 15:20 UTC\nDuration: 61 minutes\nFix: rolled back to v41\nVerified: all metrics normal"


def test_after_the_resolution_the_closing_form_is_the_all_clear() -> None:
    issue = desk("watched")
    issue.says(BOB, "/resolve rolled back to v41")
    issue.run()
    issue.later(45)
    issue.says(BOB, FORM)
    assert "Taken as `/all-clear`" in told(issue.run())


def test_while_more_is_open_the_closing_form_is_refused_with_what_is() -> None:
    issue = desk("usual")
    issue.says(BOB, FORM)
    said = told(issue.run())
    assert "Taken as `/all-clear`" in said
    assert "still open" in said


def test_while_only_the_window_runs_the_closing_form_is_the_resolution() -> None:
    issue = desk("watched")
    issue.says(BOB, FORM)
    assert "Taken as `/resolve`" in told(issue.run())
