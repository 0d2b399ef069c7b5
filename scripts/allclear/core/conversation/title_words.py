"""The words of a title's prefix: what kind of incident they say it is, and how severe.

A severity counts by its number; by its name only where brackets, the kind or a number stand with it.
"""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct

from allclear.core.model.milestones import IncidentKind
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.runbook import Runbook, Severity

KINDS: dict[str, IncidentKind] = {"incident": "real", "drill": "drill", "retro": "retro"}
FIELDS = frozenset({"severity", "sev", "priority", "prio"})
"""Words for what a severity is: a name beside one counts."""
FILLERS = FIELDS | {
    "inc",
    "report",
    "alert",
    "new",
    "possible",
    "potential",
    "suspected",
    "probable",
    "likely",
}
"""Words that may stand beside a kind or a severity and say nothing more."""
_JOINING = frozenset({"&", "+", "and", "or", "und", "oder"})
"""Words between two severities."""

NUMBERED = lazy_regex(
    r"([A-Za-z]{1,20})([._ -]?)([0-9]{1,2})(?=$|[.-](?=\s|$)|[^\w.'\u2019-])",
)
"""A severity by its number, as ``P1``, ``SEV-1`` and ``sev_1``."""
ARROW = lazy_regex(r"\s?(?:[-=]{1,2}>|[\u2192\u21d2\u27a1]\ufe0f?)\s?")
"""From one severity to another: the one behind it counts."""
SHORTCODE = lazy_regex(r":[a-z+][a-z0-9_+-]{1,40}:")
"""An emoji by its name, as GitHub writes it: https://docs.github.com/en/get-started/writing-on-github"""

SYMBOLS = ("So", "Sk", "Mn", "Cf")
"""The Unicode categories of emoji, and of signs that nobody sees."""

_SPLIT = lazy_regex(r"[\s/|,;:=·•\u2013\u2014\uff1a]{1,9}")
_JOINT = lazy_regex(r"[-_]")
_MARKS = "!?#*_`'\"<>[](){}\u00ab\u00bb\u2039\u203a\u201c\u201d\u201e\u2018\u2019"
_USUAL = frozenset({"p", "prio", "priority", "sev", "severity"})


class Prefix(Struct, frozen=True):
    """What one prefix says, and how long it is."""

    length: int
    kinds: tuple[IncidentKind, ...]
    levels: tuple[Severity, ...]


def _own(runbook: Runbook) -> set[str]:
    """The letters before the numbers of the runbook's own severities."""
    return {one.id.rstrip("0123456789").casefold() for one in runbook.severities}


def by_number(found: re.Match[str] | None, runbook: Runbook) -> Severity | None:
    """The severity that a number names in the middle of text, where ``S3`` is a store and ``p95`` a figure:
    behind one letter in capitals, ``P`` or the runbook's own, or behind a longer word.
    """
    if found is None:
        return None
    letters, joint = found.group(1), found.group(2)
    if len(letters) == 1:
        usual = joint != " " and (
            letters == "P" or (letters.isupper() and letters.casefold() in _own(runbook))
        )
    else:
        usual = letters.casefold() in _own(runbook) | _USUAL
    return runbook.severity_named(found.group()) if usual else None


def said(text: str, length: int, runbook: Runbook, *, names: bool) -> Prefix | None:
    """What a prefix says that consists of kinds, severities and fillers; None for any other text. ``names``:
    a severity counts by its name, too, as it does beside a kind or a number.
    """
    kinds: list[IncidentKind] = []
    levels: list[Severity] = []
    for part in ARROW.split(SHORTCODE.sub(" ", text)):
        words = _words(part, runbook)
        kinds += [kind for word in words if (kind := KINDS.get(word.strip(_MARKS).casefold()))]
        certain = names or bool(kinds) or any(word.strip(_MARKS).casefold() in FIELDS for word in words)
        certain = certain or any(_level([word], runbook, names=False)[1] for word in words)
        read = _levels(words, runbook, names=certain)
        if read is None:
            return None
        levels = read
    return Prefix(length, tuple(kinds), tuple(levels)) if kinds or levels else None


def _words(text: str, runbook: Runbook) -> list[str]:
    """The words of ``text`` without emoji and dashes, and ``INCIDENT_P1`` as two."""
    seen = "".join(sign for sign in text if unicodedata.category(sign) not in SYMBOLS or sign == "`")
    words = (word for word in _SPLIT.split(seen) if word.strip(_MARKS + "-"))
    return [part for word in words for part in _parted(word, runbook)]


def _parted(word: str, runbook: Runbook) -> list[str]:
    """``INCIDENT-P1`` and ``SEV-1-high`` in their two parts; any other word as it is."""
    if NUMBERED.fullmatch(word.strip(_MARKS)):
        return [word]
    for joint in reversed(list(_JOINT.finditer(word))[:4]):
        parts = [word[: joint.start()].strip(_MARKS), word[joint.end() :].strip(_MARKS)]
        if all(
            part.casefold() in KINDS or part.casefold() in FILLERS or runbook.severity_named(part)
            for part in parts
        ):
            return parts
    return [word]


def _levels(words: list[str], runbook: Runbook, *, names: bool) -> list[Severity] | None:
    levels: list[Severity] = []
    at = 0
    while at < len(words):
        count, level = _level(words[at : at + 2], runbook, names=names)
        word = words[at].strip(_MARKS).casefold()
        if level is not None:
            levels.append(level)
        elif not (word in KINDS or word in FILLERS or count or (levels and word in _JOINING)):
            return None
        at += max(count, 1)
    return levels


def _level(words: list[str], runbook: Runbook, *, names: bool) -> tuple[int, Severity | None]:
    """The severity that the first words are, and how many they are. In brackets and beside a kind (``names``)
    a name counts as well, and a number that no severity has is one of another runbook: ``[INCIDENT P5]``.
    """
    for count in range(len(words), 0, -1):
        text = " ".join(words[:count]).strip(_MARKS)
        numbered = NUMBERED.fullmatch(text)
        letters = numbered.group(1).casefold() if numbered else ""
        if names or letters in _own(runbook) | _USUAL:
            level = None if text.isdigit() else runbook.severity_named(text)
            if level is not None:
                return count, level
        if names and letters in ("p", "s", "sev"):
            return count, None
    return 0, None
