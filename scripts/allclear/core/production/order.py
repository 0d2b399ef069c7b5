"""An order on its way: from the incident to the record of the executor that claims it, and from the record
of a workflow that somebody started by hand (000-14) to the incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from allclear.core.conversation.command import Policy
from allclear.core.conversation.services import bare, likely_service, service_named
from allclear.core.model.errors import UserError
from allclear.core.model.execution import Execution
from allclear.core.model.neutral import code
from allclear.core.model.operation import Approval, Operation, Order
from allclear.core.model.people import Person
from allclear.core.model.release import Releases
from allclear.core.model.stored import fields_of
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.production.clearance import Refusal
from allclear.core.production.dry_run import folded, is_dry
from allclear.core.production.listing import FillingError, fill
from allclear.core.production.own_run import Inputs, OwnRun
from allclear.core.production.request import Request, read_reason, unclear
from allclear.core.record.incident import Incident
from allclear.core.record.production import OperationAsked

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def claimed(order: Order, operation: str, issue: int, own: OwnRun, now: datetime) -> Execution:
    """The record with which a run claims the operation. ``issue`` 0: it belongs to no incident."""
    return Execution(
        operation=operation,
        issue=issue,
        run=own.id,
        attempt=own.attempt,
        actor=own.by.login,
        actor_id=own.by.id,
        claimed=now,
        **fields_of(Order, order),
    )


def with_deploy_run(record: Execution, policy: Policy, releases: Releases | None) -> Execution:
    """The record with the deploy workflow that will be run again or started, so that everybody finds its run
    who looks: where there is one, and it can be named.
    """
    service = policy.settings.services.get(record.service)
    provider = policy.providers.get(service.provider) if service is not None else None
    if service is None or provider is None or record.kind != "rollback":
        return record
    way = provider.rerun or provider.start
    if way is None:
        return record
    try:
        workflow = fill(way.workflow, service.values)
    except FillingError:
        return record
    there = [
        *([releases.current] if releases and releases.current else []),
        *(releases.earlier if releases else ()),
    ]
    run = next((one.run for one in there if one.target == record.target and one.run), 0)
    return replace(record, deploy_workflow=workflow, deploy_run=run if provider.rerun is not None else 0)


def linked(record: Execution) -> OperationAsked:
    """The fact that takes an operation into the incident that its run, started by hand, linked itself to."""
    return OperationAsked(
        op=record.operation,
        approval="environment",
        by_hand=True,
        why=record.why,
        **fields_of(Order, record),
    )


def operation_of(record: Execution, policy: Policy) -> Operation:
    """An operation that was started by hand, as its record has it: no entry asked for it."""
    service = policy.settings.services.get(record.service)
    rules = service.rollback if service is not None and record.kind == "rollback" else None
    approval: Approval = rules.approval if rules is not None and not record.dry_run else "none"
    guarded = approval == "environment"
    return Operation(
        id=record.operation,
        asked=record.claimed,
        by=Person(id=record.actor_id, login=record.actor),
        why=record.why,
        approval=approval,
        environment=service.environment if service is not None and guarded else "",
        expires=record.claimed + rules.expires if rules is not None else None,
        **fields_of(Order, record),
    )


def hand_id(run: int) -> str:
    """``hand-0000zz``: the id of what run ``run`` does. Of the run itself, so that it is never another's."""
    digits = ""
    while run:
        run, digit = divmod(run, 36)
        digits = _DIGITS[digit] + digits
    return f"hand-{digits.rjust(6, '0')}"


def service_meant(inputs: Inputs, settings: Settings) -> str | Refusal:
    """The service that the input names, else the only one."""
    if inputs.service:
        # A form is typed, not pasted out of a text: a sign that nobody sees names nothing there.
        seen = inputs.service if inputs.service.isprintable() else ""
        found, why = service_named(seen, settings.services), "There is no such service"
    else:
        found, why = likely_service(settings.services, ()), "Which service? Give it as the input `service`"
    return found or Refusal("unknown-service", f"{why}; {_there(settings)}")


def request_by_hand(inputs: Inputs, service: str) -> Request:
    """What the form asks for: each field means what its words mean in a comment. Raises UserError."""
    typed = f"/rollback {service}".strip()
    target = bare(inputs.target)
    if is_dry(folded(target)) or (inputs.target and not target):
        raise unclear(target or inputs.target, typed, "is no release")
    reason = read_reason(f"because {inputs.reason}", typed)
    return Request(
        service,
        target,
        dry_run=_ticked(inputs.dry_run, "dry_run") or reason.dry_run,
        with_migrations=_ticked(inputs.migrations, "migrations"),
        while_deploying=_ticked(inputs.while_deploying, "while_deploying"),
        why=reason.why,
        form=True,
    )


def _ticked(text: str, name: str) -> bool:
    """Whether a box of the form is ticked. Raises UserError for a text that is no box."""
    if text.lower() not in ("", "true", "false"):
        raise UserError(f"{code(text)} is neither true nor false, and `{name}` takes one of them.")
    return text.lower() == "true"


def _there(settings: Settings) -> str:
    if not settings.services:
        return "none is defined in .github/allclear.yml."
    return f"this repository has {', '.join(settings.services)}."


def incident_meant(
    inputs: Inputs, service: str, incidents: Sequence[Incident], runbook: Runbook
) -> Incident | Refusal | None:
    """The open incident that the input names; else the one that hit the service; else the worst, the newest
    of those. None: there is none open, and production can be put back all the same.
    """
    if inputs.incident:
        number = inputs.incident.lstrip("#")
        found = [one for one in incidents if str(one.number) == number]
        return found[0] if found else Refusal("closed", "There is no open incident with that number.")
    if not incidents:
        return None
    hit = [one for one in incidents if service.lower() in {name.lower() for name in one.impact.services}]
    return min(hit or incidents, key=lambda one: (_rank(one, runbook), -one.number))


def _rank(incident: Incident, runbook: Runbook) -> int:
    levels = [severity.id for severity in runbook.severities]
    return levels.index(incident.severity) if incident.severity in levels else len(levels)
