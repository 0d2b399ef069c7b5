"""Words behind a command on production that could be more than a reason: an option, a condition, another
environment, a release. All are folded, as ``dry_run.folded`` folds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from allclear.core.conversation.doubt_words import HALTING, PUT_OFF, UNSURE
from allclear.core.conversation.marks import AROUND, only_signs
from allclear.core.model.patterns import lazy_regex
from allclear.core.production.dry_run import folded, nearly_dry

POLITE = lazy_regex(r"of|for|please|pls|plz|the|an?|service|app|just|only|as|in|on|this|is|it|to|with")
"""Words that say nothing, in front of those that do."""

_UNREAL = lazy_regex(
    r"tests?|testing|trial|sim|stag(?:e|ing)|stg|dev(?:elopment)?|qa|uat|pre-?prod|sandbox|canary|demo|local"
    r"|drill|exercise|practi[cs]e|training"
)
"""Something else than production, or than the real thing: asked about at either end of a line."""

_BEGINNING = lazy_regex(
    rf"{_UNREAL.pattern}|{UNSURE}|try(?:ing)?|check(?:ing)?|plan|show|list|diff|verify|validate|explain|help"
    r"|status|cancel|stop|abort|yesterday|and|or|plus|[&+,]|from|force|don.?t|nevermind|without|ask(?:ing)?"
    r"|what|who|why|how|which|does|[a-z][\w-]*=.*"
)
"""The first word of an option, a condition or a second wish rather than of a reason."""

_CLOCK = r"\d{1,2}[:.h]\d\d(?: ?[ap]m)?(?: [a-z]{2,4})?"
_NOT_NOW = lazy_regex(rf"(?:not (?:yet|now|today)|{PUT_OFF})\b|(?:in|at|after|@) ?\d|{_CLOCK}$")
_UNSURE_FIRST = lazy_regex(rf"(?:{UNSURE})(?![\w-])")
_TAKEN_BACK = lazy_regex(
    r"(?:actually|sorry|oh|oops|hm+)?,? ?(?:(?:no|nope|nah),? ?(?:wait|not|don.?t|do not|stop|sorry|please)\b"
    r"|(?:no|nope|nah)[.!,]*$|no,|wait[,.!]|wait$|do not(?: do (?:it|that|this))?[.!]*$|don.?t[.!]*$"
    r"|never ?mind\b|not (?:yet|now|today)[.!]*$|(?:stop|cancel|abort|undo)(?: (?:it|that|this))?[.!]*$)"
)
"""A line that takes back what stands above it, or in front of it."""
_ANY_RELEASE = lazy_regex(
    r"prev(?:ious)?|last|latest|prior|current|stable|good|known|working|release|version|deploy(?:ment)?|build|one"
    r"|before|head|main|master|back|ago|the|please"
)
_AND = ("and", "also", "plus", "&", "+")
_SHAPE = lazy_regex(
    r"[\"'`(]?(?:(?:release|version|build|tag|deploy(?:ment)?|commit|rev(?:ision)?|pr|mr|pull request)"
    r"[ \-_/:]?[#v]?\d[\w.\-]*|tag v?\d[\w.\-]*|v-\d[\w.\-]*|rc-?\d+|#\d+|head[~^]+\d*|[~^]+\d*"
    r"|by (?:\d+|one|two|three)|[-\u2212]\d{1,2}"
    r"|(?:\d+|one|two|three) (?:releases?|versions?|builds?|deploys?|back|ago|earlier)"
    r"(?: (?:back|ago|earlier))?|old(?:er|est)?)[\"'`).,!]?"
)
"""A release or how far to go back, in a shape that the deploy system does not know, and nothing more."""
_OTHER_LETTERS = lazy_regex(r"[\u0370-\u03bb\u03bd-\u058f\u13a0-\u13ff]")
"""Greek without the sign for a millionth, Cyrillic, Armenian, Cherokee: letters that look like Latin ones."""


def doubt(words: Sequence[str], *, below: bool) -> str:
    """The words of a line that may be no reason; empty when there are none. All are folded.

    A line ``below`` is prose more often than not: there only what stands alone counts.
    """
    words = [word for word in words if word]  # a word of invisible signs is none
    while words[1:] and only_signs(words[0]) and words[0] not in _AND and words[0] != ",":
        words = words[1:]
    if _halting(" ".join(words)):
        return " ".join(words)
    plain = [word.strip(AROUND) or word for word in words]
    while plain and POLITE.fullmatch(plain[0]):
        plain = plain[1:]
    if not plain:
        return ""
    first, last, text = plain[0], plain[-1], " ".join(plain)
    if _TAKEN_BACK.match(" ".join(words)) or _TAKEN_BACK.match(text):
        return " ".join(words)
    if plain[0] == words[0].strip(AROUND) and _SHAPE.fullmatch(" ".join(words)):
        return " ".join(words)
    if _ANY_RELEASE.fullmatch(first) and all(
        _ANY_RELEASE.fullmatch(word) or POLITE.fullmatch(word) for word in plain
    ):
        return text
    if len(plain) == 1 or not below:
        if _BEGINNING.fullmatch(first) or nearly_dry(first) or _NOT_NOW.match(" ".join(words)):
            return text
        if _UNREAL.fullmatch(last) or nearly_dry(last):
            return last
    bracketed = (word for word in words if word[0] in "([{<`*~" and _BEGINNING.fullmatch(word.strip(AROUND)))
    return next(bracketed, "") or next((word for word in plain if _mixed(word)), "")


def put_off(text: str) -> bool:
    """Whether a reason behind a dash, folded, says that it is not to be done now, or not at all."""
    words = text.split()
    while words[1:] and only_signs(words[0]):
        words = words[1:]
    said = " ".join(words).lstrip(AROUND)
    found = _TAKEN_BACK.match(said) or _NOT_NOW.match(said) or _UNSURE_FIRST.match(said)
    return bool(found) or _halting(said)


def _halting(text: str) -> bool:
    return only_signs(text) and not HALTING.isdisjoint(text)


def release_in_quotes(reason: Sequence[str]) -> bool:
    """Whether all that is said is a release in quotes, which is a target rather than a reason."""
    text = folded(" ".join(reason))
    return text[:1] in ('"', "'") and re.fullmatch(r"v?\d[\w.\-]*", text.strip(AROUND)) is not None


def first_words(lines: Iterable[str]) -> list[str]:
    """The first word of each line, behind an ``and``."""
    several = (line.split() for line in lines)
    return [words[1] if words[1:] and folded(words[0]) in _AND else words[0] for words in several if words]


def unreal(reason: Sequence[str]) -> bool:
    """Whether a reason, as it was typed, says nothing but that it is not meant for production."""
    words = [folded(word).strip(AROUND) for word in reason]
    return bool(words) and all(_UNREAL.fullmatch(word) or POLITE.fullmatch(word) for word in words)


def _mixed(word: str) -> bool:
    """Whether letters of two alphabets make up the word: it may look like another one."""
    return re.search(r"[a-z]", word) is not None and _OTHER_LETTERS.search(word) is not None
