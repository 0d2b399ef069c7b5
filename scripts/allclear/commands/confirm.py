from __future__ import annotations

from collections.abc import Mapping

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.milestones import IncidentKind
from allclear.core.model.neutral import inline
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants
from allclear.core.view.declared import taken

BECOMES: Mapping[IncidentKind, str] = {
    "real": "This is now an incident.",
    "drill": "This is now a **drill**, as the issue says: it notifies nobody and counts in no metric.",
    "retro": "This is now an incident that is **written up afterwards**, as the issue says.",
}


def _wants(_context: CommandContext) -> Wants:
    return Wants(events=True, issue_editor=True)


@command("confirm", least=Rights.WRITE, examples=("/confirm",), early=True, wants=_wants)
def confirm(context: CommandContext) -> Answer:
    """Makes an outsider's report an incident: from then on the clocks run, and people are notified.

    What counts is the issue as it was when you wrote this, whatever its author changes afterwards.
    """
    if context.report is None:
        raise UserError("There is no report to confirm: this is an incident already.", "state")
    after = context.after(context.report)
    ask = " Nobody has named the severity yet; `/sev <severity>` does." if context.report.asked else ""
    follows = outlook(after, context.runbook, context.now, context.zone)
    became = f"{BECOMES[context.report.kind]} Its severity is **{after.severity}**."
    said = "\n".join(filter(None, (f"{became}{ask}{_retitled(context)}", taken(context.report), follows)))
    return Answer((context.report,), said)


def _retitled(context: CommandContext) -> str:
    """What the report was called first, when somebody changed that."""
    change = context.retitled
    if change is None or change.former_title is None:
        return ""
    who = inline(change.actor.login) if change.actor else "somebody who is gone"
    return f" {who} changed its title after it was opened; first it was {inline(change.former_title, 200)}."
