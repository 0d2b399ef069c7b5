"""What the record in git and the workflow run say of an operation. Looked at, never waited for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from allclear.core.model.execution import Execution
from allclear.core.model.operation import DANGEROUS, Ending, Operation, Order, Outcome
from allclear.core.model.snapshot import Acting, RunSeen, Sighting
from allclear.core.model.stored import fields_of
from allclear.core.model.structs import replace
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.production import ENDINGS, OperationEnded, OperationStarted

if TYPE_CHECKING:
    from allclear.core.production.handover import Result

NOT_BEGUN = "its run ended before anything was begun, so nothing was changed"
CANCELLED = "its run was cancelled before anything was begun, so nothing was changed"
LOST = "it was begun, but its run ended without a result, so nobody knows what it did"
UNSEEN = "its run ended without a result, so nobody knows what it checked"
UNCHECKED = "its smoke checks ended without a result"
UNTOLD = "its run says that it went well, but its record could not be written; the run shows the details"
WITHHELD = "the runner withheld what it said, because a secret stands in it; the log of its run has the rest"
UNHEARD = "what its run found out is lost"
HIDDEN = "its run ended without a result, and GitHub does not show how far it came"
FOREIGN = "its record names a run that does not belong to this workflow on the default branch"
GONE = "its record and its run are gone"
LAG = timedelta(hours=1)
"""How long something that was seen before may be missing from what GitHub shows."""

DIFFERENT = "its record differs from what was asked for"


def ending(
    record: Execution, acting: Acting | None = None, *, rejected_by: str = "", cancelled: bool = False
) -> tuple[Ending, str]:
    """How an operation ended whose executor did not say so, from how far it came: the outcome, and one raw
    line on why.

    ``acting``: what the jobs of its run tell. ``rejected_by``: the login of the reviewer who did not let the
    run go on; ``cancelled``: somebody cancelled it.
    """
    if record.step == "executed":
        # The deploy system said that it went well; only what came after is lost.
        return "done", record.text or UNCHECKED
    if record.step == "started":
        outcome = _lost(record)
        return outcome, record.text or (LOST if outcome == "unknown" else UNSEEN)
    if record.unsettled and not (acting is not None and acting.untouched):
        if acting is not None and acting.state == "passed":
            return "done", UNTOLD
        outcome = _lost(record)
        if acting is None or acting.state == "unseen":
            return outcome, HIDDEN
        return outcome, LOST if outcome == "unknown" else UNSEEN
    if acting is not None and not acting.untouched:
        return "failed", UNSEEN
    if rejected_by:
        return "refused", record.text or f"{rejected_by} rejected it"
    return ("cancelled", record.text or CANCELLED) if cancelled else ("failed", record.text or NOT_BEGUN)


def withheld(record: Execution, outcome: str) -> Result | None:
    """What is known when only the outcome was handed on, in one word; None when that was not, either."""
    found: Ending | None = next((one for one in ENDINGS if one == outcome), None)
    if found is None:
        return None
    went = found == "done" and not record.dry_run
    release = record.release or record.target
    from allclear.core.production.handover import Result  # noqa: PLC0415 - only a job that reports makes one

    return Result(
        operation=record.operation,
        outcome=found,
        executed=went,
        release=release,
        after=release if went else "",
        text=WITHHELD,
        unverified=UNHEARD if went else "",
    )


def ended_by(
    record: Execution,
    result: Result | None,
    smoke: Result | None,
    acting: Acting | None,
    *,
    rejected_by: str = "",
    cancelled: bool = False,
) -> dict[str, Any]:
    """What the last job of a run writes into the record: from the results that the jobs before handed on,
    else from how far they came. Nothing else of a result counts: a command could have written it.
    """
    if result is None or result.outcome is None:
        outcome, text = ending(record, acting, rejected_by=rejected_by, cancelled=cancelled)
        executed = outcome == "done" and record.kind in DANGEROUS and not record.dry_run
        release = record.release or record.target
        told: dict[str, Any] = {"outcome": outcome, "text": text, "after": release if executed else ""}
        told["unverified"] = UNHEARD if executed else ""
    else:
        executed = result.executed
        told = {"outcome": result.outcome, "text": result.text, "after": result.after}
        told |= {"before": result.before or record.before, "release": result.release or record.release}
        told["unverified"] = result.unverified
        # Where the target was named, it is not a result's to change.
        told["target"] = record.target or result.target
        if record.kind == "evidence":
            told["artifact"] = result.artifact
    told |= {"step": "ended", "executed": executed}
    if smoke is not None and smoke.smoke is not None:
        told["smoke"] = smoke.smoke
        if smoke.smoke.passed:
            told["unverified"] = ""
    elif executed and not told["text"] and result is not None and result.smoke_follows:
        told["text"] = UNCHECKED
    if acting is not None and acting.started is not None and told["outcome"] != "refused":
        told |= {"started": acting.started, "ended": acting.ended}
    return told


def _lost(order: Order) -> Ending:
    """What is made of a begun operation nobody heard of again. What only reads leaves nothing half done."""
    return "unknown" if order.kind in DANGEROUS and not order.dry_run else "failed"


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
    if not same(operation, record):
        return None
    if record.unsettled and run.over and run.acting is not None and not run.acting.untouched:
        return _without_word(operation, record, run)
    if record.started is None or record.step != "ended":
        return None
    return _ended(operation, record, run) if record.outcome in ("done", "failed", "unknown") else None


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
        before = run.acting is None or run.acting.state == "waiting"
        return _started(operation, run, guarded=record.step == "claimed" and before)
    return _without_word(operation, record, run)


def _without_word(operation: Operation, record: Execution, run: RunSeen) -> OperationEnded:
    """The end of an operation whose run is over, and wrote down nothing of it."""
    told = ended_by(record, None, None, run.acting, cancelled=run.conclusion == "cancelled")
    return _ended(operation, replace(record, **told), run)


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
    return OperationEnded(
        op=operation.id,
        outcome=_lost(operation),
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


CHOSEN = frozenset({"target", "release", "before"})
"""Fields of an order that the executor fills in: the target where none was named, and what people call it."""


def same(operation: Operation, record: Execution) -> bool:
    """Whether the executor did what was asked. Where no target was named, it chose one itself."""
    asked, done = fields_of(Order, operation), fields_of(Order, record)
    return all(done[name] == value for name, value in asked.items() if name not in CHOSEN) and (
        record.target == operation.target or not operation.target
    )


def _ended(operation: Operation, record: Execution, run: RunSeen) -> OperationEnded:
    return OperationEnded(
        op=operation.id,
        run=run.id,
        url=run.url,
        seconds=record.seconds,
        **{
            **fields_of(Outcome, record),
            "outcome": record.outcome or "unknown",
            "release": record.release or record.target,
        },
    )
