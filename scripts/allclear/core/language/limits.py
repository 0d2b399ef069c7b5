"""Lengths of time by severity, with the numbers that stand there by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from allclear.core.calendar.period import NumberName, OfficeDays, OfficeHours, Period, Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.document import RunbookFile
from allclear.core.language.numbers import Numbers
from allclear.core.language.selection import Levels


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of a runbook's severities: its own, and the engine's where it says nothing."""

    file: RunbookFile
    levels: Levels
    numbers: Numbers

    def number(self, name: NumberName, level: str) -> Period | None:
        """The severity's number of that name; None when it has none."""
        one = self.file.severities[level]
        match name:
            case NumberName.RESPONSE:
                return one.response
            case NumberName.UPDATE:
                return _first(one.update) if isinstance(one.update, Rhythm) else None
            case NumberName.WATCH:
                way = one.watch.fix_forward if one.watch else self.levels.chosen(self.numbers.watch, level)
                return _period(way)
            case NumberName.EVIDENCE:
                return _period(one.evidence)
            case _:
                written = one.review
                return _period(written) if written is not None else self._review(level)

    def _review(self, level: str) -> Period | None:
        """The engine's: in office days, or in as many days where the runbook has no such calendar."""
        default = _period(self.levels.chosen(self.numbers.review, level))
        if isinstance(default, OfficeDays) and default.calendar not in self.file.calendars:
            return Span(days=default.number)
        return default

    def spread(self, values: Mapping[str, Period | NumberName | str]) -> dict[str, Period]:
        """The values by the ids of the severities that have one, numbers by name read."""
        found = dict[str, Period]()
        for level, value in self.levels.spread(values).items():
            limit = self.number(value, level) if isinstance(value, NumberName) else _period(value)
            if limit is not None:
                found[level] = limit
        return found

    def numbered(self, name: NumberName) -> dict[str, Period]:
        """That number of every severity that has one."""
        found = {level: self.number(name, level) for level in self.levels.ids}
        return {level: limit for level, limit in found.items() if limit is not None}

    @property
    def silence(self) -> dict[str, Period]:
        """How long no person may say anything, by severity."""
        default = {level: self.levels.chosen(self.numbers.silence, level) for level in self.levels.ids}
        own = {level: one.silence for level, one in self.file.severities.items() if one.silence is not None}
        return {level: limit for level, one in (default | own).items() if (limit := _period(one)) is not None}


def a_third(period: Period) -> Period | None:
    """A third of it, at least one office day; None where it is no length."""
    match period:
        case Span():
            whole = period.elapse + timedelta(days=period.days) + timedelta(days=30 * period.months)
            days, rest = divmod(whole / 3, timedelta(days=1))
            return Span(timedelta(seconds=int(rest.total_seconds())), days)
        case OfficeHours():
            return OfficeHours(period.elapse / 3, period.calendar)
        case OfficeDays():
            return OfficeDays(max(1, period.number // 3), period.calendar) if period.number > 1 else None
        case _:
            return None


def _first(rhythm: Rhythm) -> Period | None:
    """The first length of a rhythm that is one."""
    return next((step.period for step in rhythm.steps if not step.period.empty), None)


def _period(value: Period | NumberName | str | None) -> Period | None:
    return value if isinstance(value, Period) else None
