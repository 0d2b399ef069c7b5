"""Symptoms are looked for in what people write: whole words, in any case (002-14..16, 003-20..23)."""

from __future__ import annotations

import pytest

from allclear.core.policy.runbook import Runbook
from allclear.core.record.findings import Found, ImpactSet
from allclear.core.record.progress import Updated
from allclear.core.record.symptoms import MOST_TEXTS, looks_like
from stories import ADA, HOSTILE, Story
from written import runbook, small

BOOK = small(
    patterns={
        "pool": {"symptoms": ["no connection available", "timeouts"]},
        "odd": {"symptoms": ["💥", "C++"], "for": "SEV1"},
    }
)


def story(title: str = "Checkout is down", severity: str = "SEV2", book: Runbook = BOOK) -> Story:
    return Story(book).declare(title, severity)


def seen(story: Story, *notes: str) -> list[tuple[str, str]]:
    return [(one.id, symptom) for one, symptom in looks_like(story.incident, story.runbook, notes)]


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("TIMEOUTS in checkout", [("pool", "timeouts")]),
        ("it says: no connection\n available!", [("pool", "no connection available")]),
        ("no connections available", []),
        ("timeout", []),
        ("no timeouts2", []),
        (HOSTILE, []),
        ("_timeouts_", []),
        ("**timeouts**", [("pool", "timeouts")]),
    ],
)
def test_whole_words_in_any_case(title: str, found: list[tuple[str, str]]) -> None:
    assert seen(story(title)) == found


def test_a_symptom_is_looked_for_in_everything_that_people_write() -> None:
    assert seen(story().tell(1, ADA, Found(evidence="Timeouts since noon"))) == [("pool", "timeouts")]
    assert seen(story().tell(1, ADA, Found(impact="timeouts"))) == [("pool", "timeouts")]
    assert seen(story().tell(1, ADA, ImpactSet(text="timeouts"))) == [("pool", "timeouts")]
    assert seen(story(), "nothing", "timeouts") == [("pool", "timeouts")]
    assert seen(story().tell(1, ADA, Updated(text="timeouts"))) == [("pool", "timeouts")]


def test_it_is_for_its_severities_and_words_without_letters_are_none() -> None:
    assert seen(story("C is down 💥", "SEV1")) == [("odd", "C++")]
    assert seen(story("C is down 💥", "SEV2")) == []


def test_only_the_newest_notes_are_looked_through() -> None:
    assert seen(story(), "timeouts", *["nothing new"] * MOST_TEXTS) == []


def test_a_runbook_without_patterns_sees_none() -> None:
    assert seen(story("timeouts", book=small())) == []


@pytest.mark.parametrize(
    ("name", "title", "pattern"),
    [
        ("sev", "OOM errors in web", "memory-leak"),
        ("sev", "External API timeouts", "third-party"),
        ("habit-tracker", "Nobody can sign in", "auth"),
        ("habit-tracker", "Stripe is red", "payments"),
        ("hotdash-agents", "Broken since the last release", "deployment"),
    ],
)
def test_patterns_of_the_written_runbooks(name: str, title: str, pattern: str) -> None:
    book = runbook(name)
    assert pattern in [one for one, _ in seen(story(title, book.severities[0].id, book))]
