"""Times as arguments of a command, read against the moment they were said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Annotated

from msgspec import Struct

from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.said_times import LONGEST, SaidTime, read_time
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace
from allclear.core.model.times import clock_time
from allclear.core.record.facts import Fact

MOVABLE: tuple[Milestone, ...] = (
    "started",
    "detected",
    "acknowledged",
    "identified",
    "mitigated",
    "resolved",
)
CORRECTABLE: Mapping[str, Milestone] = {
    "start": "started",
    "began": "started",
    "begin": "started",
    "beginning": "started",
    "detect": "detected",
    "detection": "detected",
    "ack": "acknowledged",
    "acked": "acknowledged",
    "acknowledge": "acknowledged",
    "acknowledgement": "acknowledged",
    "acknowledgment": "acknowledged",
    "identify": "identified",
    "identification": "identified",
    "mitigate": "mitigated",
    "mitigation": "mitigated",
    "resolve": "resolved",
    "resolution": "resolved",
    **{name: name for name in MOVABLE},
}
"""What people type for a milestone that /time may correct. The others are what the engine itself saw happen.
"""

SLACK = timedelta(minutes=5)
"""A clock time this far ahead means now: watches differ, and ``14:06`` said at 14:05:40 is not yesterday's.
"""

LONGEST_TIME = 11
"""Words of a time: ``Sunday, October 19th, 2025 at 1:05 PM until 1:20 PM``."""

EXAMPLE = "such as `14:05`, `2:05 PM`, `2026-03-01 14:05` or `14:05+02:00`"

_WORD = lazy_regex(r"[A-Za-z]{1,30}")
_BETWEEN = lazy_regex(
    r"(?:[\s=:,]{1,9}|->|\u2192|[-\u2013\u2014](?=\s)|[_-](?=time|at)|(?:time|at|was|is|of|to|the)\b){0,8}",
    re.IGNORECASE,
)
_BY = lazy_regex(r"^(?:(?:by|for|after|before|till|expected|planned)\s{1,9}){1,2}", re.IGNORECASE)
_HALF_LEFT = lazy_regex(
    r"(?:(?:in the|this) (?:morning|afternoon|evening)|at night|tonight"
    r"|(?:yesterday )?(?:morning|afternoon|evening|night)[\s.,;:)]{0,9}$"
    r"|am (?:morgen|vormittag|mittag|nachmittag|abend)|in der (?:fr\u00fch|nacht)"
    r"|(?:morgens|vormittags|mittags|nachmittags|abends|nachts)"
    r"|(?:du|de la|de l'|del|da|di) ?(?:matin|apr\u00e8s-midi|soir|ma\u00f1ana|tarde|noche|mattina|sera))"
    r"(?![\w-])",
    re.IGNORECASE,
)
"""Words for the half of the day behind a time that was read without them."""
_AFTERNOON = lazy_regex(r"(?<![\d:.-])(?:1[3-9]|2[0-3])[:.h]?[0-5]\d")
_MARKS = str.maketrans("", "", "*`")
_ANOTHER = lazy_regex(r"or\s{1,9}(?=\S)", re.IGNORECASE)
_ZONE_LIKE = lazy_regex(r"[A-Z]{2,5}(?![\w'])|[+\u2212-]\d|[ap]\.?m\b", re.IGNORECASE)
_SOMEBODYS = lazy_regex(
    r"[(\[]?(?i:(?:local|my|our|your|their|server|system|host|office) time|local)(?![\w'-])[)\]]?"
    r"|[A-Z][a-z]{2,15}(?: [A-Z][a-z]{2,15}){0,2} [Tt]ime(?![\w'-])"
    r"|[+\u2212-]\d{1,2}(?![\w%]|[:.-]\d)"
)
"""What may be a zone that nobody knows. In front of a text, ``+2`` may count something too."""


class Correction(Struct, frozen=True):
    """When a milestone was. ``left``: text behind it, which is not kept."""

    milestone: Milestone
    at: datetime
    left: str


def said_time(text: str, context: CommandContext, zone: tzinfo | None = None) -> SaidTime | None:
    """The time at the start of ``text`` and what follows it, or None when it does not begin with one.

    Read in the runbook's zone, or ``zone``, unless the text names one, against the moment it was said, not
    the moment it is processed: a run that is hours late reads the same. Raises UserError for a time in the
    future, and for one that can be two.
    """
    found = read_time(text, zone or context.zone, context.at, slack=SLACK)
    if found is None:
        return None
    half = _HALF_LEFT.match(found.rest)
    if half and not _AFTERNOON.search(text[:LONGEST]):
        raise UserError(
            f"{code(half[0])} behind the time was not read. Write the hour of 24, such as "
            "`14:05`, or `2:05 PM`."
        )
    if found.at > context.at + SLACK:
        raise UserError(f"{clock_time(found.at, context.zone, near=context.at)} is in the future.")
    return replace(found, at=min(found.at, context.at))


def to_come(text: str, context: CommandContext, zone: tzinfo | None = None) -> str:
    """The time that ``text`` begins with, as people read it, where it is still to come; else empty.

    A time without a day that was half a day ago or more is the next such time: who says 15:30 at 15:05 means
    that of today.
    """
    line = _BY.sub("", text.strip().partition("\n")[0], count=1)
    try:
        found = read_time(line, zone or context.zone, context.at, slack=SLACK)
        coming = read_time(line, zone or context.zone, context.at)
    except UserError:
        return ""
    if coming is None or coming.at <= context.at + SLACK:
        return ""
    if found is not None and found.at <= context.at and context.at - found.at < coming.at - context.at:
        return ""
    return clock_time(coming.at, context.zone, near=context.at)


def check_reached(text: str, typed: str, context: CommandContext) -> None:
    """Refuse a text that begins with a time to come: what the command ``typed`` says would count from now.
    Raises UserError.
    """
    if when := to_come(text, context):
        raise UserError(
            f"Nothing is done, because {when} is still to come, and this counts from the moment it is said. "
            f"Write {code(typed)} when it is so; if it is so already, leave the time out.",
            "unclear",
        )


def earlier(text: str, fact: Fact, context: CommandContext) -> str:
    """What is said of a time behind a command that counts from now, as in ``/acknowledged 14:20``; empty
    where there is none, or where it is now.
    """
    after = context.after(fact).milestones
    reached = [one for one in MOVABLE if one in after and one not in context.incident.milestones]
    try:
        found = read_time(text, context.zone, context.at, slack=SLACK)
    except UserError:
        return ""
    if when := to_come(text, context):
        return f" It counts from now: {when} is still to come."
    if not reached or found is None or found.bare or found.at >= context.at - timedelta(minutes=1):
        return ""
    when = f"{found.at.astimezone(context.zone):%Y-%m-%d %H:%M}"
    return f" It counts from now; {code(f'/time {reached[-1]} {when}')} puts it at that time."


def zone_left(rest: str) -> str:
    """The word behind a time that looks like a zone or half of a day, but was not read as one."""
    if said := somebodys(rest):
        return said
    found = _ZONE_LIKE.match(rest)
    word = rest.split(None, 1)[0] if found else ""
    return word if found and (word.isupper() or not word.isalpha()) else ""


def somebodys(rest: str) -> str:
    """``local time`` or ``+2`` behind a time that was read in the team's zone; empty for anything else."""
    found = _SOMEBODYS.match(rest)
    return found[0] if found else ""


