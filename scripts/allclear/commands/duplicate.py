from __future__ import annotations

from allclear.core.conversation.arguments import IssueNumber
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.record.life import Duplicated


@command(
    "duplicate",
    least=Rights.WRITE,
    examples=("/duplicate #12",),
    bare=True,
)
def duplicate(context: CommandContext, of: IssueNumber) -> Answer:
    """Says that this is the same as another incident: its clocks stop, and its people are added there.

    The issue is closed as a duplicate. `/reopen` takes that back.
    """
    if of == context.incident.number:
        raise UserError("That is this incident itself. Write the number of the other one.")
    other = context.others.get(of)
    if other is None:
        raise UserError(f"There is no issue {of} in this repository.", "missing")
    if not other.known:
        raise UserError(f"GitHub did not say what #{of} is. Try again in a minute.", "unavailable")
    if not other.incident:
        raise UserError(
            f"#{of} is not an incident. If it is one, it needs the `incident` label first.",
            "not-an-incident",
        )
    ended = "" if other.open else f" Note that #{of} is closed."
    return Answer(
        (Duplicated(of=of),),
        f"This is the same incident as #{of}. The clocks here stop, its people are added there, and this "
        f"issue is closed.{ended}",
    )
