"""Marks, punctuation and small words around a word that people type: none of them is part of it."""

from __future__ import annotations

import unicodedata

from allclear.core.model.patterns import lazy_regex

AROUND = (
    "()[]{}<>`*~_\"'\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb\u2039\u203a"
    ".,;:!\u2026\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff01"
)
"""Marks, quotes, brackets and the punctuation of a sentence, as people put them around a word.

Not the question mark: a question is not an order. Nor ``@``, ``#``, ``+`` and ``-``, which say something.
"""

QUESTION = "?\uff1f"
"""Question marks, also as keyboards for Chinese and Japanese type them."""

SMALL = frozenset({"to", "is", "are", "now", "as", "at", "the", "a", "an", "of", "be", "set", "should"})
"""Words in front of what is meant that say nothing, as in ``/sev to P1`` or ``/status is identified``."""

LONGEST = 200
"""Characters of a word that is looked at; a longer one names nothing."""

_ORNAMENTS = frozenset({"So", "Sk", "Cf"})
"""The Unicode categories of emoji, of their colours, and of signs that nobody sees."""

_DRESS = "\ufe0e\ufe0f\u20e3"
"""What makes an emoji of a digit or an arrow."""

_CLOSED_BY = {"(": ")", "[": "]", "{": "}", "<": ">", "`": "`", '"': '"', "*": "*"}
_OPENED_BY = {")": "(", "]": "[", "}": "{", ">": "<"}

_ARROW = lazy_regex(r"[-=\u2010-\u2015\u2212]{1,3}>|[\u2192\u21d2\u27a1]\ufe0f?")
_SAYS = lazy_regex(r"[^\W_]|\?")
_JOINTS = lazy_regex(r"[-_\u2010\u2011]")
_DIVIDES = lazy_regex(r"[-\u2010-\u2015\u2212]{1,3}|[=:,;|]")


def bare(word: str) -> str:
    """The word without the marks and the punctuation around it; empty where it is nothing else.

    A bracket or a mark that opens and closes inside of the word is part of it, and so is a dot in front.
    """
    begin, end = 0, len(word)
    if end > LONGEST:
        return word
    while begin < end and _around(word[begin]) and word[begin] != ".":
        begin += 1
    while begin < end and _around(word[end - 1]):
        end -= 1
    core = word[begin:end]
    opened = word[:begin][-1:]
    before = opened if opened and _CLOSED_BY.get(opened, "\0") in core else ""
    while end < len(word) and core.count(_OPENED_BY.get(word[end], "\0")) > core.count(word[end]):
        core, end = f"{core}{word[end]}", end + 1
    return f"{before}{core}"


def _around(sign: str) -> bool:
    return sign in AROUND or sign in _DRESS or unicodedata.category(sign) in _ORNAMENTS


def begins_with_question(line: str) -> bool:
    """Whether the line begins with a question mark, as that of ``/escalate?`` does."""
    return bool(line) and line[0] in QUESTION


def only_signs(word: str) -> bool:
    """Whether the word has no letter, no digit and no question mark: marks, an arrow, an emoji."""
    return _SAYS.search(word) is None


def is_arrow(word: str) -> bool:
    """Whether the word points from what stands before it to what follows."""
    return _ARROW.fullmatch(word) is not None


def divides(word: str) -> bool:
    """Whether the word only divides what stands before it from what follows: a dash, an arrow, a comma."""
    return is_arrow(word) or _DIVIDES.fullmatch(word) is not None


def spelled(name: str) -> str:
    """A name as names are compared: in lower case, blanks for hyphens and underscores, no signs around it."""
    return " ".join(word for word in map(bare, _JOINTS.sub(" ", name.lower()).split()) if word)


def first_word(line: str) -> tuple[str, str]:
    """The first word of the line, without the marks around it, and what follows it.

    Signs in front of it, such as an arrow or an emoji, are passed over; where nothing else is left they are
    the word.
    """
    says = _SAYS.search(line)
    if says is not None:
        begin, before = says.start(), line[: says.start()]
        if before and not before[-1].isspace():
            begin -= len(before.rsplit(None, 1)[-1])
        word = line[begin:].split(None, 1)[0]
        return bare(word), line[begin + len(word) :].lstrip()
    signs = line.split(None, 1)
    return "".join(signs[:1]), "".join(signs[1:])


def undivided(line: str) -> str:
    """The line without the dash, the arrow or the comma in front that divides it from what stood before."""
    first, _, rest = line.partition(" ")
    return rest.lstrip() if divides(first) and rest.strip() else line
