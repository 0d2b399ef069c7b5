"""When a repetition is due, and which was the last, also years later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allclear.core.calendar.calendar import Calendar, Calendars
from allclear.core.calendar.period import Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.model.authored import read_authored
from sampling import examples

OFFICE = read_authored(Calendar, {"days": "mon-fri", "hours": "09:00-17:00"})
CALENDARS = Calendars(ZoneInfo("Europe/Berlin"), {"office": OFFICE})
FRIDAY = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    return FRIDAY + timedelta(minutes=minutes)


def dues(text: str, until: datetime, anchor: datetime = FRIDAY) -> list[datetime]:
    """The slow way: every repetition, one after the other."""
    found = list[datetime]()
    for number in range(1, 3000):
        due = Rhythm.read(text).due(number, anchor, CALENDARS)
        assert due is not None
        if due > until:
            return found
        found.append(due)
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("15m", [15, 30, 45, 60, 75]),
        ("0m, then 5m", [0, 5, 10, 15, 20]),
        ("5m, then 20m", [5, 25, 45, 65]),
        # An interval that began before the two hours were over is still the old one.
        ("5m, then 20m, then 1h after 2h", [5, 25, 45, 65, 85, 105, 125, 185, 245, 305]),
        ("20m, then 1h after 2h", [20, 40, 60, 80, 100, 120, 180, 240]),
        ("5m, then 10m, then 30m", [5, 15, 45, 75, 105]),
        ("30m, then 1h after 1h, then 2h after 3h", [30, 60, 120, 180, 300, 420]),
        ("30m, then 1h after 10m, then 2h after 20m", [30, 150, 270]),
    ],
)
def test_repetitions_are_due_one_after_the_other(text: str, minutes: list[int]) -> None:
    assert dues(text, at(minutes[-1])) == [at(minute) for minute in minutes]


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("1d", ["2026-11-28 12:00", "2026-11-29 12:00", "2026-11-30 12:00"]),
        ("next office day", ["2026-11-30 17:00", "2026-12-01 17:00", "2026-12-02 17:00"]),
        ("2h office", ["2026-11-27 14:00", "2026-11-27 16:00", "2026-11-30 10:00"]),
        ("next office", ["2026-11-30 09:00", "2026-12-01 09:00"]),
        ("0m, then 3mo", ["2026-11-27 12:00", "2027-02-27 12:00", "2027-05-27 12:00"]),
    ],
)
def test_a_rhythm_may_be_of_calendar_days_and_office_time(text: str, moments: list[str]) -> None:
    rhythm = Rhythm.read(text)
    assert rhythm.refusal(CALENDARS) is None
    found = [rhythm.due(number, FRIDAY, CALENDARS) for number in range(1, len(moments) + 1)]
    assert [f"{one.astimezone(CALENDARS.zone):%Y-%m-%d %H:%M}" for one in found if one] == moments


def test_the_end_of_each_month_stays_the_end() -> None:
    anchor = datetime(2028, 1, 31, 12, tzinfo=UTC)
    found = [Rhythm.read("1mo").due(number, anchor, Calendars(ZoneInfo("UTC"))) for number in (1, 2, 3)]
    assert [f"{one:%m-%d}" for one in found if one] == ["02-29", "03-31", "04-30"]


def test_by_hand_is_never_due() -> None:
    rhythm = Rhythm.read("by hand")
    assert rhythm.due(1, FRIDAY, CALENDARS) is None
    assert rhythm.number_at(at(1e6), FRIDAY, CALENDARS) == 0
    assert rhythm.next_after(FRIDAY, FRIDAY, CALENDARS) is None
    assert rhythm.period_at(FRIDAY, FRIDAY, CALENDARS) is None
    assert rhythm.since(3) == rhythm
    assert rhythm.refusal(CALENDARS) is None


@pytest.mark.parametrize(
    ("minute", "number", "following", "running"),
    [
        (0, 0, 5, "5m"),
        (4, 0, 5, "5m"),
        (5, 1, 25, "20m"),
        (24, 1, 25, "20m"),
        (104, 5, 105, "20m"),
        (124, 6, 125, "20m"),
        (125, 7, 185, "1h"),
        (245, 9, 305, "1h"),
    ],
)
def test_missed_repetitions_collapse_into_the_last(
    minute: int, number: int, following: int, running: str
) -> None:
    rhythm = Rhythm.read("5m, then 20m, then 1h after 2h")
    assert rhythm.number_at(at(minute), FRIDAY, CALENDARS) == number
    assert rhythm.next_after(at(minute), FRIDAY, CALENDARS) == at(following)
    assert str(rhythm.period_at(at(minute), FRIDAY, CALENDARS)) == running


def test_a_voice_that_spoke_goes_on_from_its_last_word() -> None:
    rhythm = Rhythm.read("5m, then 20m, then 1h after 2h")
    # It spoke after 7 minutes, after 110, and after 121: only then are the two hours over.
    assert rhythm.since(1).due(1, at(7), CALENDARS, FRIDAY) == at(27)
    assert rhythm.since(2).due(1, at(110), CALENDARS, FRIDAY) == at(130)
    assert rhythm.since(3).due(1, at(121), CALENDARS, FRIDAY) == at(181)
    assert rhythm.since(3).number_at(at(242), at(121), CALENDARS, FRIDAY) == 2
    assert str(rhythm.since(3).period_at(at(121), at(121), CALENDARS, FRIDAY)) == "1h"
    assert [str(rhythm.since(said)) for said in (0, 1, 9)] == [str(rhythm), *["20m, then 1h after 2h"] * 2]
    assert [str(Rhythm.read("0m, then 5m").since(said)) for said in (0, 1, 2)] == ["0m, then 5m", "5m", "5m"]
    assert Rhythm.of(Span(timedelta(hours=1))) == Rhythm.read("1h")


def test_a_reminder_is_refused_with_its_calendar() -> None:
    says = "'2h offic': no calendar 'offic'; did you mean 'office'?"
    assert Rhythm.read("0m, then 2h offic").refusal(CALENDARS) == says


def test_ten_years_of_minutes_are_not_counted_one_by_one() -> None:
    asked = list[int]()

    class Counting(Span, frozen=True):
        def after(self, anchor: datetime, calendars: Calendars, times: int = 1) -> datetime:
            asked.append(times)
            return super().after(anchor, calendars, times)

    rhythm = Rhythm.of(Counting(MINUTE))
    now = FRIDAY + timedelta(days=3653, seconds=30)
    assert rhythm.number_at(now, FRIDAY, CALENDARS) == 3653 * 1440
    assert len(asked) < 60


def test_a_calendar_is_not_looked_through_for_ever() -> None:
    anchor = FRIDAY - timedelta(days=20 * 365)
    weekly = Calendars(CALENDARS.zone, {"review": read_authored(Calendar, {"days": "mon"})})
    assert Rhythm.read("next review day").number_at(FRIDAY, anchor, weekly) == 1043


TEXTS = [
    "15m",
    "0m, then 5m",
    "5m, then 20m, then 1h after 2h",
    "1d",
    "7h, then 1d after 3d",
    "2h office",
    "next office day",
    "30m, then 3h office after 1d",
    "0m, then 30m, then 1d",
    "1h 30m, then 1w",
]


@pytest.mark.usefixtures("proof")
@settings(
    max_examples=examples(100, 3000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    text=st.sampled_from(TEXTS),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - made aware below
    passed=st.integers(0, 12_000),
)
def test_the_last_one_due_is_what_counting_them_says(text: str, start: datetime, passed: int) -> None:
    anchor = start.replace(tzinfo=UTC)
    now = anchor + passed * MINUTE
    found = dues(text, now, anchor)
    rhythm = Rhythm.read(text)
    assert rhythm.number_at(now, anchor, CALENDARS) == len(found)
    assert found == sorted(set(found))
    following = rhythm.next_after(now, anchor, CALENDARS)
    assert following == rhythm.due(len(found) + 1, anchor, CALENDARS)
    assert following is not None
    assert following > now
