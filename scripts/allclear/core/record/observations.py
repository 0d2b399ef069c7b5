"""What was seen of an incident: numbers, known kinds of incidents it looks like, severities that follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

MOST_RISES = 32
"""Rises of one measure that are kept, the newest: a measure rarely rises so often without falling."""

MOST_SUGGESTED = 64
"""Suggestions that are remembered, the newest."""


class Rise(Struct, frozen=True):
    """Since ``at`` (UTC) a measure is at least ``value``, without a break."""

    value: float
    at: datetime


class Gauge(Struct, frozen=True):
    """What a measure of the runbook stands at, in its unit, as of ``at`` (UTC). ``rises`` grow, and the last
    is the value. ``services``: what the newest smoke runs read since a person last reported it.
    """

    at: datetime
    rises: tuple[Rise, ...]
    services: Mapping[str, float] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """What it stands at: the worst of the services, when smoke runs read it."""
        return self.rises[-1].value

    def since(self, least: float) -> datetime | None:
        """Since when it is at least so much (UTC); None when it is not."""
        return next((rise.at for rise in self.rises if rise.value >= least), None)


def read(gauge: Gauge | None, value: float, at: datetime, service: str = "") -> Gauge:
    """The gauge after one more reading, by a person or, with a ``service``, by its smoke run."""
    services = (
        {**gauge.services, service: value} if gauge and service else {service: value} if service else {}
    )
    stands = max(services.values(), default=value)
    before = gauge.rises if gauge else ()
    kept = tuple(rise for rise in before if rise.value < stands)
    since = before[len(kept)].at if len(kept) < len(before) else at
    return Gauge(at, (*kept, Rise(stands, since))[-MOST_RISES:], services)


class Observations(Struct, frozen=True):
    """``gauges`` by measure; ``suggested``: when a severity, or going back, was suggested, by its cause;
    ``hinted``: the ids of the patterns that it was said to look like; ``pattern``: the one that people say it
    is.
    """

    gauges: Mapping[str, Gauge] = field(default_factory=dict)
    suggested: Mapping[str, datetime] = field(default_factory=dict)
    hinted: frozenset[str] = frozenset()
    pattern: str = ""
