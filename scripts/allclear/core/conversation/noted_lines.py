"""The lines of a /note as people paste them: lists, tables, chats and logs, each note on its own line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import groupby, pairwise

from msgspec import Struct

from allclear.core.conversation.said_days import day_at
from allclear.core.conversation.said_times import UNIT, SaidTime, read_time
from allclear.core.conversation.said_zones import zone_at
from allclear.core.model.errors import UserError
from allclear.core.model.patterns import lazy_regex

LONGEST_ENDING = 80
"""Characters at the end of a line that may be its time."""

LONGEST_SHOWN = 40
"""Characters of a line's beginning that are shown as what was not read."""

_BULLET = lazy_regex(r"[-*+\u2022]\s{1,3}(?:\[[ xX]\]\s{1,3})?")
_NUMBER = lazy_regex(r"\d{1,3}[.)]\s{1,3}(?=\S)")
_RULE = lazy_regex(r"[\s:|-]{3,400}$")
_CHAT = lazy_regex(r"(?P<who>\S.{0,60}?)\s{2,4}(?P<time>[\[(]?\d.{2,30})$")
_HEAD = lazy_regex(r"(?:time|when|at|clock)?\s{0,3}[(\[]?(?P<zone>[^)\]]{0,40})[)\]]?$", re.IGNORECASE)
_CLOCK = lazy_regex(
    r"\d{1,2}[:h]\d{2}(?!\d)\S{0,10}|(?:[01]\d|2[0-3])[-;][0-5]\d(?=\s(?!\d))|12 (?:noon|midnight)\b"
    r"|\d{1,2}-\d{1,2}\s?[ap]\.?m\b|\d{1,2}\s?[\u6642\u65f6\uc2dc]"
    r"|(?:[01]\d|2[0-3])\.[0-5]\d(?![\d.])|\d{1,2}\s?(?:[ap]\.?m\b|uhr\b|o'clock)",
    re.IGNORECASE,
)
_CLOCK_OR_AGO = lazy_regex(r"\d:\d\d|\d\s?[ap]m|\bago\b|\d\dh\d\d", re.IGNORECASE)
_AT = lazy_regex(r"^(?:at|@|on|about|around|since)\s{1,9}", re.IGNORECASE)
_AROUND = " \t.,;()[]*_`"
_LATELY = timedelta(hours=12)
"""A time of day longer ago may be the next one: a meeting at 18:00."""
_DIGITS = lazy_regex(r"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?=\s(?P<next>[A-Za-z]\w{0,30}))")
_WORDS = lazy_regex(
    r"\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?,? \d{1,2}[:.]\d{2}(?!\d)|[A-Z]{2,5} \d{1,2}:\d{2}(?!\d)"
    r"|(?:local|server|our|my|their) time:? \d{1,2}:\d{2}(?!\d)"
    r"|(?:(?:this|last|yesterday) (?:morning|afternoon|evening|night)|noon|midnight|half past|quarter past"
    r"|quarter to|(?:\w{1,10} ){1,3}ago|yesterday)(?![\w'-])",
    re.IGNORECASE,
)


class NotedLine(Struct, frozen=True):
    """One note, without the marks of its list. ``zone``: what a table's head names, else the team's."""

    text: str
    zone: tzinfo


def noted_lines(text: str, own: tzinfo, now: datetime) -> list[NotedLine]:
    """The notes in ``text``, a time at the end of a line moved to its start. ``own``: the team's zone.

    Raises UserError when the head of a table names a zone that can be several.
    """
    lines = [line for raw in text.split("\n") if (line := raw.strip())]
    numbered = len(lines) > 1 and all(_NUMBER.match(line) for line in lines)
    found = []
    for line, zone in _rows(_unfolded(lines, own, now), own, now):
        plain = line[bullet.end() :] if (bullet := _BULLET.match(line)) else line
        number = _NUMBER.match(plain)
        if number and not _read(plain, zone, now):
            behind = plain[number.end() :]
            plain = behind if numbered or _read(behind, zone, now) else plain
        found.append(NotedLine(_time_first(plain, zone, now), zone))
    return [one for one in found if one.text]


