"""Who may: what is refused to a person or at a stage of the incident, and who is not answered at all."""

from __future__ import annotations

from allclear.core.conversation.case import Case
from allclear.core.conversation.command import Command
from allclear.core.conversation.inbox import ENDED
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.record.incident import Stage

PUT_BACK = {
    "severity-label": " The label was put back.",
    "incident-label": " The label was put back.",
    "close": " The issue was opened again.",
    "reopen": " The issue was closed again.",
}
"""What became of what somebody did by hand without the right to."""


def heard(case: Case, rights: Rights) -> bool:
    """Whether this person gets an answer. A stranger gets one, so that nobody can make the bot talk (H1)."""
    if rights >= Rights.TRIAGE or case.withdraws:
        return True
    ask = case.ask
    command = case.named is not None and not (ask.look_alike or ask.overflow or ask.told)
    if not command:
        return False
    speaker = case.ledger.speaker(ask.call.author.id)
    return speaker is None or not speaker.told


def refuse_unless_allowed(case: Case, command: Command, rights: Rights) -> None:
    """Raise UserError for what this person may not do, and for what the incident's stage does not allow."""
    least, stage = case.policy.least(command), case.incident.stage
    if rights < least:
        raise UserError(
            f"`/{command.name}` needs `{least.word}` access to this repository, and "
            f"GitHub says that you have `{rights.word}`.{PUT_BACK.get(case.ask.origin, '')} "
            "Ask somebody in the team to do it, or ask an admin for access.",
            "not-allowed",
        )
    if stage in (Stage.REPORT, Stage.DISMISSED) and not command.early:
        told = (
            "This is a report, not an incident yet" if stage == Stage.REPORT else "This report was dismissed"
        )
        who = case.policy.confirmer
        raise UserError(
            f"{told}. Somebody with `{who}` access has to write `/confirm` first.", "not-an-incident"
        )
    if stage in ENDED and not (command.late or command.early):
        raise UserError("This incident is over. `/reopen the errors are back` opens it again.", "state")
