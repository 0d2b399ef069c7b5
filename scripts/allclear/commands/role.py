from __future__ import annotations

from allclear.core.conversation.arguments import HolderOrSelf, RoleWord
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.taking import also, refuse_two
from allclear.core.model.neutral import inline
from allclear.core.model.people import Person, Rights
from allclear.core.record.audit import Helped
from allclear.core.record.people import RoleSet
from allclear.core.view.people import duties


@command(
    "role",
    least=Rights.TRIAGE,
    examples=("/role {role|comms} @octocat", "/{role|comms} @octocat", "/role {role|comms} none"),
    aliases=("assign",),
    reversible=True,
)
def role(context: CommandContext, which: RoleWord, who: HolderOrSelf) -> Answer:
    """Gives a role to somebody, who becomes a responder; `none` leaves it empty.

    Without a name you take it yourself, as with `/take`. The person needs `triage` access or more. One person
    may hold several roles, and the reply says so, unless the runbook keeps two of them apart.
    """
    return appoint(context, which, who)


def appoint(context: CommandContext, which: str, who: Person | None) -> Answer:
    """Answer with ``who`` in the role ``which``, an id of the runbook; None leaves it empty.

    A role that several may have is theirs beside those who have it. Raises UserError where they have one that
    excludes it.
    """
    kind = next(kind for kind in context.runbook.roles if kind.id == which)
    title, team = inline(kind.title), context.incident.team
    holders = team.holders(which)
    if who is None:
        if not holders and team.proposal(which) is None:
            return Answer((Helped(),), f"Nobody is {title} already. Nothing changes.")
        before = f" (was {_listed(holders)})" if holders else ""
        return Answer((RoleSet(role=which),), f"Nobody is {title} now{before}.")
    if who.id in {holder.id for holder in holders}:
        return Answer((Helped(),), f"{inline(who.login)} is {title} already. Nothing changes.")
    fact = RoleSet(role=which, person=who, beside=kind.many and bool(holders))
    refuse_two([which], who, context, fact)
    twice = also(which, who, context.incident, context)
    if fact.beside:
        said = f"**{inline(who.login)}** is now {title} too, beside {_listed(holders)}."
    else:
        before = f" (was {_listed(holders)})" if holders else ""
        said = f"{title} is now **{inline(who.login)}**{before}."
    return Answer((fact,), f"{said}{twice}{duties(kind)}")


def _listed(people: tuple[Person, ...]) -> str:
    return ", ".join(inline(person.login) for person in people)
