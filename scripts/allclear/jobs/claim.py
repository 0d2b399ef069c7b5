"""The first step of every operation: check everything, then create the ref that only one run can create."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from allclear.adapters.github.deploy_runs import deploy_run
from allclear.adapters.github.errors import GoneError, MovedError, NotFoundError
from allclear.adapters.github.releases import ReleaseReader
from allclear.core.conversation.command import Call, CommandContext, Policy
from allclear.core.model.errors import UserError
from allclear.core.model.execution import Execution
from allclear.core.model.operation import DANGEROUS, Operation, OperationKind, Order, is_operation_id
from allclear.core.model.people import Rights
from allclear.core.policy.variables import (
    by_api,
    evidence_names,
    rollback_names,
    secret_names,
    smoke_names,
)
from allclear.core.production import evidence
from allclear.core.production.clearance import Inputs, Refusal, meant, misstarted, refusal, refusal_of
from allclear.core.production.handover import smoke_more
from allclear.core.production.order import (
    claimed,
    hand_id,
    incident_meant,
    operation_of,
    service_meant,
    with_deploy_run,
)
from allclear.core.production.rerun import check_rerun, runs_again
from allclear.core.production.rollback import Aim, Request, aim, check_migrations, under_way
from allclear.core.record.incident import Incident
from allclear.jobs.lock import Lock, take
from allclear.jobs.operation_job import (
    OperationJob,
    advance,
    dispatch_respond,
    incident_of,
    inputs_of,
    log,
    log_claimed,
    open_incidents,
    operation_job,
    refuse,
    set_outputs,
    situation_of,
)
from allclear.jobs.run import Run

SECOND = (
    "This service needs a second person's approval, which a run that is started by hand cannot have. "
    "Write /rollback in the incident instead."
)


def claim(run: Run) -> None:
    """Claim the operation that the dispatch names, of one of the run's kinds; without a name, one of its own.

    Gives the outputs ``operation``, ``issue``, ``service``, ``api`` (whether the job that acts goes through
    GitHub's API), ``environment`` and ``smoke_environment``, the names of their ``secrets`` and
    ``smoke_secrets`` (JSON lists), and ``go`` when it is this run's to do, and none otherwise. Raises
    GitHubError when GitHub could not be asked: nothing is claimed then.
    """
    job = operation_job(run)
    wrong = misstarted(job.own, run.kinds)
    if wrong is not None:
        refuse(job, wrong)
        return
    inputs = inputs_of(run.env)
    if inputs.operation:
        _asked(job, inputs, run.kinds)
    else:
        _by_hand(job, inputs, run.kinds)


def _asked(job: OperationJob, inputs: Inputs, kinds: Collection[OperationKind]) -> None:
    """What the record of an incident asks for."""
    name, number = inputs.operation, inputs.incident
    if not is_operation_id(name) or not (number.isascii() and number.isdigit() and 0 < len(number) < 10):
        refuse(job, Refusal("unknown", "The inputs name no operation of an incident."))
        return
    held = job.executions.read(int(number), name)
    if held is not None:
        log_claimed(job, held.execution)
        return
    try:
        incident, policy = incident_of(job.run, int(number))
    except (GoneError, MovedError, NotFoundError):
        refuse(job, Refusal("unknown", f"There is no issue {number} in this repository."))
        return
    operation = meant(inputs, incident, kinds)
    if isinstance(operation, Refusal):
        refuse(job, operation, name)
        return
    situation = situation_of(job, operation, incident, policy)
    wrong = refusal(operation, situation)
    if wrong is not None and not operation.open:
        refuse(job, wrong, name)
        return
    record = claimed(operation, name, incident.number, job.own, job.run.client.now)
    record = with_deploy_run(record, policy, situation.releases)
    _claim(job, record, _Matter(operation, incident, policy), wrong)


@dataclass(frozen=True, slots=True)
class _Matter:
    """An operation, its incident, and the policy that is in force there."""

    operation: Operation
    incident: Incident | None
    policy: Policy


def _claim(job: OperationJob, record: Execution, matter: _Matter, wrong: Refusal | None) -> None:
    """Create the ref. What is refused is written down as ended, so that the incident tells of it."""
    if wrong is not None:
        ended = {"step": "ended", "outcome": wrong.outcome, "text": wrong.line, "ended": record.claimed}
        record = record.model_copy(update=ended)
    if job.executions.claim(record) is None:
        held = job.executions.read(record.issue, record.operation)
        log_claimed(job, held.execution if held else None)
        return
    if wrong is not None:
        refuse(job, wrong, record.operation)
        dispatch_respond(job, record.issue)
        return
    busy = _busy(job, record)
    if busy is not None:
        refuse(job, busy, record.operation)
        held = job.executions.read(record.issue, record.operation)
        ended = {"step": "ended", "outcome": "refused", "text": busy.line, "ended": job.run.client.now}
        if held is not None:
            advance(job, held, ended)
        dispatch_respond(job, record.issue)
        return
    given = _outputs(job, record, matter)
    set_outputs(job, given)
    where = f", in the environment {given['environment']}" if given["environment"] else ""
    log(job, f"Claimed {record.operation}: {matter.operation.title}{where}.")
    if record.kind in DANGEROUS:
        # Whoever has to approve sees the link to this run in the incident.
        dispatch_respond(job, record.issue)


def _busy(job: OperationJob, record: Execution) -> Refusal | None:
    """Take the service's lock. Why that cannot be: another run is changing the service."""
    if record.kind not in DANGEROUS or record.dry_run or not record.service:
        return None
    lock = take(job, record.service, record.operation, record.issue)
    if isinstance(lock, Lock):
        return None
    return Refusal(
        "busy", f"{record.service} is being changed right now by {lock.who}. Ask again when that has ended."
    )


def _outputs(job: OperationJob, record: Execution, matter: _Matter) -> dict[str, str]:
    """What the other jobs need: which of them acts, where, and with which secrets. The environments are those
    of the settings, never an input's word.
    """
    operation, policy = matter.operation, matter.policy
    settings = policy.settings
    service = settings.services.get(record.service)
    provider = policy.providers.get(service.provider) if service and record.kind == "rollback" else None
    smoke_environment = service.smoke_environment if service else ""
    names: Iterable[str] = ()
    if record.kind == "evidence":
        those = evidence.services(record.service, matter.incident or Incident(0), settings)
        smoke_environment = evidence.environment(those, settings)
        names = evidence_names(settings.services[one] for one in those)
    elif record.kind == "action":
        names = settings.actions[record.name].env if record.name in settings.actions else ()
    elif service is not None and provider is not None:
        names = rollback_names(service, provider)
    looks = smoke_names(service, smoke_more(service, provider)) if service is not None else ()
    smoke_environment = _existing(job, policy, smoke_environment)
    acting = ""
    if record.dry_run:
        acting = smoke_environment
    elif operation.approval == "environment":
        acting = operation.environment
    elif record.kind in DANGEROUS:
        action = settings.actions.get(record.name)
        acting = action.environment if action else service.environment if service else ""
        acting = _existing(job, policy, acting)
    return {
        "operation": record.operation,
        "issue": str(record.issue),
        "service": record.service,
        "api": "true" if provider is not None and by_api(provider) else "false",
        "environment": acting,
        "secrets": json.dumps(secret_names(names)),
        "smoke_environment": smoke_environment,
        "smoke_secrets": json.dumps(secret_names(looks)),
        "go": "true",
    }


def _existing(job: OperationJob, policy: Policy, name: str) -> str:
    """The environment, for its secrets. A job that names a missing one would create it, unprotected; one with
    reviewers would wait for a yes that nobody was promised to give.
    """
    if not name:
        return ""
    reader = ReleaseReader(job.run.client, job.run.repository, policy.settings, policy.providers)
    seen = reader.environment(name)
    if seen.exists and not seen.reviewers:
        return name
    why = "has required reviewers" if seen.exists else "does not exist"
    log(job, f"The environment {name} {why}, so this runs without its secrets.")
    return ""


def _by_hand(job: OperationJob, inputs: Inputs, kinds: Collection[OperationKind]) -> None:
    """The dispatch named nothing: service, incident and release are looked for."""
    policy = job.run.policy()
    kind: OperationKind = "rollback" if "rollback" in kinds else next(iter(kinds))
    service: str | Refusal = ""
    if inputs.service or kind != "evidence":
        service = service_meant(inputs, policy.settings)
    if isinstance(service, Refusal):
        refuse(job, service)
        return
    incident = incident_meant(inputs, service, open_incidents(job.run), policy.runbook)
    if incident is None and kind == "evidence":
        incident = Refusal("closed", "No incident is open; give its number as the input `incident`.")
    if isinstance(incident, Refusal):
        refuse(job, incident)
        return
    _begin(job, kind, service, incident, inputs.target)


def _begin(
    job: OperationJob, kind: OperationKind, service: str, incident: Incident | None, target: str
) -> None:
    number = incident.number if incident else 0
    policy = incident_of(job.run, number)[1] if number else job.run.policy()
    order = Order(kind=kind, service=service)
    wrong: Refusal | None = None
    if kind == "rollback":
        try:
            aimed = _aim(job, policy, service, incident, target)
        except UserError as error:
            wrong = refusal_of(error)
        else:
            order = Order(
                kind=kind,
                service=service,
                target=aimed.release.target if aimed.release else "",
                release=aimed.release.name if aimed.release else aimed.word,
                before=aimed.current.name if aimed.current else "",
                dry_run=incident is not None and incident.kind == "drill",
            )
    record = claimed(order, hand_id(job.own.id), number, job.own, job.run.client.now)
    record = record.model_copy(update={"by_hand": True})
    operation = operation_of(record, policy)
    if wrong is None and operation.approval == "second-person":
        wrong = Refusal("second-person", SECOND)
    if wrong is None:
        situation = situation_of(job, operation, incident, policy)
        wrong = refusal(operation, situation)
        record = with_deploy_run(record, policy, situation.releases)
    whose = f"for incident {number}" if number else "without an incident"
    log(job, f"{record.operation} was started by hand, {whose}.")
    _claim(job, record, _Matter(operation, incident, policy), wrong)


def _aim(job: OperationJob, policy: Policy, service: str, incident: Incident | None, target: str) -> Aim:
    """Where the rollback goes, by the rules of the command. Raises UserError when it goes nowhere."""
    reader = ReleaseReader(job.run.client, job.run.repository, policy.settings, policy.providers)
    request = Request(service=service, target=target)
    here = incident or Incident(0)
    now, by = job.run.client.now, job.own.by
    room = CommandContext(
        call=Call("hand", "rollback", "", "", 0, by, now),
        incident=here,
        runbook=policy.runbook,
        settings=policy.settings,
        zone=policy.zone,
        by=by,
        rights=Rights.NONE,
        at=now,
        now=now,
        access={},
        others={},
        entries=(),
        commands=policy.commands,
        releases={service: reader.releases(service)},
        providers=policy.providers,
    )
    aimed = aim(request, room)
    runs = runs_again(aimed.provider, aimed.release)
    seen = next((deploy_run(job.run.client, job.base, run) for run in runs), None)
    check_rerun(aimed.service, aimed.provider, aimed.release, seen, now)
    other = under_way(here, service)
    if other is not None:
        raise UserError(f"A rollback of {service} is already running: {other.id}.", "busy")
    check_migrations(aimed, reader.comparison(*aimed.commits) if aimed.commits else None, request)
    return aimed
