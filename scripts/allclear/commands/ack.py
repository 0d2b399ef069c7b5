from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.command import Answer, Room, command
from allclear.core.model.neutral import inline
from allclear.core.model.people import Rights
from allclear.core.model.times import spell
from allclear.core.record.facts import Acknowledged, Helped


@command(
    "ack",
    least=Rights.TRIAGE,
    examples=("/ack",),
    aliases=("acknowledge", "acknowledged", "acked"),
    reversible=True,
)
def ack(room: Room) -> Answer:
    """Acknowledges the incident; you become responder and assignee.

    The first one stops the response clock and what escalates until somebody responds. Everybody after that
    joins the response.
    """
    name = inline(room.by.login)
    acknowledged = room.incident.reached("acknowledged")
    if acknowledged is not None and room.by.id in {person.id for person in room.incident.responders}:
        return Answer((Helped(),), f"You are on it already, {name}. Nothing changes.")
    fact = Acknowledged(by=room.by)
    if acknowledged is not None:
        return Answer((fact,), f"{name} joins the response.")
    since = "the reopening" if room.incident.interval else "the declaration"
    after = spell(room.at - (room.incident.opened or room.at))
    follows = outlook(room.after(fact), room.runbook, room.now, room.zone)
    return Answer((fact,), f"{name} acknowledged, {after} after {since}.\n{follows}")
