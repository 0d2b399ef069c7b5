"""What was seen of an incident: numbers, known kinds of incidents it looks like, severities that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of one of the runbook's measures, in its unit, and when it was reported (UTC)."""

    measure: str
    value: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Observations:
    """``readings`` in the order in which they were reported; ``suggested``: when a severity, or going back,
    was suggested, by its cause; ``hinted``: the ids of the patterns that it was said to look like;
    ``pattern``: the one that people say it is.
    """

    readings: tuple[Reading, ...] = ()
    suggested: Mapping[str, datetime] = field(default_factory=dict)
    hinted: frozenset[str] = frozenset()
    pattern: str = ""
