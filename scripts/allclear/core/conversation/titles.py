"""What a title says before and behind the sentence that it is: an incident or a drill, and how severe.

``[INCIDENT P0] x``, ``P1: x``, ``SEV-1 x``, ``🔥 (P1) x``, ``DRILL: x`` and ``x [P1]``. Other brackets are
the title's own. A severity is read by its number, and by its name only in brackets or beside the kind:
``high`` in a sentence is none.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from allclear.core.model.milestones import IncidentKind
from allclear.core.model.neutral import plain
from allclear.core.policy.runbook import Runbook, Severity

LONGEST = 1000
"""Characters that are looked at; GitHub accepts 256 in a title."""

MOST_PARTS = 8
"""Prefixes before a title."""

KINDS: dict[str, IncidentKind] = {"incident": "real", "drill": "drill", "retro": "retro"}
_FILLERS = frozenset({"inc", "report", "alert", "severity", "sev", "priority", "prio"})
"""Words that may stand beside a kind or a severity and say nothing more."""

_PAIRS = {
    "[": "]",
    "(": ")",
    "{": "}",
    "\u3010": "\u3011",
    "\uff3b": "\uff3d",
    "\uff08": "\uff09",
    "\u3014": "\u3015",
}
_LONGEST_BRACKET = 40
_BREAK = re.compile(r"\s?[:\uff1a|]\s?|\s[-\u2013\u2014]{1,2}\s|\s?[\u2013\u2014]\s?")
"""What ends a prefix without brackets: a colon, a bar, or a dash with blanks."""
_SPLIT = re.compile(r"[\s/|,;:·•\u2013\u2014\uff1a]{1,9}")
_NUMBERED = re.compile(r"([A-Za-z]{1,20})([ -]?)([0-9]{1,2})(?=$|[^\w.'\u2019-])")
_AT_END = re.compile(r"(?:^|[\s,;:\u2013\u2014|/(-])([A-Za-z]{1,20}[ -]?[0-9]{1,2})[!?]{0,3}$")
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}[\s-]?$")
_SEPARATOR = re.compile(r"\s{0,9}(?:[:\uff1a|;,\u2013\u2014]|-{1,2}(?=\s|$))?\s{0,9}")
"""What may stand between a prefix and the title."""
_REPLY = re.compile(r"(?:re|fwd?|aw|wg)\s?:\s{0,3}", re.IGNORECASE)
_LEAD = re.compile(r"(?:re|fwd?|aw|wg)\s?:\s{0,3}|\[[^\[\]]{1,40}\]\s{0,3}", re.IGNORECASE)
"""What may stand before a prefix: the marks of a mail's subject, and brackets of other tools."""
MOST_LEADS = 4
_JOINED = re.compile(r"\s?(?:and|or|und|oder|et|&|,)\s", re.IGNORECASE)
_RATED = frozenset(
    {
        "accounts",
        "alarms",
        "alerts",
        "bugs",
        "calls",
        "cases",
        "clients",
        "customers",
        "defects",
        "errors",
        "faults",
        "incidents",
        "issues",
        "merchants",
        "orders",
        "outages",
        "pages",
        "partners",
        "problems",
        "requests",
        "subscribers",
        "systems",
        "tasks",
        "tenants",
        "tickets",
        "users",
    }
)
"""People and things that a severity before them describes: ``P1 customers cannot log in`` is a sentence."""
_LOOSE = " \t:\uff1a;,|-\u2013\u2014"
"""What may stand before the severity at the end."""
_MARKS = "!?#*_`'\""
_SYMBOLS = ("So", "Sk", "Mn", "Cf")


@dataclass(slots=True)
class TitleRead:
    """A title in its parts: ``bare``, without what it says of the incident; ``kind``, None where it says
    none; the severities it names.
    """

    bare: str
    kind: IncidentKind | None = None
    levels: list[Severity] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Prefix:
    """What one prefix says, and how long it is."""

    length: int
    kinds: tuple[IncidentKind, ...]
    levels: tuple[Severity, ...]


