"""The kinds of argument a command's function may name in its signature. Each reads itself and knows its
usage word.

``def sev(context: CommandContext, to: SeverityWord, why: Text = "") -> Answer`` is the whole parser of
``/sev P1 [why]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.extent import body, everything, paragraph
from allclear.core.conversation.said_days import due_day
from allclear.core.conversation.services import bare, not_a_service, service_named, service_words
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.snapshot import Wants

LONGEST_NAME = 60
"""Characters of a service's name."""


def _issue(cursor: ArgumentCursor, _room: CommandContext) -> tuple[int, ArgumentCursor]:
    word, rest = cursor.word()
    if not word:
        raise MissingArgumentError("Which issue? Write its number, such as `#12`.")
    number = issue_number(word)
    if number is None:
        raise UserError(f"{code(word)} is not an issue of this repository; write its number, such as `#12`.")
    return number, rest


def _issue_wanted(cursor: ArgumentCursor) -> Wants:
    number = issue_number(cursor.word()[0])
    return Wants(issues=frozenset() if number is None else frozenset({number}))


def issue_number(word: str) -> int | None:
    """The number in ``#12`` or ``12``; None for anything else."""
    match = re.fullmatch(r"#?([1-9][0-9]{0,9})[.,;:!]?", word, re.ASCII)
    return int(match.group(1)) if match else None


def a_word(cursor: ArgumentCursor, _room: CommandContext) -> tuple[str, ArgumentCursor]:
    """The next word, whatever it is."""
    word, rest = cursor.word()
    if not word:
        raise MissingArgumentError("A word is missing.")
    return word, rest


def service(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """The service that the next word names: a service that is spelt wrong is never the text that follows."""
    known = context.settings.services
    found, word, rest = cursor.named(lambda word: service_named(word, known))
    if not word:
        raise MissingArgumentError("Which service?")
    if not found:
        hint = f"A reason comes after the service: `/{context.call.word} <service> <why>`."
        raise not_a_service(word, known, hint)
    return found, rest


def leading_service(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """The service that the next word names; any other word is the beginning of the text that follows."""
    word, rest = cursor.word()
    found = service_named(word, context.settings.services)
    if not found:
        raise MissingArgumentError("Which service?")
    return found, rest


_ITEM = lazy_regex(r"\s{0,9}[-*+]\s")


def _services(cursor: ArgumentCursor, context: CommandContext) -> tuple[tuple[str, ...], ArgumentCursor]:
    """One or more; any names at all where the settings list none."""
    known = context.settings.services
    below = "\n".join(filter(_ITEM.match, cursor.below.split("\n")))
    itemized = not cursor.line.strip() or _ITEM.match(cursor.line)
    listed = f"{cursor.line}\n{below}" if itemized else cursor.line
    words = service_words(listed, known)
    if not words:
        names = ", ".join(code(name) for name in known)
        raise MissingArgumentError("Which service?" + (f" This repository has {names}." if known else ""))
    found = []
    for word in words:
        name = service_named(word, known) if known else bare(word)
        if not name:
            raise not_a_service(word, known)
        if len(name) > LONGEST_NAME:
            raise UserError(f"{code(name, 20)} is too long for the name of a service.")
        found.append(name)
    return tuple(dict.fromkeys(found)), ArgumentCursor("", cursor.below)


_PAIR = lazy_regex(r'\s*([A-Za-z_]{1,30})=("[^"\n]{0,200}"|“[^”\n]{0,200}”|\S{1,200})(?=\s|$)')


def pairs(text: str, names: frozenset[str]) -> tuple[dict[str, str], str]:
    """``key=value`` words at the start of ``text`` whose key is one of ``names``, and the text after them.

    A value with spaces stands in quotes. Of a key given twice the last counts.
    """
    found: dict[str, str] = {}
    rest = text
    while (match := _PAIR.match(rest)) and match.group(1).lower() in names:
        found[match.group(1).lower()] = match.group(2).strip('"“”')
        rest = rest[match.end() :]
    return found, rest.strip()


def calendar_day(text: str, context: CommandContext) -> str:
    """The day that ``text`` names, as ``YYYY-MM-DD``: a date, ``tomorrow``, ``friday``, ``EOW``, ``3d``. The
    next one in the runbook's zone where it says no year. Raises UserError.
    """
    return due_day(text, _date(context)).isoformat()


def today(context: CommandContext) -> str:
    """The day on which the command was given, in the zone that people read, as ``YYYY-MM-DD``."""
    return _date(context).isoformat()


def check_to_come(day: str, context: CommandContext) -> None:
    """Raises UserError for a day (``YYYY-MM-DD``) that is past. None was given when it is empty."""
    if day and day < today(context):
        raise UserError(f"{day} is in the past. When is it due?")


def _date(context: CommandContext) -> date:
    return context.at.astimezone(context.zone).date()


def text_as(usage: str) -> Arg:
    """Text like any other, shown as ``usage`` in the help."""
    return Arg(usage, paragraph, text=True)


def body_as(usage: str) -> Arg:
    """Text of several paragraphs, without the talk at its end."""
    return Arg(usage, body, text=True)


def whole_as(usage: str) -> Arg:
    """All that stands there, which is read again where it is carried out."""
    return Arg(usage, everything, text=True)


def _arg(
    usage: str, read: Callable[[ArgumentCursor, CommandContext], tuple[Any, ArgumentCursor]], words: int = 1
) -> Arg:
    return Arg(usage, read, words=words)


MANY = 100
"""Words of a list."""

IssueNumber = Annotated[int, Arg("#<issue>", _issue, _issue_wanted)]
ServiceWord = Annotated[str, _arg("<service>", service)]
LeadingService = Annotated[str, _arg("<service>", leading_service)]
Services = Annotated[tuple[str, ...], _arg("<service>…", _services, MANY)]
Text = Annotated[str, text_as("<text>")]
Body = Annotated[str, body_as("<text>")]
Why = Annotated[str, text_as("<why>")]
