"""Lists of action items in other shapes than a Markdown list: rows of a table, lines that each have an owner,
and items behind one another on a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from allclear.core.conversation.action_owners import trailing
from allclear.core.conversation.marks import spelled
from allclear.core.conversation.people import login_in
from allclear.core.model.patterns import lazy_regex

_KINDS = {
    "text": "action, action item, action items, task, item, what, description, todo, to do, title, step",
    "owner": "owner, assignee, assigned to, assigned, who, responsible, person, dri, lead",
    "due": "due, due date, date, deadline, by, by when, when, eta, target, target date, until",
    "number": "#, no, nr, id, number",
}
_COLUMNS = {"": "number"} | {name: kind for kind, names in _KINDS.items() for name in names.split(", ")}
"""What the columns of a table of action items are called."""

_RULE = lazy_regex(r"[\s:|-]{3,400}$")
_NO_VALUE = frozenset({"", "-", "\u2013", "\u2014", "?", "tbd", "tba", "none", "n/a", "nobody", "open"})
_NUMBER = lazy_regex(r"#?\d{1,4}[.)]?")
_NAME = lazy_regex(r"[A-Za-z0-9][\w-]{0,38}", re.ASCII)
_BULLET = lazy_regex(r"\s{0,9}(?:[-*+\u2022]|\d{1,3}[.)])\s{1,9}")
_NEXT = lazy_regex(r";\s{0,9}(?=@[A-Za-z0-9][\w-]{0,38}[\s:,])|,\s{0,9}(?=@[A-Za-z0-9][\w-]{0,38}:\s)")
_APART = lazy_regex(r"[,;(|\u2013\u2014-]\s{0,3}@[A-Za-z0-9][\w-]{0,38}\s{0,3}[,;)|\u2013\u2014-]", re.ASCII)
FEWEST = 2
"""Lines with an owner that make a list."""


def as_list(text: str) -> str:
    """The text with what is a list in another shape as a Markdown list, one item a line."""
    lines = list(_without_tables(text.strip("\n").split("\n")))
    plain = [line for line in lines if line.strip()]
    if any(_BULLET.match(line) for line in plain):
        return "\n".join(lines)
    if len(plain) == 1:
        parts = _NEXT.split(plain[0])
        owned = len(parts) >= FEWEST and _begins(parts[0])
        return "\n".join(f"- {part.strip()}" for part in parts) if owned else text
    begin = [line for line in plain if _begins(line)]
    first = plain.index(begin[0]) if begin else 0
    if len(begin) >= FEWEST and (first == 0 or plain[first - 1].rstrip().endswith(":")):
        return "\n".join(f"- {line}" if _begins(line) else line for line in lines)
    return "\n".join(f"- {line}" for line in plain) if plain and all(map(_names, plain)) else text


def _begins(line: str) -> bool:
    """Whether the line begins with an owner, and something else follows."""
    words = line.split(None, 1)
    return len(words) > 1 and bool(login_in(words[0]))


def _names(line: str) -> bool:
    """Whether the line has an owner at its beginning, at its end, or in a place of its own."""
    return _begins(line) or bool(trailing(line)[0]) or _APART.search(line) is not None


def _without_tables(lines: Sequence[str]) -> Iterator[str]:
    """The lines, rows of tables as lines of a list."""
    columns: list[str] = []
    for number, line in enumerate(lines):
        cells = _cells(line)
        if cells is None:
            columns = []
            yield line
            continue
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if _RULE.match(line):
            continue
        if _heads(cells) or (_RULE.match(following) and "-" in following):
            columns = [spelled(cell) for cell in cells]
        else:
            yield f"- {_item(cells, columns)}"


def _cells(line: str) -> list[str] | None:
    """The cells of a row of a table; None where the line is none."""
    row = line.strip()
    if not (row.startswith("|") and row.endswith("|") and row.count("|") > FEWEST):
        return None
    return [cell.strip() for cell in row[1:-1].split("|")]


def _heads(cells: Sequence[str]) -> bool:
    """Whether these are the names of columns, although no rule follows."""
    return "text" in [_COLUMNS.get(spelled(cell)) for cell in cells] and all(
        spelled(cell) in _COLUMNS for cell in cells
    )


def _item(cells: Sequence[str], columns: Sequence[str]) -> str:
    """The line of a row, as people write an item: its text, then who and when."""
    named = dict(zip(columns, cells, strict=False))
    kinds = {name: _COLUMNS.get(name, "") for name in named}
    if "text" not in kinds.values():
        left = cells[1:] if _NUMBER.fullmatch(cells[0]) else cells
        return ", ".join(cell for cell in left if cell.lower() not in _NO_VALUE)
    said = [cell for name, cell in named.items() if kinds[name] == "text"]
    behind: list[str] = []
    for name, cell in named.items():
        if kinds[name] in ("text", "number") or cell.lower() in _NO_VALUE:
            continue
        if kinds[name] == "due":
            behind.append(f", due: {cell}")
        elif kinds[name] == "owner":
            behind.append(_owner(cell))
        else:
            said.append(f"({name}: {cell})")
    return " ".join(part for part in said if part) + "".join(behind)


def _owner(cell: str) -> str:
    if _NAME.fullmatch(cell):
        return f", owner: {cell}"
    return f", {cell}" if all(map(login_in, cell.split())) else f" ({cell})"
