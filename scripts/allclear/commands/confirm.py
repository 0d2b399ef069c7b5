from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights


@command("confirm", least=Rights.WRITE, examples=("/confirm",), early=True)
def confirm(context: CommandContext) -> Answer:
    """Makes an outsider's report an incident: from then on the clocks run, and people are notified."""
    if context.report is None:
        raise UserError("There is no report to confirm: this is an incident already.", "state")
    after = context.after(context.report)
    ask = " Nobody has named the severity yet; `/sev <severity>` does." if context.report.asked else ""
    follows = outlook(after, context.runbook, context.now, context.zone)
    return Answer(
        (context.report,), f"This is now an incident. Its severity is **{after.severity}**.{ask}\n{follows}"
    )
