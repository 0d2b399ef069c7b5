"""When a routine comes again: ``daily 09:00``, ``office days 09:00``, ``monthly 1 09:00``, ``3mo``."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import ClassVar, Self

from typing_extensions import override

from allclear.core.calendar.calendar import Calendars, NeverOpensError
from allclear.core.calendar.hours import Days
from allclear.core.calendar.local_time import at, day_of, in_month, months_later
from allclear.core.calendar.period import Period
from allclear.core.calendar.phrase import CALENDAR, CLOCK, Phrase, clock_of, one_of
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.model.patterns import lazy_regex

LOOKED_BACK = timedelta(days=35)
"""How long ago the last time may be: a month, and a few days more. It is found by going from day to day."""

_MONTHLY = lazy_regex(rf"monthly (\d{{1,2}}) ({CLOCK})", re.IGNORECASE)
_OPEN_DAYS = lazy_regex(rf"({CALENDAR}) days ({CLOCK})", re.IGNORECASE)
_WEEKLY = lazy_regex(rf"(daily|[a-z]{{3}}(?:[a-z ,-]*[a-z])?) ({CLOCK})", re.IGNORECASE)


class Recurrence(Phrase, frozen=True):
    """The times of a routine."""

    called: ClassVar[str] = "days and a time"
    examples: ClassVar[tuple[str, ...]] = (
        "daily 09:00",
        "mon-fri 09:00",
        "office days 09:00",
        "monthly 1 09:00",
        "3mo",
    )

    @classmethod
    @override
    def parse(cls, text: str) -> Self:
        found = _parse(text)
        if not isinstance(found, cls):
            raise ValueError(f"{text!r} does not fit here; write {one_of(cls.examples)}")  # noqa: TRY004 - pydantic reports ValueError
        return found

    @abstractmethod
    def next_after(self, now: datetime, calendars: Calendars, since: datetime | None = None) -> datetime:
        """The first time later than ``now``, in UTC. Raises NeverOpensError where `refusal` was not asked.

        ``since`` is when the routine began, which ``3mo`` counts from; without it that is ``now``.
        """

    def latest(self, now: datetime, calendars: Calendars, since: datetime) -> datetime | None:
        """The last time that is not later than ``now``, in UTC; None: it did not come within `LOOKED_BACK`.

        ``since`` is when the routine began, which ``3mo`` counts from.
        """
        found, when = None, self.next_after(now - LOOKED_BACK, calendars, since)
        while when <= now:
            found, when = when, self.next_after(when, calendars, since)
        return found

    @abstractmethod
    def refusal(self, calendars: Calendars) -> str | None:
        """Why these calendars do not give it a time, or None."""


class Weekly(Recurrence, frozen=True):
    """``daily 09:00``, ``mon 09:00``, ``mon-fri 09:00``."""

    days: Days
    clock: time

    def __str__(self) -> str:
        days = str(self.days)
        return f"{'daily' if days == 'all' else days} {self.clock:%H:%M}"

    @override
    def next_after(self, now: datetime, calendars: Calendars, since: datetime | None = None) -> datetime:
        today = day_of(now, calendars.zone)
        week = (today + timedelta(days=ahead) for ahead in range(8))
        return _first(now, (day for day in week if day in self.days), self.clock, calendars)

    @override
    def refusal(self, calendars: Calendars) -> str | None:
        return None


class OpenDays(Recurrence, frozen=True):
    """``office days 09:00``: on each day of the calendar, at that time."""

    calendar: str
    clock: time

    def __str__(self) -> str:
        return f"{self.calendar} days {self.clock:%H:%M}"

    @override
    def next_after(self, now: datetime, calendars: Calendars, since: datetime | None = None) -> datetime:
        found = calendars[self.calendar].open_days(day_of(now, calendars.zone), calendars.zone)
        return _first(now, (one.day for one in found), self.clock, calendars)

    @override
    def refusal(self, calendars: Calendars) -> str | None:
        unknown = calendars.refusal(self.calendar)
        return f"{str(self)!r}: {unknown}" if unknown else None


class Monthly(Recurrence, frozen=True):
    """``monthly 1 09:00``; ``monthly 31 09:00`` is the last day where a month is shorter."""

    day: int
    clock: time

    def __str__(self) -> str:
        return f"monthly {self.day} {self.clock:%H:%M}"

    @override
    def next_after(self, now: datetime, calendars: Calendars, since: datetime | None = None) -> datetime:
        first = day_of(now, calendars.zone).replace(day=1)
        months = (months_later(first, ahead) for ahead in range(3))
        days = (in_month(month.year, month.month, self.day) for month in months)
        return _first(now, days, self.clock, calendars)

    @override
    def refusal(self, calendars: Calendars) -> str | None:
        return None


class AfterPeriod(Recurrence, frozen=True):
    """``3mo``, ``2w``, ``5 office days``: again and again from when the routine began."""

    period: Period

    def __str__(self) -> str:
        return str(self.period)

    @override
    def next_after(self, now: datetime, calendars: Calendars, since: datetime | None = None) -> datetime:
        rhythm = Rhythm.of(self.period)
        begin = now if since is None else since
        return self.period.after(begin, calendars, rhythm.number_at(now, begin, calendars) + 1)

    @override
    def latest(self, now: datetime, calendars: Calendars, since: datetime) -> datetime | None:
        number = Rhythm.of(self.period).number_at(now, since, calendars)
        return self.period.after(since, calendars, number) if number else None

    @override
    def refusal(self, calendars: Calendars) -> str | None:
        return self.period.refusal(calendars)


def _first(now: datetime, days: Iterator[date], clock: time, calendars: Calendars) -> datetime:
    times = (at(day, clock, calendars.zone) for day in days)
    found = next((when for when in times if when > now), None)
    if found is None:
        raise NeverOpensError("no such day comes again")
    return found


def _parse(text: str) -> Recurrence:
    if monthly := _MONTHLY.fullmatch(text):
        day = int(monthly[1])
        if not 1 <= day <= 31:
            raise ValueError(f"{text!r}: a month has the days 1 to 31; write monthly 1 09:00")
        return Monthly(day, clock_of(monthly[2]))
    if found := _OPEN_DAYS.fullmatch(text):
        return OpenDays(found[1].lower(), clock_of(found[2]))
    if weekly := _WEEKLY.fullmatch(text):
        days = weekly[1].lower()
        return Weekly(Days.parse("all" if days == "daily" else days), clock_of(weekly[2]))
    try:
        period = Period.parse(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time of a routine; write {one_of(Recurrence.examples)}") from None
    if period.empty:
        raise ValueError(f"{text!r} would be due again at once for ever; write daily 09:00")
    return AfterPeriod(period)
