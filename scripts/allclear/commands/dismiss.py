from __future__ import annotations

from allclear.core.conversation.arguments import Why
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.not_so import check_so
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.incident import Stage
from allclear.core.record.life import Dismissed


@command(
    "dismiss", least=Rights.WRITE, examples=("/dismiss a question, not an outage",), early=True, bare=True
)
def dismiss(context: CommandContext, why: Why = "") -> Answer:
    """Says that an outsider's report is not an incident; nobody is notified, and no clock runs."""
    if context.incident.stage == Stage.DISMISSED:
        return Answer(
            (Helped(),), "This report is dismissed already. `/confirm` makes it an incident after all."
        )
    if context.incident.stage != Stage.REPORT:
        raise UserError("There is no report to dismiss: this is an incident. `/all-clear` ends it.", "state")
    check_so(why, "/dismiss")
    return Answer(
        (Dismissed(why=why),),
        "The report is dismissed: this is not an incident. `/confirm` makes it one after all.",
    )
