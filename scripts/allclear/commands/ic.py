from __future__ import annotations

from allclear.commands.role import appoint
from allclear.core.conversation.arguments import HolderOrSelf
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights


@command("ic", least=Rights.TRIAGE, examples=("/ic @octocat", "/ic", "/ic none"), reversible=True)
def ic(context: CommandContext, who: HolderOrSelf) -> Answer:
    """Names the incident commander, who coordinates and decides; `none` leaves the role empty.

    Without a name it is you.
    """
    kind = context.runbook.role("ic")
    if kind is None:
        raise UserError("This runbook has no incident commander.", "state")
    return appoint(context, kind.id, who)
