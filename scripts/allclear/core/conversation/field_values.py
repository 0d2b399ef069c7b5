"""What a field of an issue's body says: which severities, which services."""

from __future__ import annotations

import re
import unicodedata

from allclear.core.conversation.services import JOINING
from allclear.core.conversation.title_words import SHORTCODE
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.runbook import Runbook, Severity

LONGEST_LINE = 2100
MOST_SERVICES = 20
LONGEST_SERVICE = 60

_PIECES = lazy_regex(
    r"\s?(?:[/|,;→()]|->|(?<=\s)-(?=\s)|[\u2013\u2014]|\b(?:or|and|to|maybe)\b|(?<=[0-9])-(?=[A-Za-z]))\s?"
)
_MAYBE = lazy_regex(
    r"^\s{0,3}(?:(?:probably|maybe|likely|perhaps|about|at least|currently|between|~)\s{0,3}){1,2}",
    re.IGNORECASE,
)
_ARROW = r"(?:[-=]{1,2}>|[\u2192\u21d2\u27a1])"
_CHANGED = r"(?:raised|escalated|upgraded|lowered|downgraded|changed)\s"
_MOVED = lazy_regex(
    rf"\s{{0,3}}(?:(?:{_CHANGED})?from\s(?P<before>.{{1,30}}?)\s(?:to|{_ARROW})\s|{_CHANGED}to\s"
    rf"|(?P<from>.{{1,30}}?)\s?{_ARROW}\s?)(?P<after>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
"""From one severity to another: the second counts."""
_TAG = lazy_regex(r"</?(?:kbd|b|i|em|strong|code|span|sub|sup|br|mark|u)(?:\s[^<>]{0,80})?/?>", re.IGNORECASE)
_LINK = lazy_regex(r"\[([^\[\]]{1,100})\]\([^()\s]{1,300}\)")
_BRACKETED = lazy_regex(r"\([^()]{0,100}\)")
_JOINING = JOINING | {"or"}
"""Whoever fills a form names what may be affected; to a command, which is sure, ``or`` is no word."""
_AROUND = "`*_~\"'[]{}<>()|.:-+&/•"


def levels_in(value: str, runbook: Runbook) -> tuple[Severity, ...]:
    """The severities that a field's value names: the one it begins with, and further ones joined to it by a
    stroke, a dash or a word, as in ``P1/P2?`` and ``High (P0)``. What follows in a sentence names none.
    """
    text = _MAYBE.sub("", _bare(value))
    moved = _MOVED.match(text)
    before = (moved["before"] or moved["from"] or "") if moved else ""
    if moved and (not before or runbook.severity_named(before)) and runbook.severity_leading(moved["after"]):
        text = moved["after"]
    pieces = [piece.strip() for piece in _PIECES.split(text) if piece.strip()]
    first, _, behind = text.strip().partition(" ")
    level = runbook.severity_named(first)
    for begun in (runbook.severity_leading(text), (level, behind) if level else None):
        if begun is not None and _starts(begun[1], begun[0].name):
            return (begun[0],)
    found = [runbook.severity_leading(piece) for piece in pieces[:1]]
    named = [one[0] for one in found if one]
    for piece in pieces[1:6] if named else ():
        level = runbook.severity_named(_MAYBE.sub("", piece))
        if level is None:
            break
        named.append(level)
    return tuple(named)


def _bare(value: str) -> str:
    """A value without emoji and tags in front."""
    text = SHORTCODE.sub(" ", _TAG.sub(" ", value[:200])).replace("\uff08", "(")
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("So", "Sk") or sign == "`")


def _starts(text: str, name: str) -> bool:
    """Whether ``text`` begins with a severity's own name: ``P0 — Critical (All hands)`` names one."""
    return bool(name) and re.sub(r"^[\W_]{1,10}", "", text).casefold().startswith(name.casefold())


def services_in(value: str) -> tuple[str, ...]:
    """The names of services in a field's value: between blanks, commas and "and", without Markdown, and
    without what stands in brackets behind them.
    """
    text = _BRACKETED.sub(" ", _LINK.sub(r"\1", value[:LONGEST_LINE])).replace("`", " ")
    names = (word.strip(_AROUND) for word in re.split(r"[,;、\s]+", text))
    wanted = [one for one in names if one and one.casefold() not in _JOINING and len(one) <= LONGEST_SERVICE]
    return tuple(dict.fromkeys(wanted))[:MOST_SERVICES]


def in_words(value: str) -> bool:
    """Whether what is listed between commas has names of several words: ``Web App, Mobile App``."""
    text = _BRACKETED.sub(" ", _LINK.sub(r"\1", value[:LONGEST_LINE]))
    parts = [
        [word for word in part.split() if word.strip(_AROUND).casefold() not in _JOINING]
        for part in re.split(r"[,;、]|\s(?:and|und|et|&|\+)\s", text)[: 2 * MOST_SERVICES]
    ]
    return len(parts) > 1 and any(sum(bool(word.strip(_AROUND)) for word in part) > 1 for part in parts)
