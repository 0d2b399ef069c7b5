from __future__ import annotations

from allclear.commands.role import appoint
from allclear.core.conversation.arguments import RoleWord
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.people import Rights


@command("take", least=Rights.TRIAGE, examples=("/take {leader|ic}", "/take {role|comms}"), reversible=True)
def take(context: CommandContext, which: RoleWord) -> Answer:
    """Takes a role yourself; the reply says what its duties are.

    Whoever had it is named. `/role` gives a role to somebody else, and `/handoff` all of yours.
    """
    return appoint(context, which, context.by)
