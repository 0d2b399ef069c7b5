from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.arguments import ServiceWord, text_as
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.services import likely_service, not_a_service
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.operation import operation_id
from allclear.core.model.people import Rights
from allclear.core.model.times import clock_time
from allclear.core.production.remark import check_one_service, check_remark
from allclear.core.production.watching import EXPIRES
from allclear.core.record.audit import Helped
from allclear.core.record.production import OperationAsked


@command(
    "smoke",
    least=Rights.TRIAGE,
    examples=("/smoke", "/smoke web after the cache was cleared"),
)
def smoke(
    context: CommandContext,
    service: ServiceWord = "",
    why: Annotated[str, text_as("<why>")] = "",
) -> Answer:
    """Checks whether a service is healthy: HTTP checks, commands, and the numbers of its recovery.

    It changes nothing in production, so nobody has to approve it. The results are written here. A run that
    fails holds the resolution back, and takes an incident that was fixed back to mitigating. Without a
    service it checks the only one that has checks, or the only one of those that is affected.
    """
    name = _service(context, service)
    check_one_service(why, name, context.settings.services, f"/smoke {name}")
    check_remark(why, f"/smoke {name}", "It only looks, and changes nothing in production.")
    running = next(
        (
            o
            for o in context.incident.production.operations.values()
            if (o.kind, o.service) == ("smoke", name) and o.open
        ),
        None,
    )
    if running is not None:
        link = f", see [its run]({running.url})" if running.url else ""
        return Answer(
            (Helped(),), f"A smoke run of {code(name)} is under way already ({code(running.id)}){link}."
        )
    op = operation_id("smoke", context.repository.id, context.incident.number, context.call.key)
    expires = context.now + EXPIRES
    fact = OperationAsked(op=op, kind="smoke", service=name, why=why, expires=expires)
    until = clock_time(expires, context.zone, near=context.at)
    return Answer(
        (fact,),
        f"A smoke run of {code(name)} was started ({code(op)}). Its results follow here. "
        f"If it has not begun by {until}, it is dropped.",
    )


def _service(context: CommandContext, named: str) -> str:
    """The service to look at. Raises UserError when it could be several, or has no checks."""
    services = context.settings.services
    having = [name for name, one in services.items() if one.has_smoke]
    found = named or likely_service(having, context.incident.impact.services)
    if not services:
        raise not_a_service("", services)
    if found or not having:
        return _checked(context, found or next(iter(services)))
    hit = {name.lower() for name in context.incident.impact.services}
    names = ", ".join(code(name) for name in [one for one in having if one.lower() in hit] or having)
    raise UserError(
        f"Which service? These have checks: {names}. Write `/smoke <service>`.",
        "unknown-service",
    )


def _checked(context: CommandContext, name: str) -> str:
    if not context.settings.services[name].has_smoke:
        raise UserError(
            f"{code(name)} has no checks yet. In `.github/allclear.yml`, under `services: {name}:`, name an "
            "address that has to answer 200, such as `health: [https://app.example.com/health]`, and "
            "list its "
            "host under `hosts: [app.example.com]`. `docs/rollback.md` shows the other checks.",
            "settings",
        )
    return name
