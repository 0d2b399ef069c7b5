from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from allclear.core.calendar.period import Period, Span
from commands.room import HOTDASH, HOTDASH_DATA, runbook
from written import small


def test_hotdash_says_what_the_book_says() -> None:
    assert [severity.id for severity in HOTDASH.severities] == ["P0", "P1", "P2", "P3"]
    assert [severity.response for severity in HOTDASH.severities] == [
        Span(timedelta(minutes=5)),
        Span(timedelta(minutes=15)),
        Span(timedelta(hours=1)),
        Span(timedelta(hours=24)),
    ]
    assert [HOTDASH.window(severity.id) for severity in HOTDASH.severities] == [
        Span(timedelta(hours=2)),
        Span(timedelta(hours=1)),
        Span(timedelta(minutes=30)),
        None,
    ]
    assert small().window("SEV3") is None


def test_000_18_the_recovery_criteria_have_the_written_numbers() -> None:
    bounds = {one.id: (one.below, one.unit) for one in HOTDASH.recovery}
    assert bounds == {
        "error-rate": (0.1, "%"),
        "p95": (3, "s"),
        "new-errors": (1, ""),
        "user-reports": (0, ""),
    }


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("P0", "P0"),
        ("p0", "P0"),
        (" Critical ", "P0"),
        ("0", "P0"),
        ("p-3", "P3"),
        ("low (tracking)", "P3"),
        ("sev3", "P3"),
        ("P", None),
        ("", None),
        ("P00", None),
    ],
)
def test_a_severity_is_known_by_its_words(word: str, severity: str | None) -> None:
    found = HOTDASH.severity_named(word)

    assert (found.id if found else None) == severity


def test_a_severity_is_known_by_its_label() -> None:
    severities = HOTDASH_DATA["severities"]
    book = runbook(severities=severities | {"P0": severities["P0"] | {"label": "sev:zero"}})

    assert book.label(book.severities[0]) == "sev:zero"
    assert book.severity_named("SEV:zero") == book.severities[0]
    assert book.label(book.severity("P1")) == "P1"


def test_a_severity_is_read_at_the_start_of_a_text() -> None:
    assert HOTDASH.severity_leading("sev 3 a typo") == (HOTDASH.severity("P3"), "a typo")


def test_severities_are_ranked_from_the_worst() -> None:
    assert [HOTDASH.rank(level) for level in ("P0", "P3")] == [0, 3]
    with pytest.raises(KeyError):
        HOTDASH.severity("P9")


def test_states_roles_and_steps_are_known_by_their_words() -> None:
    state, role = HOTDASH.state(" Fixing "), HOTDASH.role("Technical-Lead")
    step = HOTDASH.step(" Verification")
    assert (state.id if state else "", role.id if role else "", step.id if step else "") == (
        *("mitigating", "tech", "verification"),
    )
    assert HOTDASH.state("paused") is None
    assert HOTDASH.role("pilot") is None
    assert HOTDASH.gate("lunch") is None


@pytest.mark.parametrize("word", ["0", "8", "-1", "²", "٣", "nothing", ""])
def test_what_is_no_name_of_a_step_is_none(word: str) -> None:
    assert HOTDASH.step(word) is None


def test_the_stamp_is_of_the_content() -> None:
    assert HOTDASH.hash == runbook().hash
    assert len(HOTDASH.hash) == 12
    assert runbook(title="Other").hash != HOTDASH.hash


def test_in_another_zone_the_office_opens_there_and_an_incident_is_told_of_the_change() -> None:
    book = small(calendars={"office": {"days": "mon-fri", "hours": "09:00-17:00"}}, zone="UTC")
    tokyo = book.in_zone("Asia/Tokyo")
    friday = datetime(2026, 3, 6, 12, tzinfo=UTC)
    due = Period.parse("next office day 10:00")
    assert due.after(friday, book.times) == datetime(2026, 3, 9, 10, tzinfo=UTC)
    assert due.after(friday, tokyo.times) == datetime(2026, 3, 9, 1, tzinfo=UTC)
    assert tokyo.hash != book.hash
    assert len(tokyo.hash) == len(book.hash)
    assert tokyo == book.in_zone("Asia/Tokyo")


@pytest.mark.parametrize("name", ["", "UTC"])
def test_without_another_zone_a_runbook_is_what_it_was(name: str) -> None:
    assert small(zone="UTC").in_zone(name) == small(zone="UTC")
