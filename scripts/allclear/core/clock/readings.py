"""What the measures of a runbook stand at: what people reported, and what smoke runs read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from allclear.core.policy.deadline import Condition
from allclear.core.record.incident import Incident
from allclear.core.record.observations import Reading

_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,9})?(?:e[+-]\d{1,3})?(?=[ ,])")


def readings(incident: Incident, measure: str) -> tuple[Reading, ...]:
    """Its values of this interval in their order; those of smoke runs as far as they are the newest."""
    reported = [one for one in incident.observed.readings if one.measure == measure]
    found = [one for one in (*reported, *_read_by_smoke(incident, measure)) if _since(incident, one.at)]
    return tuple(sorted(found, key=lambda one: one.at))


def latest(incident: Incident, measure: str) -> Reading | None:
    """What it stands at."""
    return next(iter(reversed(readings(incident, measure))), None)


def reached(incident: Incident, measure: str, least: float) -> datetime | None:
    """Since when it is at least so much, without a break (UTC); None when it is not."""
    since: datetime | None = None
    for one in reversed(readings(incident, measure)):
        if one.value < least:
            break
        since = one.at
    return since


def all_reached(incident: Incident, condition: Condition) -> datetime | None:
    """Since when all that the condition measures is at least so much; None when some of it is not."""
    found = [reached(incident, name, least) for name, least in condition.measured.items()]
    known = [at for at in found if at is not None]
    return max(known) if known and len(known) == len(found) else None


def _since(incident: Incident, at: datetime) -> bool:
    return incident.opened is None or at >= incident.opened


def _read_by_smoke(incident: Incident, measure: str) -> Iterator[Reading]:
    """The worst that the newest smoke runs of the services read."""
    found = [
        Reading(measure, float(number[0]), run.at)
        for run in incident.production.smoke.values()
        for line in run.smoke.lines
        if line.kind == "measure"
        and line.name == measure
        and line.outcome in ("pass", "fail")
        and (number := _NUMBER.match(line.detail))
    ]
    if found:
        worst = max(found, key=lambda one: one.value)
        yield Reading(measure, worst.value, max(one.at for one in found))
