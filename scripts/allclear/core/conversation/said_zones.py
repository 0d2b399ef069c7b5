"""Zones as people write them behind a time: ``UTC``, ``CEST``, ``+0200``, ``UTC+2``, ``Europe/Berlin``.

An abbreviation that several zones share is asked about, unless the team's own zone is one of them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from msgspec import Struct

from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.times import zone

_NAMES: dict[float, str] = {
    0: "UTC GMT WET",
    1: "WEST BST CET MET MEZ",
    2: "CEST MESZ EET SAST",
    3: "EEST MSK",
    5: "PKT",
    5.75: "NPT",
    8: "SGT HKT AWST",
    9: "JST KST",
    9.5: "ACST",
    10: "AEST",
    10.5: "ACDT",
    11: "AEDT",
    12: "NZST",
    13: "NZDT",
    -2.5: "NDT",
    -3: "BRT ADT",
    -4: "EDT",
    -5: "EST CDT",
    -6: "MDT",
    -7: "MST PDT",
    -8: "PST AKDT",
    -9: "AKST",
    -10: "HST",
}
"""By hours east of Greenwich. From the abbreviations of the tz database
(https://data.iana.org/time-zones/theory.html#abbreviations), and the German ones.
"""
_HOURS = {name: hours for hours, names in _NAMES.items() for name in names.split()}
_PLACES = {"ET": "New_York", "CT": "Chicago", "MT": "Denver", "PT": "Los_Angeles"}
_AMERICAN = {"eastern": "ET", "central": "CT", "mountain": "MT", "pacific": "PT"}
_SHARED = {"IST": ("+05:30", "+01:00", "+02:00"), "CST": ("-06:00", "+08:00"), "AST": ("-04:00", "+03:00")}
_ALSO_WORDS = frozenset({"MET", "WET", "WEST", "MSK", "CT", "MT"})
"""Behind a time these are a zone at the end of a text; in front of more text they may be a word of it."""
_ALSO_SMALL_WORDS = _ALSO_WORDS | _SHARED.keys() | _PLACES.keys()
"""In small letters these are words (``13:05 ist``, ``13:05 met with ops``)."""

_OFFSET = r"[+\u2212-](?P<hours>\d{2})(?P<colon>:)?(?P<minutes>\d{2})?(?![\d:.])"
_ATTACHED = lazy_regex(_OFFSET, re.ASCII)
_APART = lazy_regex(
    r"[ \t][+\u2212-](?P<hours>\d{2}|\d(?!\d))(?P<colon>:)?(?P<minutes>\d{2})?(?![\d:.])", re.ASCII
)
_SIGN_APART = lazy_regex(
    r"[ \t]{1,3}(?P<sign>[+\u2212-])[ \t]{0,3}(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?![\w:.%-])",
    re.ASCII,
)
_UNIVERSAL = lazy_regex(
    r"[ \t]?(?P<name>UTC|GMT)(?:(?P<sign>[+\u2212-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?"
    r"(?!\w)",
    re.IGNORECASE | re.ASCII,
)
_ZULU = lazy_regex(r"[zZ]\b|[ \t]Z\b", re.ASCII)
_WORD = lazy_regex(
    r"[ \t]?(?P<name>[A-Za-z][A-Za-z_]{0,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2})(?![\w/])", re.ASCII
)
_SPELT = lazy_regex(
    r"[ \t]?(?P<name>eastern|central|mountain|pacific|local)(?: standard| daylight)? time\b",
    re.IGNORECASE,
)
_AREAS = {"africa", "america", "antarctica", "asia", "atlantic", "australia"} | {
    *("europe", "indian", "pacific", "etc", "us")
}
_CITY = lazy_regex(r"[ \t]?(?P<city>[A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?) time\b")
_CONTINENTS = ("Europe", "America", "Asia", "Australia", "Africa", "Pacific")
_BRACKET = lazy_regex(r"[ \t]?[(\[](?P<inside>[^()\[\]\n]{1,40})[)\]]")
_TAIL = " \t.,)]*_`"
_QUARTER = 15
_WESTMOST, _EASTMOST = -12 * 60, 14 * 60


class SaidZone(Struct, frozen=True):
    """A zone that stands in a text until ``end``."""

    clock: tzinfo
    end: int


def zone_at(text: str, start: int, own: tzinfo, day: datetime, *, dated: bool) -> SaidZone | None:
    """The zone behind the time that ends at ``start``, or None when none stands there.

    ``own`` is the team's zone, whose abbreviations around ``day`` are what they are there. ``dated``: a date
    was said too, so that ``+1000`` behind a blank is an offset and no number. Raises UserError for a name
    that several zones share, or that none has.
    """
    bracket = _BRACKET.match(text, start)
    if bracket is None:
        return _zone_at(text, start, own, day, dated=dated)
    # Nothing but a zone stands in brackets there, so that a number in them is an offset.
    inside = _zone_at(f" {bracket['inside']}", 0, own, day, dated=True)
    alone = inside is not None and inside.end == len(bracket["inside"]) + 1
    return SaidZone(inside.clock, bracket.end()) if inside and alone else None


def _zone_at(text: str, start: int, own: tzinfo, day: datetime, *, dated: bool) -> SaidZone | None:
    if found := _ZULU.match(text, start):
        return SaidZone(UTC, found.end())
    if found := _UNIVERSAL.match(text, start):
        return _universal(found, text)
    if found := _ATTACHED.match(text, start):
        return _offset(found, sure=dated or found["minutes"] is not None)
    if found := _APART.match(text, start):
        sure = dated or not text[found.end() :].strip(_TAIL) or found[0].strip() in _own_names(own, day)
        return _offset(found, sure=sure)
    if spelt := _spelt(text, start, own, day):
        return spelt
    found = _WORD.match(text, start)
    if found is None:
        return None
    if "/" in found["name"]:
        return _place(found)
    last = not text[found.end() :].strip(_TAIL)
    clock = _abbreviated(found["name"], own, day, last=last)
    return None if clock is None else SaidZone(clock, found.end())


def _fixed(minutes: int) -> tzinfo | None:
    """That many minutes east, when clocks are set so anywhere."""
    if minutes % _QUARTER or not _WESTMOST <= minutes <= _EASTMOST:
        return None
    return timezone(timedelta(minutes=minutes))


def _minutes(found: re.Match[str], sign: str) -> int:
    return (1 if sign == "+" else -1) * (int(found["hours"]) * 60 + int(found["minutes"] or 0))


def _universal(found: re.Match[str], text: str) -> SaidZone:
    """``UTC``, ``UTC+2``, and ``UTC +2`` where nothing follows. Raises UserError where what stands apart can
    be a number too.
    """
    if found["sign"] is None:
        apart = _SIGN_APART.match(text, found.end())
        clock = _fixed(_minutes(apart, apart["sign"])) if apart else None
        if apart is None or clock is None:
            return SaidZone(UTC, found.end())
        if not text[apart.end() :].strip(_TAIL):
            return SaidZone(clock, apart.end())
        if apart["sign"] != "+":
            return SaidZone(UTC, found.end())
        raise UserError(
            f"{code(f'{found[0]}{apart[0]}'.strip())} can be an offset or a number. Write "
            f"{code(f'{found[0].strip()}{apart[0]}'.replace(' ', ''))} for the offset, or a colon behind "
            f"{code(found['name'])} for the number."
        )
    clock = _fixed(_minutes(found, found["sign"]))
    # No clock is so far off: ``13:05 UTC-13:20 UTC`` is a span.
    return SaidZone(clock, found.end()) if clock else SaidZone(UTC, found.end("name"))


def _offset(found: re.Match[str], *, sure: bool) -> SaidZone | None:
    written = found[0].strip()
    clock = _fixed(_minutes(found, written[0]))
    if clock is None:
        return None
    sure = sure or bool(found["colon"]) or found["hours"].startswith("0")
    if not sure and found["minutes"]:
        raise UserError(
            f"{code(written)} can be an offset or a number. Write `UTC{written[0]}{found['hours']}:"
            f"{found['minutes']}` for the offset, or a colon behind the time for the number."
        )
    return SaidZone(clock, found.end()) if sure else None


def _spelt(text: str, start: int, own: tzinfo, day: datetime) -> SaidZone | None:
    """``Pacific time``, ``Berlin time``, and ``local time``, which is the team's. A team at UTC may be
    anywhere, so that its local time is not known.
    """
    if found := _SPELT.match(text, start):
        name = found["name"].lower()
        if name != "local":
            return SaidZone(zone(f"America/{_PLACES[_AMERICAN[name]]}"), found.end())
        return SaidZone(own, found.end()) if _own_names(own, day).keys() != {"UTC"} else None
    if (found := _CITY.match(text, start)) and (clock := _of_city(found["city"])):
        return SaidZone(clock, found.end())
    return None


def _of_city(city: str) -> tzinfo | None:
    """The zone that is called after a city, as in ``Berlin time``."""
    for continent in _CONTINENTS:
        try:
            return zone(f"{continent}/{city.replace(' ', '_')}")
        except ValueError:
            continue
    return None


def _place(found: re.Match[str]) -> SaidZone | None:
    name = found["name"]
    area, _, city = name.partition("/")
    if area.lower() not in _AREAS:
        return None
    for spelling in (name, f"{area.title()}/{city.title()}", name.upper()):
        try:
            return SaidZone(zone(spelling), found.end())
        except ValueError:
            continue
    if area.lower() == "us":
        return None  # The EU is no zone.
    raise UserError(
        f"{code(name, 60)} is not an IANA time zone; write one such as `Europe/Berlin`, or an offset."
    )


def _abbreviated(name: str, own: tzinfo, day: datetime, *, last: bool) -> tzinfo | None:
    upper = name.upper()
    if name != upper and upper in _ALSO_SMALL_WORDS and not last:
        return None
    offset = _own_names(own, day).get(upper)
    if offset is not None:
        return timezone(offset)
    if upper in _SHARED:
        shown = " or ".join(f"`{one}`" for one in _SHARED[upper])
        raise UserError(
            f"{code(name)} is the name of several zones. Write the offset behind the time: {shown}."
        )
    if upper in _ALSO_WORDS and not last:
        raise UserError(
            f"{code(name)} can be a zone or a word. Write an offset behind the time for the zone, or a colon "
            "for the word."
        )
    if upper in _PLACES:
        return zone(f"America/{_PLACES[upper]}")
    return None if upper not in _HOURS else timezone(timedelta(hours=_HOURS[upper]))


def _own_names(own: tzinfo, day: datetime) -> dict[str, timedelta]:
    """What the team's zone calls itself in winter, in summer and on that day, with the offset of each."""
    days = [day.replace(month=1, day=1), day.replace(month=7, day=1), day, day.replace(fold=1)]
    names = {}
    for one in days:
        local = one.replace(tzinfo=own)
        names[(local.tzname() or "").upper()] = local.utcoffset() or timedelta()
    return names
