"""The first step of every operation: check everything, then create the ref that only one run can create."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from allclear.adapters.github.errors import GoneError, MovedError, NotFoundError
from allclear.adapters.github.releases import ReleaseReader
from allclear.core.conversation.command import Call, Policy, Room
from allclear.core.model.errors import UserError
from allclear.core.model.execution import Execution
from allclear.core.model.neutral import code
from allclear.core.model.operation import DANGEROUS, Kind, Operation, is_operation_id
from allclear.core.model.people import Rights
from allclear.core.production import evidence
from allclear.core.production.clearance import Inputs, Refusal, meant, misstarted, refusal, spoken
from allclear.core.production.dispatched import hand_id, incident_meant, service_meant
from allclear.core.production.rollback import Aim, Request, aim, check_migrations, under_way
from allclear.core.record.incident import Incident
from allclear.jobs.handover import already, give, say, stop, tell
from allclear.jobs.run import Run
from allclear.jobs.scene import (
    Executor,
    executor,
    incident_of,
    inputs_of,
    open_incidents,
    operation_of,
    scene_of,
)

SECOND = (
    "This service takes a second person's yes, which a run that is started by hand cannot have: "
    "write /rollback in the incident."
)


def claim(run: Run, kinds: Collection[Kind]) -> None:
    """Claim the operation that the dispatch names, of one of ``kinds``; without a name, one of its own.

    Gives the outputs ``operation``, ``issue``, ``service``, ``environment``, ``smoke_environment`` and ``go``
    when it is this run's to do, and none otherwise. Raises GitHubError when GitHub could not be asked:
    nothing is claimed then.
    """
    doing = executor(run)
    wrong = misstarted(doing.own, kinds)
    if wrong is not None:
        stop(doing, wrong)
        return
    inputs = inputs_of(run.env)
    if inputs.operation:
        _asked(doing, inputs, kinds)
    else:
        _by_hand(doing, inputs, kinds)


def _asked(doing: Executor, inputs: Inputs, kinds: Collection[Kind]) -> None:
    """What the record of an incident asks for."""
    name, number = inputs.operation, inputs.incident
    if not is_operation_id(name) or not (number.isascii() and number.isdigit() and 0 < len(number) < 10):
        stop(doing, Refusal("unknown", "The inputs name no operation of an incident."))
        return
    held = doing.executions.read(int(number), name)
    if held is not None:
        already(doing, held.execution)
        return
    try:
        incident, policy = incident_of(doing.run, int(number))
    except (GoneError, MovedError, NotFoundError):
        stop(doing, Refusal("unknown", f"There is no issue {number} in this repository."))
        return
    operation = meant(inputs, incident, kinds)
    if isinstance(operation, Refusal):
        stop(doing, operation, name)
        return
    wrong = refusal(operation, scene_of(doing, operation, incident, policy))
    if wrong is not None and not operation.open:
        stop(doing, wrong, name)
        return
    _claim(doing, _record(doing, operation, incident), _Matter(operation, incident, policy), wrong)


def _record(doing: Executor, operation: Operation, incident: Incident) -> Execution:
    return Execution(
        operation=operation.id,
        kind=operation.kind,
        issue=incident.number,
        service=operation.service,
        name=operation.name,
        target=operation.target,
        release=operation.release,
        arguments=dict(operation.arguments),
        dry_run=operation.dry_run,
        before=operation.before,
        run=doing.own.id,
        attempt=doing.own.attempt,
        actor=doing.own.by.login,
        actor_id=doing.own.by.id,
        claimed=doing.run.client.now,
    )


@dataclass(frozen=True, slots=True)
class _Matter:
    """An operation, its incident, and the policy that is in force there."""

    operation: Operation
    incident: Incident | None
    policy: Policy


def _claim(doing: Executor, record: Execution, matter: _Matter, wrong: Refusal | None) -> None:
    """Create the ref. What is refused is written down as ended, so that the incident tells of it."""
    if wrong is not None:
        ended = {"step": "ended", "outcome": wrong.outcome, "text": wrong.line, "ended": record.claimed}
        record = record.model_copy(update=ended)
    if doing.executions.claim(record) is None:
        held = doing.executions.read(record.issue, record.operation)
        already(doing, held.execution if held else None)
        return
    if wrong is not None:
        stop(doing, wrong, record.operation)
        tell(doing, record.issue)
        return
    given = _outputs(doing, record, matter)
    give(doing, given)
    where = f", in the environment {given['environment']}" if given["environment"] else ""
    say(doing, f"Claimed {record.operation}: {matter.operation.title}{where}.")
    if record.kind in DANGEROUS:
        # Whoever has to approve sees the link to this run in the incident.
        tell(doing, record.issue)


def _outputs(doing: Executor, record: Execution, matter: _Matter) -> dict[str, str]:
    """What the other jobs need. Their environments are those of the settings, never an input's word."""
    operation, policy = matter.operation, matter.policy
    settings = policy.settings
    service = settings.services.get(record.service)
    looking = service.smoke_environment if service else ""
    if record.kind == "evidence":
        names = evidence.services(record.service, matter.incident or Incident(0), settings)
        looking = evidence.environment(names, settings)
    looking = _existing(doing, policy, looking)
    acting = ""
    if record.dry_run:
        acting = looking
    elif operation.approval == "environment":
        acting = operation.environment
    elif record.kind in DANGEROUS:
        action = settings.actions.get(record.name)
        acting = action.environment if action else service.environment if service else ""
        acting = _existing(doing, policy, acting)
    return {
        "operation": record.operation,
        "issue": str(record.issue),
        "service": record.service,
        "environment": acting,
        "smoke_environment": looking,
        "go": "true",
    }


