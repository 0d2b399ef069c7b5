"""Commands in the middle of another one's text. They stay text, and the answer says so where somebody may
have meant them: ``/note restarted /sev P1`` sets no severity.

What stands behind the slash-word decides: all that its command needs, and no more. A text that speaks of a
command, as ``use /rollback if it goes on`` does, is only a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

from allclear.core.conversation.addresses import reads_like_a_page, surely_a_page
from allclear.core.conversation.command import CommandContext
from allclear.core.conversation.reading import arguments_read
from allclear.core.conversation.several import DIVIDING, without_divider
from allclear.core.conversation.words import understood
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace

MOST = 20
"""Slash-words of one line that are looked at."""
LONGEST = 200
"""Characters behind a slash-word that are looked at."""

_WORD = lazy_regex(r"(?<!\S)/([^\W\d_][\w-]{0,39})(?=[\s.,;:!?&|]|$)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAMES = _words(
    "the a this an our that these your my his her their its no of with by via see saw use used uses using"
    " for about type typed types typing try tried trying said says saying wrote called calls"
    " get post put patch delete head curl"
)
"""In front of a slash-word these say that the text speaks of it."""
_GOES_ON = _words(
    "if when unless until once because but and or so then was were is are did does do didn't doesn't had has"
    " will would should could might can may at in on for from to by with fails failed works worked again"
    " instead page endpoint command button route"
)
"""Behind a slash-word these make it a part of the sentence."""
_CONDITIONS = _words("if when unless until once")


def kept_as_text(context: CommandContext) -> str:
    """What is said of commands that the line of this one holds as text; empty for nothing."""
    held = list(dict.fromkeys(_held(context)))
    if not held:
        return ""
    lines = "them, each on a line of its own" if len(held) > 1 else "it on a line of its own"
    return (
        f"Only a part of the text, and not done: {', '.join(code(one, LONGEST) for one in held)}. To do"
        f" it, write {lines}."
    )


def _held(context: CommandContext) -> Iterator[str]:
    line = context.call.line
    own = understood(context.call.word, "", context.runbook, context.commands)
    if own is not None and own[0].shape.names:
        return
    ignored = {word.lower().lstrip("/") for word in context.settings.ignore}
    found = [
        one
        for one in islice(_WORD.finditer(line), MOST + 1)
        if one[1].lower() not in ignored and understood(one[1], "", context.runbook, context.commands)
    ]
    ends = [*(one.start() for one in found), len(line)]
    for one, (begin, end) in zip(found[:MOST], pairwise(ends), strict=False):
        before, behind = line[:begin].rstrip(), without_divider(line[one.end() : end][:LONGEST])
        # What a divider stands before is told as a command of its own.
        if before.endswith(tuple(DIVIDING)) or before.count("`") % 2:
            continue
        if _meant(one[1], behind, before.rpartition(" ")[2].lower(), context):
            yield f"/{one[1]} {behind}".rstrip()


def _meant(word: str, behind: str, before: str, context: CommandContext) -> bool:
    """Whether ``/word behind`` would be a whole command. What nothing but a text follows may be spoken of."""
    named = understood(word, behind, context.runbook, context.commands)
    if named is None or named[0].name == "help":
        return False
    command, line = named
    call = replace(context.call, word=word, line=line, below="")
    read = arguments_read(command, replace(context, call=call))
    words = behind.lower().split()
    if read is None or not _CONDITIONS.isdisjoint(words[:4]):
        return False
    certain, text = read
    if certain and words and not text:
        return True
    if before in _NAMES or (text.lower().split() or [""])[0].strip(".,:;!?") in _GOES_ON:
        return False
    return not (text and (surely_a_page(text) or reads_like_a_page(command.name, text)))
