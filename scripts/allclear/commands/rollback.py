from __future__ import annotations

from datetime import datetime
from typing import Annotated

from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.operation import Order, operation_id
from allclear.core.model.people import Rights
from allclear.core.model.release import Comparison
from allclear.core.model.snapshot import Wants
from allclear.core.model.stored import fields_of
from allclear.core.model.times import clock_time, in_minutes
from allclear.core.policy.provider import source_of_targets
from allclear.core.production.binding import bound_rollback, ordered, told
from allclear.core.production.clearance import approval_refusal, approval_told
from allclear.core.production.request import Request
from allclear.core.production.rerun import check_rerun, runs_again
from allclear.core.production.reversal import decision, opening, understood, undone
from allclear.core.production.rollback import (
    Aim,
    aim,
    check_migrations,
    provider_of,
    request_of,
    service_of,
    under_way,
)
from allclear.core.production.undoing import guarded
from allclear.core.record.audit import Helped
from allclear.core.record.facts import Fact
from allclear.core.record.life import StatusSet
from allclear.core.record.production import OperationAsked


def _request(_cursor: ArgumentCursor, context: CommandContext) -> tuple[Request, ArgumentCursor]:
    return request_of(context), ArgumentCursor("", "")


Asked = Annotated[
    Request, Arg("[service] [to <release>] [--dry-run] [--with-migrations] [why]", _request, words=4)
]


def _wants(context: CommandContext) -> Wants:
    """The service's releases; then what lies between the two, and who guards the environment."""
    try:
        request = request_of(context)
        name = service_of(request, context)
        service = context.settings.services[name]
        if (
            source_of_targets(service, provider_of(name, context)) == "deployments"
            and name not in context.releases
        ):
            return Wants(releases=frozenset({name}))
        aimed = aim(request, context)
    except UserError:
        return Wants()
    guarded = service.rollback.approval == "environment" and not _dry(request, context)
    return Wants(
        comparisons=frozenset({aimed.commits} if aimed.commits else ()),
        environments=frozenset({service.environment} if guarded else ()),
        deploy_runs=runs_again(aimed.provider, aimed.release),
    )


@command(
    "rollback",
    least=Rights.MAINTAIN,
    floor=Rights.WRITE,
    examples=(
        "/rollback",
        "/rollback {service|web} to 1a2b3c4 checkout is down",
        "/rollback {service|web} --dry-run",
    ),
    wants=_wants,
    unedited=True,
    bare=True,
)
def rollback(context: CommandContext, request: Asked) -> Answer:
    """Puts a service back to its last known good release, or to the one you name.

    The reply shows what would be undone and who has to approve. Then the deploy system's own rollback runs
    once, and the smoke checks after it. It is refused when data migrations lie in between, unless
    `--with-migrations` says that the older code works with them. `--dry-run` only shows what would happen. In
    a drill every rollback is a dry run.
    """
    aimed = aim(request, context)
    comparison = context.comparisons.get(aimed.commits) if aimed.commits else None
    if _dry(request, context):
        return _only_shown(context, request, aimed, comparison)
    other = under_way(context.incident, aimed.name)
    if other is not None:
        where = f"[{code(other.id)}]({other.url})" if other.url else code(other.id)
        stop = "" if other.state == "running" else f" `/cancel {other.id}` stops it before it begins."
        raise UserError(f"A rollback of {code(aimed.name)} is under way already: {where}.{stop}", "busy")
    service = aimed.service
    refusal = approval_refusal(
        service.rollback.approval, service.environment, context.environments.get(service.environment)
    )
    if refusal is not None:
        raise refusal
    check_migrations(aimed, comparison, request)
    _check_rerun(aimed, context)
    fact = _fact(context, request, aimed, comparison)
    if context.now >= _expires(context, aimed):
        raise UserError(
            f"You asked for this {in_minutes(context.now - context.at)} ago, and production may have changed "
            "since. If you still want it, ask for it again.",
            "late",
        )
    facts: list[Fact] = [fact]
    if _before(context, "mitigating"):
        facts.append(StatusSet(to="mitigating"))
    said = [understood(request, aimed), *opening(aimed, context), _next(context, aimed, fact)]
    return Answer(tuple(facts), "\n\n".join([*said, *_shown(context, aimed, comparison)]))


def _dry(request: Request, context: CommandContext) -> bool:
    return request.dry_run or context.incident.kind == "drill"


def _only_shown(
    context: CommandContext, request: Request, aimed: Aim, comparison: Comparison | None
) -> Answer:
    """A dry run. Where the deploy system has the list, a workflow has to ask it, and changes nothing."""
    why = "This is a drill, so this is a dry run" if not request.dry_run else "This is a dry run"
    if request.dry_words:
        why += f", because of {code(request.dry_words)}"
    said = [f"{why}: nothing is changed.", *opening(aimed, context), *_shown(context, aimed, comparison)]
    if source_of_targets(aimed.service, aimed.provider) == "deployments":
        try:
            _check_rerun(aimed, context)
        except UserError as error:
            said.append(f"**It could not be done now.** {error.message}")
        return Answer((Helped(),), "\n\n".join(said))
    fact = _fact(context, request, aimed, comparison)
    said[0] += f" {code(fact.op)} asks the deploy system for its releases."
    return Answer((fact,), "\n\n".join(said))


def _check_rerun(aimed: Aim, context: CommandContext) -> None:
    """Whether the run can be run again that made the deployment: said now, not when it was approved."""
    run = aimed.release.run if aimed.release is not None else 0
    seen = context.deploy_runs.get(run)
    check_rerun(aimed.service, aimed.provider, aimed.release, seen, context.now)


def _fact(
    context: CommandContext, request: Request, aimed: Aim, comparison: Comparison | None
) -> OperationAsked:
    rules = aimed.service.rollback
    dry = _dry(request, context)
    bound = bound_rollback(aimed, comparison, request, dry_run=dry)
    return OperationAsked(
        **fields_of(Order, ordered(bound)),
        op=operation_id("rollback", context.repository.id, context.incident.number, context.call.key),
        why=request.why,
        approval="none" if dry else rules.approval,
        environment=aimed.service.environment if rules.approval == "environment" and not dry else "",
        expires=_expires(context, aimed),
    )


def _expires(context: CommandContext, aimed: Aim) -> datetime:
    """From when it was said, not from when it was read: production may have changed since."""
    return context.at + aimed.service.rollback.expires


def _next(context: CommandContext, aimed: Aim, fact: OperationAsked) -> str:
    """Its id, who has to approve, until when, and what ends it before."""
    there = source_of_targets(aimed.service, aimed.provider) == "provider"
    until = clock_time(_expires(context, aimed), context.zone, near=context.at)
    lines = (
        f"Its id is {code(fact.op)}.",
        approval_told(fact.approval, aimed.service.environment, fact.op),
        told(fact.digest),
        f"It starts by {until} or not at all. `/cancel {fact.op}` stops it before it begins.",
        guarded(aimed.provider, aimed.current) if there else "",
    )
    return " ".join(filter(None, lines))


def _shown(context: CommandContext, aimed: Aim, comparison: Comparison | None) -> list[str]:
    return [undone(aimed, comparison, context), decision(aimed, comparison, context)]


def _before(context: CommandContext, wanted: str) -> bool:
    """Whether the runbook has that status and the incident is not as far yet."""
    order: list[str] = [state.id for state in context.runbook.states]
    if wanted not in order or context.incident.status not in order:
        return False
    return order.index(context.incident.status) < order.index(wanted)
