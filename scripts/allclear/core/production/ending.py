"""What the record in git and the workflow run say of an operation. Looked at, never waited for."""

from __future__ import annotations

from datetime import datetime, timedelta

from allclear.core.model.execution import Execution
from allclear.core.model.operation import DANGEROUS, Operation, Outcome
from allclear.core.model.snapshot import RunSeen, Sighting
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.production import OperationEnded, OperationStarted

NOT_BEGUN = "its run ended before anything was begun; nothing was changed"
LOST = "it was begun, and its run ended without a word; what it did is not known"
UNCHECKED = "its smoke checks ended without a word"
FOREIGN = "its record names a run that is not one of our workflow on the default branch"
GONE = "its record and its run are not there any more"
LAG = timedelta(hours=1)
"""How long something that was seen before may be missing from what GitHub shows."""

DIFFERENT = "its record says something else than what was asked for"


def to_look_at(incident: Incident) -> frozenset[str]:
    """The operations on the record that may have moved on: started, ended, or lost."""
    if incident.stage not in (Stage.OPEN, Stage.CLOSED):
        return frozenset()
    return frozenset(
        one.id for one in incident.production.operations.values() if one.open and one.state != "asked"
    )


STOPPED = ("cancelled", "expired")
"""Outcomes that somebody's run may not have heard of in time."""


def stopped(incident: Incident) -> frozenset[str]:
    """Operations that were called off: looked at once more when an executor has news."""
    return frozenset(one.id for one in incident.production.operations.values() if one.outcome in STOPPED)


def belated(operation: Operation, seen: Sighting) -> OperationEnded | None:
    """The end of an operation that was called off in the very moment in which it began."""
    run, record = seen.run, seen.execution
    if operation.outcome not in STOPPED or record is None or run is None or not run.ours:
        return None
    if (
        record.started is None
        or record.step != "ended"
        or record.outcome not in ("done", "failed", "unknown")
    ):
        return None
    return _ended(operation, record, run) if same(operation, record) else None


def ready(incident: Incident) -> frozenset[str]:
    """The operations that are to be started and, as far as the record knows, are not."""
    return frozenset(one.id for one in incident.production.operations.values() if one.state == "ready")


def judge(operation: Operation, seen: Sighting, now: datetime) -> OperationStarted | OperationEnded | None:
    """What is new about an open operation, from its record and its run; None when nothing is."""
    if seen.refused:
        return OperationEnded(op=operation.id, outcome="failed", text=seen.refused)
    if seen.execution is None:
        return _unclaimed(operation, seen.run, now)
    return _claimed(operation, seen.execution, seen.run)


def _unclaimed(
    operation: Operation, run: RunSeen | None, now: datetime
) -> OperationStarted | OperationEnded | None:
    if run is None:
        return expired(operation, now) if operation.state == "ready" else _vanished(operation, now)
    if run.over:
        return OperationEnded(op=operation.id, outcome="failed", run=run.id, url=run.url, text=NOT_BEGUN)
    return _started(operation, run, guarded=True)


def _claimed(
    operation: Operation, record: Execution, run: RunSeen | None
) -> OperationStarted | OperationEnded | None:
    if run is None or not run.ours:
        return _unknown(operation, run, FOREIGN)
    if not same(operation, record):
        return _unknown(operation, run, DIFFERENT)
    if record.step == "ended":
        return _ended(operation, record, run)
    if not run.over:
        return _started(operation, run, guarded=record.step == "claimed")
    if record.step == "claimed":
        return OperationEnded(op=operation.id, outcome="failed", run=run.id, url=run.url, text=NOT_BEGUN)
    if record.step == "executed":
        # The deploy system said that it went well; only what came after is lost.
        done = {"outcome": "done", "text": record.text or UNCHECKED}
        return _ended(operation, record.model_copy(update=done), run)
    return _unknown(operation, run, LOST)


def expired(operation: Operation, now: datetime) -> OperationEnded | None:
    """The end of an operation that nothing started in time; None while there is time."""
    if operation.expires is None or now < operation.expires:
        return None
    return OperationEnded(op=operation.id, outcome="expired", text="nothing started in time")


def _vanished(operation: Operation, now: datetime) -> OperationEnded | None:
    """What was seen before is not shown now: a replica may lag, so the word is given late."""
    if operation.expires is None or now < operation.expires + LAG:
        return None
    return _unknown(operation, None, GONE)


def _unknown(operation: Operation, run: RunSeen | None, why: str) -> OperationEnded:
    """What only reads cannot leave anything half done."""
    outcome: Outcome = "unknown" if operation.kind in DANGEROUS and not operation.dry_run else "failed"
    return OperationEnded(
        op=operation.id,
        outcome=outcome,
        run=run.id if run else None,
        url=run.url if run else "",
        text=why,
    )


def _started(operation: Operation, run: RunSeen, *, guarded: bool = False) -> OperationStarted | None:
    """``guarded``: nothing was begun. Then nothing can begin before the environment's reviewers said yes, and
    it can be cancelled, whatever the run's status is that moment.
    """
    waiting = run.status == "waiting" or (guarded and operation.approval == "environment")
    # What runs is not said to wait again.
    told = ("waiting", "running") if waiting else ("running",)
    if operation.state in told and operation.run == run.id:
        return None
    return OperationStarted(op=operation.id, run=run.id, url=run.url, waiting=waiting)


def same(operation: Operation, record: Execution) -> bool:
    """Whether the executor did what was asked. Where no target was named, it chose one itself."""
    return (
        (record.kind, record.service, record.name) == (operation.kind, operation.service, operation.name)
        and dict(record.arguments) == dict(operation.arguments)
        and (record.target == operation.target or not operation.target)
        and record.dry_run == operation.dry_run
    )


def _ended(operation: Operation, record: Execution, run: RunSeen) -> OperationEnded:
    return OperationEnded(
        op=operation.id,
        outcome=record.outcome or "unknown",
        run=run.id,
        url=run.url,
        release=record.release or record.target,
        before=record.before,
        after=record.after,
        approver=record.approver,
        seconds=record.seconds,
        text=record.text,
        smoke=record.smoke,
        artifact=record.artifact,
    )
