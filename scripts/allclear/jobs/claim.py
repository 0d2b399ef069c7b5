"""The first step of every operation: check everything, then create the ref that only one run can create."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from allclear.adapters.files.job_output import summarise
from allclear.adapters.github.errors import GoneError, MovedError, NotFoundError
from allclear.adapters.github.releases import ReleaseReader
from allclear.core.conversation.command import Policy
from allclear.core.model.execution import Execution
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import DANGEROUS, OperationKind, is_operation_id
from allclear.core.model.structs import replace
from allclear.core.policy.variables import (
    by_api,
    evidence_names,
    rollback_names,
    secret_names,
    smoke_names,
)
from allclear.core.production import evidence
from allclear.core.production.binding import told
from allclear.core.production.clearance import Refusal, refusal
from allclear.core.production.handover import smoke_more
from allclear.core.production.order import (
    claimed,
    with_deploy_run,
)
from allclear.core.production.own_run import Inputs, meant, misstarted
from allclear.core.record.incident import Incident
from allclear.jobs.by_hand import Matter, StartedByHand, by_hand, refused_by_hand
from allclear.jobs.lock import Lock, take
from allclear.jobs.look_again import look_again
from allclear.jobs.operation_job import (
    OperationJob,
    advance,
    dispatch_respond,
    incident_of,
    inputs_of,
    log,
    log_claimed,
    operation_job,
    refuse,
    set_outputs,
)
from allclear.jobs.run import Run

INTERNAL = (
    "The field operation is filled in by the incident itself, and this is no id of one. Leave it empty; "
    "service, target, dry run and reason have fields of their own."
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
        _claim_by_hand(job, by_hand(job, inputs, run.kinds))


def _asked(job: OperationJob, inputs: Inputs, kinds: Collection[OperationKind]) -> None:
    """What the record of an incident asks for."""
    name, number = inputs.operation, inputs.incident
    if not is_operation_id(name):
        _claim_by_hand(job, refused_by_hand(job, inputs, kinds, Refusal("unknown", INTERNAL)))
        return
    if not (number.isascii() and number.isdigit() and 0 < len(number) < 10):
        why = Refusal("unknown", f"The inputs name no incident that {name} belongs to.")
        _claim_by_hand(job, refused_by_hand(job, inputs, kinds, why))
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
    if isinstance(operation, Refusal) and name.startswith("smoke-") and operation.code == "unknown":
        # A run of the watch that comes after it ended changes nothing, and is nobody's news.
        refuse(job, operation, name)
        return
    if isinstance(operation, Refusal):
        _claim_by_hand(job, refused_by_hand(job, inputs, kinds, operation))
        return
    situation = look_again(job, operation, incident, policy)
    wrong = refusal(operation, situation)
    if wrong is not None and not operation.open:
        refuse(job, wrong, name)
        return
    record = claimed(operation, name, incident.number, job.own, job.run.client.now)
    record = with_deploy_run(record, policy, situation.releases)
    _claim(job, record, Matter(operation, incident, policy), wrong)


def _claim_by_hand(job: OperationJob, started: StartedByHand | Refusal) -> None:
    """What somebody started themselves; without an incident, a refusal stands in the run's summary alone."""
    if isinstance(started, Refusal):
        refuse(job, started)
        return
    _claim(job, started.record, started.matter, started.wrong)


def _claim(job: OperationJob, record: Execution, matter: Matter, wrong: Refusal | None) -> None:
    """Create the ref. What is refused is written down as ended, so that the incident tells of it."""
    if wrong is not None:
        ended: dict[str, Any] = {
            "step": "ended",
            "outcome": wrong.outcome,
            "text": wrong.line,
            "ended": record.claimed,
        }
        record = replace(record, **ended)
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
        ended = {
            "step": "ended",
            "outcome": "refused",
            "text": busy.line,
            "ended": job.run.client.now,
        }
        if held is not None:
            advance(job, held, ended)
        dispatch_respond(job, record.issue)
        return
    given = _outputs(job, record, matter)
    set_outputs(job, given)
    where = f", in the environment {given['environment']}" if given["environment"] else ""
    log(job, f"Claimed {record.operation}: {matter.operation.title}{where}.")
    if record.kind in DANGEROUS:
        summarise(job.run.env, _summary(job, record))
        # Whoever has to approve sees the link to this run in the incident.
        dispatch_respond(job, record.issue)


def _summary(job: OperationJob, record: Execution) -> str:
    """What whoever approves the run approves: from where to where, what would be undone, and the digest."""
    said = [f"**{inline(record.title)}** ({code(record.operation)})"]
    if record.before:
        said.append(f"from {code(record.before)}")
    if record.undoes:
        said.append(f"undoes [these commits]({job.run.repository.url}/compare/{record.undoes})")
    if record.with_migrations:
        said.append("with migrations")
    return f"{', '.join(said)}. {told(record.digest)}"


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


def _outputs(job: OperationJob, record: Execution, matter: Matter) -> dict[str, str]:
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