def _correction(cursor: ArgumentCursor, context: CommandContext) -> tuple[Correction, ArgumentCursor]:
    """``detected 14:10``, ``started=14:10`` and ``14:10 started``; ``/detected 14:10`` names it already."""
    line = cursor.line.translate(_MARKS).strip()
    milestone = CORRECTABLE.get(context.call.word.lower())
    if milestone is None:
        milestone, line = _milestone(line)
    if milestone is not None:
        line = _BETWEEN.sub("", line, count=1)
    names = ", ".join(f"`{name}`" for name in MOVABLE)
    found = said_time(line, context)
    rest = found.rest if found else ""
    if found and milestone is None:
        milestone, rest = _milestone(_BETWEEN.sub("", rest, count=1))
    if milestone is None and not (rest if found else line):
        raise MissingArgumentError(f"Which milestone? You can correct {names}.")
    if milestone is None:
        word = (rest or line).split(None, 1)[0]
        raise UserError(f"{code(word)} is not a milestone to correct; you can correct {names}.")
    if not line:
        raise MissingArgumentError(f"When? Write a time, {EXAMPLE}.")
    if found is None:
        raise UserError(f"{code(line)} is not a time; write one {EXAMPLE}.")
    if zone := zone_left(rest):
        raise UserError(
            f"{code(zone)} behind the time was not read. Write a zone or an offset, such as `14:05 UTC` or "
            "`14:05+02:00`."
        )
    other = _ANOTHER.match(rest)
    if other and read_time(rest[other.end() :], context.zone, context.at, slack=SLACK):
        raise UserError(f"{code(line, 60)} names two times. Write the one that is meant, {EXAMPLE}.")
    left = ArgumentCursor(rest, cursor.below).text
    if _milestone(_BETWEEN.sub("", left, count=1))[0]:
        raise UserError(f"{code(left, 60)} is another milestone. Write one `/time` for each.")
    return Correction(milestone, found.at, left), ArgumentCursor("", "")


def _milestone(line: str) -> tuple[Milestone | None, str]:
    """The milestone that ``line`` begins with and what follows it."""
    found = _WORD.match(line)
    milestone = CORRECTABLE.get(found[0].lower()) if found else None
    return (milestone, line[found.end() :]) if found and milestone else (None, line)


MilestoneTime = Annotated[Correction, Arg("<milestone> <time>", _correction, words=1 + LONGEST_TIME)]
