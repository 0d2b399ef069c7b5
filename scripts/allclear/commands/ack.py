from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.taking import taken_by_ack
from allclear.core.conversation.time_arguments import earlier
from allclear.core.model.neutral import inline
from allclear.core.model.people import Rights
from allclear.core.model.times import in_minutes
from allclear.core.record.audit import Helped
from allclear.core.record.people import Acknowledged


@command(
    "ack",
    least=Rights.TRIAGE,
    examples=("/ack",),
    reversible=True,
)
def ack(context: CommandContext) -> Answer:
    """Acknowledges the incident; you become responder and assignee.

    The first `/ack` stops the response clock, and the escalations that wait for a response. Everybody after
    that joins the response. Roles that are proposed to you are yours then.
    """
    name = inline(context.by.login)
    acknowledged = context.incident.reached("acknowledged")
    if acknowledged is not None and context.by.id in {
        person.id for person in context.incident.team.responders
    }:
        taken, said = taken_by_ack(context)
        if taken:
            return Answer(taken, said)
        return Answer((Helped(),), f"You have acknowledged already, {name}. Nothing changes.")
    fact = Acknowledged(by=context.by)
    if acknowledged is not None:
        return Answer((fact,), f"{name} joins the response.")
    since = "the reopening" if context.incident.interval else "the declaration"
    after = in_minutes(context.at - (context.incident.opened or context.at))
    follows = outlook(context.after(fact), context.runbook, context.now, context.zone)
    moved = earlier(context.call.line, fact, context)
    return Answer((fact,), f"{name} acknowledged, {after} after {since}.{moved}\n{follows}")
