from __future__ import annotations

from typing import Annotated

from allclear.commands.role import appoint_all, with_below
from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.conversation.people import SaidRoles, said_roles
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants


def _read(cursor: ArgumentCursor, context: CommandContext) -> tuple[SaidRoles, ArgumentCursor]:
    kind = context.runbook.role("ic")
    if kind is None:
        raise UserError("This runbook has no incident commander.", "state")
    line = _with_roles_below(cursor, context)
    return said_roles(line, context.runbook, kind), ArgumentCursor("", cursor.below)


def _with_roles_below(cursor: ArgumentCursor, context: CommandContext) -> str:
    """Its line with the roles that are given right below; without a name it is whoever typed it."""
    line = with_below(cursor.line, cursor.below, context)
    return f"me, {line}" if line and not cursor.line.strip() else line


def _wants(context: CommandContext) -> Wants:
    line = _with_roles_below(ArgumentCursor(context.call.line, context.call.below), context)
    return said_roles(line, context.runbook, context.runbook.role("ic")).wants


@command(
    "ic",
    least=Rights.TRIAGE,
    examples=("/ic @octocat", "/ic", "/ic none"),
    reversible=True,
    wants=_wants,
    asks=True,
)
def ic(context: CommandContext, who: Annotated[SaidRoles, Arg("[@user]", _read, words=2)]) -> Answer:
    """Names the incident commander, who coordinates and decides; `none` leaves the role empty.

    Without a name it is you; `/ic?` says who it is.
    """
    return appoint_all(context, who)
