from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights


@command("confirm", least=Rights.WRITE, examples=("/confirm",), early=True)
def confirm(context: CommandContext) -> Answer:
    """Makes an incident of an outsider's report: from here the clocks run and people are told."""
    if context.report is None:
        raise UserError("There is no report to confirm: this is an incident already.", "state")
    after = context.after(context.report)
    ask = " Nobody named a severity: `/sev <severity>` does." if context.report.asked else ""
    follows = outlook(after, context.runbook, context.now, context.zone)
    return Answer((context.report,), f"Confirmed: this is an incident, **{after.severity}**.{ask}\n{follows}")
