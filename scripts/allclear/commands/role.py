from __future__ import annotations

from allclear.core.conversation.arguments import Holder, RoleWord
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.neutral import inline
from allclear.core.model.people import Person, Rights
from allclear.core.record.audit import Helped
from allclear.core.record.people import RoleSet


@command(
    "role",
    least=Rights.TRIAGE,
    examples=("/role comms @octocat", "/comms @octocat", "/role scribe none"),
    aliases=("assign",),
    reversible=True,
)
def role(context: CommandContext, which: RoleWord, who: Holder) -> Answer:
    """Gives a role to somebody, who becomes a responder; `none` leaves it empty.

    The person needs `triage` access or more. One person may hold several roles; the reply says so.
    """
    return appoint(context, which, who)


def appoint(context: CommandContext, which: str, who: Person | None) -> Answer:
    """Answer with ``who`` in the role ``which``, an id of the runbook; None leaves it empty."""
    titles = {kind.id: kind.title for kind in context.runbook.roles}
    was = context.incident.team.roles.get(which)
    if (was.id if was else None) == (who.id if who else None):
        return Answer(
            (Helped(),),
            f"{inline(was.login) if was else 'Nobody'} is {titles[which]} already. Nothing changes.",
        )
    before = f" (was {inline(was.login)})" if was else ""
    fact = RoleSet(role=which, person=who)
    if who is None:
        return Answer((fact,), f"Nobody is {titles[which]} now{before}.")
    others = [
        titles[r]
        for r, holder in context.incident.team.roles.items()
        if holder.id == who.id and r != which and r in titles
    ]
    twice = f" {inline(who.login)} is also {', '.join(others)}." if others else ""
    return Answer((fact,), f"{titles[which]} is now **{inline(who.login)}**{before}.{twice}")