def _existing(doing: Executor, policy: Policy, name: str) -> str:
    """The environment, for its secrets. A job that names a missing one would create it, unprotected; one with
    reviewers would wait for a yes that nobody was promised to give.
    """
    if not name:
        return ""
    reader = ReleaseReader(doing.run.client, doing.run.repository, policy.settings, policy.providers)
    seen = reader.environment(name)
    if seen.exists and not seen.reviewers:
        return name
    why = "has required reviewers" if seen.exists else "does not exist"
    say(doing, f"The environment {name} {why}, so this runs without its secrets.")
    return ""


def _by_hand(doing: Executor, inputs: Inputs, kinds: Collection[Kind]) -> None:
    """The dispatch named nothing: service, incident and release are looked for."""
    policy = doing.run.policy()
    kind: Kind = "rollback" if "rollback" in kinds else next(iter(kinds))
    service: str | Refusal = ""
    if inputs.service or kind != "evidence":
        service = service_meant(inputs, policy.settings)
    if isinstance(service, Refusal):
        stop(doing, service)
        return
    incident = incident_meant(inputs, service, open_incidents(doing.run), policy.runbook)
    if incident is None and kind == "evidence":
        incident = Refusal("closed", "No incident is open; give its number as the input `incident`.")
    if isinstance(incident, Refusal):
        stop(doing, incident)
        return
    _begin(doing, kind, service, incident, inputs.target)


def _begin(doing: Executor, kind: Kind, service: str, incident: Incident | None, target: str) -> None:
    number = incident.number if incident else 0
    policy = incident_of(doing.run, number)[1] if number else doing.run.policy()
    record = Execution(
        operation=hand_id(doing.own.id),
        kind=kind,
        issue=number,
        service=service,
        by_hand=True,
        run=doing.own.id,
        attempt=doing.own.attempt,
        actor=doing.own.by.login,
        actor_id=doing.own.by.id,
        claimed=doing.run.client.now,
    )
    wrong: Refusal | None = None
    if kind == "rollback":
        try:
            aimed = _aim(doing, policy, service, incident, target)
        except UserError as error:
            wrong = spoken(error)
        else:
            record = record.model_copy(
                update={
                    "target": aimed.release.target if aimed.release else "",
                    "release": aimed.release.name if aimed.release else aimed.word,
                    "before": aimed.current.name if aimed.current else "",
                    "dry_run": incident is not None and incident.kind == "drill",
                }
            )
    operation = operation_of(record, policy)
    if wrong is None and operation.approval == "second-person":
        wrong = Refusal("second-person", SECOND)
    if wrong is None:
        wrong = refusal(operation, scene_of(doing, operation, incident, policy))
    say(doing, f"Started by hand: {code(record.operation)} for incident {number or 'none'}.")
    _claim(doing, record, _Matter(operation, incident, policy), wrong)


def _aim(doing: Executor, policy: Policy, service: str, incident: Incident | None, target: str) -> Aim:
    """Where the rollback goes, by the rules of the command. Raises UserError when it goes nowhere."""
    reader = ReleaseReader(doing.run.client, doing.run.repository, policy.settings, policy.providers)
    request = Request(service=service, target=target)
    here = incident or Incident(0)
    now, by = doing.run.client.now, doing.own.by
    room = Room(
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
    other = under_way(here, service)
    if other is not None:
        raise UserError(f"A rollback of {service} is already running: {other.id}.", "busy")
    check_migrations(aimed, reader.comparison(*aimed.commits) if aimed.commits else None, request)
    return aimed
