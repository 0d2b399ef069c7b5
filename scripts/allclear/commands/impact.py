from __future__ import annotations

import re
from typing import Annotated

from allclear.core.conversation.arguments import pairs, text_as
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.record.findings import ImpactSet

_GROUPED = re.compile(r"[0-9]{1,3}(?:[,.'_][0-9]{3}){1,3}", re.ASCII)
_COUNT = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,3}))?([kmb]?)", re.ASCII)
_SIZES = {"": 0, "k": 3, "m": 6, "b": 9}
_AMOUNT = r"[0-9](?:[0-9]|[.,'][0-9]){0,24}\s?(?:[kKmMbB]|thousand|million)?"
_MONEY = re.compile(
    rf"~?(?:[A-Z]{{3}}\s?|[$€£¥₹]\s?)?{_AMOUNT}(?:\s?[A-Z]{{3}}|\s?[$€£¥₹])?(?:/(?:min|h|hour|day|d))?"
)
MOST_USERS = 10_000_000_000


@command(
    "impact",
    least=Rights.TRIAGE,
    examples=("/impact users=15000 revenue=$45000 checkout is down", '/impact users=15k revenue="EUR 2,000"'),
    reversible=True,
)
def impact(
    _room: CommandContext, text: Annotated[str, text_as("[users=<n>] [revenue=<amount>] [<text>]")]
) -> Answer:
    """Says how many users and how much revenue are affected, and how.

    `users=` takes 15000, 15,000 or 15k. `revenue=` takes an amount with its currency, such as $45000 or "EUR
    2,000", also per hour (`$2k/h`). Each may be left out; what you leave out stays as it was.
    """
    given, rest = pairs(text, frozenset({"users", "revenue"}))
    if re.fullmatch(r"[A-Z]{3}", given.get("revenue", "")):
        # Somebody wrote revenue=EUR 2,000 without quotes.
        amount, _, rest = rest.partition(" ")
        given["revenue"] = f"{given['revenue']} {amount}"
    users = _users(given["users"]) if "users" in given else None
    revenue = _revenue(given["revenue"]) if "revenue" in given else None
    said = [f"{users:,} users" if users is not None else "", inline(revenue or "")]
    numbers = " and ".join(part for part in said if part)
    return Answer(
        (ImpactSet(users=users, revenue=revenue, text=rest.strip()),),
        f"Impact recorded: {numbers}." if numbers else "Impact recorded.",
    )


def _users(word: str) -> int:
    bare = word.lower().removeprefix("~").removesuffix("+")
    if _GROUPED.fullmatch(bare):
        return int(re.sub(r"\D", "", bare))
    match = _COUNT.fullmatch(bare)
    if match is not None:
        whole, part, size = match.groups()
        digits = _SIZES[size]
        if len(part or "") <= digits:
            count = int(whole + (part or "").ljust(digits, "0"))
            if count <= MOST_USERS:
                return count
    raise UserError(f"{code(word)} is not a number of users; write `users=15000` or `users=15k`.")


def _revenue(words: str) -> str:
    if len(words) > 40 or not _MONEY.fullmatch(words):
        raise UserError(f'{code(words)} is not an amount; write `revenue=$45000` or `revenue="EUR 2,000"`.')
    return words
