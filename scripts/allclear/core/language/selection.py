"""Which severities something is for, and values that differ by severity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from msgspec import Struct

Value = TypeVar("Value")

ALL = "all"
MAJOR = "major"
MINOR = "minor"
WORST = "worst"
"""The first severity, for texts that know no runbook."""
NONE: Final = "none"
"""Not at all, also where there is a default."""

RESERVED = frozenset({ALL, MAJOR, MINOR, WORST, NONE})
"""What no severity may be called."""

MAJOR_LEVELS = 2
"""How many severities are major: the two worst."""


def by_severity(value: Any) -> Any:
    """A single value stands for all severities."""
    return value if isinstance(value, dict) else {ALL: value}


class Levels(Struct, frozen=True):
    """The ids of a runbook's severities, the worst first."""

    ids: tuple[str, ...]

    def members(self, name: str) -> tuple[str, ...]:
        """The severities that ``name`` stands for: an id, a class or ``all``. Raises KeyError for another."""
        groups = {
            ALL: self.ids,
            MAJOR: self.ids[:MAJOR_LEVELS],
            MINOR: self.ids[MAJOR_LEVELS:],
            WORST: self.ids[:1],
        }
        if name in groups:
            return groups[name]
        if name not in self.ids:
            raise KeyError(name)
        return (name,)

    def selected(self, names: Iterable[str]) -> tuple[str, ...]:
        """The severities that these names stand for, the worst first. Raises KeyError for an unknown name."""
        wanted = {level for name in names for level in self.members(name)}
        return tuple(level for level in self.ids if level in wanted)

    def chosen(self, values: Mapping[str, Value], level: str) -> Value | None:
        """The value of one severity: its own, else its class', else that of all; None where nobody named it,
        and for ``none``.
        """
        group = MAJOR if level in self.ids[:MAJOR_LEVELS] else MINOR
        for name in (level, *([WORST] if level == self.ids[0] else []), group, ALL):
            if name in values:
                value = values[name]
                return None if value == NONE else value
        return None

    def spread(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values by the ids of the severities that have one, the worst first."""
        found = ((level, self.chosen(values, level)) for level in self.ids)
        return {level: value for level, value in found if value is not None}
