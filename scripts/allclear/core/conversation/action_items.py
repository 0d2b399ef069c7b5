"""Action items as people write them: owner and due date before or behind the text, or a list of items."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from allclear.core.conversation.action_dates import Day, said_due
from allclear.core.conversation.action_lists import as_list
from allclear.core.conversation.action_owners import leading, named, trailing
from allclear.core.conversation.people import SaidPerson
from allclear.core.model.errors import UserError
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace

MOST_ITEMS = 30
"""Items that one command may bring: each is a fact of its entry, and a line of the answer."""

LONGEST_READ = 5000
"""Characters that owners are looked for in before it is known who may help; a longer text is refused."""

_BULLET = lazy_regex(r"\s{0,9}(?:[-*+\u2022]|\d{1,3}[.)])\s{1,9}(?=\S)")
_WHAT = lazy_regex(r"^(?:what|task|to ?do|action(?: item)?)\s?:\s{1,9}(?=\S)", re.IGNORECASE)
_BOX = lazy_regex(r"\[[ xX]?\](?!\()\s{0,9}")


class SaidItem(Struct, frozen=True):
    """One action item. ``owner`` and ``due`` (``YYYY-MM-DD``) may be missing.

    ``others``: people who stand beside the owner and stay in the text. ``undated``: words for a date that are
    none, which stay there too, and ``doubted``: a date that may be a part of the sentence.
    """

    text: str
    owner: SaidPerson | None = None
    due: str = ""
    others: tuple[SaidPerson, ...] = ()
    undated: str = ""
    doubted: str = ""


Horizon = Callable[[str], tuple[str, str]]
"""From a text to the date that its first word names, and the text behind it; without a date the whole."""


def said_items(text: str, day: Day, horizon: Horizon, today: str = "") -> tuple[tuple[SaidItem, ...], str]:
    """The items of ``text``, and the heading of its list, which is none. ``today``: the date before which
    nothing is due.

    A list makes one item a line where nothing but a heading, an owner or a date stands in front of it, or
    where one of its lines has an owner or a date of its own; otherwise it is part of the item. Raises
    UserError for a date that is none or given twice, an item without text, and more than MOST_ITEMS.
    """

    def item(line: str) -> SaidItem:
        return _item(line, day, horizon, today)

    text = as_list(text)
    lines = text.strip("\n").split("\n")
    begin = next((number for number, line in enumerate(lines) if _BULLET.match(line)), len(lines))
    front = "\n".join(lines[:begin]).strip()
    head = item(front.removesuffix(":"))
    heading = not head.text or front.endswith(":")
    parts = _parts(lines[begin:])
    listed = [item(part) for part in parts[: MOST_ITEMS + 1]]
    if not listed or not (heading or any(one.owner or one.due for one in listed)):
        return (_with_text(item(text.strip())),), ""
    if len(parts) > MOST_ITEMS:
        raise UserError(f"These are {len(parts)} action items, and one command takes at most {MOST_ITEMS}.")
    items = [replace(one, owner=one.owner or head.owner, due=one.due or head.due) for one in listed]
    return tuple(map(_with_text, items if heading else [head, *items])), head.text if heading else ""


def _with_text(item: SaidItem) -> SaidItem:
    if not item.text:
        raise UserError("What is to be done? The action item has no text.")
    return item


def _parts(lines: list[str]) -> list[str]:
    """The items of a list, which begins with the first line, each with the lines that belong to it."""
    parts: list[list[str]] = []
    depth = _depth(lines[0]) if lines else 0
    for line in lines:
        if _BULLET.match(line) and _depth(line) <= depth:
            parts.append([line])
        else:
            parts[-1].append(line)
    return ["\n".join(part) for part in parts]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _item(text: str, day: Day, horizon: Horizon, today: str) -> SaidItem:
    line, newline, below = text.partition("\n")
    line = _unmarked(line.strip())
    people, line = leading(line)
    said = said_due(line, day, today, owned=bool(people))
    due, behind = horizon(said.line)
    if due and said.date:
        # The word that names a date is one of the text's, unless an owner stands behind it.
        behind = behind if leading(behind)[0] else said.line
    for find in (named, trailing) if people else (leading, named, trailing):
        more, behind = find(behind)
        people += more
    behind = _WHAT.sub("", behind)
    owner, others = (people[0], tuple(people[1:])) if people else (None, ())
    if others:
        behind = " ".join([*(one.shown for one in others), behind]).strip()
    whole = f"{behind}{newline}{below}".strip()
    return SaidItem(whole, owner, said.date or due, others, said.undated, said.doubted)


def _unmarked(line: str) -> str:
    """The line without the mark and the box of a list's item."""
    bullet = _BULLET.match(line)
    line = line[bullet.end() :] if bullet else line
    box = _BOX.match(line)
    return line[box.end() :] if box else line
