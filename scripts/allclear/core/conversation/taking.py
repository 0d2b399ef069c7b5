"""Who has a role: what people take by acting here, and what nobody may have together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from allclear.core.clock.roles import claimed, excluded
from allclear.core.conversation.command import CommandContext
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Person
from allclear.core.policy.role import RoleKind
from allclear.core.record.audit import Helped
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Incident
from allclear.core.record.people import Acknowledged, RoleLeft, RoleSet
from allclear.core.view.people import duties


def taking(context: CommandContext, facts: Sequence[Fact]) -> tuple[tuple[RoleSet, ...], str]:
    """The roles that somebody takes by what these facts say that they did, and what is said of it.

    Asking for help takes none, and nothing that a bot does.
    """
    if context.by.login.endswith("[bot]") or all(isinstance(fact, Helped) for fact in facts):
        return (), ""
    after = context.after(*facts)
    if not after.active:
        return (), ""
    acknowledges = any(isinstance(fact, Acknowledged) and fact.by.id == context.by.id for fact in facts)
    first = acknowledges and context.incident.reached("acknowledged") is None
    given = {fact.role for fact in facts if isinstance(fact, RoleSet | RoleLeft)}
    found = claimed(
        after, context.runbook, context.settings, context.by, acknowledges=acknowledges, first=first
    )
    return _taken(context, [role for role in found if role.id not in given])


def taken_by_ack(context: CommandContext) -> tuple[tuple[RoleSet, ...], str]:
    """The roles that somebody takes who acknowledged before, and does so again."""
    found = claimed(context.incident, context.runbook, context.settings, context.by, acknowledges=True)
    return _taken(context, found)


def _taken(context: CommandContext, roles: Iterable[RoleKind]) -> tuple[tuple[RoleSet, ...], str]:
    facts: list[RoleSet] = []
    said = []
    for role in roles:
        incident = context.after(*facts)
        said.append(
            f"{inline(role.title)} is now **{inline(context.by.login)}**."
            f"{also(role.id, context.by, incident, context)}{duties(role)}"
        )
        facts.append(RoleSet(role=role.id, person=context.by))
    return tuple(facts), "\n".join(said)


def also(role: str, who: Person, incident: Incident, context: CommandContext) -> str:
    """`` bob is also Scribe.``: what else somebody has, beside this role; empty where that is nothing."""
    others = [
        inline(other.title)
        for other in context.runbook.roles
        if other.id != role and who.id in {holder.id for holder in incident.team.holders(other.id)}
    ]
    return f" {inline(who.login)} is also {', '.join(others)}." if others else ""


def refuse_two(roles: Iterable[str], who: Person, context: CommandContext, *facts: Fact) -> None:
    """Raise UserError when somebody would have two roles, after these facts, that exclude each other."""
    after = context.after(*facts)
    titles = {kind.id: kind.title for kind in context.runbook.roles}
    for role in roles:
        others = excluded(role, who.login, after, context.runbook)
        if others:
            other = next(kind.id for kind in context.runbook.roles if kind.title == others[0])
            both = f"{inline(' and '.join(others))} and {inline(titles[role])}"
            raise UserError(
                f"By this runbook nobody is {both} at once, and {inline(who.login)} would be. Name somebody "
                f"else, or give that role away first: {code(f'/role {other} @user')}.",
                "state",
            )
