"""Words for a dry run, in whatever spelling: what is meant as one is never the reason of a real one.

Tools differ in the word (``--dry-run``, ``noop`` of branch-deploy, ``preview``, ``--what-if``), phones and
keyboards in its dashes and letters.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from allclear.core.conversation.marks import AROUND, only_signs
from allclear.core.model.patterns import lazy_regex

Where = Literal["anywhere", "dash", "reason"]

_GAP = r"[\s._/-]{0,3}"
_WORDS = rf"""(?:
    dry\w*(?:{_GAP}(?:run|mode|test)\w*)?
    | (?:try|trial|test|mock|fake|practice){_GAP}run\w*
    | no{_GAP}op(?:s|eration)? | nop
    | preview\w* | simul(?!t)\w* | pretend\w* | rehears\w* | hypothetical\w*
    | what{_GAP}if
    | (?:just|only){_GAP}(?:show|look|check|test)(?:ing)? | (?:show|check|plan|test){_GAP}(?:only|mode)
    | not{_GAP}(?:for{_GAP})?real
    | (?:trocken|probe|test){_GAP}(?:lauf\w*|durchlauf\w*) | trocken{_GAP}[üu]bung
    | [àa]{_GAP}blanc | en{_GAP}seco | a{_GAP}(?:secco|vuoto) | proef{_GAP}draai\w*
    | ドライ{_GAP}ラン | [试試空]{_GAP}[运運]行
    | (?:пробный|холостой|тестовый){_GAP}(?:запуск|прогон)
)(?![^\W_])"""
_POLITE = (
    r"(?:please|pls|plz|thanks|thx|ty|only|just|first|mode|now|for|me|us|an?|the|as|it|is|this|that|to|be|here|in"
    r"|on|ok|again|yet|today)\b"
)
_DRY = lazy_regex(rf"(?<![^\W_]){_WORDS}", re.VERBOSE)
_LEADING = lazy_regex(rf"[\W_]*(?:{_POLITE}[\W_]*){{0,4}}{_WORDS}", re.VERBOSE)
_TRAILING = lazy_regex(rf"(?<![^\W_]){_WORDS}(?:=\w{{1,5}})?(?:[\W_]+{_POLITE}){{0,4}}[\W_]*$", re.VERBOSE)
_MARKED = lazy_regex(rf"[(\[{{<`*~]\s*{_WORDS}", re.VERBOSE)
_SPOKEN = lazy_regex(rf"(?<![^\W_])(?:dry{_GAP}run\w*|no{_GAP}op|what{_GAP}if)(?![^\W_])")

LONGEST_WORD = 60
"""Characters of a word that is looked at where a name may stand."""

AHEAD = 8
"""Words that are looked at for an option that is said in several."""

_SPELT = ("dry-run", "dryrun", "noop", "preview", "simulate", "simulation", "whatif", "what-if")
_SHORTEST = 4
"""Letters of a word that is compared: a shorter one is near to everything."""
_MINUS = lazy_regex("[\u2212\u2043\u02d7\u207b\u208b\u30fc]")
"""Signs that look like a hyphen, and that Unicode does not count among its dashes."""


def folded(text: str) -> str:
    """The text as a hurried reader sees it: one form of each letter and dash, nothing invisible, small."""
    text = _MINUS.sub("-", unicodedata.normalize("NFKC", text))
    kinds = ((sign, unicodedata.category(sign)) for sign in text)
    return "".join(
        "-" if kind == "Pd" else sign
        for sign, kind in kinds
        if sign.isspace() or kind not in ("Cf", "Cc", "Mn", "Co")
    ).casefold()


def is_dry(word: str) -> bool:
    """Whether the whole of ``word``, folded, says that it is to be a dry run."""
    return _DRY.fullmatch(word) is not None


def dry_words(text: str, *, where: Where = "anywhere") -> str:
    """The words of ``text``, folded, that make it a dry run; empty when there are none.

    In a ``reason`` they count in brackets and marks and where it ends with them; behind a ``dash``, which may
    be an option's, also where it begins with them.
    """
    places = {"anywhere": (_DRY,), "dash": (_LEADING, _TRAILING, _MARKED), "reason": (_TRAILING, _MARKED)}
    for place in places[where]:
        match = place.match(text) if place is _LEADING else place.search(text)
        found = _DRY.search(match[0]) if match else None
        if found:
            return found[0]
    return ""


def leading_dry(words: Sequence[str]) -> int:
    """With how many of the folded words, at their very beginning, a dry run is said."""
    text = " ".join(words)
    match = _DRY.match(text, len(text) - len(text.lstrip("-" + AROUND)))
    return len(text[: match.end()].split()) if match else 0


def past_dry(text: str) -> tuple[str, str]:
    """The words at the beginning of ``text``, as typed, that say that it is to be a dry run, and what follows
    them; the first is empty where there are none.
    """
    ahead = text.split(None, AHEAD)[:AHEAD]
    signs = next((n for n, word in enumerate(ahead) if not only_signs(word)), 0)
    taken = leading_dry([folded(word[:LONGEST_WORD]) for word in ahead[signs:]])
    if not taken:
        return "", text
    parts = text.split(None, signs + taken)
    return " ".join(parts[: signs + taken]), "".join(parts[signs + taken :])


def speaks_of_one(text: str) -> bool:
    """Whether a dry run is spoken of anywhere in the folded text of a reason."""
    return _SPOKEN.search(text) is not None


def nearly_dry(word: str) -> bool:
    """Whether the folded word looks like a misspelt one for a dry run."""
    bare = word.strip("-" + AROUND)
    near = [name for name in _SPELT if name[0] == bare[:1]]
    return len(bare) >= _SHORTEST and bool(difflib.get_close_matches(bare[:40], near, n=1, cutoff=0.8))
