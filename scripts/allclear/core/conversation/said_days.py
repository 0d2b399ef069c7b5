"""Days as people write them: ``2025-10-19``, ``19.10.2025``, ``Oct 19``, ``Sunday``, ``yesterday``.

A day that can be read in two ways is asked about, never guessed. That is why no library reads them: those
that are well kept guess an order (dateutil takes 10/11 for October 11) or take long to import (dateparser).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from msgspec import Struct

from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_FLAGS = re.IGNORECASE | re.ASCII
_YEAR_FIRST = lazy_regex(r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d)")
_BASIC = lazy_regex(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?=T\d{4})")
"""ISO 8601 without signs, of which only a log's ``20251019T130533Z`` is no number."""
_NUMBERS = lazy_regex(
    r"(?P<one>\d{1,2})(?P<sign>[-/.])(?P<two>\d{1,2})"
    r"(?:(?P=sign)(?P<year>\d{4}|\d{2})|(?<=/\d)|(?<=/\d\d)|(?<=\.\d)\.|(?<=\.\d\d)\.)(?!\d)"
)
"""Without a year there is a slash or a last dot: ``10-12`` is a span, and ``1.5`` a number."""
_DAY_AND_MONTH = lazy_regex(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?[ /-]{{0,2}}(?:of )?{_MONTH}"
    r"(?:,?[ /-](?P<year>(?:19|20|21)\d\d)(?!\d))?",
    _FLAGS,
)
_MONTH_AND_DAY = lazy_regex(
    rf"{_MONTH}[ -]{{1,2}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])"
    r"(?:,?[ -](?P<year>(?:19|20|21)\d\d)(?!\d))?",
    _FLAGS,
)
_NAMED = lazy_regex(r"(?P<name>today|yesterday|tomorrow)(?![\w'\u2019-])", _FLAGS)
_WEEKDAY = lazy_regex(
    r"(?:(?P<which>last|next|this) )?"
    r"(?P<name>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)(?![\w'\u2019-])\.?",
    _FLAGS,
)
_AHEAD = lazy_regex(r"(?:in )?(\d{1,3}) ?(d|days?|w|weeks?)", _FLAGS)
_DAY_ENDS = lazy_regex(r"(?<=\w) (?:eod|eob|cob|end of day)$")
"""``tomorrow EOD`` is tomorrow."""
_ENDS = {"eod": "today", "eow": "friday", "end of day": "today", "end of week": "friday"}
Dates = Callable[[date, bool], tuple[date, ...]]
"""From today, and whether the next ones are meant, to the dates that it may be, the likeliest first."""

_FROM, _TO = 1970, 2199
"""The years of which anything happens here. Farther ones are slips, and break the arithmetic of zones."""


class SaidDay(Struct, frozen=True):
    """A day at the start of a text, which goes on at ``end``. ``words``: the day as it was written."""

    words: str
    end: int
    _of: Dates

    def dates(self, today: date, *, coming: bool = False) -> tuple[date, ...]:
        """The dates that it may be, the likeliest first: of a Sunday this one and the one before.

        ``coming``: the next ones instead. Empty when there is no such day. Raises UserError when it can be
        read in two ways.
        """
        return self._of(today, coming)


def day_at(text: str) -> SaidDay | None:
    """The day that ``text`` begins with, or None. A weekday may stand before a date: ``Sun, Oct 19``."""
    named = _NAMED.match(text)
    if named:
        return SaidDay(named[0], named.end(), _named(named["name"].lower()))
    weekday = _WEEKDAY.match(text)
    if weekday is None:
        return _date_at(text, 0)
    begins = re.compile(r",? {0,2}").match(text, weekday.end())
    date_too = _date_at(text, begins.end()) if begins else None
    number = _WEEKDAYS.index(weekday["name"][:3].lower())
    if date_too is None:
        return SaidDay(weekday[0], weekday.end(), _weekday(number, (weekday["which"] or "").lower()))
    return SaidDay(text[: date_too.end], date_too.end, _both(weekday[0], number, date_too))


