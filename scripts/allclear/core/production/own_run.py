"""The workflow run that asks, and what it was dispatched with.

Nothing is taken from a dispatch's inputs: they only say which operation of the incident's record is meant,
and have to repeat what stands there (faults E9, H20).
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from allclear.core.model.operation import DANGEROUS, WORKFLOWS, Operation, OperationKind, is_operation_id
from allclear.core.model.people import Person
from allclear.core.production.clearance import Refusal
from allclear.core.record.incident import Incident


class OwnRun(Struct, frozen=True):
    """The workflow run that asks, as its runner describes it. ``workflow``: its file's name; ``by``: who
    dispatched it.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """

    id: int
    attempt: int
    event: str
    ref: str
    workflow: str
    by: Person
    default_branch: str


class Inputs(Struct, frozen=True):
    """What a dispatch says: text by whoever dispatched. Empty: not given.

    ``operation`` is filled in by the engine alone; ``dry_run``, ``migrations`` and ``while_deploying`` are
    boxes of the form.
    """

    operation: str = ""
    service: str = ""
    target: str = ""
    incident: str = ""
    dry_run: str = ""
    migrations: str = ""
    while_deploying: str = ""
    reason: str = ""


def misstarted(run: OwnRun, kinds: Collection[OperationKind]) -> Refusal | None:
    """Why this run may not do anything, whatever it was asked (H20, C8)."""
    files = {WORKFLOWS[kind] for kind in kinds}
    if run.event != "workflow_dispatch":
        return Refusal("event", f"It was started by {run.event or 'no event'}, not by workflow_dispatch.")
    if run.ref != f"refs/heads/{run.default_branch}":
        return Refusal(
            "branch", f"It was started on {run.ref}. Start it on the default branch, {run.default_branch}."
        )
    if run.workflow not in files:
        return Refusal(
            "workflow", f"Its file is {run.workflow}, but it has to be {' or '.join(sorted(files))}."
        )
    if run.attempt != 1:
        return Refusal(
            "attempt",
            f"This is attempt {run.attempt} of the same run, and a run is executed only once. "
            "Ask for it again in the incident: it then gets a new id.",
        )
    return None


def meant(inputs: Inputs, incident: Incident, kinds: Collection[OperationKind]) -> Operation | Refusal:
    """The operation of the incident's record that the inputs name, or why there is none."""
    if not is_operation_id(inputs.operation):
        return Refusal("unknown", "The input `operation` is not the id of an operation.")
    operation = incident.production.operations.get(inputs.operation)
    if operation is None or operation.kind not in kinds:
        return Refusal("unknown", f"{inputs.operation} is not in the record of incident {incident.number}.")
    dangerous = operation.kind in DANGEROUS
    if inputs.service != operation.service or (dangerous and inputs.target != operation.target):
        return Refusal("inputs", "The inputs differ from the incident's record, so nothing is done.")
    if operation.state == "asked":
        return Refusal("unapproved", "Nobody has approved it yet. Write /approve in the incident first.")
    return operation
