"""How long something may take: ``15m``, ``3d``, ``2h office``, ``5 office days``, ``next maintenance``."""

from __future__ import annotations

import re
from abc import abstractmethod
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from typing_extensions import override

from allclear.core.calendar.calendar import Calendars, NeverOpensError
from allclear.core.calendar.local_time import at, moment, months_later
from allclear.core.calendar.phrase import CALENDAR, CLOCK, AsText, Phrase, clock_of, one_of
from allclear.core.calendar.words import after_every, count
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.times import amounts

_SECONDS = {"s": 1, "m": 60, "h": 3600}
_DAYS = {"d": 1, "w": 7}
_LONGEST = timedelta(days=3660)
_LONGEST_OPEN = timedelta(days=2 * 366)
_SPELT_OUT = lazy_regex(r"(\d{1,6}) ?(s|mo|m|h|d|w)[a-z]+", re.IGNORECASE)
_OFFICE_HOURS = lazy_regex(rf"((?:\d{{1,6}} ?(?:mo|[smhdw]) )+)({CALENDAR})", re.IGNORECASE)
_OFFICE_DAYS = lazy_regex(rf"(?:next|(\d{{1,4}})) ({CALENDAR}) days?(?: ({CLOCK}))?", re.IGNORECASE)
_NEXT = lazy_regex(rf"next ({CALENDAR})", re.IGNORECASE)
_EXAMPLES = ("15m", "3d", "2h office", "5 office days", "next office day", "next office day 10:00")


class Period(Phrase, frozen=True):
    """What a runbook gives as a time limit. Of its kinds, `Span` needs no calendar, the others name one."""

    called: ClassVar[str] = "a length of time"
    examples: ClassVar[tuple[str, ...]] = _EXAMPLES

    @classmethod
    @override
    def parse(cls, text: str) -> Self:
        found = _parse(text)
        if not isinstance(found, cls):
            raise ValueError(f"{text!r} does not fit here; write {one_of(cls.examples)}")  # noqa: TRY004 - pydantic reports ValueError
        return found

    @abstractmethod
    def after(self, anchor: datetime, calendars: Calendars, times: int = 1) -> datetime:
        """The end, in UTC, of this period that begins at ``anchor``; of so many in a row with ``times``.

        Raises NeverOpensError where `refusal` was not asked.
        """

    @abstractmethod
    def refusal(self, calendars: Calendars) -> str | None:
        """Why these calendars do not give it an end, such as ``'2h offic': no calendar 'offic'``; or None."""

    @abstractmethod
    def words(self) -> str:
        """In English: ``1 hour 30 minutes``, ``5 office days``, ``next office day``."""

    @property
    def empty(self) -> bool:
        """Whether it is over as soon as it begins."""
        return False

    def as_limit(self) -> str:
        """As a limit is said: ``within 15 minutes``, ``by the end of the next office day``."""
        return f"within {self.words()}"

    def cadence(self) -> str:
        """As it is said after "every": ``15 minutes``, ``hour``, ``office day``."""
        return after_every(self.words().removeprefix("next "))


