"""The fields of an issue's body, as forms and people write them.

``### Severity`` with its answer below, ``Severity: P1``, ``**Severity** - P1``, ``| Severity | P1 |``. Text
in fences, quotes and HTML comments is none of it: there stand logs, what others said, and a form's
instructions. What is struck out is none of it either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from allclear.core.conversation.mail import parted
from allclear.core.model.fences import outside_fences
from allclear.core.model.neutral import plain
from allclear.core.model.patterns import lazy_regex

MOST_LINES = 2000
LONGEST_LINE = 2100


def _affected(what: str) -> tuple[str, ...]:
    """How people and templates say that some of these are affected."""
    states = ("affected", "impacted")
    return tuple(
        name
        for one in (what, f"{what}s")
        for state in states
        for name in (
            f"{state} {one}",
            f"{one} {state}",
            f"which {one} are {state}",
            f"which {one} is {state}",
        )
    )


def _hit(people: str) -> tuple[str, ...]:
    """How people and templates ask how many people are affected."""
    named = (people, f"{people} affected", f"affected {people}", f"{people} impacted", f"impacted {people}")
    return (*named, f"{people} hit", *(f"number of {name}" for name in named))


NAMES: dict[str, tuple[str, ...]] = {
    "severity": (
        *("severity", "sev", "severity level", "sev level", "severity rating", "incident severity"),
        *("severity/priority", "what is the severity", "which severity", "which severity is it"),
        *("how severe is it", "how bad is it"),
    ),
    "priority": ("priority", "prio", "priority level", "incident priority", "urgency"),
    "started": (
        *("started", "start", "started at", "start time", "start date", "incident start", "incident started"),
        *("incident start time", "time started", "began", "began at", "since", "when did it start"),
        *("start date/time", "start date and time", "started on"),
    ),
    "detected": (
        *("detected", "detected at", "detection time", "time detected", "when was it detected"),
        *("detected on",),
    ),
    "detected by": (
        *("detected by", "detection", "detection method", "detection source", "detected via", "reported by"),
        *("found by", "alerted by", "how was it detected"),
    ),
    "user impact": ("user impact", "customer impact", "what is the user impact"),
    "impact": ("impact", "what is the impact", "business impact"),
    "users": (
        *_hit("users"),
        *_hit("customers"),
        *("people affected", "affected people", "how many users are affected", "user count"),
        *("how many customers are affected",),
    ),
    "revenue": (
        *("revenue", "revenue impact", "revenue lost", "lost revenue", "revenue loss", "financial impact"),
        *("affected revenue", "revenue affected"),
    ),
    "affected": ("affected", "impacted", "affects", "what is affected", "who is affected"),
    "affected services": (
        *("service", "services", "component", "components"),
        *(name for what in ("service", "component", "system", "application") for name in _affected(what)),
    ),
}
"""What a field is called, and what people and templates call it."""

_CALLED = {name: field for field, names in NAMES.items() for name in names}
_QUALIFIED = lazy_regex(
    r"^(?:(?:approx\.?|approximate|assigned|current|estimated|initial|overall|proposed|suggested|total)\s){1,2}"
)
"""Words before a field's name that say how sure it is."""
_NEXT = lazy_regex(r"\s?[;|,]\s{0,3}(?=([A-Za-z][A-Za-z ]{1,30}?)(?P<sign>\s?[:=]))")
"""Where another field may begin in a line: ``Severity: P1; Users: 300``."""
MOST_IN_LINE = 8
_COLON = lazy_regex(r"([A-Za-z][A-Za-z0-9 ()\[\]/\u2013-]{1,40}?)[*_`]{0,3}\s{0,3}[:\uff1a](?!/)[*_`]{0,3}")
_DASH = lazy_regex(r"([A-Za-z][A-Za-z0-9 ()/-]{1,40}?)[*_`]{0,3}\s{1,3}(?:[-\u2013\u2014=]|--)\s")
_BOLD_NAME = lazy_regex(r"[*_]{2}([A-Za-z][A-Za-z ()]{1,40})[*_]{2}\s{1,3}(?=\S)")
_VALUES = lazy_regex(r"(users|customers|revenue)=(?=\S)", re.IGNORECASE)
"""A line of values as `/impact` takes them: ``users=15000 revenue=$45k``."""
_GIVEN = lazy_regex(r"(severity|sev|priority|prio)=(?=[\w-]{1,20}$)", re.IGNORECASE)
_TIMED = lazy_regex(
    r"(started|began|detected)(?: at| around)?\s{1,3}(?=~?[0-9]{1,2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2})",
    re.IGNORECASE,
)
"""``Started 13:40`` and ``Detected at 13:45``."""
_RATED = lazy_regex(
    r"(severity|sev|priority|prio)\??\s{1,3}(?=[A-Za-z]{1,10}-?[0-9]{1,2}[.!]?$)", re.IGNORECASE
)
"""A line of a name and a severity by its number: ``Severity P1``."""
_INLINE_BOX = lazy_regex(r"\[([ xX])\]\s{0,3}([^\[\]]{1,60})")
_BEFORE = lazy_regex(r"^[\W\d_]{1,20}")
_HINT = lazy_regex(r"\s{0,3}[(\[]([^()\[\]]{0,60})[)\]]$")
_ZONE = lazy_regex(r"[A-Z]{2,5}(?:[+-]\d{1,2})?|[A-Z][a-z]{2,20}/[A-Z][A-Za-z_]{2,20}")
_HEADING = lazy_regex(r"#{1,6}\s{1,3}(.{1,60}?)\s{0,9}#{0,6}$")
_BOLD = lazy_regex(r"[*_]{2,3}([A-Za-z][A-Za-z ()]{1,40})[*_]{2,3}$")
_UNDERLINE = lazy_regex(r"(?:-{3,80}|={3,80})$")
_BOX = lazy_regex(r"^[-*+]\s{1,3}\[([ xX])\]\s{1,3}")
_ITEM = lazy_regex(r"^(?:[-*+•·]|\d{1,2}[.)])\s{1,3}")
_RULE = lazy_regex(r"\|?[\s:-]{3,40}\|[\s|:-]{0,200}$")
_WRAPPED = lazy_regex(r"([*_`]{1,3})([^*_`]{1,200})\1$")
_STRUCK = lazy_regex(r"~~[^~]{1,2100}~~")
"""Struck-out text (https://github.github.com/gfm/#strikethrough-extension-), within a line."""
_COMPARED = frozenset({"severity", "priority", "users", "revenue", "impact values"})
"""Fields of which two that differ are asked about."""
_EMPTY = frozenset({"", "_no response_", "none", "n/a", "-", "not sure", "unknown", "tbd", "?", "..."})