def read_title(title: str, runbook: Runbook) -> TitleRead:
    """Read a title. ``bare`` is the title itself where nothing would be left of it, and may be empty."""
    text = " ".join(plain(title)[:LONGEST].split())
    found = TitleRead(text)
    kept, rest = _before(text, runbook)
    for _ in range(MOST_PARTS):
        start = _without_symbols(rest)
        prefix = _bracket(start, runbook) or _head(start, runbook) or _number(start, runbook)
        if prefix is None:
            break
        _take(found, prefix)
        rest = _SEPARATOR.sub("", start[prefix.length :], count=1)
    rest = _ending(rest, found, runbook)
    if rest:
        found.bare = f"{kept}{rest}"
    return found


def _before(text: str, runbook: Runbook) -> tuple[str, str]:
    """The brackets of others before a prefix, and the text from the prefix on: ``[web][P1] x`` and
    ``Re: [shop] P1: x``. What a mail's subject begins with is in neither.
    """
    kept, behind = "", text
    for _ in range(MOST_LEADS):
        lead = _LEAD.match(behind)
        if lead is None or _bracket(behind, runbook):
            break
        kept += "" if _REPLY.match(lead[0]) else f"{lead[0].strip()} "
        behind = behind[lead.end() :]
        if _bracket(behind, runbook) or _head(behind, runbook):
            return kept, behind
    return "", text


def _take(found: TitleRead, prefix: _Prefix) -> None:
    for kind in prefix.kinds:
        # A drill is one whatever else the title calls it, so that nobody is paged for it.
        found.kind = kind if found.kind in (None, "real") else found.kind
    found.levels += prefix.levels


def _without_symbols(text: str) -> str:
    """``text`` without the emoji that it begins with."""
    at = 0
    while at < len(text) and (text[at] == " " or unicodedata.category(text[at]) in _SYMBOLS):
        at += 1
    return text[at:]


def _bracket(text: str, runbook: Runbook) -> _Prefix | None:
    """A bracket at the start that holds only kinds and severities."""
    close = _PAIRS.get(text[:1])
    end = text.find(close, 1, _LONGEST_BRACKET + 2) if close else -1
    return _said(text[1:end], end + 1, runbook, names=True) if end > 0 else None


def _head(text: str, runbook: Runbook) -> _Prefix | None:
    """What stands before a colon, a bar or a dash, when it is only kinds and severities: the longest such."""
    ends = list(_BREAK.finditer(text[: _LONGEST_BRACKET + 4]))[:3]
    for end in reversed(ends):
        said = _said(text[: end.start()], end.end(), runbook, names=False)
        if said is not None:
            return said
    return None


def _number(text: str, runbook: Runbook) -> _Prefix | None:
    """Severities by their number and a blank, perhaps behind the kind: ``SEV-1 x``, ``INCIDENT P1/P2 x``."""
    first = text.split(" ", 1)[0]
    kind = KINDS.get(first.casefold())
    at = len(first) + 1 if kind else 0
    levels: list[Severity] = []
    for _ in range(MOST_PARTS):
        found = _NUMBERED.match(text, at)
        level = _by_number(found, runbook) if found else None
        if found is None or level is None:
            return None
        levels.append(level)
        at = found.end() + 1
        if text[found.end() : at] != "/":
            break
    joined = _JOINED.match(text, at - 1)
    other = _NUMBERED.match(text, joined.end()) if joined else None
    if other is not None and _by_number(other, runbook) is not None:
        return None  # "P1 and P2 customers cannot log in" is a sentence.
    if kind is None and text[at - 1 : at + 20].partition(" ")[2].split(" ")[0].rstrip(",.:;") in _RATED:
        return None
    loud = len(text[at - 1 :]) - len(text[at - 1 :].lstrip("!?\uff01\uff1f"))
    return _Prefix(at - 1 + loud, (kind,) if kind else (), tuple(levels))