class Span(Period, frozen=True):
    """Elapsed time (s, m, h) and calendar days (d, w, mo): those keep the local time.

    Months are counted first, and a shorter month ends on its last day; then days, then what elapses.
    """

    elapse: timedelta = timedelta()
    days: int = 0
    months: int = 0
    examples: ClassVar[tuple[str, ...]] = ("45s", "15m", "2h", "1h 30m", "3d", "2w", "3mo")

    def __str__(self) -> str:
        parts = [f"{number}{unit}" for number, unit in self._parts()]
        return " ".join(parts) or "0m"

    @override
    def after(self, anchor: datetime, calendars: Calendars, times: int = 1) -> datetime:
        begin = anchor.astimezone(UTC)
        if self.days or self.months:
            local = anchor.astimezone(calendars.zone).replace(tzinfo=None, fold=0)
            day = months_later(local.date(), self.months * times) + timedelta(days=self.days * times)
            begin = moment(datetime.combine(day, local.time()), calendars.zone)
        return begin + self.elapse * times

    @override
    def refusal(self, calendars: Calendars) -> str | None:
        return None

    @override
    def words(self) -> str:
        names = {"mo": "month", "w": "week", "d": "day", "h": "hour", "m": "minute", "s": "second"}
        return " ".join(count(number, names[unit]) for number, unit in self._parts()) or "0 minutes"

    @property
    @override
    def empty(self) -> bool:
        return not (self.elapse or self.days or self.months)

    def _parts(self) -> list[tuple[int, str]]:
        weeks, days = divmod(self.days, 7) if self.days % 7 == 0 else (0, self.days)
        minutes, seconds = divmod(int(self.elapse.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        parts = [(self.months, "mo"), (weeks, "w"), (days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s")]
        return [(number, unit) for number, unit in parts if number]


class OfficeHours(Period, frozen=True):
    """``2h office``: elapsed time that counts only while the calendar is open."""

    elapse: timedelta
    calendar: str
    examples: ClassVar[tuple[str, ...]] = ("2h office", "30m office")

    def __str__(self) -> str:
        return f"{Span(self.elapse)} {self.calendar}"

    @override
    def after(self, anchor: datetime, calendars: Calendars, times: int = 1) -> datetime:
        return calendars[self.calendar].elapse(anchor.astimezone(UTC), self.elapse * times, calendars.zone)

    @override
    def refusal(self, calendars: Calendars) -> str | None:
        if unknown := calendars.refusal(self.calendar):
            return f"{str(self)!r}: {unknown}"
        return _too_long(self, calendars, self.calendar, self.elapse / calendars[self.calendar].hours.length)

    @override
    def words(self) -> str:
        return f"{Span(self.elapse).words()} of {self.calendar} time"


class OfficeDays(Period, frozen=True):
    """``5 office days``: the closing of the fifth open day after the anchor's date, or that day's ``10:00``.

    ``next office day`` is that of the first.
    """

    number: int
    calendar: str
    clock: time | None = None
    examples: ClassVar[tuple[str, ...]] = ("5 office days", "next office day", "next office day 10:00")

    def __str__(self) -> str:
        days = f"next {self.calendar} day" if self.number == 1 else f"{self.number} {self.calendar} days"
        return f"{days} {self.clock:%H:%M}" if self.clock else days

    @override
    def after(self, anchor: datetime, calendars: Calendars, times: int = 1) -> datetime:
        found = calendars[self.calendar].open_day(anchor, self.number * times, calendars.zone)
        return at(found.day, self.clock, calendars.zone) if self.clock else found.closes

    @override
    def refusal(self, calendars: Calendars) -> str | None:
        if unknown := calendars.refusal(self.calendar):
            return f"{str(self)!r}: {unknown}"
        return _too_long(self, calendars, self.calendar, self.number)

    @override
    def words(self) -> str:
        days = f"next {self.calendar} day" if self.number == 1 else count(self.number, f"{self.calendar} day")
        return f"{days} at {self.clock:%H:%M}" if self.clock else days

    @override
    def as_limit(self) -> str:
        if self.number > 1:
            return f"within {self.words()}"
        begin = f"by {self.clock:%H:%M} on" if self.clock else "by the end of"
        return f"{begin} the next {self.calendar} day"


class NextOpening(Period, frozen=True):
    """``next maintenance``: the calendar's next opening after the anchor."""

    calendar: str
    examples: ClassVar[tuple[str, ...]] = ("next maintenance",)

    def __str__(self) -> str:
        return f"next {self.calendar}"

    @override
    def after(self, anchor: datetime, calendars: Calendars, times: int = 1) -> datetime:
        when: datetime | None = anchor.astimezone(UTC)
        for _ in range(times):
            when = when and calendars[self.calendar].opening_after(when, calendars.zone)
        if when is None:
            raise NeverOpensError(f"{self.calendar} does not open again")
        return when

    @override
    def refusal(self, calendars: Calendars) -> str | None:
        if unknown := calendars.refusal(self.calendar):
            return f"{str(self)!r}: {unknown}"
        if calendars[self.calendar].always:
            return f"{str(self)!r}: calendar {self.calendar!r} never closes, so it never opens"
        return None

    @override
    def words(self) -> str:
        return str(self)

    @override
    def as_limit(self) -> str:
        return f"by the {self.words()}"


def surely_shorter(mine: Period, theirs: Period) -> bool:
    """Whether one is shorter than the other: only what simply elapses can be compared."""
    if not isinstance(mine, Span) or not isinstance(theirs, Span):
        return False
    return (mine.months, mine.days, mine.elapse) < (theirs.months, theirs.days, theirs.elapse)


class NumberName(StrEnum):
    """A number of the severity that stands where a period may stand: ``within: response``."""

    RESPONSE = "response"
    UPDATE = "update"
    WATCH = "watch"
    EVIDENCE = "evidence"
    REVIEW = "review"


def period_or_number(value: Any) -> Period | NumberName:
    """Read a period, or the name of the severity's own number. Raises ValueError."""
    if isinstance(value, str) and value.strip().lower() in set(NumberName):
        return NumberName(value.strip().lower())
    return Period.read(value)


PeriodOrNumber = Annotated[
    Period | NumberName,
    AsText(period_or_number, f"{Period.called}, or a number's name", (*_EXAMPLES, *NumberName)),
]


def _parse(text: str) -> Period:
    found = _span(text) or _office(text)
    if found:
        return found
    if text.lower() in set(NumberName):
        raise ValueError(f"{text!r} is the name of a number and has none here; write one such as 15m")
    if spelt := _SPELT_OUT.fullmatch(text):
        raise ValueError(f"{text!r}: write {spelt[1]}{spelt[2].lower()}")
    raise ValueError(f"{text!r} is no length of time; write {one_of(_EXAMPLES)}")


def _span(text: str) -> Span | None:
    parts = amounts(text)
    if not parts:
        return None
    totals = {unit: sum(number for number, one in parts if one == unit) for _, unit in parts}
    elapse = timedelta(seconds=sum(_SECONDS.get(unit, 0) * number for unit, number in totals.items()))
    days = sum(_DAYS.get(unit, 0) * number for unit, number in totals.items())
    months = totals.get("mo", 0)
    if elapse + timedelta(days=days) + timedelta(days=31) * months > _LONGEST:
        raise ValueError(f"{text!r} is longer than ten years; write one such as 15m, 3d or 3mo")
    return Span(elapse, days, months)


def _office(text: str) -> Period | None:
    if re.search(r"^next days?$| (?:after|then)$", text, re.IGNORECASE):
        return None
    if hours := _OFFICE_HOURS.fullmatch(text):
        span, calendar = _span(hours[1]), hours[2].lower()
        if not span or span.days or span.months or not span.elapse:
            raise ValueError(f"{text!r}: write hours or minutes, such as 2h {calendar}, or 2 {calendar} days")
        return OfficeHours(span.elapse, calendar)
    if days := _OFFICE_DAYS.fullmatch(text):
        number, calendar = int(days[1] or 1), days[2].lower()
        if not number:
            raise ValueError(f"{text!r}: write 0m, or next {calendar} day")
        return OfficeDays(number, calendar, clock_of(days[3]) if days[3] else None)
    opening = _NEXT.fullmatch(text)
    return NextOpening(opening[1].lower()) if opening else None


def _too_long(period: Period, calendars: Calendars, name: str, days: float) -> str | None:
    """Refuses what needs so many days of the calendar that it takes years, holidays not counted."""
    calendar = calendars[name]
    if days * calendar.weeks * 7 / len(calendar.days.numbers) <= _LONGEST_OPEN.days:
        return None
    return f"{str(period)!r} takes more than two years of {name!r}"
