"""What the measures of a runbook stand at, in this interval of the incident."""

from __future__ import annotations

from datetime import datetime

from allclear.core.policy.deadline import Condition
from allclear.core.record.incident import Incident


def latest(incident: Incident, measure: str) -> float | None:
    """What it stands at; None while nobody read it."""
    gauge = incident.observed.gauges.get(measure)
    old = gauge is not None and incident.opened is not None and gauge.at < incident.opened
    return None if gauge is None or old else gauge.value


def reached(incident: Incident, measure: str, least: float) -> datetime | None:
    """Since when it is at least so much, without a break (UTC); None when it is not."""
    return incident.observed.gauges[measure].since(least) if latest(incident, measure) is not None else None


def all_reached(incident: Incident, condition: Condition) -> datetime | None:
    """Since when all that the condition measures is at least so much; None when some of it is not."""
    found = [reached(incident, name, least) for name, least in condition.measured.items()]
    known = [at for at in found if at is not None]
    return max(known) if known and len(known) == len(found) else None
