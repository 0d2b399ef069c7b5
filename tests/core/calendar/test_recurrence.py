"""The next time of a routine."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from allclear.core.calendar.calendar import Calendar, Calendars, NeverOpensError
from allclear.core.calendar.hours import Days
from allclear.core.calendar.recurrence import Recurrence, Weekly
from allclear.core.model.authored import read_authored

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = read_authored(Calendar, {"days": "mon-fri", "hours": "09:00-17:00", "holidays": "DE"})
CALENDARS = Calendars(BERLIN, {"office": OFFICE})


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "now", "following"),
    [
        ("daily 09:00", "2026-11-27 08:59", "Fri 2026-11-27 09:00"),
        ("daily 09:00", "2026-11-27 09:00", "Sat 2026-11-28 09:00"),
        ("daily 02:30", "2026-03-28 12:00", "Sun 2026-03-29 03:00"),
        ("daily 02:30", "2026-10-24 12:00", "Sun 2026-10-25 02:30"),
        ("mon 09:00", "2026-11-27 09:00", "Mon 2026-11-30 09:00"),
        ("fri 09:00", "2026-11-27 09:00", "Fri 2026-12-04 09:00"),
        ("mon-fri 09:00", "2026-11-27 09:00", "Mon 2026-11-30 09:00"),
        ("mon, wed 09:00", "2026-11-30 09:00", "Wed 2026-12-02 09:00"),
        ("office days 09:00", "2026-12-24 12:00", "Mon 2026-12-28 09:00"),
        ("office days 18:00", "2026-11-27 17:30", "Fri 2026-11-27 18:00"),
        ("monthly 1 09:00", "2026-11-27 12:00", "Tue 2026-12-01 09:00"),
        ("monthly 1 09:00", "2026-12-01 09:00", "Fri 2027-01-01 09:00"),
        ("monthly 31 09:00", "2026-11-01 12:00", "Mon 2026-11-30 09:00"),
        ("monthly 31 09:00", "2026-11-30 09:00", "Thu 2026-12-31 09:00"),
        ("monthly 29 09:00", "2028-02-01 12:00", "Tue 2028-02-29 09:00"),
        ("monthly 29 09:00", "2027-02-01 12:00", "Sun 2027-02-28 09:00"),
        ("3mo", "2026-11-30 12:00", "Sun 2027-02-28 12:00"),
        ("2 office days", "2026-11-27 12:00", "Tue 2026-12-01 17:00"),
    ],
)
def test_a_routine_comes_again(text: str, now: str, following: str) -> None:
    routine = Recurrence.read(text)
    assert routine.refusal(CALENDARS) is None
    found = routine.next_after(local(now), CALENDARS)
    assert found.tzinfo is UTC
    assert f"{found.astimezone(BERLIN):%a %Y-%m-%d %H:%M}" == following


@pytest.mark.parametrize(
    ("now", "following"),
    [
        ("2026-01-31 09:00", "2026-04-30 09:00"),
        ("2026-04-30 08:59", "2026-04-30 09:00"),
        ("2026-04-30 09:00", "2026-07-31 09:00"),
        ("2029-03-01 12:00", "2029-04-30 09:00"),
        ("2025-03-01 12:00", "2026-04-30 09:00"),
    ],
)
def test_a_period_counts_from_when_the_routine_began_and_misses_collapse(now: str, following: str) -> None:
    began = local("2026-01-31 09:00")
    found = Recurrence.read("3mo").next_after(local(now), CALENDARS, began)
    assert f"{found.astimezone(BERLIN):%Y-%m-%d %H:%M}" == following


def test_a_routine_of_an_unknown_calendar_is_refused() -> None:
    for text in ("offic days 09:00", "2 offic days"):
        says = f"{text!r}: no calendar 'offic'; did you mean 'office'?"
        assert Recurrence.read(text).refusal(CALENDARS) == says


def test_a_routine_on_no_day_has_no_next_time() -> None:
    with pytest.raises(NeverOpensError, match="no such day comes again"):
        Weekly(Days(frozenset()), time(9)).next_after(local("2026-11-27 12:00"), CALENDARS)


@pytest.mark.parametrize(
    "text", ["daily 02:30", "mon-fri 09:00", "office days 02:30", "monthly 31 02:30", "1w"]
)
def test_each_next_time_is_later_than_the_one_before(text: str) -> None:
    now = began = local("2026-01-01 00:00")
    routine = Recurrence.read(text)
    for _ in range(400):
        following = routine.next_after(now, CALENDARS, began)
        assert timedelta() < following - now <= timedelta(days=32)
        now = following


@pytest.mark.parametrize(
    ("text", "now", "since", "last"),
    [
        ("daily 09:00", "2026-11-27 08:59", "2026-01-01 00:00", "2026-11-26 09:00"),
        ("daily 09:00", "2026-11-27 09:00", "2026-01-01 00:00", "2026-11-27 09:00"),
        ("office days 09:00", "2026-11-30 08:00", "2026-01-01 00:00", "2026-11-27 09:00"),
        ("monthly 31 09:00", "2026-12-31 08:59", "2026-01-01 00:00", "2026-11-30 09:00"),
        ("3mo", "2026-12-31 08:59", "2026-01-31 09:00", "2026-10-31 09:00"),
    ],
)
def test_the_last_time_of_a_routine(text: str, now: str, since: str, last: str) -> None:
    found = Recurrence.read(text).latest(local(now), CALENDARS, local(since))
    assert found == local(last)


def test_a_routine_that_did_not_come_yet_has_no_last_time() -> None:
    begun = local("2026-01-31 09:00")
    assert Recurrence.read("3mo").latest(local("2026-04-29 09:00"), CALENDARS, begun) is None
    later = Calendars(BERLIN, {"late": read_authored(Calendar, {"days": "mon", "from": "2027-01-04"})})
    assert Recurrence.read("late days 09:00").latest(local("2026-04-29 09:00"), later, begun) is None