def due_day(text: str, today: date) -> date:
    """The day that the whole ``text`` names, such as ``friday``, ``EOW``, ``3d`` or ``01.12.2025``: today or
    later where it says no year.

    Raises UserError when it is no day, or more than one.
    """
    words = _DAY_ENDS.sub("", " ".join(text.split()).strip(" ,;").lower())
    words = words if day_at(words) else words.rstrip(".")
    if ahead := _AHEAD.fullmatch(words):
        return today + timedelta(days=int(ahead[1]) * (7 if ahead[2].startswith("w") else 1))
    if words in ("eom", "end of month"):
        return today.replace(day=monthrange(today.year, today.month)[1])
    end = words in _ENDS
    words = _ENDS.get(words, words)
    found = day_at(words)
    dates = found.dates(today, coming=True) if found and words[found.end :] in ("", ".") else ()
    left = [one for one in dates if one >= today] or list(dates)
    if not left:
        raise UserError(
            f"{code(text)} is not a date; write it as `friday` or `{today + timedelta(weeks=1)}`."
        )
    if len(left) > 1 and left[0] == today and not end and _WEEKDAY.fullmatch(words):
        raise UserError(f"It is {today:%A} today. Is it `today`, or `{left[1]}`?")
    return left[0]


def _date_at(text: str, start: int) -> SaidDay | None:
    for pattern, read in _WRITTEN:
        if found := pattern.match(text, start):
            return SaidDay(found[0], found.end(), read(found))
    return None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if _FROM <= year <= _TO else None
    except ValueError:
        return None


def _on(year: int, month: int, day: int) -> Dates:
    found = _valid(year, month, day)
    return lambda _today, _coming: (found,) if found else ()


def _each_year(month: int, day: int) -> Dates:
    def of(today: date, coming: bool) -> tuple[date, ...]:
        other = today.year + (1 if coming else -1)
        return tuple(one for year in (today.year, other) if (one := _valid(year, month, day)))

    return of


def _year_first(found: re.Match[str]) -> Dates:
    return _on(int(found["year"]), int(found["month"]), int(found["day"]))


def _month_named(found: re.Match[str]) -> Dates:
    month, day = 1 + _MONTHS.index(found["month"][:3].lower()), int(found["day"])
    return _on(int(found["year"]), month, day) if found["year"] else _each_year(month, day)


def _numbers(found: re.Match[str]) -> Dates:
    """Behind dots the day comes first, as everywhere where dots are used. Otherwise the only order counts
    that makes a date.
    """
    one, two, year = int(found["one"]), int(found["two"]), found["year"]
    if found["sign"] == ".":
        return _on(_century(year), two, one) if year else _each_year(two, one)
    if year is None:
        return _any_of(found[0], [_each_year(one, two), _each_year(two, one)])
    orders = [_on(_century(year), one, two), _on(_century(year), two, one)]
    if len(year) == 2:
        orders.append(_on(_century(found["one"]), two, int(year)))
    return _any_of(found[0], orders)


def _century(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _any_of(words: str, orders: list[Dates]) -> Dates:
    def of(today: date, coming: bool) -> tuple[date, ...]:
        found = list(dict.fromkeys(dates for order in orders if (dates := order(today, coming))))
        if len(found) > 1:
            shown = " or ".join(f"`{dates[0]}`" for dates in found)
            raise UserError(f"{code(words)} can be {shown}. Write the one that is meant.")
        return found[0] if found else ()

    return of


def _named(name: str) -> Dates:
    days = timedelta(days={"yesterday": -1, "today": 0, "tomorrow": 1}[name])
    return lambda today, _coming: (today + days,)


def _weekday(number: int, which: str) -> Dates:
    week = timedelta(weeks=1)

    def of(today: date, coming: bool) -> tuple[date, ...]:
        ahead = timedelta(days=(number - today.weekday()) % 7)
        if which == "next":
            return (today - timedelta(days=today.weekday()) + week + timedelta(days=number),)
        if coming and which != "last":
            return (today + ahead, today + ahead + week)
        latest = today + ahead - (week if ahead or which == "last" else timedelta())
        return (latest, latest - week)

    return of


def _both(weekday: str, number: int, day: SaidDay) -> Dates:
    def of(today: date, coming: bool) -> tuple[date, ...]:
        dates = day.dates(today, coming=coming)
        right = tuple(one for one in dates if one.weekday() == number)
        if dates and not right:
            raise UserError(
                f"{dates[0]} is not on {code(weekday)}, but on {dates[0]:%A}. Which one is meant?"
            )
        return right

    return of


_WRITTEN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Dates]], ...] = (
    (_YEAR_FIRST, _year_first),
    (_BASIC, _year_first),
    (_DAY_AND_MONTH, _month_named),
    (_MONTH_AND_DAY, _month_named),
    (_NUMBERS, _numbers),
)
