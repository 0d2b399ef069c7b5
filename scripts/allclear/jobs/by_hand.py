"""A run that somebody starts themselves (000-14): what its form asks for, and for which incident."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from allclear.adapters.github.deploy_runs import deploy_run
from allclear.adapters.github.releases import ReleaseReader
from allclear.core.conversation.command import Policy
from allclear.core.conversation.parse import Typed
from allclear.core.conversation.services import service_named
from allclear.core.model.errors import UserError
from allclear.core.model.execution import Execution
from allclear.core.model.operation import Operation, OperationKind, Order
from allclear.core.model.structs import replace
from allclear.core.production.binding import Bound, bound_rollback, ordered
from allclear.core.production.clearance import Refusal, refusal, refusal_of
from allclear.core.production.order import (
    claimed,
    hand_id,
    incident_meant,
    operation_of,
    request_by_hand,
    service_meant,
    with_deploy_run,
)
from allclear.core.production.own_run import Inputs
from allclear.core.production.request import Request
from allclear.core.production.rerun import check_rerun, runs_again
from allclear.core.production.rollback import aim, check_migrations, under_way
from allclear.core.record.incident import Incident
from allclear.jobs.look_again import room
from allclear.jobs.operation_job import (
    OperationJob,
    incident_of,
    log,
    open_incidents,
    situation_of,
)

SECOND = (
    "This service needs a second person's approval, which a run that is started by hand cannot have. "
    "Write /rollback in the incident instead."
)


class Matter(Struct, frozen=True):
    """An operation, its incident, and the policy that is in force there."""

    operation: Operation
    incident: Incident | None
    policy: Policy


class StartedByHand(Struct, frozen=True):
    """What is to be claimed; ``wrong``: why it is refused, which the incident then tells."""

    record: Execution
    matter: Matter
    wrong: Refusal | None


def by_hand(job: OperationJob, inputs: Inputs, kinds: Collection[OperationKind]) -> StartedByHand | Refusal:
    """The dispatch named no operation: service, incident and release are looked for."""
    policy, kind = job.run.policy(), _kind(kinds)
    service: str | Refusal = ""
    if inputs.service or kind != "evidence":
        service = service_meant(inputs, policy.settings)
    if isinstance(service, Refusal):
        return refused_by_hand(job, inputs, kinds, service)
    incident = incident_meant(inputs, service, open_incidents(job.run), policy.runbook)
    if incident is None and kind == "evidence":
        return Refusal("closed", "No incident is open; give its number as the input `incident`.")
    if isinstance(incident, Refusal):
        return incident
    return _begin(job, kind, service, incident, inputs)


def refused_by_hand(
    job: OperationJob, inputs: Inputs, kinds: Collection[OperationKind], why: Refusal
) -> StartedByHand | Refusal:
    """A refusal as the run's record, so that the incident tells of it; the refusal itself without one."""
    policy = job.run.policy()
    service = service_named(inputs.service, policy.settings.services)
    incident = incident_meant(inputs, service, open_incidents(job.run), policy.runbook)
    if incident is None or isinstance(incident, Refusal):
        return why
    record = _record(job, Order(kind=_kind(kinds), service=service), incident.number, "")
    return StartedByHand(record, Matter(operation_of(record, policy), incident, policy), why)


def _kind(kinds: Collection[OperationKind]) -> OperationKind:
    return "rollback" if "rollback" in kinds else next(iter(kinds))


def _record(job: OperationJob, order: Order, issue: int, why: str) -> Execution:
    record = claimed(order, hand_id(job.own.id), issue, job.own, job.run.client.now)
    return replace(record, by_hand=True, why=why)


def _begin(
    job: OperationJob, kind: OperationKind, service: str, incident: Incident | None, inputs: Inputs
) -> StartedByHand:
    number = incident.number if incident else 0
    policy = incident_of(job.run, number)[1] if number else job.run.policy()
    order, why = Order(kind=kind, service=service), ""
    wrong: Refusal | None = None
    bound: Bound | None = None
    if kind == "rollback":
        try:
            request = request_by_hand(inputs, service)
            dry_run = request.dry_run or (incident is not None and incident.kind == "drill")
            bound = _bound(job, policy, request, incident, dry_run=dry_run)
        except UserError as error:
            wrong = refusal_of(error)
        else:
            order, why = ordered(bound), request.why
    record = _record(job, order, number, why)
    operation = operation_of(record, policy)
    if wrong is None and operation.approval == "second-person":
        wrong = Refusal("second-person", SECOND)
    if wrong is None:
        situation = replace(situation_of(job, operation, incident, policy), bound=bound)
        wrong = refusal(operation, situation)
        record = with_deploy_run(record, policy, situation.releases)
    whose = f"for incident {number}" if number else "without an incident"
    log(job, f"{record.operation} was started by hand, {whose}.")
    return StartedByHand(record, Matter(operation, incident, policy), wrong)


def _bound(
    job: OperationJob, policy: Policy, request: Request, incident: Incident | None, *, dry_run: bool
) -> Bound:
    """Where the rollback goes and what it undoes, by the rules of the command. Raises UserError when it goes
    nowhere.
    """
    reader = ReleaseReader(job.run.client, job.run.repository, policy.settings, policy.providers)
    service = request.service
    typed = Typed("rollback", "", "")
    aimed = aim(request, room(job, policy, incident, {service: reader.releases(service)}, typed))
    compared = reader.comparison(*aimed.commits) if aimed.commits else None
    other = under_way(incident, service) if incident and not dry_run else None
    if other is not None:
        raise UserError(f"A rollback of {service} is already running: {other.id}.", "busy")
    if not dry_run:
        runs = runs_again(aimed.provider, aimed.release)
        seen = next((deploy_run(job.run.client, job.base, run) for run in runs), None)
        check_rerun(aimed.service, aimed.provider, aimed.release, seen, job.run.client.now)
        check_migrations(aimed, compared, request)
    return bound_rollback(aimed, compared, request, dry_run=dry_run)
