"""The titles that a runbook notifies, and those that settings give people."""

from __future__ import annotations

from allclear.core.model.authored import read_authored
from allclear.core.policy.review import Finding, review
from allclear.core.policy.settings import Settings
from written import runbook

PEOPLE = {"On-Call": ["bob"], "Engineering Manager": ["mia"], "CTO": ["ann"]}


def of_people(**more: list[str]) -> list[Finding]:
    """What is said of the people of these settings."""
    settings = read_authored(Settings, {"people": PEOPLE | more})
    return [one for one in review(settings, runbook("habit-tracker"), {}, {}, ()) if one.where[0] == "people"]


def test_003_29_who_a_routine_is_for_is_a_title_that_the_runbook_notifies() -> None:
    """The Engineering Team reviews the runbook each month, and is no Engineering Manager misspelt."""
    assert of_people() == []
    assert of_people(**{"Engineering Team": ["cat"]}) == []
    (found,) = of_people(**{"Engineering Taem": ["cat"]})
    assert found.why == "the runbook notifies no such title; did you mean `Engineering Team`?"
