"""Times as people write them, read right or not at all: ``13:05``, ``1:05 PM CEST``, ``Oct 19 13:05:33,123``,
``yesterday at 23:50``, ``13:05-13:20``, ``30 minutes ago``.

What can be two times is asked about. That is why no library reads them: those that are well kept guess
(dateutil takes ``10 users`` for a day of this month and drops zones that it does not know), or take long to
import (dateparser).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from allclear.core.conversation.from_now import AFTER, TAIL, from_now
from allclear.core.conversation.said_days import SaidDay, day_at
from allclear.core.conversation.said_zones import zone_at
from allclear.core.model.errors import UserError
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace
from allclear.core.model.times import utc

LONGEST = 200
"""Characters at the start of a text in which its time has to stand, with the end of a span."""

_FLAGS = re.IGNORECASE | re.ASCII
_UNITS = (
    r"\s?(?:%|\u2030|[kmgt]i?b?(?:/s)?|[mnu\u00b5]?s|secs?|seconds?|mins?|minutes?|hours?|days?|x|bn|million"
    r"|billion|thousand|percent|rps|qps|req|eur|usd|gbp|cores?|cpus?)(?![\w'])|\s?[%$\u20ac\u00a3\u2030]"
)
_HALF = r"\s?(?P<half>[ap])(?:\.m\.|m(?!\s(?:morgen|vor|mittag|nachm|abend)))(?![\w'])"
_CLOCK = lazy_regex(
    rf"(?P<hour>\d{{1,2}})(?P<sign>[:.h])(?P<minute>\d{{2}})(?::(?P<second>\d{{2}})(?:[.,]\d{{1,9}})?)?(?!\d)"
    rf"(?:{_HALF}|(?:\s?uhr|h|\s?hrs|\s?o['\u2019]clock)(?![\w']))?",
    _FLAGS,
)
_BASIC = lazy_regex(r"(?<=\dT)(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?!\d)", re.ASCII)
_HOUR = lazy_regex(rf"(?P<hour>\d{{1,2}}){_HALF}", _FLAGS)
_MILITARY = lazy_regex(
    r"(?P<hour>\d{2})(?P<minute>\d{2})(?!\d)(?P<mark>\s?(?:h|hrs|hours)(?![\w']))?", _FLAGS
)
_PART = lazy_regex(
    r"\s{1,3}(?:in\sthe\s(?P<part>morning|afternoon|evening)|at\s(?P<night>night)|(?P<midnight>midnight))"
    r"(?![\w'-])",
    _FLAGS,
)
"""The half of the day in words. ``12:00 noon`` needs none."""
UNIT = lazy_regex(_UNITS, _FLAGS)
"""What makes a number of something of the number before it."""
_OPENING = lazy_regex(
    r"\s{1,9}|\*{1,3}|_{1,3}|[`(\[<\"']|T(?=\d{2}:\d{2})"
    r"|(?P<about>[~\u2248@]|(?:at|about|around|circa|ca|approx(?:imately)?|on|from|since|between)\b\.?)",
    _FLAGS,
)
_CLOSING = {"(": ")", "[": "]", "<": ">"}
_MOST_OPENINGS = 8
_BEFORE_CLOCK = lazy_regex(r"T|:(?=\d{2}:\d{2}:)|(?:,|\s-)?[\s_]{0,3}(?:at\s{1,3}|@\s{0,3})?", re.IGNORECASE)
_BEFORE_DAY = lazy_regex(r"(?P<comma>,)?\s{1,3}(?P<on>on\s{1,3})?|,(?P<none>)", re.IGNORECASE)
_SPAN = lazy_regex(
    r"\s{0,2}(?:[-\u2013\u2014\u2192\u2026~]|->|\.{2,3})\s{0,2}|\s(?:to|until|till|through|thru)\s{1,2}",
    re.IGNORECASE,
)
_WIDE = lazy_regex(r"[\s(\[<*_~]{0,9}[\d\uff10-\uff19:\uff1a\uff5e./\s-]{1,40}", re.ASCII)
_NARROW = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {0xFF1A: ":", 0xFF5E: "~"}
"""Digits and the colon as keyboards for Chinese and Japanese type them."""
_AND = lazy_regex(r"\s{1,2}and\s{1,2}", re.IGNORECASE)
_OFFSET_OR_END = lazy_regex(r"\s?-(\d{2}):(\d{2})(?![\d:])")
_YEAR = lazy_regex(r"\s((?:19|20|21)\d\d)(?!\d)")
_SURE_DAY = lazy_regex(r"\d{4}|\b(?!may\b|mar(?:ch)?\b)[a-z]{3,}", re.IGNORECASE)
_GOES_ON = lazy_regex(r"[-\u2013]\d")
_SEPARATORS = lazy_regex(r"(?:[\s:,;|>=\u2013\u2014\u2192]|\.(?=\s|$)|-(?!\d))+")
_NOON = 12
_DAWN = 6


class SaidTime(Struct, frozen=True):
    """A time that was read. ``at`` is UTC; ``rest`` follows it, without the signs between; ``until`` is the
    end of a span as it was written. ``bare``: it is written as a number may be.
    ``relative``: it counts from now.
    """

    at: datetime
    rest: str = ""
    until: str = ""
    bare: bool = False
    relative: bool = False

    @property
    def text(self) -> str:
        """What follows the time, with the end of its span in front."""
        if not self.until:
            return self.rest
        return f"until {self.until}: {self.rest}" if self.rest else ""


class _TimeOfDay(Struct, frozen=True):
    """A time of day that ends at ``end``. ``half``: ``a`` or ``p``, when it says so. ``twelve``: it may be of
    a clock of twelve hours. ``bare``: it is written as a number may be, ``digits``: as four digits.
    ``exact``: it has seconds.
    """

    at: time
    end: int
    half: str
    twelve: bool
    bare: bool
    digits: bool
    exact: bool


class _Stamp(Struct, frozen=True):
    clock: _TimeOfDay
    day: SaidDay | None
    zone: tzinfo | None
    end: int


def read_time(text: str, own: tzinfo, now: datetime, *, slack: timedelta | None = None) -> SaidTime | None:
    """The time that ``text`` begins with and what follows, or None when it does not begin with one.

    Without a zone it is local to ``own``, without a date it is the latest such time that is not later than
    ``now`` and ``slack``; an hour that was there twice is the later of the two. ``slack`` None: what comes is
    meant, so that it is the next such time instead. A written date may lead to a time on the wrong side
    of ``now``. Raises UserError when it can be two times, or when clocks did not show it.
    """
    text = _narrow(text)
    opened, start = _openings(text)
    counted = from_now(text, start, now, coming=slack is None)
    if counted is not None:
        said, end = SaidTime(counted[0], relative=True), counted[1]
    elif read := _absolute(text, start, own, now, slack):
        said, end = read
    else:
        return None
    left, end = _closed(text, end, opened)
    separators = _SEPARATORS.match(text, end)
    return replace(said, rest=left + text[separators.end() if separators else end :].strip())


def _narrow(text: str) -> str:
    """The text with the wide digits and colons at its beginning as plain ones, each in its place."""
    wide = None if text[:LONGEST].isascii() else _WIDE.match(text)
    return f"{wide[0].translate(_NARROW)}{text[wide.end() :]}" if wide else text


def _openings(text: str) -> tuple[list[str], int]:
    """Brackets, bold and ``about`` before a time, and where it begins."""
    opened, start = list[str](), 0
    for _ in range(_MOST_OPENINGS):
        found = _OPENING.match(text, start)
        if found is None:
            break
        start = found.end()
        if not (found["about"] or found[0].isspace() or found[0] in "Tt"):
            opened.append(found[0])
    return opened, start


def _closed(text: str, end: int, opened: list[str]) -> tuple[str, int]:
    """The openings that are not closed behind the time, which belong to the text, and where it begins."""
    while opened:
        separators = _SEPARATORS.match(text, end)
        at = separators.end() if separators else end
        sign = _CLOSING.get(opened[-1], opened[-1])
        at = end if text.startswith(sign, end) else at
        if not text.startswith(sign, at):
            break
        opened, end = opened[:-1], at + len(sign)
    return "".join(opened), end


def _absolute(
    text: str, start: int, own: tzinfo, now: datetime, slack: timedelta | None
) -> tuple[SaidTime, int] | None:
    head = text[: start + LONGEST]
    stamp = _stamp(head, start, own, now)
    if stamp is None:
        return None
    end, until = stamp.end, ""
    span = _SPAN.match(head, end) or ("between" in head[:start].lower() and _AND.match(head, end)) or None
    last = _stamp(head, span.end(), own, now) if span else None
    if span and last and last.clock.bare == stamp.clock.bare:
        until, end = head[span.end() : last.end].strip(), last.end
        stamp = _begun(stamp, last)
    if not until and (not AFTER.match(text, end) or _GOES_ON.match(text, end)):
        return None
    alone = not text[end:].strip(TAIL)
    if stamp.clock.bare and not (alone or stamp.day or stamp.zone or until):
        return _bare(text, stamp, own, now)
    at = _resolved(stamp, own, now, slack)
    bare = stamp.clock.bare and not (stamp.day or stamp.zone)
    return None if at is None else (SaidTime(at, until=until, bare=bare), end)


def _bare(text: str, stamp: _Stamp, own: tzinfo, now: datetime) -> tuple[SaidTime, int] | None:
    """``13.05`` in front of a text: a time of today that has been, unless a unit follows it."""
    if UNIT.match(text, stamp.end):
        return None
    at = _resolved(stamp, own, now, timedelta())
    same = at is not None and at.astimezone(own).date() == now.astimezone(own).date()
    return (SaidTime(at, bare=True), stamp.end) if at is not None and same else None


def _stamp(text: str, start: int, own: tzinfo, now: datetime) -> _Stamp | None:
    """A day and a time in either order, and a zone behind the time or at the end."""
    day = day_at(text[start:])
    at = start
    if day is not None:
        before = _BEFORE_CLOCK.match(text, start + day.end)
        at = before.end() if before else start + day.end
        if at == start + day.end:
            day, at = None, start
    clock = _clock_at(text, at)
    if clock is None and day is not None:
        day, at = None, start
        clock = _clock_at(text, start)
    if clock is None:
        return None
    log = clock.exact or text[at - 1 : at] in ("T", "t")
    zone, end = _zone(text, clock, clock.end, own, now, log=log, day=day)
    if day is None:
        day, end = _day_behind(text, end)
    elif clock.exact and (year := _YEAR.match(text, end)):
        with_year = day_at(day.words + year[0])
        if with_year and with_year.end > day.end:  # Sun Oct 19 13:05:33 2025
            day, end = with_year, year.end()
    if day is not None and zone is None:
        zone, end = _zone(text, clock, end, own, now, log=log, day=day)
    if clock.digits and zone is None and text[end:].strip(TAIL):
        return None
    return _Stamp(clock, day, zone, end)


def _clock_at(text: str, start: int) -> _TimeOfDay | None:
    for pattern in (_CLOCK, _HOUR, _BASIC, _MILITARY):
        found = pattern.match(text, start)
        if found is None:
            continue
        parts = found.groupdict()
        half = (parts.get("half") or "").lower()
        hour, minute, second = (int(parts.get(one) or 0) for one in ("hour", "minute", "second"))
        sign = parts.get("sign")
        end = found.end()
        part = _PART.match(text, end) if pattern is _CLOCK and not half else None
        if part and not (part["midnight"] and hour != _NOON):
            half, end = _half_of(hour, part), part.end()
        if half and not (_fits(hour, half) or (half == "a" and not hour)):
            return None
        if sign == "." and not half and len(parts["hour"]) == 1:
            return None
        if half:
            hour = hour if hour > _NOON else hour % _NOON + (_NOON if half == "p" else 0)
        try:
            of_day = time(hour, minute, second)
        except ValueError:
            return None
        digits = pattern is _MILITARY and not parts["mark"]
        exact = parts.get("second") is not None
        bare = digits or (sign == "." and not half)
        return _TimeOfDay(of_day, end, half, int(parts["hour"]) <= _NOON, bare, digits, exact)
    return None


def _half_of(hour: int, part: re.Match[str]) -> str:
    """The half of the day that the words behind a time say: nights begin in the evening."""
    if part["night"]:
        return "a" if hour < _DAWN or hour == _NOON else "p"
    return "a" if part["midnight"] or part["part"].lower() == "morning" else "p"


def _fits(hour: int, half: str) -> bool:
    """Whether that hour has such a half: ``13:05 PM`` says it twice, ``13:05 AM`` is none."""
    return 1 <= hour <= _NOON or (hour > _NOON and half == "p")


def _zone(
    text: str, clock: _TimeOfDay, end: int, own: tzinfo, now: datetime, *, log: bool, day: SaidDay | None
) -> tuple[tzinfo | None, int]:
    """The zone that stands there. A minus and a later time of day is a span, unless a log's stamp is before
    it: ``13:05-13:20``, but ``13:05:33-07:00``.
    """
    span = _OFFSET_OR_END.match(text, end)
    if span and not log and (int(span[1]), int(span[2])) > (clock.at.hour, clock.at.minute):
        return None, end
    today = now.astimezone(own).date()
    dates = day.dates(today) if day else ()
    when = datetime.combine(dates[0] if dates else today, clock.at)
    found = zone_at(text, end, own, when, dated=day is not None)
    return (found.clock, found.end) if found else (None, end)


def _day_behind(text: str, end: int) -> tuple[SaidDay | None, int]:
    """``yesterday``, ``on Sunday`` or a date behind the time. A mere weekday may be of the text behind it."""
    before = _BEFORE_DAY.match(text, end)
    day = day_at(text[before.end() :]) if before else None
    if before is None or day is None:
        return None, end
    behind = before.end() + day.end
    whole = any(sign.isdigit() for sign in day.words) and _SURE_DAY.search(day.words)
    named = day.words.lower() in ("today", "yesterday", "tomorrow")
    if before["on"] or named or whole or not text[behind:].strip(TAIL):
        return day, behind
    return None, end


def _begun(stamp: _Stamp, last: _Stamp) -> _Stamp:
    """The beginning of a span that says its half of the day, its zone or its date only at its end."""
    clock, at = stamp.clock, stamp.clock.at
    if last.clock.half and not clock.half and clock.twelve:
        both = [at.replace(hour=at.hour % _NOON + hours) for hours in (_NOON, 0)]
        began = next((one for one in both if one <= last.clock.at), both[0])
        clock = replace(clock, at=began, bare=False)
    day = stamp.day or (last.day if clock.at <= last.clock.at else None)
    return replace(stamp, clock=clock, day=day, zone=stamp.zone or last.zone)


def _resolved(stamp: _Stamp, own: tzinfo, now: datetime, slack: timedelta | None) -> datetime | None:
    """The moment that is meant, or None when there is no such day."""
    zone = stamp.zone or own
    today, coming = now.astimezone(zone).date(), slack is None
    day = timedelta(days=1)
    dates: tuple[date, ...]
    if stamp.day is None:
        dates = (today, today + day) if coming else (today + day, today, today - day)
    else:
        dates = stamp.day.dates(today, coming=coming)
    limit = now if slack is None else now + slack
    first = None
    for one in dates:
        local = datetime.combine(one, stamp.clock.at)
        moments = list(_moments(local, zone))
        if not moments and (coming or local.replace(tzinfo=zone) <= limit):
            raise UserError(
                f"{local:%H:%M} did not exist on {one} in {zone}: the clocks were put forward. "
                "Write the time that they showed then."
            )
        fit = [at for at in moments if (at >= limit if coming else at <= limit)]
        if fit:
            return utc(min(fit) if coming else max(fit))
        first = first or (moments[0] if moments else None)
    return None if first is None else utc(first)


def _moments(local: datetime, zone: tzinfo) -> Iterator[datetime]:
    """When clocks in ``zone`` show ``local``: once, twice when they are put back, never when forward."""
    for fold in (0, 1):
        at = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None) == local:
            yield at
