"""`/action done 3` and `/action drop 3 <why>`: what became of an action item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from allclear.core.conversation.command import Answer, CommandContext
from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
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
_ORDERS: Mapping[Literal["done", "dropped"], str] = {"done": "done", "dropped": "drop"}
_ENDED = lazy_regex(
    rf"(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?:[ \t]{{0,9}}:)?"
    r"(?:[ \t]{1,9}#?(?P<number>[0-9]{1,6})(?![\w.,:/-]))?(?P<why>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SAID_DONE = ("close", "closed", "complete", "completed", "finish", "finished", "\u2705", "\u2714")
_ALSO: Mapping[str, Literal["done", "dropped"]] = {**_WORDS, **dict.fromkeys(_SAID_DONE, "done")}
_ANY = "|".join(sorted(_ALSO, key=len, reverse=True))
_ITEM = r"(?:(?:action[ \t]{1,3})?item[ \t]{1,3})?#?(?P<number>[0-9]{1,6})"
_NUMBER_FIRST = lazy_regex(
    rf"(?:mark[ \t]{{1,3}})?{_ITEM}[ \t]{{0,3}}[.):=\u2013\u2014-]{{0,2}}[ \t]{{1,9}}"
    rf"(?:(?:is|was|as|now)[ \t]{{1,3}}){{0,2}}(?P<word>{_ANY})(?![\w-])(?P<why>.*)",
    re.IGNORECASE | re.DOTALL,
)
_WORD_FIRST = lazy_regex(
    rf"(?:mark[ \t]{{1,3}})?(?P<word>{_ANY})(?:[ \t]{{0,9}}:)?[ \t]{{1,9}}{_ITEM}"
    r"(?![\w/]|[.,:-]\d)(?P<why>.*)",
    re.IGNORECASE | re.DOTALL,
)
_MORE = lazy_regex(
    rf"(?:mark[ \t]{{1,3}})?(?:(?:{_ANY})(?:[ \t]{{0,9}}:)?[ \t]{{1,9}})?#?[0-9]{{1,6}}"
    r"(?:[ \t]{0,3}(?:,|&|\+|\band\b)[ \t]{0,3}#?[0-9]{1,6}){1,30}"
    rf"(?:[ \t]{{1,9}}(?:(?:are|is)[ \t]{{1,3}})?(?:{_ANY}))?[\s.!]{{0,9}}",
    re.IGNORECASE,
)
_APART = lazy_regex(r"[\s]{0,9}(?:[,.;:!(\u2013\u2014-]{1,3}|\n|because(?=\s))")
"""What stands between an item that is over and why."""
SHOWN = 200
"""Characters of an action item that an answer repeats."""


def action_ended(text: str, context: CommandContext) -> Answer | None:
    """What is answered when the text says that an action item is over; None when it says something else.

    Raises UserError when it does not say which one, or not why nobody will do it.
    """
    match = _ENDED.fullmatch(text)
    if _MORE.fullmatch(text):
        raise UserError(
            f"{code(text, 60)} names several action items, and one line ends one: `/action done 1` and "
            "`/action done 2`, each on its own line."
        )
    if match is None or match["number"] is None:
        ended = _in_other_words(text, context)
        if ended is not None:
            return ended
    if match is None:
        return None
    outcome, why = _WORDS[match["word"].lower()], match["why"].strip()
    if match["number"] is None:
        if why:
            return None
        raise UserError(f"Which action item? {_those_open(context.incident, match['word'].lower())}")
    return _ended(int(match["number"]), outcome, match["word"].lower(), why, context)


def _in_other_words(text: str, context: CommandContext) -> Answer | None:
    """The same for ``1 done`` and ``closed #1``. Where more follows, it may be the text of a new item: it is
    asked about where there is an item of that number. Raises UserError.
    """
    match = _NUMBER_FIRST.fullmatch(text) or _WORD_FIRST.fullmatch(text)
    if match is None:
        return None
    outcome = _ALSO[match["word"].lower()]
    number, word, why = int(match["number"]), _ORDERS[outcome], match["why"].strip()
    apart = _APART.match(match["why"])
    if why and apart is None:
        if number not in {one.number for one in context.incident.progress.open_actions}:
            return None
        raise UserError(
            f"{code(text, 60)} may be about action item {number}, or a new one. "
            f"{code(f'/action {word} {number} {why}', 100)} ends that; a new one begins with another word.",
            "unclear",
        )
    return _ended(number, outcome, word, match["why"][apart.end() :].strip(" ()") if apart else "", context)


def _ended(
    number: int, outcome: Literal["done", "dropped"], word: str, why: str, context: CommandContext
) -> Answer:
    item = _meant(number, word, context)
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
