"""What a title says before and behind the sentence that it is: an incident or a drill, and how severe.

``[INCIDENT P0] x``, ``P1: x``, ``SEV-1 x``, ``🔥 (P1) x``, ``**P1** x``, ``DRILL: x``, ``x [P1]`` and
``web - P1 - x``. Other brackets are the title's own. A severity is read by its number, and by its name only
in brackets, or beside the kind or a number: ``high`` in a sentence is none, nor is ``it was P1``.
"""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct, field

from allclear.core.conversation.title_words import (
    ARROW,
    FIELDS,
    FILLERS,
    KINDS,
    NUMBERED,
    SHORTCODE,
    SYMBOLS,
    Prefix,
    by_number,
    said,
)
from allclear.core.model.milestones import IncidentKind
from allclear.core.model.neutral import plain
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.runbook import Runbook, Severity

LONGEST = 1000
"""Characters that are looked at; GitHub accepts 256 in a title."""

MOST_PARTS = 8
"""Prefixes before a title."""

_PAIRS = {
    "[": "]",
    "(": ")",
    "{": "}",
    "\u3010": "\u3011",
    "\uff3b": "\uff3d",
    "\uff08": "\uff09",
    "\u3014": "\u3015",
}
_WRAPS = {
    **{mark: mark for mark in ("***", "**", "__", "*", "_", "`", '"', "'")},
    "<": ">",
    "\u00ab": "\u00bb",
    "\u2039": "\u203a",
    "\u201c": "\u201d",
    "\u201e": "\u201c",
    "\u2018": "\u2019",
    "\u300c": "\u300d",
}
"""Marks and quotes around a prefix, by what opens them; the longer ones first."""
_LONGEST_BRACKET = 40
_BREAK = lazy_regex(r"\s?[:\uff1a|]\s?|\s[-\u2013\u2014]{1,2}\s|\s?[\u2013\u2014]\s?")
"""What ends a prefix without brackets: a colon, a bar, or a dash with blanks."""
_AT_END = lazy_regex(r"(?:^|[\s,;:\u2013\u2014|/(-])#?([A-Za-z]{1,20}[._ -]?[0-9]{1,2})[!?]{0,3}$")
_WITHIN = lazy_regex(r"[\[\u3010\uff3b\u3014]([^\[\]]{1,40})[\]\u3011\uff3d\u3015]\s?")
_BETWEEN = lazy_regex(
    r"(?:\s[-|/]\s|[:\uff1a|]\s?|\s?[\u2013\u2014]\s?)([A-Za-z]{1,20}[._ -]?[0-9]{1,2})[!?]{0,3}"
    r"(?=\s[-|/]\s|\s?[:\uff1a|]|\s?[\u2013\u2014])"
)
"""A severity that is a part of its own: ``web - P1 - x``."""
MOST_WITHIN = 8
_NAMED_LAST = lazy_regex(
    r"[\s,;|/-]{1,3}(?:severity|priority|prio|sev)\s?[:=]\s?([A-Za-z]{1,20}[._ -]?[0-9]{0,2})[!?]{0,3}$",
    re.IGNORECASE,
)
"""``Login, severity: high``."""
_VERSION = lazy_regex(r"v?\d+(?:\.\d+){1,3}[\s-]?$")
_SEPARATOR = lazy_regex(
    r"\s{0,9}(?:[:\uff1a|;,)\uff09\u2013\u2014\u2192\u21d2\u00bb\u25b6]|(?:[-=]{1,2}>|--|[-/>~=·•.])(?=\s|$)"
    r"|[!=<>~+*]{2,5}(?=\s|$)"
    r"|-(?=[\[(])|(?<=[\])}\u3011])-(?=[^\W_]))?\s{0,9}"
)
"""What may stand between a prefix and the title."""
_REPLY = lazy_regex(r"(?:re|fwd?|aw|wg)\s?:\s{0,3}", re.IGNORECASE)
_LEAD = lazy_regex(r"(?:re|fwd?|aw|wg)\s?:\s{0,3}|\[[^\[\]]{1,40}\]\s{0,3}", re.IGNORECASE)
"""What may stand before a prefix: the marks of a mail's subject, and brackets of other tools."""
_DATED = lazy_regex(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{4,12}Z?)?|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?Z?(?: UTC)?"
    r"|#[0-9]{1,10}|[A-Z]{2,10}-[0-9]{1,10}|[A-Z]{2,5}[0-9]{4,10}"
    r"|(?i:alert|alarm|outage|urgent|attention|warning|prod|production|live))"
    r"[:,!|]{0,2}\s(?:[-|\u2013\u2014]\s)?"
)
"""A date, a time, the number of a ticket, or a word of an alarm, before a severity."""
MOST_LEADS = 4
_FIELD = lazy_regex(r"[#!=>~+*-]{1,5}\s?|(?:severity|sev|priority|prio)\s?[:=]\s?", re.IGNORECASE)
_MOVED = r"(?:raised|escalated|upgraded|bumped|lowered|downgraded|changed)\sto\s"
_TO = lazy_regex(rf"\s{_MOVED}|\snow\s", re.IGNORECASE)
"""From one severity to another, in words: ``P1 escalated to P0``."""
_TURNED = lazy_regex(_MOVED, re.IGNORECASE)
_JOINED = lazy_regex(r"\s?(?:and|or|und|oder|et|to|vs\.?|&|,)\s", re.IGNORECASE)
_RATED = frozenset(
    {
        *("accounts", "alarms", "alerts", "badges", "bugs", "calls", "cases", "clients", "customer"),
        *("customers", "defects", "disks", "errors", "faults", "hosts", "incidents", "instances", "issues"),
        *(
            "badge",
            "filter",
            "page",
            "paging",
            "policy",
            "postmortem",
            "post-mortem",
            "template",
            "threshold",
        ),
        *("label", "labels", "machines", "merchants", "nodes", "orders", "outages", "pages", "partners"),
        *("problems", "queue", "queues", "requests", "servers", "subscribers", "systems", "tasks"),
        *("tenants", "tickets", "users", "volumes"),
        *("is", "are", "was", "were", "has", "have", "had", "does", "did", "will", "would", "should"),
        *("could", "can", "cannot", "can't", "isn't", "wasn't", "never"),
    }
)
"""What makes a sentence of a severity before it: people and things that it describes, as in ``P1 customers
cannot log in``, or what is said of it, as in ``P1 was wrong``.
"""
_SPOKEN = frozenset(
    {
        *("a", "an", "the", "this", "that", "another", "our", "any", "no", "not", "never", "only", "still"),
        *("was", "is", "are", "be", "been", "were", "became", "becomes", "as", "to", "from", "than", "of"),
        *("for", "in", "by", "with", "now", "and", "or", "if", "like", "call", "called", "between", "into"),
        *("isn't", "wasn't", "says", "say", "see", "sees", "show", "shows", "maybe", "plan", "phase"),
    }
)
"""Words in front of a severity at the end that make it a part of the sentence: ``Is this a P1?``."""
_LOOSE = " \t:\uff1a;,|/>=~·•→#-\u2013\u2014"
"""What may stand before the severity at the end."""


