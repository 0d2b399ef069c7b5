"""The record that this run claimed, held against git at every step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from allclear.adapters.github.again import again
from allclear.adapters.github.executions import Held
from allclear.adapters.github.records import LostError
from allclear.core.model.execution import Execution, ExecutionStep
from allclear.core.model.operation import OperationKind, is_operation_id
from allclear.core.production.clearance import Refusal
from allclear.jobs.scene import OperationJob

PATIENCE = (1.0, 5.0, 15.0, 30.0)
"""Seconds between the tries to write down what was done: a result that is lost is a person's night."""


def held_here(job: OperationJob, kinds: Collection[OperationKind]) -> Held | Refusal:
    """The record that the job before gave us, when it is this very run's."""
    operation, issue = job.run.env.get("ALLCLEAR_OPERATION", ""), job.run.env.get("ALLCLEAR_ISSUE", "")
    if not is_operation_id(operation) or not (issue.isascii() and issue.isdigit() and len(issue) < 10):
        return Refusal("unknown", "The job `claim` gave no operation.")
    held = job.executions.read(int(issue), operation)
    mine = (job.own.id, job.own.attempt)
    if held is None or (held.execution.run, held.execution.attempt) != mine:
        return Refusal("unclaimed", f"{operation} was not claimed by this run.")
    record = held.execution
    if (record.operation, record.issue) != (operation, int(issue)) or record.kind not in kinds:
        return Refusal("unclaimed", f"The record of {operation} is of something else.")
    return held


def at_step(held: Held, *steps: ExecutionStep) -> Refusal | None:
    """Why the record is not where this job goes on from."""
    record = held.execution
    if record.step in steps:
        return None
    return Refusal("begun", f"{record.operation} is {record.step} already; nothing is done twice.")


def advance(job: OperationJob, held: Held, changes: Mapping[str, Any]) -> Held:
    """The record's next step. Raises LostError when somebody else took it on, UnavailableError when GitHub
    does not answer for a minute.
    """
    wanted = Execution.model_validate(held.execution.model_dump() | dict(changes))

    def step() -> Held:
        try:
            return job.executions.advance(held, wanted)
        except LostError:
            # A write whose answer was lost is ours all the same: nobody else writes this run's record.
            there = job.executions.read(wanted.issue, wanted.operation)
            if there is not None and there.execution == wanted:
                return there
            raise

    return again(job.run.client.pause, step, waits=PATIENCE)
