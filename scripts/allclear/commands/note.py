from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated

from allclear.core.conversation.arguments import said_time, text_as
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.extent import blocks, is_fenced
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.model.times import clock_time
from allclear.core.record.progress import Noted

MOST = 50
"""Lines one command may bring: each is an entry's fact, and a reply must stay under 65,536 characters."""
FURTHEST = timedelta(days=30)
_TIME_LIKE = re.compile(r"[0-9]{1,4}[:-][0-9]")


@command(
    "note",
    least=Rights.TRIAGE,
    examples=("/note 14:05 restarted the workers", "/note [2026-03-01 14:05] the first alert came in"),
    aliases=("notes", "timeline"),
    late=True,
    reversible=True,
)
def note(context: CommandContext, text: Annotated[str, text_as("[14:05] <text>")]) -> Answer:
    """Writes lines into the timeline, also backdated: one note per line, with or without a time.

    `14:05` is the most recent 14:05 in the runbook's zone; add a date or a zone for another one (`2026-03-01
    14:05`, `14:05Z`, `14:05+02:00`). A fenced block, such as a log, belongs to the line above it.
    """
    written = _lines(text)
    if len(written) > MOST:
        raise UserError(f"These are {len(written)} notes, and one command takes at most {MOST}.")
    facts = tuple(_note(line, context) for line in written)
    times = [clock_time(fact.at, context.zone, near=context.at) for fact in facts]
    if len(facts) == 1:
        return Answer(facts, f"Noted at {times[0]}.")
    return Answer(facts, f"{len(facts)} notes were added, at {', '.join(dict.fromkeys(times))}.")


def _lines(text: str) -> list[str]:
    """What each note says."""
    found: list[str] = []
    for block in blocks(text):
        if is_fenced(block):
            found[-1:] = ["\n".join([*found[-1:], block])]
        else:
            lines = (line.strip().removeprefix("- ").removeprefix("* ").strip() for line in block.split("\n"))
            found += [line for line in lines if line]
    return found


def _note(line: str, context: CommandContext) -> Noted:
    timed = _timed(line, context)
    at, text = timed or (context.at, line)
    if not text:
        raise UserError(f"{code(line)} is a time without text. Write `/note 14:05 what happened`.")
    base = min((at for at in context.incident.milestones.values()), default=context.at)
    if at < base - FURTHEST:
        raise UserError(f"{code(line, 40)} is more than 30 days before the incident. Is the date right?")
    return Noted(at=at, text=text)


def _timed(line: str, context: CommandContext) -> tuple[datetime, str] | None:
    """The time a line begins with, in square brackets or bare, and the text after it."""
    if not line.startswith("["):
        return said_time(line, context)
    inside, closing, text = line[1:].partition("]")
    if not closing or not _TIME_LIKE.match(inside.strip()):
        return None
    found = said_time(inside, context)
    if found is None or found[1]:
        raise UserError(
            f"{code(f'[{inside}]')} is not a time; write `[14:05]`, `[2026-03-01 14:05]` or `[14:05+02:00]`."
        )
    return found[0], text.strip(" \t:,-")
