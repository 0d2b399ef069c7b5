from __future__ import annotations

from allclear.core.conversation.arguments import Services
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.services import remarks
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.findings import Affected


@command(
    "affects",
    least=Rights.TRIAGE,
    examples=("/affects {service|checkout api}",),
    reversible=True,
)
def affects(context: CommandContext, services: Services) -> Answer:
    """Names the affected services.

    Where the settings list services, it must be one of them. They add up; `/undo` takes the last ones back.
    A remark in brackets is not recorded; `/impact` takes it.
    """
    aside = " ".join(remarks(context.call.line))
    aside = f" Not recorded: {inline(aside)}; write it with `/impact`." if aside else ""
    new = tuple(name for name in services if name not in context.incident.impact.services)
    if not new:
        return Answer(
            (Helped(),),
            f"Already listed: {', '.join(code(name) for name in services)}. Nothing changes.{aside}",
        )
    listed = ", ".join(code(name) for name in (*context.incident.impact.services, *new))
    return Answer((Affected(services=new),), f"Affected services: {listed}.{aside}")