class _FieldReading(Struct):
    """Where the reading is: below a heading, or below a field whose value follows on the next lines."""

    name: str = ""
    lines: list[str] = field(default_factory=list)


def fields(body: str) -> dict[str, str]:
    """The fields that were filled in, by the names of NAMES. The first answer of a field counts, and what
    some text says of a field is none while a heading asks for it. Of a severity and a number every answer in
    plain lines is kept, one a line, for two that differ are asked about.

    A literal backslash-n counts as a line break: item 000-08, typed as it stands, sends one (000-A11).
    """
    lines = list(_own_lines(body))
    tables = _tables(lines)
    headed: dict[str, str] = {}
    said: list[tuple[str, str, str]] = []
    heading, below = _FieldReading(), _FieldReading()
    for at, line in enumerate(lines):
        found = tables.get(at) or _field(line)
        filled = bool(found and found[-1][1])
        title = None if filled else _heading(line, lines[at + 1] if at + 1 < len(lines) else "")
        if title is not None or found or (below.lines and not line.strip()):
            said.append((heading.name, below.name, _value(below.lines)))
            below = _FieldReading()
        if title is not None:
            _keep(headed, heading)
            heading = _FieldReading(title)
        elif filled:
            said += [(heading.name, name, _value([value])) for name, value in found]
        elif found:
            below = _FieldReading(found[-1][0])
        elif line.strip() and not _UNDERLINE.match(line.strip()):
            heading.lines.append(line)
            below.lines.append(line)
    _keep(headed, heading)
    said.append((heading.name, below.name, _value(below.lines)))
    asked_for = {name for name in headed if name}
    for above, name, value in said:
        if value and (name not in headed or (above == name and not headed[name])):
            headed[name] = value
        elif value and name in _COMPARED and name not in asked_for:
            headed[name] += f"\n{value}"
    return {name: value for name, value in headed.items() if name and value}


def _keep(found: dict[str, str], section: _FieldReading) -> None:
    value = _value(section.lines)
    if value or section.name not in found:
        found[section.name] = found.get(section.name) or value


def _own_lines(body: str) -> Iterator[str]:
    """The lines outside fences, quotes and HTML comments, without the mail that was answered below them. A
    mail that is all there is, is the report.
    """
    lines = _without_comments(plain(body).replace("\\n", "\n")).split("\n")[:MOST_LINES]
    written, doubtful = parted(lines)
    answered = any(line.strip() for line in written)
    kept = [*written, *doubtful] if answered else lines
    # However far it is indented: a form's answer may stand in a list.
    for line, (bare, own) in zip(kept, outside_fences(map(str.strip, kept)), strict=True):
        if own and not bare.startswith(">"):
            yield _STRUCK.sub("", line[:LONGEST_LINE])


def _without_comments(text: str) -> str:
    """``text`` without ``<!-- … -->``; one that is never closed hides the rest, as on GitHub."""
    kept = []
    while text:
        before, opened, rest = text.partition("<!--")
        kept.append(before)
        text = rest.partition("-->")[2] if opened else ""
    return "".join(kept)


