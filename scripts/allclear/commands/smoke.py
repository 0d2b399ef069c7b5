from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from allclear.core.conversation.arguments import a_word, text_as
from allclear.core.conversation.command import Answer, Arg, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.operation import operation_id
from allclear.core.model.people import Rights
from allclear.core.model.times import clock_time
from allclear.core.plan.watch import SMOKE_EXPIRES
from allclear.core.record.audit import Helped
from allclear.core.record.production import OperationAsked


@command(
    "smoke",
    least=Rights.TRIAGE,
    examples=("/smoke", "/smoke web after the cache was cleared"),
)
def smoke(
    context: CommandContext,
    service: Annotated[str, Arg("<service>", a_word)] = "",
    why: Annotated[str, text_as("<why>")] = "",
) -> Answer:
    """Looks whether a service is well: its HTTP checks, its commands, and the numbers of the recovery.

    It changes nothing in production, so nobody has to approve it. The table of what was seen is written here;
    a run that fails holds the resolution back, and takes an incident that was fixed back to mitigating.
    Without a service it looks at the only one that has checks, or the only one of those that is affected.
    """
    name = _service(context, service)
    running = next(
        (
            o
            for o in context.incident.production.operations.values()
            if (o.kind, o.service) == ("smoke", name) and o.open
        ),
        None,
    )
    if running is not None:
        link = f": [its run]({running.url})" if running.url else ""
        return Answer(
            (Helped(),), f"A smoke run of {code(name)} is under way already ({code(running.id)}){link}."
        )
    op = operation_id("smoke", context.repository.id, context.incident.number, context.call.key)
    expires = context.now + SMOKE_EXPIRES
    fact = OperationAsked(op=op, kind="smoke", service=name, why=why, expires=expires)
    until = clock_time(expires, context.zone, near=context.at)
    return Answer(
        (fact,),
        f"A smoke run of {code(name)} was started ({code(op)}); what it sees is written here. "
        f"If it has not begun by {until}, it is dropped.",
    )


def _service(context: CommandContext, word: str) -> str:
    """The service as the settings spell it. Raises UserError when it could be several, or has no checks."""
    services = context.settings.services
    if not services:
        raise UserError(
            "No service is configured, so there is nothing to look at. Name one under `services:` in "
            "`.github/allclear.yml`; `docs/rollback.md` shows how.",
            "no-services",
        )
    if word:
        known = {name.lower(): name for name in services}
        found = known.get(word.strip("`").lower())
        if found is None:
            raise UserError(
                f"{code(word, 60)} is not a service; this repository has {_names(services)}. "
                "A reason comes after the service: `/smoke <service> <why>`.",
                "unknown-service",
            )
        return _checked(context, found)
    having = [name for name, service in services.items() if service.has_smoke]
    hit = {name.lower() for name in context.incident.impact.services}
    affected = [name for name in having if name.lower() in hit]
    for certain in (having, affected):
        if len(certain) == 1:
            return certain[0]
    if not having:
        return _checked(context, next(iter(services)))
    raise UserError(
        f"Which service? Checks have {_names(affected or having)}. Write `/smoke <service>`.",
        "unknown-service",
    )


def _checked(context: CommandContext, name: str) -> str:
    if not context.settings.services[name].has_smoke:
        raise UserError(
            f"{code(name)} has no checks yet. Write into `.github/allclear.yml`, under "
            f"`services: {name}:`, an address that has to answer 200, as in "
            "`health: [https://app.example.com/health]`, and its host under `hosts: [app.example.com]`; "
            "`docs/rollback.md` shows the other checks.",
            "settings",
        )
    return name


def _names(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names)
