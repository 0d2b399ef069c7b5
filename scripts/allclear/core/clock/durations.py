"""How long things took: the figures of a post-mortem (002-23)."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from allclear.core.model.times import whole_minutes
from allclear.core.record.incident import Incident


class Durations(Struct, frozen=True):
    """Each is None while one of its two ends is not recorded.

    detection runs from started to detected, acknowledgement from declared to acknowledged, mitigation from
    started to mitigated, resolution from started to resolved.
    """

    detection: timedelta | None
    acknowledgement: timedelta | None
    mitigation: timedelta | None
    resolution: timedelta | None


def durations(incident: Incident) -> Durations:
    """The durations of an incident. After a reopening the acknowledgement is the last interval's own.

    A milestone that was corrected to before its anchor counts as zero: somebody was quicker than the record.
    """
    started = incident.reached("started")
    return Durations(
        detection=_between(started, incident.reached("detected")),
        acknowledgement=_between(incident.opened, incident.reached("acknowledged")),
        mitigation=_between(started, incident.reached("mitigated")),
        resolution=_between(started, incident.reached("resolved")),
    )


def minutes(span: timedelta | None) -> int | None:
    """Whole minutes, cut as everywhere (`whole_minutes`); None stays None."""
    return None if span is None else whole_minutes(span)


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    if start is None or end is None:
        return None
    return max(end - start, timedelta())
