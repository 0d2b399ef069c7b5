"""A calendar: when an office is open, or when a maintenance window is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from allclear.core.calendar.holiday_dates import holiday_dates, region_refusal
from allclear.core.calendar.hours import WHOLE_DAY, Days, Hours
from allclear.core.calendar.local_time import day_of, moment
from allclear.core.calendar.phrase import instead
from allclear.core.model.authored import Authored, Check
from allclear.core.model.patterns import lazy_regex

HORIZON = timedelta(days=30 * 366)
"""How far a calendar is looked through. Nothing that a runbook may say reaches so far; loops end there."""
_REGION = lazy_regex(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_WEEKS = lazy_regex(r"([1-9]|[1-4]\d|5[0-2])\s?w")


class NeverOpensError(ValueError):
    """The calendar is not open for so long within `HORIZON`."""


class OpenDay(Struct, frozen=True):
    """The hours of one open day; with ``22:00-06:00`` they end on the next. Both moments are UTC."""

    day: date
    opens: datetime
    closes: datetime


def _holidays(value: Any) -> None:
    if value is False:
        raise ValueError('false is what YAML reads for NO; write "NO" in quotes')
    if isinstance(value, str) and not _REGION.fullmatch(value):
        raise ValueError(f"{value!r} is no country; write its two letters such as DE, or a region: DE-BY")


def _every(value: str | None) -> None:
    if value is not None and not _WEEKS.fullmatch(value):
        raise ValueError(f"{value!r} are no weeks; write 2w, and at most 52w")


class Calendar(Authored, frozen=True, kw_only=True):
    """Days and hours, less the holidays of a country, each week or every so many weeks from a date.

    The zone is the runbook's, and an argument. Nothing said means always: every day, the whole day.
    """

    days: Days = Days.parse("all")
    """The days of the week on which it is open."""
    hours: Hours = WHOLE_DAY
    """From when to when; `22:00-06:00` ends on the next day."""
    holidays: Annotated[str | None, Check(_holidays, first=True)] = None
    """A country or one of its regions: ``US``, ``DE-BY``."""
    every: Annotated[str | None, Check(_every)] = None
    """``2w``: every second week (Monday to Sunday) from that of ``from``."""
    start: date | None = field(default=None, name="from")
    """The first day: nothing is open before it."""

    def __post_init__(self) -> None:
        _holidays(self.holidays)
        _every(self.every)
        if self.every and not self.start:
            raise ValueError(f"every {self.every} needs `from`: the date of the first such day")
        if self.start and self.start not in self.days:
            raise ValueError(f"from {self.start} is {self.start:%A}, which is not one of {self.days}")

    @property
    def weeks(self) -> int:
        """How many weeks there are from one open week to the next."""
        return int(self.every.rstrip(" w")) if self.every else 1

    @property
    def always(self) -> bool:
        """Whether it never closes."""
        return str(self.days) == "all" and self.hours.length == timedelta(days=1) and not self._interrupted

    @property
    def _interrupted(self) -> bool:
        return bool(self.holidays) or self.weeks > 1

    def refusal(self) -> str | None:
        """Why the holidays cannot be known, or None. Not found out when it is read: that would take long."""
        return region_refusal(self.holidays) if self.holidays else None

    def open_days(self, first: date, zone: ZoneInfo) -> Iterator[OpenDay]:
        """The open days from that date on, as far as `HORIZON`.

        A day whose hours fall into the gap of a clock that is put forward is not open.
        """
        begin = max(first, self.start or first)
        for offset in range(HORIZON.days):
            day = begin + timedelta(days=offset)
            if self._has(day):
                opens, closes = (moment(local, zone) for local in self.hours.on(day))
                if opens < closes:
                    yield OpenDay(day, opens, closes)

    def is_open(self, when: datetime, zone: ZoneInfo) -> bool:
        """Whether it is open at that moment; at its closing it is not."""
        reaching = next((one for one in self._around(when, zone) if one.closes > when), None)
        return self.always or (reaching is not None and reaching.opens <= when)

    def opening_after(self, when: datetime, zone: ZoneInfo) -> datetime | None:
        """The next moment at which it opens, having been closed. None when it never does."""
        closed: datetime | None = None
        for one in self._around(when, zone):
            if one.opens > when and one.opens != closed:
                return one.opens
            closed = one.closes
        return None

    def closing_after(self, when: datetime, zone: ZoneInfo) -> datetime | None:
        """The next moment from which it is closed. None when it never is."""
        closing: datetime | None = None
        for one in self._around(when, zone):
            if closing and one.opens > closing:
                return closing
            closing = one.closes if one.closes > when else None
        return None

    def elapse(self, when: datetime, amount: timedelta, zone: ZoneInfo) -> datetime:
        """When so much open time has passed since ``when``. Raises NeverOpensError."""
        left = amount
        for one in self.open_days(day_of(when, zone) - timedelta(days=1), zone):
            begin = max(one.opens, when)
            if one.closes - begin >= left:
                return begin + left
            left -= max(one.closes - begin, timedelta())
        raise NeverOpensError(f"not open for {amount} within {HORIZON.days} days")

    def open_day(self, when: datetime, number: int, zone: ZoneInfo) -> OpenDay:
        """The so manieth open day (1 is the first) after the date of ``when``. Raises NeverOpensError."""
        days = self.open_days(day_of(when, zone) + timedelta(days=1), zone)
        for counted, one in enumerate(days, start=1):
            if counted == number:
                return one
        raise NeverOpensError(f"not open on {number} days within {HORIZON.days} days")

    def _has(self, day: date) -> bool:
        if day not in self.days:
            return False
        if self.start and (_monday(day) - _monday(self.start)).days // 7 % self.weeks:
            return False
        return self.holidays is None or day not in holiday_dates(self.holidays, day.year)

    def _around(self, when: datetime, zone: ZoneInfo) -> Iterator[OpenDay]:
        """From two days before: what was open then may reach to ``when`` and be followed without a break."""
        return iter(()) if self.always else self.open_days(day_of(when, zone) - timedelta(days=2), zone)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


ALWAYS = Calendar()
"""The calendar `always`, which exists by itself."""


class Calendars(Struct, frozen=True):
    """The calendars of a runbook by their ids, and its zone: what it takes to say when a phrase is due."""

    zone: ZoneInfo
    named: Mapping[str, Calendar] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, name: str) -> Calendar:
        """The calendar of that id; `always` is there. Raises KeyError: `refusal` asks first."""
        return self.named[name] if name in self.named else {"always": ALWAYS}[name]

    def refusal(self, name: str) -> str | None:
        """``no calendar 'offic'; did you mean 'office'?``, or None."""
        known = dict.fromkeys([*self.named, "always"])
        return None if name in known else f"no calendar {name!r}; {instead(name, known)}"
