from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.command import Answer, Room, command
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights


@command("confirm", least=Rights.WRITE, examples=("/confirm",), early=True)
def confirm(room: Room) -> Answer:
    """Makes an incident of an outsider's report: from here the clocks run and people are told."""
    if room.report is None:
        raise UserError("There is no report to confirm: this is an incident already.", "state")
    after = room.after(room.report)
    ask = " Nobody named a severity: `/sev <severity>` does." if room.report.asked else ""
    follows = outlook(after, room.runbook, room.now, room.zone)
    return Answer((room.report,), f"Confirmed: this is an incident, **{after.severity}**.{ask}\n{follows}")
