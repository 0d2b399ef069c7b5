"""Fields: lines such as ``Root cause: the pool is exhausted``, as people mark and bend them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from allclear.core.model.fences import outside_fences
from allclear.core.model.patterns import lazy_regex

Labels = Mapping[str, tuple[str, ...]]
"""The name of a field and the labels people may write for it, in lower case."""

FINDING: Labels = {
    "root_cause": ("root cause", "cause", "rootcause"),
    "evidence": ("evidence",),
    "impact": ("impact",),
    "proposed_fix": ("proposed fix", "fix", "proposal"),
}
"""The four fields of item 000-13, and what people may call them."""

CLOSING: Labels = {
    "fix": ("fix",),
    "verified": ("verified",),
    "resolved_at": ("resolved",),
    "duration": ("duration",),
}
"""The fields of the closing comment of item 000-20."""

LONGEST_LABEL = 60

_PLACEHOLDER = lazy_regex(r"<[^<>]{1,200}>")
_HEADING = lazy_regex(r" {0,3}#{1,6}\s{1,9}(.{1,80})$")
_BOLD = lazy_regex(r"\s{0,9}(\*\*|__)([^*_:]{1,60})\1\s{0,9}$")
_SPLIT = lazy_regex("[:=\uff1a]")
_ITEM = lazy_regex(r"\s{0,9}(?:[-*+\u2022\u00b7]\s{1,3})?(?:\d{1,2}[.)]\s{0,3})?(?:\[[ xX]?\](?!\()\s{0,3})?")
_RULE = lazy_regex(r"\s{0,9}\|[\s:|-]{3,400}$")


def label_of(words: str) -> str:
    """A label as labels are compared: in lower case, without marks."""
    return " ".join(re.sub(r"[-*_#]", " ", words).lower().split())


def field_in(line: str) -> tuple[str, str] | None:
    """The label and the value that a line begins with; None where it begins with none.

    A heading, or a bold line, is a label whose value stands below it.
    """
    titled = _HEADING.match(line) or _BOLD.match(line)
    if titled is not None and not _SPLIT.search(titled[titled.re.groups]):
        return label_of(titled[titled.re.groups]), ""
    item = _ITEM.match(line)
    line = line[item.end() :] if item else line
    sign = _SPLIT.search(line[: LONGEST_LABEL + 1])
    if sign is None:
        return None
    value = line[sign.end() :].strip()
    return label_of(line[: sign.start()]), value.removeprefix("**").removeprefix("__").strip()


def labelled(text: str, labels: Labels, *, run_on: bool = True) -> tuple[dict[str, str], str]:
    """The fields written in ``text``, and the text outside of them.

    A label stands at the start of its line, perhaps behind ``- `` or ``1.`` or in ``**``, is a heading, or a
    cell of a table beside or above its value; its value
    runs on over the next lines until the next label, or ends with its line when not ``run_on`` and it has one
    there. An unfilled ``<placeholder>`` counts as empty; empty fields are left out. In a fenced block stands
    no label.
    """
    lines: dict[str, list[str]] = {}
    outside: list[str] = []
    target = outside
    for line, plain in _without_tables(text.split("\n"), labels):
        field = field_in(line) if plain else None
        name = next((name for name, known in labels.items() if field and field[0] in known), None)
        if field is not None and name is not None:
            lines.setdefault(name, []).append(field[1])
            target = lines[name] if run_on or not field[1] else outside
        else:
            target.append(line)
    values = {name: "\n".join(found).strip() for name, found in lines.items()}
    return {n: v for n, v in values.items() if v and not _PLACEHOLDER.fullmatch(v)}, "\n".join(
        outside
    ).strip()


def _without_tables(lines: Iterable[str], labels: Labels) -> Iterator[tuple[str, bool]]:
    """The lines, each with whether it stands in no fenced block, those of a table of fields as ``label:
    value``.
    """
    known = {label for names in labels.values() for label in names}
    for tabled, group in groupby(outside_fences(lines), lambda one: one[1] and _cells(one[0]) is not None):
        block = list(group)
        rows = [cells for line, _ in block if not _RULE.match(line) and (cells := _cells(line)) is not None]
        fields = list(_fields_of(rows, known)) if tabled else []
        yield from ((field, True) for field in fields)
        yield from () if fields else block


def without_tables(text: str, labels: Labels) -> str:
    """The text with the tables of these fields as lines ``label: value``."""
    return "\n".join(line for line, _ in _without_tables(text.split("\n"), labels))


def _cells(line: str) -> list[str] | None:
    row = line.strip()
    return (
        [cell.strip() for cell in row[1:-1].split("|")] if row[:1] == row[-1:] == "|" and row[1:-1] else None
    )


def _fields_of(rows: list[list[str]], known: set[str]) -> Iterator[str]:
    """The fields of a table: a label beside its value, or labels above their values."""
    head = rows[0] if rows else []
    if len(head) > 1 and all(label_of(cell) in known for cell in head):
        for row in rows[1:]:
            yield from (f"{label}: {value}" for label, value in zip(head, row, strict=False))
        return
    if any(label_of(row[0]) in known for row in rows if len(row) > 1):
        named = rows if label_of(head[0]) in known else rows[1:]
        yield from (f"{row[0]}: {' | '.join(row[1:])}" for row in named)


def one_a_line(text: str, labels: Labels) -> str:
    """The text with each field on a line of its own: ``Root cause: the pool; proposed fix: a larger one``.
    A label begins a field behind a comma, a full stop, a semicolon, a bar or a dash.
    """
    known = sorted((label for names in labels.values() for label in names), key=len, reverse=True)
    words = "|".join(re.escape(label).replace("\\ ", "[ -]") for label in known)
    label = rf"(?:\*\*)?(?:{words})(?:\*\*)?\s?[:=]"
    divided = re.compile(
        rf"(?:\s{{0,3}}(?:[;|]|[.,](?=\s))|\s[-\u2013\u2014](?=\s))\s{{0,3}}(?={label})", re.IGNORECASE
    )
    found = []
    for line, plain in outside_fences(text.split("\n")):
        field, sign = field_in(line) if plain else None, _SPLIT.search(line)
        if sign is None or not plain or _cells(line) is not None:
            found.append(line)
        elif field is not None and field[0] in known:
            found.append(line[: sign.end()] + divided.sub("\n", line[sign.end() :]))
        else:
            found.append(divided.sub("\n", line))
    return "\n".join(found)


def fix_in(text: str, labels: Labels = CLOSING) -> str:
    """The fix in a closing text: the text itself, or the fix of a filled-in form of item 000-20.

    The form's times and duration are ours to compute; what was verified is kept. ``labels``: those of the
    runbook's own form beside the ones of 000-20.
    """
    found, before = labelled(text, labels)
    if "fix" not in found:
        return text
    parts = [before, found["fix"], f"Verified: {found['verified']}" if "verified" in found else ""]
    return "\n".join(part for part in parts if part)
