from __future__ import annotations

import re
from typing import Annotated

from allclear.core.conversation.arguments import text_as
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.impact import said_impact
from allclear.core.conversation.quantities import amount_at, count_at
from allclear.core.model.counts import counted
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Rights
from allclear.core.record.findings import ImpactSet

_SERVICES = lazy_regex(
    r"(?:services?|components?|affected|affects)\s?[=:]\s?([\w.-][\w., -]{0,100})", re.ASCII | re.IGNORECASE
)
"""Services that are named where the impact is said."""


@command(
    "impact",
    least=Rights.TRIAGE,
    examples=("/impact users=15000 revenue=$45000 checkout is down", "/impact 15k users, revenue EUR 2,000"),
    reversible=True,
)
def impact(
    context: CommandContext, text: Annotated[str, text_as("[users=<n>] [revenue=<amount>] [<text>]")]
) -> Answer:
    """Says how many users and how much revenue are affected, and how.

    `users=` takes a number as you write it, such as 15000, 15 000, ~15k or "1.2 million"; a percentage or a
    range is no number and stays in the text. `revenue=` keeps an amount with its currency as it stands, such
    as $45000, EUR 2,000, or $2k/h. Each may be left out; what you leave out stays as it was.
    """
    fact, untold = said_impact(text)
    revenue = f"revenue {inline(fact.revenue)}" if fact.revenue else ""
    numbers = " and ".join(part for part in (counted(fact.users, fact.about), revenue) if part)
    said = f"Impact recorded: {numbers}." if numbers else "Impact recorded as text."
    if fact.text:
        said += f" {'Text' if numbers else 'It says'}: {inline(fact.text)}"
    for words in untold:
        if "=" in words:
            said += (
                f"\n{code(words)} was read neither as a number of users nor as revenue, so it stands in the "
                "text. Write `/impact users=15000` or `/impact revenue=$45000`."
            )
            continue
        said += (
            f"\n{code(words)} is not a number of users, so it stands in the text. Write one number, such as "
            "`/impact users=15000`, or `users=0` for nobody."
        )
    return Answer((fact,), said + _meant(fact, context))


def _meant(fact: ImpactSet, context: CommandContext) -> str:
    """What is said of a text that may mean more than a sentence: a bare number, a severity, services."""
    if fact.users is not None or fact.revenue:
        return ""
    count, amount = count_at(fact.text), amount_at(fact.text)
    if amount is not None and amount.money and amount.end == len(fact.text):
        return f"\n{code(f'/impact revenue={fact.text}')} records it as revenue."
    if count is not None and count.number is not None and count.end == len(fact.text):
        return f"\n{code(f'/impact users={fact.text}')} records it as a number of users."
    if severity := context.runbook.severity_named(fact.text):
        return f"\n{code('/sev ' + severity.id)} sets the severity."
    if named := _SERVICES.fullmatch(fact.text):
        return f"\n{code('/affects ' + named.group(1))} names what is affected."
    return ""
