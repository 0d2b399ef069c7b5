"""`/action done 3` and `/action drop 3 <why>`: what became of an action item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from allclear.core.conversation.command import Answer, CommandContext
from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import inline
from allclear.core.record.action_item import ActionItem
from allclear.core.record.incident import Incident
from allclear.core.record.progress import ActionEnded

_WORDS: Mapping[str, Literal["done", "dropped"]] = {
    "done": "done",
    "drop": "dropped",
    "dropped": "dropped",
    "wontdo": "dropped",
    "wont-do": "dropped",
    "won't-do": "dropped",
}
_ENDED = re.compile(
    rf"(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?:[ \t]{{0,9}}:)?"
    r"(?:[ \t]{1,9}#?(?P<number>[0-9]{1,6})(?![\w.,:/-]))?(?P<why>.*)",
    re.IGNORECASE | re.DOTALL,
)
SHOWN = 200
"""Characters of an action item that an answer repeats."""


def action_ended(text: str, context: CommandContext) -> Answer | None:
    """What is answered when the text says that an action item is over; None when it says something else.

    Raises UserError when it does not say which one, or not why nobody will do it.
    """
    match = _ENDED.fullmatch(text)
    if match is None:
        return None
    outcome, why = _WORDS[match["word"].lower()], match["why"].strip()
    if match["number"] is None:
        if why:
            return None
        raise UserError(f"Which action item? {_those_open(context.incident, match['word'].lower())}")
    item = _meant(int(match["number"]), match["word"].lower(), context)
    if outcome == "dropped" and not why:
        raise UserError(
            f"Why will nobody do it? The post-mortem says so: `/action drop {item.number} <why>`."
        )
    said = f"Action item {item.number} is {outcome}: {inline(item.text, SHOWN)}"
    left = len(context.incident.progress.open_actions) + context.incident.progress.left_out - 1
    open_ = "None is open now" if not left else f"{left} {'is' if left == 1 else 'are'} still open"
    return Answer((ActionEnded(number=item.number, outcome=outcome, why=why),), f"{said}. {open_}.")


def _meant(number: int, word: str, context: CommandContext) -> ActionItem:
    known = context.incident.progress
    found = next((one for one in known.actions if one.number == number), None)
    if (found is None or known.left_out) and context.entries is None:
        raise HistoryNeededError  # The checkpoint keeps those that are open, and not all of many.
    if found is None:
        raise UserError(f"There is no action item {number}. {_those_open(context.incident, word)}")
    if found.outcome:
        raise UserError(f"Action item {number} is {found.outcome} already.", "state")
    return found


def _those_open(incident: Incident, word: str) -> str:
    numbers = [one.number for one in incident.progress.open_actions]
    if not numbers:
        return "None is open; `/action <text>` adds one."
    listed = ", ".join(map(str, numbers[:12]))
    more = " <why>" if _WORDS[word] == "dropped" else ""
    return f"Open: {listed}. Write `/action {word} {numbers[0]}{more}`."
