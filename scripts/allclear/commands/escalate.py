from __future__ import annotations

from allclear.core.conversation.arguments import Why
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.escalation import NEXT, Named, Whom, escalated
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.policy.deadline import Chain
from allclear.core.record.audit import Helped
from allclear.core.record.progress import Escalated
from allclear.core.view.people import people_behind


@command(
    "escalate",
    least=Rights.TRIAGE,
    examples=(
        "/escalate",
        "/escalate the database does not come back",
        "/escalate {title|CEO} customers are leaving",
    ),
    asks=True,
)
def escalate(context: CommandContext, to: Whom = NEXT, why: Why = "") -> Answer:
    """Tells the next level, or whom you name, that they are needed.

    Alone it is for the lowest level of the escalation that was not told yet, also after `/ack`; when all were
    told, the last is told again. You can name a title of the runbook or of the settings, a contact, or
    another chain. `/escalate?` only says who would be told.
    """
    fact, chain = escalated(to, why, context)
    if to.asked:
        return _would(to, fact)
    reason = [f"The reason: {inline(fact.why, 500)}"] if fact.why else []
    said = [_understood(fact, chain, context), *_reach(fact, context), *_worse(to, context), *reason]
    return Answer((fact,), " ".join(said))


def _would(to: Named, fact: Escalated) -> Answer:
    """Whom the same line would tell without its question mark."""
    who = " and ".join(f"**{inline(title)}**" for title in fact.to)
    place = f" (level {fact.level} of `{fact.chain}`)" if fact.chain else ""
    order = code(f"/escalate {to.title or to.chain}".rstrip())
    return Answer((Helped(),), f"A question tells nobody. {order} tells {who}{place} that they are needed.")


def _worse(to: Named, context: CommandContext) -> list[str]:
    """Where to raise the severity, which is what others mean by to escalate; after `/escalate` alone, and
    where the reason begins with a severity.
    """
    first = next(iter(context.call.line.split()), "")
    spelt = first[:1].isalpha() and any(sign.isdigit() for sign in first)
    meant = context.runbook.severity_named(first) if spelt else None
    if to == NEXT and meant is not None and meant.id != context.incident.severity:
        return [f"The severity was not changed: `/sev {meant.id}` does it."]
    if to != NEXT or first:
        return []
    ids = [severity.id for severity in context.runbook.severities]
    worse = ids[: ids.index(context.incident.severity)] if context.incident.severity in ids else []
    return [f"`/sev {one}` says that it is worse than {context.incident.severity}." for one in worse[-1:]]


def _understood(fact: Escalated, chain: Chain | None, context: CommandContext) -> str:
    who = " and ".join(f"**{inline(title)}**" for title in fact.to)
    place = f" (level {fact.level} of `{fact.chain}`)" if fact.chain else ""
    heard = context.incident.progress.told
    again = chain is not None and all(title.lower() in heard for title in fact.to)
    already = " Every level was told before, so the last one is told again." if again else ""
    return f"{who}{place} {'are' if len(fact.to) > 1 else 'is'} told now.{already}"


def _reach(fact: Escalated, context: CommandContext) -> list[str]:
    """How to reach those who have no login here: nobody else does it."""
    said = []
    for contact in context.runbook.contacts:
        behind = people_behind(contact.title, context.incident, context.runbook, context.settings)
        if contact.title.lower() in {title.lower() for title in fact.to} and not behind and contact.ways:
            ways = ", ".join(f"{kind} {inline(value)}" for kind, value in contact.ways)
            said.append(f"GitHub cannot notify {inline(contact.title)}. Please do it yourself: {ways}.")
    return said
