"""When what a runbook writes is due, worked out anew from the words of the language: `15m`, `3d`, `2h
office`, `5 office days`, `next office day 10:00`, `next maintenance`, and rhythms such as `0m, then 5m`.

Nothing of core.calendar is used. What a clock on the wall of the zone reads is looked up minute by minute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

import holidays

MINUTE = timedelta(minutes=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNITS = {"s": timedelta(seconds=1), "m": MINUTE, "h": timedelta(hours=1)}
DAYS = {"d": 1, "w": 7}


def reading(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall reads then."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=100_000)
def first_reading(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) at which the clock on the wall reads so much or more: a time that is skipped is
    the moment after the gap, a time that comes twice is the first.
    """
    offset = zone.utcoffset(wall) or timedelta()
    moment = wall.replace(tzinfo=UTC) - offset - timedelta(hours=4)
    while reading(moment, zone) < wall:
        moment += MINUTE
    return moment if reading(moment, zone) == wall else moment.replace(second=0)


@dataclass(frozen=True)
class WallClock:
    """The zone of a runbook, and its calendars as they are written."""

    zone: ZoneInfo
    calendars: Mapping[str, Mapping[str, Any]]
    known: dict[tuple[str, datetime, int], datetime] = field(default_factory=dict, compare=False)

    def after(self, text: str, anchor: datetime, times: int = 1) -> datetime:
        """When so much has passed since the anchor, so many times in a row."""
        key = (text, anchor, times)
        if key not in self.known:
            self.known[key] = self._after(text, anchor, times)
        return self.known[key]

    def _after(self, text: str, anchor: datetime, times: int) -> datetime:
        if found := re.fullmatch(r"(next|\d+) ([a-z-]+) days?(?: (\d\d:\d\d))?", text):
            number = times * (1 if found[1] == "next" else int(found[1]))
            day = list(self._open_days(found[2], reading(anchor, self.zone).date(), number))[-1]
            return self._at(day, found[3]) if found[3] else self._hours(found[2], day)[1]
        if found := re.fullmatch(r"next ([a-z-]+)", text):
            for _ in range(times):
                anchor = self._opening(found[1], anchor)
            return anchor
        amount, _, calendar = text.rpartition(" ")
        if calendar in self.calendars:
            return self._open_time(calendar, anchor, _elapsed(amount) * times)
        days = sum(int(n) * DAYS[unit] for n, unit in _parts(text) if unit in DAYS) * times
        if days:
            anchor = first_reading(reading(anchor, self.zone) + timedelta(days=days), self.zone)
        return anchor + _elapsed(text) * times

    def again(self, rhythm: str, anchor: datetime, number: int) -> datetime:
        """When a rhythm speaks for the so manieth time (from 1): its last period is the one that repeats."""
        if " after " in rhythm:
            return next(islice(self._changing(rhythm, anchor), number - 1, None)) if number else anchor
        *once, last = rhythm.split(", then ")
        for period in once[:number]:
            anchor = self.after(period, anchor)
        left = number - len(once)
        return self.after(last, anchor, left) if left > 0 else anchor

    def latest(self, rhythm: str, anchor: datetime, now: datetime) -> int:
        """How often a rhythm has spoken by now."""
        if " after " in rhythm:
            return sum(1 for _ in takewhile(lambda at: at <= now, self._changing(rhythm, anchor)))
        number = 0
        if not set("dw").intersection(unit for _, unit in _parts(rhythm)) and "," not in rhythm:
            number = max(0, (now - anchor) // _elapsed(rhythm) - 1) if _elapsed(rhythm) else 0
        if "office" in rhythm:
            number = 0
        while self.again(rhythm, anchor, number + 1) <= now:
            number += 1
        return number

    def _changing(self, rhythm: str, anchor: datetime) -> Iterator[datetime]:
        """When a rhythm such as `5m, then 20m, then 1h after 2h` speaks: what begins before the change takes
        the old period.
        """
        steps = [part.partition(" after ")[::2] for part in rhythm.split(", then ")]
        at, place, number = anchor, 0, 0
        begin = anchor
        while True:
            following = steps[place + 1][1] if place + 1 < len(steps) else None
            if following and at >= self.after(following, anchor):
                begin, place, number = at, place + 1, 0
            number += 1
            at = self.after(steps[place][0], begin, number)
            yield at
            if following == "":
                begin, place, number = at, place + 1, 0

    def _at(self, day: date, clock: str) -> datetime:
        hour, minute = clock.split(":")
        return first_reading(datetime.combine(day, time(int(hour), int(minute))), self.zone)

    def _hours(self, calendar: str, day: date) -> tuple[datetime, datetime]:
        opens, closes = self.calendars[calendar]["hours"].split("-")
        return self._at(day, opens), self._at(day, closes)

    def _is_open(self, calendar: str, day: date) -> bool:
        written = self.calendars[calendar]
        first, _, last = written["days"].partition("-")
        there = WEEKDAYS.index(first) <= day.weekday() <= WEEKDAYS.index(last or first)
        if "from" in written:
            begin = date.fromisoformat(str(written["from"]))
            begin -= timedelta(days=begin.weekday())
            there = there and (day - begin).days // 7 % int(written["every"].removesuffix("w")) == 0
        if "holidays" in written:
            there = there and day not in holidays.country_holidays(written["holidays"], years=day.year)
        return there

    def _open_days(self, calendar: str, day: date, number: int) -> Iterator[date]:
        """So many open days after this one."""
        while number:
            day += timedelta(days=1)
            if self._is_open(calendar, day):
                number -= 1
                yield day

    def _opening(self, calendar: str, moment: datetime) -> datetime:
        before = reading(moment, self.zone).date() - timedelta(days=1)
        for day in self._open_days(calendar, before, 99):
            if self._hours(calendar, day)[0] > moment:
                return self._hours(calendar, day)[0]
        raise AssertionError(f"{calendar} does not open")

    def _open_time(self, calendar: str, moment: datetime, left: timedelta) -> datetime:
        before = reading(moment, self.zone).date() - timedelta(days=1)
        for day in self._open_days(calendar, before, 99):
            opens, closes = self._hours(calendar, day)
            begin = max(opens, moment)
            if closes - begin >= left:
                return begin + left
            left -= max(closes - begin, timedelta())
        raise AssertionError(f"{calendar} is not open for so long")


def a_third(text: str) -> str:
    """A third of a length, for the reminder: whole office days, at least one."""
    if found := re.fullmatch(r"(\d+) ([a-z-]+) days", text):
        return f"{max(1, int(found[1]) // 3)} {found[2]} days"
    whole = _elapsed(text) + sum(
        (timedelta(days=int(n) * DAYS[u]) for n, u in _parts(text) if u in DAYS), timedelta()
    )
    third = whole / 3
    return f"{third.days}d {third.seconds}s" if third.days else f"{third.seconds}s"


def _parts(text: str) -> list[tuple[str, str]]:
    return re.findall(r"(\d+)(s|m|h|d|w)\b", text)


def _elapsed(text: str) -> timedelta:
    return sum((int(n) * UNITS[unit] for n, unit in _parts(text) if unit in UNITS), timedelta())