def _own(runbook: Runbook) -> set[str]:
    """The letters before the numbers of the runbook's own severities."""
    return {one.id.rstrip("0123456789").casefold() for one in runbook.severities}


def _by_number(found: re.Match[str], runbook: Runbook) -> Severity | None:
    """The severity that a number names in the middle of text, where ``S3`` is a store and ``p95`` a figure:
    behind one letter in capitals, ``P`` or the runbook's own, or behind a longer word.
    """
    letters, joint = found.group(1), found.group(2)
    if len(letters) == 1:
        usual = joint != " " and (
            letters == "P" or (letters.isupper() and letters.casefold() in _own(runbook))
        )
    else:
        usual = letters.casefold() in _own(runbook) | {"sev", "severity"}
    return runbook.severity_named(found.group()) if usual else None


def _said(text: str, length: int, runbook: Runbook, *, names: bool) -> _Prefix | None:
    """What a prefix says that consists of kinds, severities and fillers; None for any other text. ``names``:
    a severity counts by its name, too, as it does beside a kind.
    """
    words = [word for word in _SPLIT.split(text.strip()) if word.strip(_MARKS + "-")]
    words = [part for word in words for part in _parted(word)]
    kinds = tuple(kind for word in words if (kind := KINDS.get(word.casefold())))
    levels: list[Severity] = []
    at = 0
    while at < len(words):
        count, level = _level(words[at : at + 2], runbook, names=names or bool(kinds))
        if level is not None:
            levels.append(level)
        elif words[at].casefold() not in KINDS and words[at].casefold() not in _FILLERS and not count:
            return None
        at += max(count, 1)
    return _Prefix(length, kinds, tuple(levels)) if kinds or levels else None


def _parted(word: str) -> list[str]:
    """``INCIDENT-P1`` in its two parts; any other word as it is."""
    head, _, tail = word.partition("-")
    return [head, tail] if tail and head.casefold() in KINDS else [word]


def _level(words: list[str], runbook: Runbook, *, names: bool) -> tuple[int, Severity | None]:
    """The severity that the first words are, and how many they are. In brackets and beside a kind (``names``)
    a name counts as well, and a number that no severity has is one of another runbook: ``[INCIDENT P5]``.
    """
    for count in range(len(words), 0, -1):
        text = " ".join(words[:count]).strip(_MARKS)
        numbered = _NUMBERED.fullmatch(text)
        letters = numbered.group(1).casefold() if numbered else ""
        if names or letters in _own(runbook) | {"p", "prio", "priority", "sev", "severity"}:
            level = None if text.isdigit() else runbook.severity_named(text)
            if level is not None:
                return count, level
        if names and letters in ("p", "s", "sev"):
            return count, None
    return 0, None


def _ending(text: str, found: TitleRead, runbook: Runbook) -> str:
    """``text`` without the severity that it ends with, in brackets or as its last word."""
    opening = {close: open_ for open_, close in _PAIRS.items()}.get(text[-1:])
    start = text.rfind(opening, max(0, len(text) - _LONGEST_BRACKET - 2)) if opening else -1
    if start > 0:
        said = _said(text[start + 1 : -1], 0, runbook, names=False)
        if said is not None:
            _take(found, said)
            return text[:start].rstrip(_LOOSE)
    last = _AT_END.search(text[-_LONGEST_BRACKET:])
    number = _NUMBERED.fullmatch(last.group(1)) if last else None
    level = _by_number(number, runbook) if number else None
    if last is None or level is None:
        return text
    before = text[: len(text) - len(text[-_LONGEST_BRACKET:]) + last.start()]
    if _VERSION.search(before[-_LONGEST_BRACKET:]):
        return text
    found.levels.append(level)
    return before.rstrip(_LOOSE)
