from __future__ import annotations

import re
from typing import Annotated

from allclear.commands.role import appoint_all
from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.conversation.people import SELF, SaidRoles, not_a_role, said_roles
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Rights

_OVER = lazy_regex(r"^over\s{1,9}(?=\S)", re.IGNORECASE)
_FROM = lazy_regex(r"(?<!\S)from\s{1,9}@[A-Za-z0-9][\w-]{0,38}(?!\S)", re.IGNORECASE | re.ASCII)
"""Who had the role, which the answer says anyhow."""


def _read(cursor: ArgumentCursor, context: CommandContext) -> tuple[SaidRoles, ArgumentCursor]:
    line = _FROM.sub("", cursor.line, count=1).strip()
    said = said_roles(_OVER.sub("", line), context.runbook)
    if said.roles and said.asked:
        return said, ArgumentCursor("", cursor.below)
    if not said.roles:
        raise not_a_role(cursor.word()[0], context.runbook)
    own = SELF | {context.by.login.lower()}
    for one in said.everybody:
        if (one.login or one.word).lower() not in own:
            example = code(f"/role {said.roles[0].kind.id} {one.shown}")
            raise UserError(f"`/take` takes a role yourself. For somebody else write {example}.")
    for role in said.roles:
        if role.empty:
            raise UserError(
                f"`/take` takes a role. To leave it empty write {code(f'/role {role.kind.id} none')}."
            )
        role.people.clear()
    return said, ArgumentCursor("", cursor.below)


@command(
    "take",
    least=Rights.TRIAGE,
    examples=("/take {leader|ic}", "/take {role|comms}"),
    reversible=True,
    asks=True,
)
def take(context: CommandContext, which: Annotated[SaidRoles, Arg("<role>", _read, words=3)]) -> Answer:
    """Takes a role yourself; the reply says what its duties are.

    Whoever had it is named. `/role` gives a role to somebody else, and `/handoff` all of yours.
    """
    return appoint_all(context, which)