def first_line(body: str) -> str:
    """The first line with text outside fences, quotes and comments, without the marks of a heading; empty
    where it is an item of a list.
    """
    lines = (line for line in _own_lines(body) if line.strip() and not line.startswith(("    ", "\t")))
    line = next(lines, "").strip()
    return "" if _ITEM.match(line) else line.lstrip("# ").strip()


def _unmarked(text: str) -> str:
    """``text`` without the marks of lists and of emphasis, and the emoji, before a field's name."""
    return _BEFORE.sub("", text, count=1)


def _called(text: str) -> tuple[str, str]:
    """The field that a name means, however people mark it, and the zone in brackets behind the name; "" and
    "" for any other name.
    """
    name = _unmarked(text.strip()).replace("(s)", "s")
    name = name.rstrip(" *_`:\uff1a?")
    hint = _HINT.search(name)
    bare = name[: hint.start()] if hint else name
    words = " ".join(bare.replace("-", " ").rstrip(" *_`").split()).casefold()
    found = _CALLED.get(words) or _CALLED.get(_QUALIFIED.sub("", words, count=1), "")
    return found, hint.group(1) if found and hint and _ZONE.fullmatch(hint.group(1)) else ""


def _heading(line: str, after: str) -> str | None:
    """The field that a heading asks for, "" for any other heading; None: the line is no heading."""
    bare = line.strip()[:80]
    if found := _HEADING.match(bare):
        return _called(found.group(1))[0]
    bold = _BOLD.match(bare)
    if bold or _UNDERLINE.match(after.strip()):
        return _called(bold.group(1) if bold else bare)[0] or None
    return None


def _field(line: str) -> list[tuple[str, str]]:
    """The field of a line with its value, which is empty when it follows below; none: ``[]``."""
    if line.startswith(("    ", "\t")) or line.lstrip().startswith(("/", "<")):
        return []
    if box := _BOX.match(line.strip()):
        line = line.strip()[box.end() :] if box.group(1) != " " else ""
    if _VALUES.match(_unmarked(line)):
        return [("impact values", _unmarked(line).strip())]
    return _named(line)


def _named(line: str) -> list[tuple[str, str]]:
    """The fields of a line by their names: one, or several with a semicolon, a bar or a comma between."""
    for pattern in (_COLON, _DASH, _BOLD_NAME, _RATED, _GIVEN, _TIMED):
        text = line.strip() if pattern is _BOLD_NAME else _unmarked(line).rstrip()
        found = pattern.match(text)
        name, zone = _called(found.group(1)) if found else ("", "")
        if found and name:
            value = text[found.end() :].strip()
            odd = value.endswith("**") and value.count("**") % 2
            value = value.removesuffix("**") if odd else value
            return _in_line(name, " ".join(filter(None, (value, zone))))
    return []


def _in_line(name: str, value: str) -> list[tuple[str, str]]:
    """The field, and those that follow it in its line."""
    found, begin = [], 0
    for place in list(_NEXT.finditer(value))[:MOST_IN_LINE]:
        other = _called(place.group(1))[0]
        if other:
            found.append((name, value[begin : place.start()].strip()))
            name, begin = other, place.end("sign")
    return [*found, (name, value[begin:].strip())]


def _tables(lines: Sequence[str]) -> dict[int, list[tuple[str, str]]]:
    """The fields in tables, by line: a field with its value, or a row of fields with their values below."""
    found: dict[int, list[tuple[str, str]]] = {}
    for at, line in enumerate(lines):
        if not line.lstrip().startswith("|"):
            continue
        cells = _cells(line)
        names = [_called(cell)[0] for cell in cells]
        below = _cells(lines[at + 2]) if at + 2 < len(lines) and _RULE.match(lines[at + 1].strip()) else []
        if below and len([name for name in names if name]) > 1:
            pairs = zip(names, below, strict=False)
            found[at] = [(name, value) for name, value in pairs if name and value]
        elif len(cells) > 1 and names[0] and not names[1] and cells[1]:
            found[at] = [(names[0], cells[1])]
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")[:20]]


def _value(lines: Sequence[str]) -> str:
    """What was answered, in one line: of boxes those that are ticked, of a list its items."""
    boxes = [(line, found.group(1)) for line in lines if (found := _BOX.match(line.strip()))]
    kept = [line for line, ticked in boxes if ticked != " "] if boxes else lines
    items = (_ITEM.sub("", _BOX.sub("", line.strip(), count=1), count=1) for line in kept)
    value = " ".join(" ".join(items).split())
    inline = _INLINE_BOX.findall(value)
    if len(inline) > 1:
        value = " ".join(text.strip() for ticked, text in inline if ticked != " ")
    wrapped = _WRAPPED.match(value)
    if value.casefold() in _EMPTY:
        return ""
    return wrapped.group(2).strip() if wrapped else value
