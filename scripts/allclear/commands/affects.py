from __future__ import annotations

from allclear.core.arguments import Services
from allclear.core.command import Answer, Room, command
from allclear.core.facts import Affected, Helped
from allclear.core.neutral import code
from allclear.core.people import Rights


@command(
    "affects",
    least=Rights.TRIAGE,
    examples=("/affects checkout api",),
    aliases=("affected", "affect", "services", "service"),
    reversible=True,
)
def affects(room: Room, services: Services) -> Answer:
    """Names the affected services.

    Where the settings list services, it must be one of them. They add up; `/undo` takes the last ones back.
    """
    new = tuple(name for name in services if name not in room.incident.services)
    if not new:
        return Answer(
            (Helped(),), f"{', '.join(code(name) for name in services)}: listed already. Nothing changes."
        )
    listed = ", ".join(code(name) for name in (*room.incident.services, *new))
    return Answer((Affected(services=new),), f"Affected: {listed}.")
