"""Words that ask for nothing: those of other bots, and the beginning of a form."""

from __future__ import annotations

from core.issue_desk import EVE, declared, new, told
from stories import BOB

FORM = "Root cause: the pool is exhausted\nProposed fix: a larger pool"


def test_of_the_words_of_other_bots_the_first_is_answered_for_all() -> None:
    issue = declared()
    issue.says(BOB, "/lgtm\n/retest")
    plan = issue.run()
    assert [entry.what for entry in new(plan)] == ["lgtm", "retest"]
    assert told(plan).count("of other bots") == 1


def test_the_beginning_of_a_form_is_told_of_its_command_once() -> None:
    issue = declared()
    issue.says(BOB, "Root cause: the pool is exhausted")
    assert "This reads like `/finding`, and nothing was recorded." in told(issue.run())
    issue.says(BOB, "Root cause: the pool is exhausted, I think")
    assert told(issue.run()) == ""


def test_the_form_of_somebody_without_rights_is_no_command_and_no_refusal() -> None:
    issue = declared()
    issue.says(EVE, FORM)
    plan = issue.run()
    assert (told(plan), plan.incident.findings.root_cause) == ("", "")


def test_a_form_that_was_taken_is_not_taken_again() -> None:
    issue = declared()
    issue.says(BOB, FORM)
    assert "Taken as `/finding`" in told(issue.run())
    assert told(issue.run()) == ""


def test_a_form_as_a_table_is_taken_and_a_part_of_one_is_told() -> None:
    issue = declared()
    issue.says(BOB, "| Evidence | logs |\n|---|---|")
    assert "This reads like `/finding`, and nothing was recorded." in told(issue.run())
    issue.says(BOB, "| Field | Value |\n|---|---|\n| Root cause | the pool |\n| Evidence | logs |")
    plan = issue.run()
    assert "Taken as `/finding`" in told(plan)
    assert plan.incident.findings.root_cause == "the pool"
