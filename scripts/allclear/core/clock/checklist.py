"""Checklists: which are open, what they ask for, and what of it is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from allclear.core.clock.condition import holding
from allclear.core.clock.done import seen_at
from allclear.core.model.operation import Operation
from allclear.core.model.people import Person
from allclear.core.policy.checklists import Checklist, Step, milestone
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident, SmokeRun


class Item(Struct, frozen=True):
    """A step with its state. ``by`` None and ``done``: the engine saw it for itself. ``without``: why it was
    ticked although the record does not have what it stands for, or why nobody will do it (``dropped``).
    """

    step: Step
    done: bool
    by: Person | None = None
    at: datetime | None = None
    without: str = ""
    dropped: bool = False

    @property
    def verified(self) -> bool:
        """Whether the engine ticked it, not a person."""
        return self.done and self.by is None

    @property
    def by_hand(self) -> bool:
        """Whether a person ticked what the engine looks for in the record and did not find there."""
        return self.done and self.by is not None and self.step.done is not None


class AskedList(Struct, frozen=True):
    """A list that is for the incident as it stands, with the steps that it asks for. ``since``: when it
    opened; None: it has yet to.
    """

    checklist: Checklist
    since: datetime | None
    items: tuple[Item, ...]

    @property
    def left(self) -> tuple[Item, ...]:
        """What is not done and not optional."""
        return tuple(item for item in self.items if not (item.done or item.step.optional))


def failing(incident: Incident) -> tuple[tuple[str, SmokeRun], ...]:
    """The services whose newest smoke run failed, with that run."""
    return tuple((name, run) for name, run in incident.production.smoke.items() if not run.smoke.passed)


def unconfirmed(operation: Operation, incident: Incident, runbook: Runbook) -> str:
    """Why it is not known that what was done is what runs: one raw line, empty when it is known.

    A smoke run of the service that passes afterwards settles it, and so does whoever ticks the step that
    smoke runs tick.
    """
    if operation.outcome != "done" or operation.dry_run or operation.ended is None:
        return ""
    run = incident.production.smoke.get(operation.service)
    seen = [run.at] if run is not None and run.smoke.passed else []
    steps = [step.id for step in runbook.boxes if step.smoke]
    seen += [incident.progress.ticks[step].at for step in steps if step in incident.progress.ticks]
    return "" if any(at >= operation.ended for at in seen) else operation.unverified


def checklist(incident: Incident, runbook: Runbook, now: datetime | None = None) -> tuple[Item, ...]:
    """Every step of every list with its state, in the runbook's order. ``now``: as of then, else as of the
    newest entry.
    """
    return tuple(item for one in runbook.lists for item in _items(one, incident, runbook, now))


def _items(one: Checklist, incident: Incident, runbook: Runbook, now: datetime | None) -> Iterator[Item]:
    since = opened_at(one, incident)
    for step in one.steps:
        tick = incident.progress.ticks.get(step.id)
        seen = seen_at(incident, step, runbook, now, since)
        # A failing smoke run counts for more than somebody's word that all is well.
        refuted = step.smoke and bool(failing(incident))
        if seen is not None:
            yield Item(step, done=True, at=seen)
        elif tick is not None and not refuted:
            yield Item(step, done=True, by=tick.by, at=tick.at, without=tick.without, dropped=tick.dropped)
        else:
            yield Item(step, done=False)


def open_steps(incident: Incident, runbook: Runbook, now: datetime) -> list[str]:
    """The ids of the steps that people see: of the open lists what is left."""
    there = (one for one in asked_lists(incident, runbook, now) if one.since is not None)
    return [item.step.id for one in there for item in one.items if not item.done]


def left_of(name: str, incident: Incident, runbook: Runbook) -> tuple[Item, ...]:
    """What is left to do of the list of that id; nothing where it is not for the incident as it stands."""
    return next((one.left for one in asked_lists(incident, runbook) if one.checklist.id == name), ())


def opened_at(one: Checklist, incident: Incident) -> datetime | None:
    """When the list opened in this interval: at its moment, and not before its condition came true; None
    while it is not there.
    """
    opened, begun = incident.opened, holding(incident, one.when)
    at = opened if one.opens == "declared" else incident.reached(milestone(one.opens))
    if incident.severity not in one.levels or opened is None or at is None or not begun:
        return None
    return max(at, opened, min(since for _, since in begun))


def _asked(step: Step, incident: Incident) -> bool:
    """Whether this incident asks for the step: for its severity, while its condition holds."""
    return incident.severity in step.levels and bool(holding(incident, step.when))


def asked_lists(incident: Incident, runbook: Runbook, now: datetime | None = None) -> tuple[AskedList, ...]:
    """The lists that are for this severity and whose condition holds, open or not, in the runbook's order,
    with the steps that are.
    """
    found = []
    for one in runbook.lists:
        if incident.severity in one.levels and holding(incident, one.when):
            every = _items(one, incident, runbook, now)
            items = tuple(item for item in every if _asked(item.step, incident))
            found.append(AskedList(one, opened_at(one, incident), items))
    return tuple(one for one in found if one.items)
