"""What facts about operations make of an incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from allclear.core.model.frozen import fields_of
from allclear.core.model.operation import Ending, Operation, OperationRequest, OperationState, Outcome
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Hotfix, Incident, SmokeRun, TimelineLine
from allclear.core.record.operation_facts import (
    HotfixAsked,
    HotfixFact,
    HotfixMerged,
    HotfixOpened,
    OperationApproved,
    OperationAsked,
    OperationEnded,
    OperationFact,
    OperationStarted,
)

ENDINGS: dict[Ending, str] = {
    "done": "Done",
    "failed": "Failed",
    "refused": "Refused",
    "unknown": "Outcome unknown",
    "expired": "Expired",
    "cancelled": "Cancelled",
}


def apply_operation(incident: Incident, entry: Entry, fact: OperationFact) -> Incident:
    """The incident after one more fact about an operation. One that nobody asked for is left alone."""
    if isinstance(fact, OperationAsked):
        return _tell(_keep(incident, _asked(incident, entry, fact)), entry, _asks(fact), fact.why)
    operation = incident.operations.get(fact.op)
    if operation is None or not (operation.open or _belated(operation, fact)):
        return incident
    match fact:
        case OperationApproved():
            approved = operation.model_copy(update={"state": "ready", "approved_by": entry.by})
            return _tell(_keep(incident, approved), entry, f"Approved: {operation.title}")
        case OperationStarted():
            state: OperationState = "waiting" if fact.waiting else "running"
            begun = {"state": state, "run": fact.run, "url": fact.url}
            return _keep(incident, operation.model_copy(update=begun))
        case OperationEnded():
            return _ended(incident, entry, operation, fact)
        case _:
            assert_never(fact)


def _belated(operation: Operation, fact: OperationFact) -> bool:
    """Whether it was called off too late: what it did then is what counts."""
    too_late = isinstance(fact, OperationEnded) and fact.outcome in ("done", "failed", "unknown")
    return too_late and operation.outcome in ("cancelled", "expired")


def _asked(incident: Incident, entry: Entry, fact: OperationAsked) -> Operation:
    return Operation(
        id=fact.op,
        asked=entry.at,
        by=entry.by,
        interval=incident.interval,
        state="asked" if fact.approval == "second-person" else "ready",
        **fields_of(OperationRequest, fact),
    )


def _asks(fact: OperationAsked) -> str:
    kind = fact.name if fact.kind == "action" else fact.kind.capitalize()
    of = f" of {fact.service}" if fact.service else ""
    to = f" to {fact.release or fact.target}" if fact.release or fact.target else ""
    return f"{'Dry run: ' if fact.dry_run else ''}{kind}{of}{to} asked for"


def _ended(incident: Incident, entry: Entry, operation: Operation, fact: OperationEnded) -> Incident:
    ended = operation.model_copy(
        update={
            **fields_of(Outcome, fact),
            "state": "ended",
            "ended": entry.at,
            "run": fact.run or operation.run,
            "url": fact.url or operation.url,
            "release": fact.release or operation.release,
            "before": fact.before or operation.before,
            "seconds": fact.seconds,
        }
    )
    incident = _keep(incident, ended)
    if fact.smoke is not None:
        runs = {**incident.smoke, operation.service: SmokeRun(fact.smoke, entry.at, operation.id, ended.url)}
        incident = replace(incident, smoke=runs)
    if operation.kind in ("rollback", "action") and fact.outcome == "done" and not operation.dry_run:
        incident = replace(incident, fixed_by=operation.kind)
    verdict = ENDINGS[fact.outcome]
    if fact.smoke is not None:
        verdict = f"{verdict}, smoke {'passed' if fact.smoke.passed else 'failed'}"
    return _tell(incident, entry, f"{verdict}: {ended.title}", fact.text)


def apply_hotfix(incident: Incident, entry: Entry, fact: HotfixFact) -> Incident:
    """The incident after one more fact about its hotfix."""
    match fact:
        case HotfixAsked():
            asked = Hotfix(fact.text, fact.service, fact.commit, pending=True)
            return _tell(replace(incident, hotfix=asked), entry, "Hotfix asked for", fact.text)
        case HotfixOpened():
            opened = replace(
                incident.hotfix or Hotfix(),
                pending=False,
                branch=fact.branch,
                base=fact.base,
                url=fact.url,
                pull=fact.pull,
            )
            return _tell(replace(incident, hotfix=opened), entry, "Hotfix opened", fact.branch)
        case HotfixMerged():
            merged = replace(incident.hotfix or Hotfix(), merged=fact.at)
            incident = replace(incident, hotfix=merged, fixed_by="hotfix")
            return _tell(incident, entry, "Hotfix merged", at=fact.at)
        case _:
            assert_never(fact)


def _keep(incident: Incident, operation: Operation) -> Incident:
    return replace(incident, operations={**incident.operations, operation.id: operation})


def _tell(
    incident: Incident, entry: Entry, what: str, text: str = "", at: datetime | None = None
) -> Incident:
    line = TimelineLine(at=at or entry.at, by=entry.by, what=what, text=text, source=entry.source)
    return replace(incident, timeline=(*incident.timeline, line))
