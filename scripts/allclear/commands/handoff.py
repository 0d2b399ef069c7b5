from __future__ import annotations

from allclear.core.conversation.arguments import PersonWord
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import inline
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.people import RoleSet


@command(
    "handoff",
    least=Rights.TRIAGE,
    examples=("/handoff @octocat",),
    aliases=("hand-off", "handover", "hand-over"),
    reversible=True,
)
def handoff(context: CommandContext, to: PersonWord) -> Answer:
    """Hands all your roles to somebody; without one, the role of incident commander.

    You stay a responder. Hand over by voice as well: what you know, what you tried, what you would do next.
    """
    if to.id == context.by.id:
        raise UserError("That is you. Name the person who takes over, such as `/handoff @octocat`.")
    titles = {kind.id: kind.title for kind in context.runbook.roles}
    mine = [
        held
        for held, person in context.incident.team.roles.items()
        if person.id == context.by.id and held in titles
    ]
    if not mine and "ic" not in titles:
        raise UserError("You hold no role to hand over.", "state")
    given = mine or ["ic"]
    was = context.incident.team.roles.get("ic")
    if was is not None and was.id == to.id and not mine:
        return Answer((Helped(),), f"{inline(was.login)} is {titles['ic']} already. Nothing changes.")
    before = f" (was {inline(was.login)})" if was and not mine else ""
    facts = tuple(RoleSet(role=held, person=to) for held in given)
    return Answer(
        facts, f"{', '.join(titles[held] for held in given)}: **{inline(to.login)}** takes over{before}."
    )
