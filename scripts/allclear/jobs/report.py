"""The last step, whatever happened before: how it ended is in the record, and the incident is looked at."""

from __future__ import annotations

from allclear.adapters.github.errors import GitHubError
from allclear.adapters.github.executions import Held
from allclear.adapters.github.records import LostError
from allclear.core.model.execution import Execution
from allclear.core.model.operation import DANGEROUS
from allclear.core.production.clearance import Refusal
from allclear.core.production.ending import ending
from allclear.jobs.lock import release
from allclear.jobs.operation_job import (
    OperationJob,
    advance,
    approvals,
    dispatch_respond,
    held_here,
    log,
    operation_job,
    refuse,
)
from allclear.jobs.run import Run

ROUNDS = 3


def report(run: Run) -> None:
    """Write down the end where no other job did, and have the incident looked at."""
    job = operation_job(run)
    held: Held | Refusal = held_here(job, run.kinds)
    if isinstance(held, Refusal):
        refuse(job, held)
        return
    for _ in range(ROUNDS):
        if held.execution.step == "ended":
            break
        try:
            held = advance(job, held, _end(job, held.execution))
        except LostError:
            held = job.executions.read(held.execution.issue, held.execution.operation) or held
    record = held.execution
    log(
        job,
        f"{record.operation}: {record.outcome or record.step}{f', {record.text}' if record.text else ''}",
    )
    if record.kind in DANGEROUS and record.service:
        release(job, record.service, record.operation)
    dispatch_respond(job, record.issue)


def _end(job: OperationJob, record: Execution) -> dict[str, object]:
    """How it ended, as far as the jobs before tell."""
    guarded = record.kind in DANGEROUS and record.step == "claimed"
    outcome, text = ending(
        record,
        rejected_by=_rejected(job) if guarded else "",
        cancelled=job.run.env.get("ALLCLEAR_EXECUTE_RESULT") == "cancelled",
    )
    return {"step": "ended", "outcome": outcome, "ended": job.run.client.now, "text": text}


def _rejected(job: OperationJob) -> str:
    """Who rejected the run in its environment; empty when nobody did, or when GitHub does not say."""
    try:
        found = approvals(job, "rejected")
    except GitHubError:
        return ""
    return found[-1].login if found else ""
