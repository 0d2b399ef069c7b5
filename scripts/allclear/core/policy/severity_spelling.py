"""Which severity people mean by what they wrote: the one reader of its spellings, for commands, titles,
fields and labels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

from allclear.core.model.patterns import lazy_regex

LONGEST = 60
"""Characters of a spelling; longer text names none."""

MOST_WORDS = 4
"""Words of a spelling that stands at the start of a text, as in ``High (needs all hands)``."""

NUMBERED_BY = frozenset({"s", "sev", "severity", "p", "pri", "prio", "priority", "level", "lvl"})
"""What trackers write before the number of a severity, beside what the runbook's own ids have there."""

SYNONYMS = {"crit": "critical", "med": "medium", "moderate": "medium", "normal": "medium"}
"""Usual words for a level, and the usual name of that level; it counts where the runbook has the name."""

_NUMBERED = lazy_regex(r"([a-z]{1,20})[ _:/#.-]{0,3}([0-9]{1,3})")
_QUALIFIED = lazy_regex(r"(?:sev|severity|pri|prio|priority|level)[ _:/=-]{1,3}")
_JOINT = lazy_regex(r"(?<=\w)[ _:/-]{1,3}(?=\w)|(?<=[a-z])\.(?=[0-9])")
_TWICE = lazy_regex(r"\s?[-/|,;:()\u2013\u2014]{1,3}\s?")
"""What stands between two spellings of one level."""
_AROUND = " \t\n\"'`*_~()[]{}<>«»„“”\u2018\u2019\u201a【】「」!?.,;:=|"
"""Signs that people put around a spelling, which are no part of it."""
_DASHES = " -\u2013\u2014"
MOST_JOINTS = 8
"""Places at which a spelling is looked at as two."""
_UNSEEN = ("Cf", "Mn", "Me")


class Spelled(Protocol):
    """A severity, as far as its spellings go."""

    @property
    def id(self) -> str:
        """As the runbook lists it."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def words(self) -> tuple[str, ...]:
        """Other ways to type it, in lower case."""

    @property
    def label(self) -> str:
        """The label that shows it, where it has one of its own."""


Level = TypeVar("Level", bound=Spelled)


def called(text: str, levels: Sequence[Level]) -> Level | None:
    """The level of which ``text`` is an own word: its id, its label or a word of the runbook. So a command is
    found, for ``/s3`` is rather a path than a severity.
    """
    wanted = _folded(text)
    if len(wanted) > LONGEST:
        return None
    return next((level for level in levels if _joined(wanted) in _own(level)), None)


def meant(text: str, levels: Sequence[Level]) -> Level | None:
    """The level that the whole ``text`` names; None when it names none, or might name several.

    In any case and alphabet width, with any signs around it: its id, its label, its name, a word of the
    runbook (``P0``, ``critical``), or its number behind a usual word (``SEV-1``, ``sev_1``, ``severity 1``,
    ``S1``, ``1``), or by two of them (``P1-high``).
    """
    wanted = _folded(text)
    if not wanted or len(wanted) > LONGEST:
        return None
    return _whole(wanted, levels) or _twice(wanted, levels)


def _twice(wanted: str, levels: Sequence[Level]) -> Level | None:
    """The level that a number and a name say both: ``p1-high``, ``high/p1``, ``high (p1)``."""
    if not (any(sign.isdigit() for sign in wanted) and any(sign.isalpha() for sign in wanted)):
        return None
    for joint in list(_TWICE.finditer(wanted))[:MOST_JOINTS]:
        first, second = (
            _whole(part.strip(_AROUND), levels) for part in (wanted[: joint.start()], wanted[joint.end() :])
        )
        if first is not None and first == second:
            return first
    return None


def _whole(wanted: str, levels: Sequence[Level]) -> Level | None:
    """The level of one spelling, in lower case."""
    qualified = _QUALIFIED.match(wanted)
    sought = [wanted, wanted[qualified.end() :] if qualified else ""]
    sought += [SYNONYMS.get(one, "") for one in sought]
    found = next(filter(None, (called(one, levels) for one in sought)), None)
    numbered = _NUMBERED.fullmatch(wanted)
    if found is None and numbered and numbered.group(1) in NUMBERED_BY:
        found = next((level for level in levels if numbered.group(2) in level.words), None)
    bracketed = [level for level in levels if wanted == _bracketed(level.name)]
    return bracketed[0] if found is None and len(bracketed) == 1 else found


def leading(text: str, levels: Sequence[Level]) -> tuple[Level, str] | None:
    """The level whose spelling ``text`` begins with, the longest that is one, and the text behind it:
    ``SEV 1 half of all orders`` is SEV1 and ``half of all orders``.
    """
    words = text[: 4 * LONGEST].split(maxsplit=MOST_WORDS)
    for count in range(min(MOST_WORDS, len(words)), 0, -1):
        level = meant(" ".join(words[:count]), levels)
        if level is not None:
            return level, " ".join(text.split(maxsplit=count)[count:])
    return None


def _folded(text: str) -> str:
    """``text`` in lower case and usual width, without invisible signs and those around it. Letters of other
    alphabets that look alike stay what they are.
    """
    wide = unicodedata.normalize("NFKC", text[: 4 * LONGEST])
    seen = "".join(sign for sign in wide if unicodedata.category(sign) not in _UNSEEN)
    bare = " ".join(seen.lower().split()).strip(_AROUND).rstrip(_DASHES)
    return bare[1:] if bare[:1] == "#" and bare[1:2].isalpha() else bare


def _joined(spelling: str) -> str:
    """``sev-1``, ``sev 1`` and ``severity:1`` without what joins their parts."""
    return _JOINT.sub("", spelling)


def _own(level: Spelled) -> frozenset[str]:
    return _spellings((level.id, level.label, *level.words))


@lru_cache(maxsize=256)
def _spellings(words: tuple[str, ...]) -> frozenset[str]:
    own = (one.lower().strip(_AROUND) for one in words)
    return frozenset(_joined(one) for one in own if one)


def _bracketed(name: str) -> str:
    """The one word in the bracket at the end of a name: ``urgent`` of ``High (Urgent)``."""
    found = re.search(r"\(([A-Za-z]{2,20})\)$", name)
    return found.group(1).lower() if found else ""