def time_like(line: str) -> str:
    """The beginning of a line that was not read as a time, when it looks like a time or a date; else empty.
    A number of something (``1305 users``) does not.
    """
    text = line.lstrip("*_`([\"'~@ ")
    digits = _DIGITS.match(text)
    if digits:
        number = digits["next"].endswith("s") or UNIT.match(text, digits.end())
        return "" if number else digits[0]
    clock = _CLOCK.match(text)
    if clock and (":" in clock[0] or not UNIT.match(text, clock.end())):
        return clock[0].rstrip(".,:;-*_`)]")
    if words := _WORDS.match(text):
        return words[0][:LONGEST_SHOWN]
    day = day_at(text)
    return day.words if day and re.search(r"\d", day.words) and _dated(day.words) else ""


MOST_ENDING = 6
"""Words of a time at the end of a line."""


def time_at_end(line: str, zone: tzinfo, now: datetime) -> str:
    """The time that a line ends with, as it is written: ``13:05 UTC`` of ``restarted at 13:05 UTC``. Empty
    where there is none, and where it may be one that is to come.
    """
    begin = max(0, len(line) - LONGEST_ENDING)
    for word in list(re.finditer(r"\S+", line[begin:]))[-MOST_ENDING:]:
        words = line[begin + word.start() :]
        found = _read(words, zone, now)
        if begin + word.start() and found and not (found.text or found.bare) and _CLOCK_OR_AGO.search(words):
            words = _AT.sub("", words.strip(_AROUND), count=1)
            return words if found.relative or now - found.at < _LATELY or day_at(words) else ""
    return ""


def _dated(words: str) -> bool:
    """Whether it can hardly be anything but a date: it has a year, or a month's name."""
    return re.search(r"\d{4}|[a-z]{3}", words, re.IGNORECASE) is not None


def _read(text: str, zone: tzinfo, now: datetime) -> SaidTime | None:
    """The time it begins with. One that can be two times counts too: the person will be asked."""
    try:
        return read_time(text, zone, now, slack=timedelta())
    except UserError:
        return SaidTime(now, "")


def _is_time(text: str, zone: tzinfo, now: datetime) -> bool:
    """Whether ``text`` is a time and nothing else, and no number."""
    found = _read(text, zone, now)
    return found is not None and not found.rest and not found.bare


def _time_first(line: str, zone: tzinfo, now: datetime) -> str:
    """``restarted | 13:05`` with its time first."""
    said, bar, behind = line.rpartition("|")
    if bar and said.strip() and _is_time(behind.strip(), zone, now) and not _read(line, zone, now):
        return f"{behind.strip()} | {said.strip()}"
    return line


def _unfolded(lines: list[str], own: tzinfo, now: datetime) -> Iterator[str]:
    """Lines of a chat with the name and the time that stand above them: ``bob  1:05 PM``. Where no other line
    follows, these are a column.
    """
    head = ""
    for line, following in pairwise([*lines, ""]):
        found = _CHAT.match(line)
        if found is None or not _is_time(found["time"], own, now) or _read(line, own, now):
            yield head + line
        elif following and not _CHAT.match(following):
            head = f"{found['time']} | {found['who']}: "
        else:
            yield f"{found['time']} | {found['who']}"


def _rows(lines: Iterable[str], own: tzinfo, now: datetime) -> Iterator[tuple[str, tzinfo]]:
    """Rows of tables as lines, without their heads, whose zone counts for them."""
    for barred, group in groupby(lines, lambda line: "|" in line):
        block, zone = list(group), own
        if barred and len(block) > 1 and _RULE.match(block[1]):
            zone, block = _zone_of(block[0], own, now), block[2:]
        yield from ((_row(line) if barred else line, zone) for line in block)


def _row(line: str) -> str:
    """The cells of a row behind one another, a date and its time as one."""
    if not (line.startswith("|") and line.endswith("|")):
        return line
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    day = day_at(cells[0])
    if day and day.end == len(cells[0]):
        cells = [" ".join(cells[:2]), *cells[2:]]
    return " | ".join(cell for cell in cells if cell)


def _zone_of(head: str, own: tzinfo, now: datetime) -> tzinfo:
    """The zone that a cell of a table's head names, as ``Time (UTC)`` does."""
    for cell in head.strip("|").split("|"):
        named = _HEAD.match(cell.strip())
        words = named["zone"].strip() if named else ""
        zone = zone_at(words, 0, own, now.astimezone(own).replace(tzinfo=None), dated=True)
        if zone and zone.end == len(words):
            return zone.clock
    return own
