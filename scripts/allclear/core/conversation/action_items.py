"""Action items as people write them: owner and due date before or behind the text, or a list of items."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from allclear.core.conversation.marks import bare, only_signs
from allclear.core.conversation.people import SaidPerson, login_in
from allclear.core.conversation.said_days import day_at
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code

MOST_ITEMS = 30
"""Items that one command may bring: each is a fact of its entry, and a line of the answer."""

LONGEST_READ = 5000
"""Characters that owners are looked for in before it is known who may help; a longer text is refused."""

_BULLET = re.compile(r"\s{0,9}(?:[-*+\u2022]|\d{1,3}[.)])\s{1,9}(?=\S)")
_BOX = re.compile(r"\[[ xX]?\](?!\()\s{0,9}")
_SIGNED = re.compile(
    r"(?<![\w-])(?:due(?:[ -]?date|[ ]by|[ ]on)?|deadline)\s?[:=]\s{0,9}(?=(?P<value>\S)?)", re.IGNORECASE
)
_UNSIGNED = re.compile(r"(?<![\w-])(?:(?P<due>due(?:[ ]by|[ ]on)?)|by)\s{1,9}(?=\S)", re.IGNORECASE)
_NOT_DUE = re.compile(r"(?:to|diligence|process|credit)\b", re.IGNORECASE)
_OWNER = re.compile(
    r"(?<![\w-])(?:(?:owner|assignee|assigned to|assign to)\s?(?P<sign>[:=])?\s?)"
    r"(?P<who>@?[A-Za-z0-9][\w-]{0,38}|\[@?[\w-]{1,39}\]\(https?://[^\s()]{1,200}\))(?![\w/])",
    re.IGNORECASE | re.ASCII,
)
_SPOKEN_TO = frozenset({"ask", "tell", "ping", "notify", "with", "from", "by", "to", "and", "or", "cc"})
"""Words that make the person behind them a part of the sentence."""
_AT_END = re.compile(r"[\s.,;:!)\]>\u2013\u2014\u2192-]{0,9}(?:[(\[]?@[\w-]{1,39}[\s.,;:!)\]]{0,9})?$")
_EDGE = " \t,;:-\u2013\u2014\u2192"
_MOST_DUES = 5


@dataclass(frozen=True, slots=True)
class SaidItem:
    """One action item. ``owner`` and ``due`` (``YYYY-MM-DD``) may be missing.

    ``others``: people who stand beside the owner and stay in the text. ``undated``: words for a date that are
    none, which stay there too.
    """

    text: str
    owner: SaidPerson | None = None
    due: str = ""
    others: tuple[SaidPerson, ...] = ()
    undated: str = ""


Day = Callable[[str], str]
"""From the words for a day to its date. Raises UserError when they are none."""

Horizon = Callable[[str], tuple[str, str]]
"""From a text to the date that its first word names, and the text behind it; without a date the whole."""


def said_items(text: str, day: Day, horizon: Horizon) -> tuple[tuple[SaidItem, ...], str]:
    """The items of ``text``, and the heading of its list, which is none.

    A list makes one item a line where nothing but a heading, an owner or a date stands in front of it, or
    where one of its lines has an owner or a date of its own; otherwise it is part of the item. Raises
    UserError for a date that is none or given twice, an item without text, and more than MOST_ITEMS.
    """
    lines = text.strip("\n").split("\n")
    begin = next((number for number, line in enumerate(lines) if _BULLET.match(line)), len(lines))
    front = "\n".join(lines[:begin]).strip()
    head = _item(front.removesuffix(":"), day, horizon)
    heading = not head.text or front.endswith(":")
    parts = _parts(lines[begin:])
    listed = [_item(part, day, horizon) for part in parts[: MOST_ITEMS + 1]]
    if not listed or not (heading or any(one.owner or one.due for one in listed)):
        return (_with_text(_item(text.strip(), day, horizon)),), ""
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


def _item(text: str, day: Day, horizon: Horizon) -> SaidItem:
    line, newline, below = text.partition("\n")
    line = _unmarked(line.strip())
    people, line = _leading(line)
    said, line, undated = _due(line, day)
    due, behind = horizon(line)
    if due and said:
        # The word that names a date is one of the text's, unless an owner stands behind it.
        behind = behind if _leading(behind)[0] else line
    for find in (_named, _trailing) if people else (_leading, _named, _trailing):
        more, behind = find(behind)
        people += more
    owner, others = (people[0], tuple(people[1:])) if people else (None, ())
    if others:
        behind = " ".join([*(one.shown for one in others), behind]).strip()
    return SaidItem(f"{behind}{newline}{below}".strip(), owner, said or due, others, undated)


def _unmarked(line: str) -> str:
    """The line without the mark and the box of a list's item."""
    bullet = _BULLET.match(line)
    line = line[bullet.end() :] if bullet else line
    box = _BOX.match(line)
    return line[box.end() :] if box else line


