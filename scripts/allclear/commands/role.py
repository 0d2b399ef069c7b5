from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.conversation.people import SaidRole, SaidRoles, not_a_role, one_of, said_roles
from allclear.core.conversation.role_remarks import check_given, told
from allclear.core.conversation.taking import also, refuse_two
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.model.structs import replace
from allclear.core.record.audit import Helped
from allclear.core.record.facts import Fact
from allclear.core.record.people import RoleSet
from allclear.core.view.people import duties

_ITEM = lazy_regex(r"\s{0,9}(?:[-*+\u2022]|\d{1,2}[.)])\s{1,3}")
_MOST_LISTED = 20
_LONGEST_LINE = 200


def _read(cursor: ArgumentCursor, context: CommandContext) -> tuple[SaidRoles, ArgumentCursor]:
    said = said_roles(with_below(cursor.line, cursor.below, context), context.runbook)
    if not said.roles:
        word = "" if said.people else cursor.word()[0]
        raise not_a_role(word, context.runbook)
    return said, ArgumentCursor("", cursor.below)


def with_below(line: str, below: str, context: CommandContext) -> str:
    """The line and the roles with a login that are listed right below it, as one line."""
    found = [line] if line else []
    for one in below.split("\n")[:_MOST_LISTED]:
        item = _ITEM.sub("", one[:_LONGEST_LINE]).strip()
        if not item:
            break
        if "@" in item and said_roles(item, context.runbook).roles:
            found.append(item)
    return ", ".join(found)


def _wants(context: CommandContext) -> Wants:
    line = with_below(context.call.line, context.call.below, context)
    return said_roles(line, context.runbook).wants


@command(
    "role",
    least=Rights.TRIAGE,
    examples=("/role {role|comms} @octocat", "/{role|comms} @octocat", "/role {role|comms} none"),
    reversible=True,
    wants=_wants,
    asks=True,
)
def role(
    context: CommandContext, which: Annotated[SaidRoles, Arg("<role> [@user]", _read, words=4)]
) -> Answer:
    """Gives a role to somebody, who becomes a responder; `none` leaves it empty.

    Without a name you take it yourself, as with `/take`. The person needs `triage` access or more. One person
    may hold several roles, and the reply says so, unless the runbook keeps two of them apart. Several roles
    may be given in one line: `/role comms @octocat, scribe @hubot`. With a question mark behind it, it only
    says who has it.
    """
    return appoint_all(context, which)


def appoint_all(context: CommandContext, which: SaidRoles) -> Answer:
    """Answer with everybody in the role that the line gives them, or refuse all of it; a question is answered
    with who has them.
    """
    shown = next((one.shown for one in which.everybody), "@octocat")
    if which.asked:
        return told([one.kind for one in which.roles], shown, context)
    _refuse_unclear(which, shown)
    facts: list[Fact] = []
    said: list[str] = []
    for one in which.roles:
        for who in _people(one, context):
            now = replace(context, incident=context.after(*facts)) if facts else context
            answer = appoint(now, one.kind.id, who)
            facts += [fact for fact in answer.facts if not isinstance(fact, Helped)]
            said.append(answer.say)
    if which.rest:
        said.append(f"Not recorded: {inline(which.rest)}")
    return Answer(tuple(facts) or (Helped(),), "\n".join(said))


def _refuse_unclear(which: SaidRoles, shown: str) -> None:
    """Raise UserError where the line goes on with people behind words that say something else, says that
    somebody cannot have a role, or says for one of several roles alone who gets it.
    """
    last = which.roles[-1].kind.id
    if "@" in which.rest:
        raise UserError(
            f"{code(which.rest)} cannot be read here. Write a role and a login for each, such as "
            f"{code(f'/role {last} @octocat')}, one a line."
        )
    many = next((one.kind for one in which.roles if one.kind.many), None) if which.leaving else None
    if many is not None:
        raise UserError(
            f"Several can be {inline(many.title)}, so nobody leaves it for another. "
            f"{code(f'/role {many.id} none')} leaves it empty, {code(f'/role {many.id} {shown}')} gives it."
        )
    check_given(which.aside, f"/role {last} {shown if which.everybody else 'me'}", f"/role {last} none")
    free = next((one.kind for one in which.roles if not (one.people or one.empty)), None)
    if free is not None and len(which.roles) > 1 and which.everybody:
        raise UserError(
            f"Who is to be {inline(free.title)}? Write a login for each role, such as "
            f"{code(f'/role {free.id} {shown}')}, or `me`."
        )


def _people(said: SaidRole, context: CommandContext) -> list[Person] | list[None]:
    if said.empty:
        return [None]
    return one_of(said, context) or [context.by]


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
