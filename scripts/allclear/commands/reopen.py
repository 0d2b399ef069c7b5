from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.arguments import Why
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Stage
from allclear.core.record.life import Reopened


@command(
    "reopen",
    least=Rights.WRITE,
    examples=("/reopen the errors are back",),
    early=True,
    late=True,
)
def reopen(context: CommandContext, why: Why) -> Answer:
    """Opens an incident again after a resolution, an all-clear or a duplicate, with new clocks.

    The checklist starts from the beginning; the record stays. A dismissed report becomes an incident.
    """
    if context.incident.stage == Stage.REPORT:
        raise UserError(
            "This is a report that nobody has confirmed yet. `/confirm` makes it an incident.", "state"
        )
    if context.incident.stage == Stage.OPEN and context.incident.reached("resolved") is None:
        raise UserError("This incident is open, so there is nothing to reopen.", "state")
    facts: tuple[Fact, ...] = (Reopened(why=why),)
    if context.incident.stage == Stage.DISMISSED:
        # It never was an incident: there is nothing to go back to but the declaration.
        if context.report is None:
            raise UserError("This report was dismissed. Open a new incident for it.", "state")
        facts = (context.report,)
    after = context.after(*facts)
    said = (
        f"The incident is open again as {after.severity}. Its clocks start again, and its status is "
        "investigating."
    )
    return Answer(facts, f"{said}\n{outlook(after, context.runbook, context.now, context.zone)}")
