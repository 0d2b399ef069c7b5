"""Lengths of time by severity, with the numbers that stand there by their names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct

from allclear.core.calendar.period import NumberName, OfficeDays, OfficeHours, Period, Span
from allclear.core.language.document import RunbookFile
from allclear.core.language.numbers import Numbers, numbers_of
from allclear.core.language.selection import Levels


class Limits(Struct, frozen=True):
    """The numbers of a runbook's severities: its own, and the engine's where it says nothing."""

    file: RunbookFile
    levels: Levels
    numbers: Numbers

    def number(self, name: NumberName, level: str) -> Period | None:
        """The severity's number of that name; None when it has none."""
        return numbers_of(self.file, level, self.numbers).period(name)

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
        found = {level: numbers_of(self.file, level, self.numbers).silence for level in self.levels.ids}
        return {level: limit for level, limit in found.items() if limit is not None}


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


def _period(value: Period | NumberName | str | None) -> Period | None:
    return value if isinstance(value, Period) else None
