"""Several commands on one line: where one ends and the next begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from allclear.core.conversation.slash import NEXT, TAKEN, How, Shape, Shapes, SlashWord
from allclear.core.model.structs import replace

_SEPARATORS = ";,.&|+"
DIVIDING = ";&|"
"""What divides commands, but no sentences."""
_JOINING = frozenset({"and", "then", "or", "-", "\u2013", "\u2014"})


def pieces(found: SlashWord, shapes: Shapes) -> Iterator[SlashWord]:
    """The commands of one line. Another one begins where the words before it can only be arguments, or where
    a ``;``, a comma, ``&&`` or a full stop stands between. What a text holds is text; where a ``;`` or ``&&``
    divides it from a command, that is told.
    """
    line, begun, words, counted = found.line, 0, 0, 0
    current, shape = found, shapes(found.word) or Shape()
    inside = list[tuple[re.Match[str], bool]]()
    for following in NEXT.finditer(line):
        place = following.start()
        before = line[counted:place]
        if place and not (before[-1:].isspace() or before[-1:] in _SEPARATORS):
            continue
        between = before.split()
        words += len([one for one in between if one.strip(_SEPARATORS) and one.lower() not in _JOINING])
        counted = place
        divider = between[-1][-1] if between else ""
        wanted = shapes(following[1])
        if wanted is None:
            continue
        if shape.room is None:
            inside.append((following, bool(divider) and divider in DIVIDING))
            continue
        divided = bool(divider) and divider in (DIVIDING if shape.names else _SEPARATORS)
        named = shape.names and not (_joins(between) or (current.ended and not between))
        if not divided and (words > shape.room or named):
            continue
        part = replace(current, how=_shared(current.how), line=without_divider(line[begun:place]))
        yield _asking(part, shape)
        shape, words, begun, counted = wanted, 0, following.end(), following.end()
        current = SlashWord(found.at, _shared(found.how), following[1], asked=line[begun : begun + 1] == "?")
    if current is not found:
        current = replace(current, line=line[begun:].strip().lstrip(".,;:!? \t"))
    yield _asking(current, shape)
    ends = [*(one.start() for one, _ in inside[1:]), len(line)]
    for one, end in [(one, end) for (one, divided), end in zip(inside, ends, strict=False) if divided]:
        yield SlashWord(found.at, "in text", one[1], without_divider(line[one.end() : end]))


def _joins(between: list[str]) -> bool:
    """Whether nothing but an ``and`` or a ``then`` stands between two commands."""
    return bool(between) and all(one.lower().strip(_SEPARATORS) in _JOINING for one in between)


def _asking(piece: SlashWord, shape: Shape) -> SlashWord:
    """The piece with the question mark behind its word, where its command takes questions."""
    return replace(piece, line=f"? {piece.line}".rstrip()) if piece.asked and shape.asks else piece


def _shared(how: How) -> How:
    return "several" if how in TAKEN else how


def without_divider(text: str) -> str:
    """A command's arguments without what divides them from the next command of their line."""
    text = text.strip(" \t:")
    while text and (text[-1] in _SEPARATORS or text.rpartition(" ")[2].lower() in _JOINING):
        text = text[:-1] if text[-1] in _SEPARATORS else text.rpartition(" ")[0]
        text = text.rstrip()
    return text.lstrip(_SEPARATORS + " \t:!?")
