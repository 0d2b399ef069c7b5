"""The smoke runs of the extended monitoring (000-19): when each is due, and what it is called.

The record does not ask for them one by one: they follow from when the fix was applied, so that a run that
passes needs no reply. Who plans and who executes reckon the same list.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from allclear.core.clock.window import window_end
from allclear.core.model.operation import Operation, operation_id
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident, Stage

EXPIRES = timedelta(minutes=30)
"""A smoke run that did not start by then says nothing about now."""

SLACK = timedelta(minutes=2)
"""A run may be started so much early: sweeps come as often as the runs are due, and one that comes a few
seconds before its run would leave that to the next sweep.
"""

MOST = 24
"""Runs of a service that are looked at in one pass, the newest."""


def watched(incident: Incident, settings: Settings) -> tuple[str, ...]:
    """The services a fix is watched on: those hit or rolled back, as far as they have checks, else all that
    have.
    """
    having = [name for name, service in settings.services.items() if service.has_smoke]
    hit = {name.lower() for name in incident.impact.services}
    hit |= {
        one.service.lower()
        for one in incident.production.operations.values()
        if one.interval == incident.interval
    }
    chosen = tuple(name for name in having if name.lower() in hit)
    return chosen or tuple(having)


def scheduled(
    incident: Incident, runbook: Runbook, settings: Settings, repository: int, now: datetime
) -> tuple[Operation, ...]:
    """The runs that were due by ``now`` and are not in the record, oldest first; none outside of the window.

    The first is due with the fix, and each further one ``watching.every`` later; ``asked`` is when it was
    due. ``repository`` is the repository's id.
    """
    found = _scheduled(incident, runbook, settings, repository, now)
    return tuple(sorted(found, key=lambda one: one.asked))


def _scheduled(
    incident: Incident, runbook: Runbook, settings: Settings, repository: int, now: datetime
) -> Iterator[Operation]:
    fixed, end = incident.reached("mitigated"), window_end(incident, runbook)
    if incident.stage != Stage.OPEN or fixed is None or end is None or now > end + EXPIRES:
        return
    every = runbook.watching.every[incident.severity]  # every severity with a window has it
    newest = (min(now + SLACK, end - SLACK) - fixed) // every
    begun = f"{incident.interval}/{fixed:%Y%m%dT%H%M%S}"
    known = incident.production
    for service in watched(incident, settings):
        for count in range(max(0, newest - MOST + 1), newest + 1):
            due = fixed + count * every
            name = operation_id("smoke", repository, incident.number, f"w:smoke:{service}/{begun}/{count}")
            if name not in known.passed and name not in known.operations:
                yield Operation(
                    id=name,
                    kind="smoke",
                    service=service,
                    asked=due,
                    expires=due + EXPIRES,
                    interval=incident.interval,
                )


def is_current(operation: Operation, incident: Incident, runbook: Runbook, now: datetime) -> bool:
    """Whether no later run of its service is due yet."""
    return now + SLACK - operation.asked < runbook.watching.every[incident.severity]


def with_scheduled(
    incident: Incident, runbook: Runbook, settings: Settings, repository: int, now: datetime
) -> Incident:
    """The incident as who executes sees it: what is scheduled may be done as if the record asked for it."""
    due = {one.id: one for one in scheduled(incident, runbook, settings, repository, now)}
    operations = {**incident.production.operations, **due}
    return replace(incident, production=replace(incident.production, operations=operations))