def _leading(line: str) -> tuple[list[SaidPerson], str]:
    """The people whom the line begins with."""
    found: list[SaidPerson] = []
    at = 0
    for word in re.finditer(r"\S+", line):
        login = login_in(word[0])
        if login:
            found.append(SaidPerson(login, word[0]))
        elif not (found and (only_signs(word[0]) or _joins(line, word))):
            break
        at = word.end()
    return (found, line[at:].lstrip(_EDGE)) if found else ([], line)


def _joins(line: str, word: re.Match[str]) -> bool:
    """Whether the word is the ``and`` between two people."""
    after = line[word.end() : word.end() + 60].split(None, 1)
    return word[0].lower() in ("and", "&", "+") and bool(after) and bool(login_in(after[0]))


def _named(line: str) -> tuple[list[SaidPerson], str]:
    """The person behind ``owner:``."""
    found = _OWNER.search(line)
    if found is None or not (found["sign"] or login_in(found["who"])):
        return [], line
    login = login_in(found["who"]) or found["who"]
    return [SaidPerson(login, found["who"])], _without(line, found.start(), found.end())


def _trailing(line: str) -> tuple[list[SaidPerson], str]:
    """The people whom the line ends with, unless the sentence needs them."""
    words = list(re.finditer(r"\S+", line))
    found: list[SaidPerson] = []
    end = len(line)
    while words:
        word = words[-1]
        login = login_in(word[0])
        if login:
            found.insert(0, SaidPerson(login, word[0]))
        elif not (found and only_signs(word[0])):
            break
        end = word.start()
        words.pop()
    before = bare(words[-1][0]).lower() if words else ""
    if not found or before in _SPOKEN_TO:
        return [], line
    if before == "for":
        end = words[-1].start()
    return found, line[:end].rstrip(_EDGE)


def _due(line: str, day: Day) -> tuple[str, str, str]:
    """The due date, the line without it, and what looks like one that is none. Raises UserError for what a
    sign says is a date and is none, and for a second date.
    """
    found = _SIGNED.search(line)
    if found is not None:
        return (*_cut(line, found, day), "")
    undated = ""
    for number, found in enumerate(_UNSIGNED.finditer(line)):
        words = _day_words(line[found.end() :], day)
        if words is None:
            if found["due"] and not _NOT_DUE.match(line, found.end()):
                undated = undated or f"{found[0]}{line[found.end() :].split(None, 1)[0]}"
        elif found["due"] or _at_edge(line, found, found.end() + len(words)):
            return (*_cut(line, found, day), "")
        if number == _MOST_DUES:
            break
    return "", line, undated


def _at_edge(line: str, found: re.Match[str], end: int) -> bool:
    """Whether ``by friday`` stands at the start, at the end, or before a colon: elsewhere it is a part of
    the sentence.
    """
    return not line[: found.start()].strip() or line[end : end + 1] == ":" or bool(_AT_END.match(line, end))


def _cut(line: str, found: re.Match[str], day: Day) -> tuple[str, str]:
    value = line[found.end() :]
    words = _day_words(value, day)
    if words is None:
        first = bare(value.split(None, 1)[0]) if value.strip() else ""
        if not first:
            raise UserError("When is it due? Write a date, such as `due:2026-12-01`.")
        words = first
    date = day(words)
    rest = _without(line, found.start(), found.end() + len(words))
    if _SIGNED.search(rest):
        raise UserError(f"A second date stands behind {code(found[0] + words)}. When is it due?")
    return date, rest


def _day_words(value: str, day: Day) -> str | None:
    """The words for a day that ``value`` begins with; None when there are none. An ambiguous day is one."""
    found = day_at(value)
    if found is not None:
        return None if value[found.end : found.end + 1].isalnum() else found.words
    words = list(re.finditer(r"\S+", value[:60]))[:3]
    for word in reversed(words):
        said = value[: word.end()].rstrip(".,;:!)]")
        try:
            day(said)
        except UserError:
            continue
        return said
    return None


def _without(line: str, begin: int, end: int) -> str:
    """The line without that part, the brackets around it, and what divided it from the rest."""
    before, after = line[:begin].rstrip(), line[end:].lstrip()
    for opened, closed in ("()", "[]"):
        if before.endswith(opened) and after.startswith(closed):
            before, after = before[:-1], after[1:]
    before, after = before.rstrip(_EDGE), after.lstrip(_EDGE + ".!" if before else _EDGE)
    return f"{before}{'' if after[:1] in (')', ']') else ' '}{after}".strip()
