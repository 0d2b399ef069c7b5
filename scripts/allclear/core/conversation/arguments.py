"""The kinds of argument a command's function may name in its signature. Each reads itself and knows its
usage word.

``def sev(context: CommandContext, to: SeverityWord, why: Text = "") -> Answer`` is the whole parser of
``/sev P1 [why]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.said_days import due_day
from allclear.core.conversation.services import bare, not_a_service, service_named, service_words
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import code
from allclear.core.model.snapshot import Wants
from allclear.core.model.times import clock_time, parse_clock

LONGEST = 4000
"""Characters of text one entry keeps:
the comment itself stays the full record, and the panel must not outgrow 65,536.
"""

MOVABLE: tuple[Milestone, ...] = (
    "started",
    "detected",
    "acknowledged",
    "identified",
    "mitigated",
    "resolved",
)


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


def _text(cursor: ArgumentCursor, _room: CommandContext) -> tuple[str, ArgumentCursor]:
    if not cursor.text:
        raise MissingArgumentError("The text is missing.")
    if len(cursor.text) > LONGEST:
        raise UserError(
            f"That is {len(cursor.text):,} characters, and a command takes at most {LONGEST:,}. "
            "Put the long part into a comment of its own and link to it."
        )
    return cursor.text, ArgumentCursor("", "")


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


_ITEM = re.compile(r"\s{0,9}[-*+]\s")


def _services(cursor: ArgumentCursor, context: CommandContext) -> tuple[tuple[str, ...], ArgumentCursor]:
    """One or more; any names at all where the settings list none."""
    known = context.settings.services
    listed = cursor.line if cursor.line.strip() else "\n".join(filter(_ITEM.match, cursor.below.split("\n")))
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


_PAIR = re.compile(r'\s*([A-Za-z_]{1,30})=("[^"\n]{0,200}"|“[^”\n]{0,200}”|\S{1,200})(?=\s|$)')


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


CORRECTABLE: Mapping[str, Milestone] = {
    "start": "started",
    "began": "started",
    "detect": "detected",
    "ack": "acknowledged",
    "acked": "acknowledged",
    "acknowledge": "acknowledged",
    "identify": "identified",
    "mitigate": "mitigated",
    "resolve": "resolved",
    **{name: name for name in MOVABLE},
}
"""What people type for a milestone that /time may correct. The others are what the engine itself saw happen.
"""


def _milestone(cursor: ArgumentCursor, _room: CommandContext) -> tuple[Milestone, ArgumentCursor]:
    word, rest = cursor.word()
    names = ", ".join(f"`{name}`" for name in MOVABLE)
    if not word:
        raise MissingArgumentError(f"Which milestone? You can correct {names}.")
    milestone = CORRECTABLE.get(word.lower())
    if milestone is None:
        raise UserError(f"{code(word)} is not a milestone to correct; you can correct {names}.")
    return milestone, rest


SLACK = timedelta(minutes=5)
"""A clock time this far ahead means now: watches differ, and ``14:06`` said at 14:05:40 is not yesterday's.
"""


def said_time(text: str, context: CommandContext) -> tuple[datetime, str] | None:
    """The time at the start of ``text`` and what follows it, or None when it does not begin with one.

    Read in the runbook's zone unless the text names one, against the moment it was said, not the moment it is
    processed: a run that is hours late reads the same. Raises UserError for a time in the future.
    """
    found = parse_clock(text, context.zone, context.at + SLACK)
    if found is None:
        return None
    moment, rest = found
    if moment > context.at + SLACK:
        raise UserError(f"{clock_time(moment, context.zone, near=context.at)} is in the future.")
    return min(moment, context.at), rest


def _moment(cursor: ArgumentCursor, context: CommandContext) -> tuple[datetime, ArgumentCursor]:
    example = "such as `14:05`, `2026-03-01 14:05` or `14:05+02:00`"
    if not cursor.line.strip():
        raise MissingArgumentError(f"When? Write a time, {example}.")
    found = said_time(cursor.line, context)
    if found is None:
        raise UserError(f"{code(cursor.line)} is not a time; write one {example}.")
    return found[0], ArgumentCursor(found[1], cursor.below)


def calendar_day(text: str, context: CommandContext) -> str:
    """The day that ``text`` names, as ``YYYY-MM-DD``: a date, ``tomorrow``, ``friday``, ``EOW``, ``3d``. The
    next one in the runbook's zone where it says no year. Raises UserError.
    """
    return due_day(text, context.at.astimezone(context.zone).date()).isoformat()


def text_as(usage: str) -> Arg:
    """Text like any other, shown as ``usage`` in the help."""
    return Arg(usage, _text, text=True)


def _arg(
    usage: str, read: Callable[[ArgumentCursor, CommandContext], tuple[Any, ArgumentCursor]], words: int = 1
) -> Arg:
    return Arg(usage, read, words=words)


MANY = 100
"""Words of a list."""

MilestoneWord = Annotated[Milestone, _arg("<milestone>", _milestone)]
Moment = Annotated[datetime, _arg("<time>", _moment, 3)]
IssueNumber = Annotated[int, Arg("#<issue>", _issue, _issue_wanted)]
ServiceWord = Annotated[str, _arg("<service>", service)]
LeadingService = Annotated[str, _arg("<service>", leading_service)]
Services = Annotated[tuple[str, ...], _arg("<service>…", _services, MANY)]
Text = Annotated[str, text_as("<text>")]
Why = Annotated[str, text_as("<why>")]
