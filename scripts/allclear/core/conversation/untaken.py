"""What is said of words that look like commands and are not taken where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allclear.core.conversation.parse import Typed
from allclear.core.conversation.slash import How
from allclear.core.model.neutral import code

_BARE_ONLY = "it counts only by itself on its line, with nothing before it and nothing around it"
REASONS: Mapping[How, str] = {
    "bare": "it counts only in a comment",
    "look-alike": _BARE_ONLY,
    "dressed": _BARE_ONLY,
    "several": "it counts only by itself on its line, and another command stands there too",
    "code": "it stands in code marks",
    "quotation": "it stands in quotation marks",
    "mention": "it stands behind a mention",
    "heading": "it stands in a heading",
    "tilde": "a `~` stands before it, as in a path",
    "cell": "it stands in a table",
    "sign": "another sign stands beside its slash",
    "html": "it stands inside of HTML",
    "quote": "it belongs to the quote above it, for there is no empty line between them",
    "blank": "a blank stands behind its slash",
    "backslash": "its slash is a backslash",
    "two slashes": "more than one slash stands before it",
    "run together": "it runs into the next one without a blank between them",
    "joined": "no blank stands behind its word",
    "in text": "it is part of the text before it",
    "mail": "it stands below what ends a mail: a signature's `--`, or who wrote the mail that is answered",
    "slash behind": "a second slash stands behind it, as in a path",
}
"""Why something is not taken that stands there so."""


ADDED = "it was written into the text after that was answered, or not by its author"
AGAIN = "Write what you want in a new comment, each command at the start of a line."


def not_taken(told: Sequence[Typed], *, added: bool = False) -> str:
    """Why nothing was done for these, each named once, and what to do instead. ``added``: by an edit."""
    why = dict.fromkeys((one.typed, ADDED if added else REASONS[one.how]) for one in told)
    lines = [f"- {code(typed)}: {reason}." for typed, reason in why]
    return "\n".join(["Nothing was done for this:", *lines, "", AGAIN])
