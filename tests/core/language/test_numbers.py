"""The numbers that one severity goes by."""

from typing import Any

import pytest

from allclear.core.calendar.period import NumberName, Period
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.numbers import LevelNumbers, numbers_of
from written import NUMBERS, SMALL, file_of, raw


def of(level: str, book: dict[str, Any] = SMALL, **changes: Any) -> LevelNumbers:
    severities = {**book["severities"], level: book["severities"][level] | changes}
    return numbers_of(file_of(book | {"severities": severities}), level, NUMBERS)


def test_a_severity_that_names_nothing_has_the_engines_numbers() -> None:
    major, minor = of("SEV1"), of("SEV3")
    assert [str(one) for one in (major.watch, major.watch_rollback, major.silence)] == ["30m", "30m", "1h"]
    assert (minor.watch, minor.watch_rollback, str(minor.silence)) == (None, None, "1d")
    assert str(major.escalate) == "5m"
    assert (major.update, major.target, major.evidence, minor.review) == (None, None, None, None)


def test_without_an_office_its_days_are_plain_days() -> None:
    assert str(of("SEV1").review) == "5d"
    office = SMALL | {"calendars": {"office": {"days": "mon-fri"}}}
    assert str(of("SEV1", office).review) == "5 office days"


def test_none_is_no_such_number_also_against_the_engine() -> None:
    found = of("SEV1", watch="none", silence="none", review="none", update="none", target="none")
    assert (found.watch, found.watch_rollback, found.silence, found.review, found.update, found.target) == (
        None,
        None,
        None,
        None,
        None,
        None,
    )


def test_what_a_severity_says_counts() -> None:
    sev1 = numbers_of(file_of(raw("sev")), "SEV1", NUMBERS)
    assert str(sev1.escalate) == "0m, then 5m"
    assert (str(sev1.watch), str(sev1.watch_rollback)) == ("1h", "30m")
    assert (str(sev1.update), str(sev1.evidence), str(sev1.review)) == ("15m", "2h", "48h")


@pytest.mark.parametrize(
    ("name", "period"),
    [
        (NumberName.RESPONSE, "5m"),
        (NumberName.UPDATE, "20m"),
        (NumberName.WATCH, "30m"),
        (NumberName.EVIDENCE, "None"),
        (NumberName.REVIEW, "5d"),
    ],
)
def test_a_number_may_stand_by_name_for_a_period(name: NumberName, period: str) -> None:
    assert str(of("SEV1", update="5m, then 20m").period(name)) == period


def test_a_period_is_itself_and_none_is_none() -> None:
    found = of("SEV1")
    assert str(found.period(Period.parse("7m"))) == "7m"
    assert (found.period("none"), found.period(None), found.period(NumberName.UPDATE)) == (None, None, None)


def test_a_number_may_stand_by_name_for_a_rhythm() -> None:
    found = of("SEV1", update="5m, then 20m")
    assert str(found.rhythm(NumberName.UPDATE)) == "5m, then 20m"
    assert str(found.rhythm(NumberName.RESPONSE)) == "5m"
    assert found.rhythm(NumberName.EVIDENCE) is None
    assert str(found.rhythm(Rhythm.parse("1h"))) == "1h"
    assert (found.rhythm(Rhythm.parse("by hand")), found.rhythm("none"), found.rhythm(None)) == (
        None,
        None,
        None,
    )
    assert of("SEV1", update="by hand").update is None