class TitleRead(Struct):
    """A title in its parts: ``bare``, without what it says of the incident; ``kind``, None where it says
    none; the severities it names.
    """

    bare: str
    kind: IncidentKind | None = None
    levels: list[Severity] = field(default_factory=list)


def read_title(title: str, runbook: Runbook) -> TitleRead:
    """Read a title. ``bare`` is the title itself where nothing would be left of it, and may be empty."""
    text = " ".join(plain(title)[:LONGEST].split())
    found = TitleRead(text)
    kept, rest = _before(_unwrapped(text), runbook)
    for _ in range(MOST_PARTS):
        start = _without_symbols(rest)
        prefix = _prefix(start, runbook) or (_drill(start) if found.levels else None)
        if prefix is None:
            break
        _take(found, prefix)
        rest = start[_after(start, prefix.length) :]
    rest = _ending(rest, found, runbook)
    rest = rest if found.levels else _middle(rest, found, runbook)
    if rest and (found.kind or found.levels):
        found.bare = f"{kept}{rest}"
    return found


def levels_before(line: str, runbook: Runbook) -> list[Severity]:
    """The severities that a line begins with as a title does: ``P1: checkout is down``, or nothing but
    ``**SEV1**``.
    """
    start = _without_symbols(" ".join(plain(line)[:LONGEST].split()))
    prefix = _prefix(start, runbook)
    return list(prefix.levels) if prefix else []


def _unwrapped(text: str) -> str:
    """A title that stands as a whole in bold, code or quotes, without those."""
    for opening, close in _WRAPS.items():
        inner = text[len(opening) : -len(close)]
        if text.startswith(opening) and text.endswith(close) and inner and close not in inner:
            return inner
    return text


