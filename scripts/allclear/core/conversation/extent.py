"""How far the text of a command goes: what people go on to say below it is not a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from allclear.core.conversation.command import ArgumentCursor, CommandContext
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.fences import fenced_parts, outside_fences
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex

LONGEST = 4000
"""Characters of text one entry keeps:
the comment itself stays the full record, and the panel must not outgrow 65,536.
"""

_GOES_ON = lazy_regex(r" {0,3}(?:[-*+] |\d{1,3}[.)] |\[?\d{1,2}:\d\d|\[?\d{4}-\d\d-\d\d)")
_CALLS = lazy_regex(
    r"(?:/?cc\b[ :]*)?(?:@[\w-]{1,40}(?:/[\w-]{1,100})?[ ,.;:!&+]*(?:and )?){1,50}", re.IGNORECASE
)
_THANKS = lazy_regex(
    r"(?:many |big |huge )?(?:thanks?|thx|ty|cheers|kudos|danke|vielen dank|merci|gracias|grazie|obrigad[oa]"
    r"|great (?:job|work)|good (?:job|work)|nice work|well done)\b(?! to (?:the|a|our)\b)",
    re.IGNORECASE,
)
LONGEST_THANKS = 120
"""Characters of a paragraph that only thanks."""


def blocks(text: str) -> Iterator[str]:
    """The fenced blocks of a text, and the paragraphs between them; a block ends the paragraph above it."""
    lines: list[str] = []
    for line, part in fenced_parts(text.split("\n")):
        if lines and (part == "opens" or not (part or line.strip())):
            yield "\n".join(lines)
            lines = []
        if part or line.strip():
            lines.append(line)
        if part == "closes":
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)


def first_paragraph(text: str) -> tuple[str, str]:
    """The text up to the first empty line, and what follows. A list, a fenced block and a line that begins
    with a time go on with what stands above them.
    """
    lines = text.split("\n")
    empty = -1
    for n, (line, plain) in enumerate(outside_fences(lines)):
        if plain and not line.strip():
            empty = n if empty < 0 else empty
        elif plain and empty >= 0 and not _GOES_ON.match(line):
            return "\n".join(lines[:empty]).rstrip(), "\n".join(lines[n:]).strip()
        else:
            empty = -1
    return text.rstrip(), ""


def without_talk(text: str) -> tuple[str, str]:
    """The whole text but for the paragraphs at its end that only thank or call people, and those."""
    lines = text.rstrip().split("\n")
    end = len(lines)
    while (start := _last_paragraph(lines, end)) > 0 and _talks("\n".join(lines[start:end])):
        end = start
        while end and not lines[end - 1].strip():
            end -= 1
    return "\n".join(lines[:end]).rstrip(), "\n".join(lines[end:]).strip()


def _last_paragraph(lines: list[str], end: int) -> int:
    """Where the last paragraph before line ``end`` begins."""
    start = end
    while start and lines[start - 1].strip():
        start -= 1
    return start


def _talks(paragraph: str) -> bool:
    text = " ".join(paragraph.split())
    if len(text) > LONGEST_THANKS:
        return False
    return bool(_CALLS.fullmatch(text) or _THANKS.match(text))


def paragraph(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """What stands behind the command and below it, up to the first empty line."""
    text, left = first_paragraph(cursor.text)
    return everything(ArgumentCursor(text, ""), context)[0], ArgumentCursor("", "", _told(left))


def body(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """Several paragraphs, without the talk at their end."""
    text, left = without_talk(cursor.text)
    return everything(ArgumentCursor(text, ""), context)[0], ArgumentCursor("", "", _told(left))


def everything(cursor: ArgumentCursor, _room: CommandContext) -> tuple[str, ArgumentCursor]:
    """All that is left. Raises UserError where that is too much to be kept."""
    if not cursor.text:
        raise MissingArgumentError("The text is missing.")
    if len(cursor.text) > LONGEST:
        raise UserError(
            f"That is {len(cursor.text):,} characters, and a command takes at most {LONGEST:,}. "
            "Put the long part into a comment of its own and link to it."
        )
    return cursor.text, ArgumentCursor("", "")


def _told(left: str) -> str:
    """What is said of what was left out, so that nobody thinks that it was recorded; empty for nothing."""
    first, *more = [line for line in left.split("\n") if line.strip()] or [""]
    others = f" and {len(more)} more {'line' if len(more) == 1 else 'lines'}" if more else ""
    return f"Not part of it: {code(first)}{others}." if first else ""
