"""The slow way to know what a phrase of time means: a clock on the wall, looked at minute by minute."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo

from allclear.core.calendar.calendar import Calendar

MINUTE = timedelta(minutes=1)


class Walk:
    """Every minute of some days in a zone. A minute is named by its number from the start."""

    def __init__(self, zone: ZoneInfo, start: datetime, days: int) -> None:
        self.zone, self.start = zone, start
        shown = ((start + number * MINUTE).astimezone(zone) for number in range(days * 1440))
        self.walls = [wall.replace(tzinfo=None, fold=0) for wall in shown]

    @cached_property
    def _furthest(self) -> list[datetime]:
        """The latest time that the clock has shown so far."""
        return list(accumulate(self.walls, max))

    def number(self, when: datetime) -> int:
        return (when - self.start) // MINUTE

    def moment(self, number: int) -> datetime:
        return self.start + number * MINUTE

    def first(self, local: datetime) -> int:
        """The first minute at which the clock shows that time or a later one."""
        return bisect_left(self._furthest, local)

    def open_minutes(self, calendar: Calendar, eligible: set[date]) -> list[bool]:
        """Which minutes are open, when these are the days."""
        opened = [False] * len(self.walls)
        opens, closes = calendar.hours.opens, calendar.hours.closes
        for day in eligible:
            end = day if closes > opens else day + timedelta(days=1)
            for number in range(
                self.first(datetime.combine(day, opens)), self.first(datetime.combine(end, closes))
            ):
                opened[number] = True
        return opened

    @cached_property
    def days(self) -> list[date]:
        """The dates on the wall."""
        return list(dict.fromkeys(wall.date() for wall in self.walls))


def elapse(opened: list[bool], begin: int, amount: int) -> int:
    """The minute at which so many open ones have passed."""
    number = begin
    while amount:
        amount -= opened[number]
        number += 1
    return number


def opening(opened: list[bool], begin: int) -> int:
    """The first minute after that one which is open, when the one before was not."""
    return next(n for n in range(begin + 1, len(opened)) if opened[n] and not opened[n - 1])


def closing(opened: list[bool], begin: int) -> int:
    """The first minute after that one which is closed, when the one before was open."""
    return next(n for n in range(begin + 1, len(opened)) if not opened[n] and opened[n - 1])


@cache
def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The hours of the year in which the zone's clocks are changed, in UTC."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(366 * 24)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [
        hour for hour, this, before in zip(hours[1:], offsets[1:], offsets, strict=False) if this != before
    ]