def _before(text: str, runbook: Runbook) -> tuple[str, str]:
    """What others put before a prefix, and the text from the prefix on: ``[web][P1] x``, ``Re: [shop] P1: x``
    and ``2025-10-19 P1 x``. What a mail's subject begins with is in neither.
    """
    kept, behind, dated = "", text, False
    for _ in range(MOST_LEADS + 1):
        start = _without_symbols(behind)
        prefix = _prefix(start, runbook)
        if prefix is not None:
            worth = not dated or prefix.levels or "drill" in prefix.kinds
            return (kept, behind) if worth else ("", text)
        lead = _LEAD.match(start)
        other = None if lead else _DATED.match(start)
        if not (lead or other):
            break
        dated = dated or other is not None
        words = (lead or other)[0]  # type: ignore[index]  # one of the two matched
        kept += "" if _REPLY.match(words) else f"{words.strip()} "
        behind = start[len(words) :]
    return "", text


def _after(text: str, at: int) -> int:
    """Where the text goes on behind what may stand between it and a prefix that ends at ``at``."""
    between = _SEPARATOR.match(text, at)
    return between.end() if between else at


def _take(found: TitleRead, prefix: Prefix) -> None:
    for kind in prefix.kinds:
        # A drill is one whatever else the title calls it, so that nobody is paged for it.
        found.kind = kind if found.kind in (None, "real") else found.kind
    found.levels += prefix.levels


def _without_symbols(text: str) -> str:
    """``text`` without the emoji that it begins with."""
    at = 0
    while at < len(text):
        named = SHORTCODE.match(text, at)
        loud = text[at] in " \u203c\u2049" or unicodedata.category(text[at]) in SYMBOLS
        if named is None and (not loud or text[at] == "`"):
            break
        at = named.end() if named else at + 1
    return text[at:]


def _prefix(text: str, runbook: Runbook) -> Prefix | None:
    return (
        _bracket(text, runbook)
        or _wrapped(text, runbook)
        or _head(text, runbook)
        or _in_parts(text, runbook)
        or _number(text, runbook)
        or _kind(text, runbook)
    )


def _bracket(text: str, runbook: Runbook) -> Prefix | None:
    """A bracket at the start that holds only kinds and severities."""
    close = _PAIRS.get(text[:1])
    end = text.find(close, 1, _LONGEST_BRACKET + 2) if close else -1
    return said(text[1:end], end + 1, runbook, names=True) if end > 0 else None


def _wrapped(text: str, runbook: Runbook) -> Prefix | None:
    """The same in marks or quotes, where a severity counts by its number only."""
    for opening, close in _WRAPS.items():
        if text.startswith(opening):
            end = text.find(close, len(opening), _LONGEST_BRACKET + 2)
            found = (
                said(text[len(opening) : end], end + len(close), runbook, names=False) if end > 0 else None
            )
            if found is not None:
                return found
    return None


def _head(text: str, runbook: Runbook) -> Prefix | None:
    """What stands before a colon, a bar or a dash, when it is only kinds and severities: the longest such."""
    ends = list(_BREAK.finditer(text[: _LONGEST_BRACKET + 4]))[:3]
    for end in reversed(ends):
        found = said(text[: end.start()], end.end(), runbook, names=False)
        if found is not None:
            return found
    return None


def _in_parts(text: str, runbook: Runbook) -> Prefix | None:
    """A first word in parts, one of them a severity by its number: ``P1/high x``, ``INCIDENT_P1 x``."""
    first = text.split(" ", 1)[0]
    if len(first) > _LONGEST_BRACKET or not re.search(r"[A-Za-z0-9][-_/\u2192>][A-Za-z]", first):
        return None
    found = said(first, len(first), runbook, names=False)
    if found is None or not found.levels or not any(sign.isdigit() for sign in first):
        return None
    return None if not found.kinds and _goes_on(text, len(first), runbook) else found


def _number(text: str, runbook: Runbook) -> Prefix | None:
    """A severity by its number and a blank, perhaps behind the kind: ``SEV-1 x``, ``INCIDENT P1 x``."""
    first = text.split(" ", 1)[0]
    kind = KINDS.get(first.casefold())
    marked, turned = _FIELD.match(text), _TURNED.match(text)
    at = marked.end() if marked else turned.end() if turned else 0
    if kind or first.casefold() in FILLERS - FIELDS:
        at = len(first) + 1
    found = NUMBERED.match(text, at)
    level = by_number(found, runbook)
    if found is None or level is None or text[found.end() : found.end() + 1] == "/":
        return None
    arrow = ARROW.match(text, found.end()) or _TO.match(text, found.end())
    changed = NUMBERED.match(text, arrow.end()) if arrow else None
    if changed is not None and (to := by_number(changed, runbook)) is not None:
        found, level = changed, to
    end = found.end()
    if (kind is None and _goes_on(text, end, runbook)) or (turned and not _BREAK.match(text, end)):
        return None
    loud = len(text[end:]) - len(text[end:].lstrip("!?\uff01\uff1f"))
    return Prefix(end + loud, (kind,) if kind else (), (level,))


