"""The options ``--override "why"`` of /all-clear, /check and /postmortem, and ``--wont-do "why"`` of
/check, in the spellings that phones make of them.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Annotated

from msgspec import Struct

from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.marks import bare
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Rights

_DASH = "[-\u2010-\u2015\u2043\u2212\u02d7\ufe58\ufe63\uff0d]"
_BLANK = "[ \t\u00a0]"
_QUOTES = "\"'\u2018\u201c-\u201e\u00ab"
_OPTION = lazy_regex(
    rf"(?:^|(?<=\s)){_DASH}{{1,3}}override(?=$|[\s=:{_QUOTES}])"
    rf"|^[ \t]*(?:{_DASH}{{1,3}}[ \t]{{0,2}})?override{_BLANK}{{0,3}}[=:]?{_BLANK}{{0,3}}(?=[{_QUOTES}])",
    re.IGNORECASE | re.MULTILINE,
)
"""With dashes right before it: anywhere in the command's line. Without them, or with a blank between: where a
line begins with it, and a quote follows.
"""
_WONT_DO = lazy_regex(
    rf"(?:^|(?<=\s)){_DASH}{{1,3}}won['\u2019]?t{_DASH}?(?:do|fix)(?=$|[\s=:{_QUOTES}])", re.IGNORECASE
)
"""``--wont-do``, and how else it is spelt."""
_WRONG = lazy_regex(rf"(?:^|(?<=\s))(?P<dashes>{_DASH}{{1,3}})(?P<word>[A-Za-z][\w-]{{0,40}})")
_FORCING = frozenset(
    {
        "f",
        "y",
        "yes",
        "force",
        "forced",
        "skip",
        "ignore",
        "bypass",
        "anyway",
        "no-verify",
        "admin",
        "overrule",
    }
)
"""What other tools call it."""
_CLOSING = {
    '"': '"',
    "'": "'",
    "\u2018": "\u2019",
    "\u201c": "\u201d",
    "\u201d": "\u201d",
    "\u201e": "\u201c\u201d",
    "\u00ab": "\u00bb",
}
"""An opening quote, and what may close it: English, Swedish, German and French habits."""
_APOSTROPHES = "'\u2019"
"""Quotes that also stand inside of words: only the last one of the line closes."""

EXAMPLE = '`/all-clear --override "why"`'


class OverrideReason(Struct, frozen=True):
    """Why the gates are overridden."""

    why: str


class WontDoReason(Struct, frozen=True):
    """Why nobody will do it."""

    why: str


def _override(cursor: ArgumentCursor, context: CommandContext) -> tuple[OverrideReason, ArgumentCursor]:
    text = f"{cursor.line}\n{cursor.below}"
    example = f'`/{context.call.word} --override "why"`'
    match = next((one for one in _OPTION.finditer(text) if _counts(one, text, cursor)), None)
    if match is None:
        check_options(text, f"there is {example}")
        raise MissingArgumentError("No override.")
    why, rest = _reason(match, text)
    if not why:
        raise UserError(f"An override needs its reason: {example}.")
    return OverrideReason(why), rest


def _wont_do(cursor: ArgumentCursor, context: CommandContext) -> tuple[WontDoReason, ArgumentCursor]:
    text = f"{cursor.line}\n{cursor.below}"
    match = _WONT_DO.search(cursor.line)
    if match is None:
        raise MissingArgumentError("Nothing of that kind.")
    why, rest = _reason(match, text)
    if not why:
        example = code(f'/{context.call.word} <step> --wont-do "why"')
        raise UserError(f"That nobody will do it needs its reason: {example}.")
    return WontDoReason(why), rest


def _reason(match: re.Match[str], text: str) -> tuple[str, ArgumentCursor]:
    """The words behind an option, and what is left without both."""
    before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip(" \t\u00a0=:")
    if after.startswith("\n"):
        after = after.lstrip()
    why, rest = _quoted(after) if after[:1] in _CLOSING else _line(after)
    between = "" if rest.startswith("\n") else " "
    return why.strip(), ArgumentCursor(f"{before}{between}{rest}".strip(), "")


def _counts(match: re.Match[str], text: str, cursor: ArgumentCursor) -> bool:
    """Whether it stands in the command's own line, or begins one below."""
    begin = match.start()
    return begin <= len(cursor.line) or not text[text.rfind("\n", 0, begin) + 1 : begin].strip()


def _line(after: str) -> tuple[str, str]:
    why, newline, rest = after.partition("\n")
    return why, newline + rest


def _quoted(after: str) -> tuple[str, str]:
    """The words between quotes, and what follows them. Raises UserError where nothing closes them."""
    line = after.partition("\n")[0]
    for sign in _CLOSING[after[0]]:
        ends = [at for at in range(1, len(line)) if line[at] == sign and line[at - 1] != "\\"]
        if ends:
            end = ends[-1] if sign in _APOSTROPHES else ends[0]
            return after[1:end].replace(f"\\{sign}", sign), after[end + 1 :]
    raise UserError("The reason of the override has no closing quote.")


def check_options(text: str, there: str) -> None:
    """Refuse an option that there is not: what the text begins with, and a misspelt override anywhere in its
    first line. ``there``: what there is, with its example. Raises UserError.
    """
    line = text.strip().partition("\n")[0]
    for match in _WRONG.finditer(line):
        word = bare(match["word"]).lower()
        begins = match.start() == 0 and (len(match["dashes"]) > 1 or word in _FORCING)
        if begins or get_close_matches(word, ["override"], 1, cutoff=0.87):
            raise UserError(f"{code(match[0])} is not an option here; {there}.")


Override = Annotated[OverrideReason | None, Arg('--override "why"', _override)]
WontDo = Annotated[WontDoReason | None, Arg('--wont-do "why"', _wont_do)]


def may_override(context: CommandContext) -> None:
    """Raise UserError unless whoever speaks may override what holds something, by this comment."""
    # People with write access can edit the comments of people with more:
    # https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization
    if context.call.edited:
        raise UserError(
            "This comment was edited. An override has to come from a comment that was never edited.",
            "edited",
        )
    if context.rights < Rights.MAINTAIN:
        raise UserError(
            f"An override needs `maintain` access, and GitHub says that you have `{context.rights.word}`. "
            "Ask somebody who has it, or finish what is open.",
            "not-allowed",
        )
