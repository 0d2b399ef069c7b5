from __future__ import annotations

import re
from typing import Annotated

from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.conversation.people import login_in, person, person_wanted, said_roles
from allclear.core.conversation.role_remarks import check_given
from allclear.core.conversation.taking import refuse_two
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.model.structs import replace
from allclear.core.record.audit import Helped
from allclear.core.record.people import RoleLeft, RoleSet
from allclear.core.view.people import duties

_ALL = lazy_regex(r"(?:(?:all|everything|my|the|roles?|duties|over)\s{1,9}){1,5}(?=to\s|@)", re.IGNORECASE)
"""What everybody hands over anyhow."""


def _to(cursor: ArgumentCursor) -> ArgumentCursor:
    """What follows ``all my roles``."""
    return replace(cursor, line=_ALL.sub("", cursor.line.strip(), count=1))


def _wanted(cursor: ArgumentCursor) -> Wants:
    return person_wanted(_to(cursor))


def _read(cursor: ArgumentCursor, context: CommandContext) -> tuple[Person, ArgumentCursor]:
    cursor = _to(cursor)
    said = said_roles(cursor.line, context.runbook)
    if said.asked and cursor.line.strip("? "):
        order = code(f"/handoff {next((one.shown for one in said.everybody), '@octocat')}")
        raise UserError(
            f"{code(cursor.line, 60)} is a question, not an order, so nothing is done. {order} hands over.",
            "unclear",
        )
    named = dict.fromkeys([*said.leaving, *(one.shown for one in said.everybody)])
    if len(named) > 1:
        names = " and ".join(map(code, named))
        raise UserError(f"All your roles go to one person, and {names} are named. Which one takes over?")
    if said.roles:
        who = next((one.shown for one in said.everybody), "@user")
        example = code(f"/role {said.roles[0].kind.id} {who}")
        raise UserError(f"`/handoff` hands over all your roles. For one of them write {example}.")
    return person(cursor, context)


@command(
    "handoff",
    least=Rights.TRIAGE,
    examples=("/handoff @octocat",),
    reversible=True,
)
def handoff(context: CommandContext, to: Annotated[Person, Arg("@user", _read, _wanted, words=2)]) -> Answer:
    """Hands all your roles to somebody; without one, the role of incident commander.

    You stay a responder. Hand over by voice as well: what you know, what you tried, what you would do next.
    """
    if to.id == context.by.id:
        raise UserError("That is you. Name the person who takes over, such as `/handoff @octocat`.")
    kinds = {kind.id: kind for kind in context.runbook.roles}
    team = context.incident.team
    mine = [role for role in kinds if _has(role, context)]
    if not mine and "ic" not in kinds:
        raise UserError("You hold no role to hand over.", "state")
    given = mine or ["ic"]
    was = team.roles.get("ic")
    if was is not None and was.id == to.id and not mine:
        return Answer(
            (Helped(),), f"{inline(was.login)} is {inline(kinds['ic'].title)} already. Nothing changes."
        )
    before = f" (was {inline(was.login)})" if was and not mine else ""
    facts = [fact for role in given for fact in _given(role, to, context)]
    refuse_two(given, to, context, *facts)
    titles = ", ".join(inline(kinds[role].title) for role in given)
    tasks = [f"\n- **{inline(kinds[role].title)}**.{duties(kinds[role])}" for role in given]
    aside = _to(ArgumentCursor(context.call.line, "")).named(login_in)[2].line.strip()
    check_given(aside, f"/handoff @{to.login}", "")
    aside = f"\nNot recorded: {inline(aside)}" if aside else ""
    said = duties(kinds[given[0]]) if len(given) == 1 else "".join(tasks)
    return Answer(tuple(facts), f"{titles}: **{inline(to.login)}** takes over{before}.{said}{aside}")


def _has(role: str, context: CommandContext) -> bool:
    """Whether the role is the speaker's, or proposed to them."""
    proposal = context.incident.team.proposal(role)
    if proposal is not None and proposal.login.lower() == context.by.login.lower():
        return True
    return context.by.id in {person.id for person in context.incident.team.holders(role)}


def _given(role: str, to: Person, context: CommandContext) -> list[RoleSet | RoleLeft]:
    """The role is somebody else's; those who have it together keep it together."""
    others = [one for one in context.incident.team.holders(role) if one.id != context.by.id]
    if not others or context.by.id not in {one.id for one in context.incident.team.holders(role)}:
        return [RoleSet(role=role, person=to)]
    left = RoleLeft(role=role, person=context.by)
    there = to.id in {one.id for one in others}
    return [left] if there else [left, RoleSet(role=role, person=to, beside=True)]