def _goes_on(text: str, end: int, runbook: Runbook) -> bool:
    """Whether a sentence begins with what ends there: ``P1 and P2 are swapped``, ``P1 customers cannot``."""
    joined = _JOINED.match(text, end)
    if joined and by_number(NUMBERED.match(text, joined.end()), runbook) is not None:
        return True
    return text[end : end + 20].partition(" ")[2].split(" ")[0].rstrip(",.:;") in _RATED


def _kind(text: str, runbook: Runbook) -> Prefix | None:
    """The kind and a severity in brackets or marks behind it: ``INCIDENT [P1] x``."""
    first, _, rest = text.partition(" ")
    kind = KINDS.get(first.casefold())
    behind = _bracket(rest, runbook) or _wrapped(rest, runbook)
    if behind is None or not behind.levels or not (kind or first.casefold() in FILLERS):
        return None
    kinds = (kind, *behind.kinds) if kind else behind.kinds
    return Prefix(len(first) + 1 + behind.length, kinds, behind.levels)


def _drill(text: str) -> Prefix | None:
    """``DRILL`` in capitals behind a severity: ``P1 DRILL x``."""
    first = text.split(" ", 1)[0]
    kind = KINDS.get(first.casefold(), "real")
    return Prefix(len(first), (kind,), ()) if first.isupper() and kind != "real" else None


def _ending(text: str, found: TitleRead, runbook: Runbook) -> str:
    """``text`` without the severity that it ends with, in brackets or marks or as its last word."""
    for opening, close in (*_PAIRS.items(), *_WRAPS.items()):
        if not text.endswith(close):
            continue
        last = len(text) - len(close)
        start = text.rfind(opening, max(0, last - _LONGEST_BRACKET), last)
        inner = text[start + len(opening) : last]
        rated = inner.casefold().lstrip().startswith(("severity", "sev ", "sev:", "priority", "prio"))
        named = said(inner, 0, runbook, names=rated) if start > 0 else None
        if named is not None and (close in _PAIRS.values() or not _spoken(text[:start])):
            _take(found, named)
            return text[:start].rstrip(_LOOSE)
    field = _NAMED_LAST.search(text[-2 * _LONGEST_BRACKET :])
    rated_last = runbook.severity_named(field.group(1)) if field else None
    if field is not None and rated_last is not None:
        found.levels.append(rated_last)
        return text[: len(text) - len(field[0])].rstrip(_LOOSE)
    last_word = _AT_END.search(text[-_LONGEST_BRACKET:])
    level = by_number(NUMBERED.fullmatch(last_word.group(1)), runbook) if last_word else None
    if last_word is None or level is None:
        return text
    before = text[: len(text) - len(text[-_LONGEST_BRACKET:]) + last_word.start()]
    if _VERSION.search(before[-_LONGEST_BRACKET:]) or _spoken(f"{before}{last_word[0][0]}"):
        return text
    found.levels.append(level)
    return before.rstrip(_LOOSE)


def _spoken(before: str) -> bool:
    """Whether the sentence that goes before says something of a severity behind it."""
    words = before[-_LONGEST_BRACKET:].split(" ")
    return before.endswith(" ") and words[-2:][0].casefold() in _SPOKEN


def _middle(text: str, found: TitleRead, runbook: Runbook) -> str:
    """``text`` without a severity that stands in it in square brackets, or alone between two dashes, colons
    or bars.
    """
    for place in list(_WITHIN.finditer(text))[:MOST_WITHIN]:
        named = said(place.group(1), 0, runbook, names=False)
        if named is not None and named.levels:
            _take(found, named)
            before, after = text[: place.start()].rstrip(), text[place.end() :]
            return before + after if after[:1] in _LOOSE else f"{before} {after}"
    for place in list(_BETWEEN.finditer(text))[:MOST_WITHIN]:
        level = by_number(NUMBERED.fullmatch(place.group(1)), runbook)
        if level is not None:
            found.levels.append(level)
            return f"{text[: place.start()]}{text[place.end() :]}"
    return text
