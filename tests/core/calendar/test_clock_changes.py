"""Phrases of time across both changes of the clock in 20 zones, against a walk minute by minute."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from allclear.core.calendar.calendar import Calendar, Calendars
from allclear.core.calendar.period import Period
from allclear.core.calendar.recurrence import Recurrence
from allclear.core.model.authored import read_authored
from core.calendar.walk import MINUTE, Walk, changes, closing, elapse, opening
from sampling import Proof

# Zone -> a year in which its clocks are changed: by night and at midnight, by half an hour, an hour, two and
# a day, with odd offsets, and where the winter's time is the exception (Dublin, Casablanca).
ZONES = {
    "Europe/Berlin": 2026,
    "Europe/London": 2026,
    "Europe/Dublin": 2026,
    "Atlantic/Azores": 2026,
    "America/New_York": 2026,
    "America/Los_Angeles": 2026,
    "America/St_Johns": 2026,
    "America/Havana": 2026,
    "America/Santiago": 2025,
    "America/Sao_Paulo": 2018,
    "Africa/Casablanca": 2024,
    "Africa/Cairo": 2025,
    "Asia/Beirut": 2025,
    "Asia/Jerusalem": 2026,
    "Asia/Tehran": 2021,
    "Australia/Sydney": 2026,
    "Australia/Lord_Howe": 2026,
    "Pacific/Chatham": 2026,
    "Pacific/Apia": 2011,
    "Antarctica/Troll": 2026,
}
HOURS = {
    "office": read_authored(Calendar, {"days": "mon-fri", "hours": "09:00-17:00"}),
    "night": read_authored(Calendar, {"days": "all", "hours": "22:00-06:00"}),
    "early": read_authored(Calendar, {"days": "all", "hours": "01:30-02:30"}),
    "midnight": read_authored(Calendar, {"days": "sat-mon", "hours": "00:00-00:45"}),
    "gap": read_authored(Calendar, {"days": "all", "hours": "02:15-02:45"}),
    "weekend": read_authored(Calendar, {"days": "fri-sun"}),
}
ANCHORS = [timedelta(minutes=minutes) for minutes in range(-2 * 1440 - 7, 2 * 1440, 187)]
NEAR = [timedelta(minutes=minutes) for minutes in range(-150, 160, 15)]


@cache
def walk(name: str, which: int) -> tuple[Walk, datetime]:
    """Nine days before a change of the clock, and nine after; and the change."""
    zone = ZoneInfo(name)
    change = changes(zone, ZONES[name])[which]
    return Walk(zone, change - timedelta(days=9), 18), change


@cache
def opened(name: str, which: int, calendar: str) -> list[bool]:
    walked, _ = walk(name, which)
    eligible = {day for day in walked.days if day in HOURS[calendar].days}
    return walked.open_minutes(HOURS[calendar], eligible)


DAYS = {"daily": "mon tue wed thu fri sat sun", "sun": "sun", "thu-sat": "thu fri sat"}
CASES = list(product(ZONES, (0, 1), [*ANCHORS, *NEAR]))


@pytest.mark.parametrize("calendar", HOURS)
def test_a_calendar_is_open_as_the_clock_on_the_wall_says(proof: Proof, calendar: str) -> None:
    for name, which, offset in proof(CASES, 200):
        walked, change = walk(name, which)
        minutes, now = opened(name, which, calendar), change + offset
        at, zone, hours = walked.number(now), walked.zone, HOURS[calendar]
        where = (name, now.astimezone(zone))
        assert hours.is_open(now, zone) == minutes[at], where
        assert hours.opening_after(now, zone) == walked.moment(opening(minutes, at)), where
        assert hours.closing_after(now, zone) == walked.moment(closing(minutes, at)), where
        for amount in (1, 44, 60):
            end = hours.elapse(now, amount * MINUTE, zone)
            assert end == walked.moment(elapse(minutes, at, amount)), where


@pytest.mark.parametrize("days", [1, 2, 7])
def test_calendar_days_keep_the_local_time(proof: Proof, days: int) -> None:
    for name, which, offset in proof(CASES, 200):
        walked, change = walk(name, which)
        now = change + offset
        wanted = walked.first(walked.walls[walked.number(now)] + timedelta(days=days))
        found = Period.read(f"{days}d").after(now, Calendars(walked.zone))
        assert found == walked.moment(wanted), (name, now.astimezone(walked.zone))
        longer = Period.read(f"{days}d 90m").after(now, Calendars(walked.zone))
        assert longer == found + timedelta(minutes=90)


@pytest.mark.parametrize("calendar", HOURS)
def test_open_days_end_with_their_closing_hour(proof: Proof, calendar: str) -> None:
    for name, which, offset in proof(CASES, 100):
        walked, change = walk(name, which)
        hours, now = HOURS[calendar], change + offset
        calendars = Calendars(walked.zone, HOURS)
        today = now.astimezone(walked.zone).date()
        ends, tens = list[datetime](), list[datetime]()
        for ahead in range(1, 7):
            day = today + timedelta(days=ahead)
            begin, end = (walked.first(local) for local in hours.hours.on(day))
            if day in hours.days and begin < end:
                ends.append(walked.moment(end))
                tens.append(
                    walked.moment(walked.first(datetime.combine(day, datetime.min.time()) + 602 * MINUTE))
                )
        for number, (end_of_day, ten) in enumerate(zip(ends[:2], tens, strict=False), start=1):
            assert Period.read(f"{number} {calendar} days").after(now, calendars) == end_of_day
            assert Period.read(f"{number} {calendar} days 10:02").after(now, calendars) == ten


@pytest.mark.parametrize("clock", ["00:00", "00:30", "01:30", "02:30", "03:00", "09:00"])
@pytest.mark.parametrize("days", DAYS)
def test_a_routine_comes_at_its_local_time(proof: Proof, days: str, clock: str) -> None:
    routine = Recurrence.read(f"{days} {clock}")
    at = time.fromisoformat(clock)
    for name, which, offset in proof(CASES, 100):
        walked, change = walk(name, which)
        now = change + offset
        dates = [day for day in walked.days if f"{day:%a}".lower() in DAYS[days]]
        if name == "Pacific/Apia" and days != "sun":
            dates.append(date(2011, 12, 30))  # the Friday that was skipped: what was due then is due after it
        times = sorted(walked.moment(walked.first(datetime.combine(day, at))) for day in dates)
        wanted = next(when for when in times if when > now)
        assert routine.next_after(now, Calendars(walked.zone)) == wanted, (name, now.astimezone(walked.zone))


def test_twenty_zones_change_their_clocks_both_ways() -> None:
    assert len(ZONES) == 20
    for name, year in ZONES.items():
        zone = ZoneInfo(name)
        assert len(changes(zone, year)) >= 2, name
