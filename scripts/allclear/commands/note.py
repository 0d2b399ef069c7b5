from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated

from allclear.core.conversation.arguments import text_as
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.extent import blocks
from allclear.core.conversation.noted_lines import NotedLine, noted_lines, time_at_end, time_like
from allclear.core.conversation.time_arguments import said_time, somebodys, to_come
from allclear.core.model.errors import UserError
from allclear.core.model.fences import is_fenced
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Rights
from allclear.core.model.structs import replace
from allclear.core.model.times import clock_time
from allclear.core.record.progress import Noted

MOST = 50
"""Lines one command may bring: each is an entry's fact, and a reply must stay under 65,536 characters."""
MOST_LINES = 2 * MOST
"""Lines that are looked at: heads of tables and names in a chat are no notes."""
MOST_UNREAD = 3
"""Beginnings of lines that an answer tells were not read as a time."""
DIGITS = 4
"""Of a time such as 1405."""
FURTHEST = timedelta(days=30)
_PLANNED = lazy_regex(
    r"\b(?:tomorrow|tonight|will|planned|scheduled|upcoming|later today|going to|next (?:week|month|day)"
    r"|is (?:due|next)|to follow)\b",
    re.IGNORECASE,
)
"""Words of what is to come. They count only where the time itself may be one to come."""
_TIME_LIKE = lazy_regex(r"[0-9]{1,4}[:-][0-9]")


@command(
    "note",
    least=Rights.TRIAGE,
    examples=("/note 14:05 restarted the workers", "/note [2026-03-01 14:05] the first alert came in"),
    late=True,
    reversible=True,
)
def note(context: CommandContext, text: Annotated[str, text_as("[14:05] <text>")]) -> Answer:
    """Writes lines into the timeline, also backdated: one note per line, with or without a time.

    `14:05` is the most recent 14:05 in the runbook's zone; add a date or a zone for another one (`2026-03-01
    14:05`, `yesterday 14:05`, `14:05 CEST`, `14:05+02:00`). Lists, tables and log lines may be pasted. A
    fenced block belongs to the line above it.
    """
    lines = [block for block in blocks(text) if not is_fenced(block)]
    typed = sum(1 for line in "\n".join(lines).split("\n") if line.strip())
    if typed > MOST_LINES:
        raise UserError(f"These are {typed} lines, and one command takes at most {MOST} notes.")
    written = _lines(text, context)
    if len(written) > MOST:
        raise UserError(f"These are {len(written)} notes, and one command takes at most {MOST}.")
    notes = [_note(line, context) for line in written]
    facts = tuple(fact for fact, _ in notes)
    times = [clock_time(fact.at, context.zone, near=context.at) for fact in facts]
    if len(facts) == 1:
        said = [f"Noted at {times[0]}."]
    else:
        said = [f"{len(facts)} notes were added, at {', '.join(dict.fromkeys(times))}."]
    said += list(dict.fromkeys(remark for _, remark in notes if remark))[:MOST_UNREAD]
    return Answer(facts, "\n".join(said))


def _lines(text: str, context: CommandContext) -> list[NotedLine]:
    """What each note says."""
    found: list[NotedLine] = []
    for fenced, part in groupby(blocks(text), is_fenced):
        if not fenced:
            found += noted_lines("\n".join(part), context.zone, context.at)
            continue
        above = found.pop() if found else NotedLine("", context.zone)
        found.append(replace(above, text="\n".join([above.text, *part]).strip()))
    return found


def _note(line: NotedLine, context: CommandContext) -> tuple[Noted, str]:
    """The note, and what is said of words in it that were not read as its time."""
    timed = None if is_fenced(line.text) else _timed(line, context)
    at, text = timed or (context.at, line.text)
    when = to_come(line.text, context, line.zone) if timed and _PLANNED.search(text) else ""
    if when:
        raise UserError(
            f"{code(line.text, 60)} reads as if {when} is meant, which is still to come, and a note is of "
            "what has been. Write the time behind the words to note it now, or `/note yesterday 14:05 "
            "\u2026` for the day before."
        )
    if not text:
        raise UserError(f"{code(line.text)} is a time without text. Write `/note 14:05 what happened`.")
    base = min((at for at in context.incident.milestones.values()), default=context.at)
    if at < base - FURTHEST:
        raise UserError(f"{code(line.text, 40)} is more than 30 days before the incident. Is the date right?")
    return Noted(at=at, text=text), _remark(Noted(at=at, text=text), line, context, timed=timed is not None)


def _remark(note: Noted, line: NotedLine, context: CommandContext, *, timed: bool) -> str:
    """What is said of words in a note that look like its time or its zone but were not read so."""
    if timed:
        words = somebodys(note.text)
        shown = clock_time(note.at, context.zone, near=context.at)
        said = f"{code(words)} was not read as a zone, so that it is {shown}. "
        return f"{said}An offset is written `14:05+02:00`." if words else ""
    if is_fenced(line.text):
        return ""
    if words := time_like(line.text):
        return _not_read(words)
    words = time_at_end(line.text.partition("\n")[0], line.zone, context.at)
    if not words:
        return ""
    order = code(f"/note {words} \u2026")
    return f"{code(words)} stays in the text, and the note is of now. A time comes first, such as {order}."


def _timed(line: NotedLine, context: CommandContext) -> tuple[datetime, str] | None:
    """The time a line begins with, and the text after it. In square brackets nothing else may stand."""
    inside, closing, _ = line.text[1:].partition("]")
    bracketed = line.text.startswith("[") and bool(closing) and _TIME_LIKE.match(inside.strip())
    found = said_time(inside if bracketed else line.text, context, line.zone)
    if not bracketed:
        return (found.at, found.text) if found else None
    if found is None or found.rest:
        raise UserError(
            f"{code(f'[{inside}]')} is not a time; write `[14:05]`, `[2026-03-01 14:05]` or `[14:05+02:00]`."
        )
    whole = said_time(line.text, context, line.zone)
    return (found.at, whole.text) if whole else None


def _not_read(words: str) -> str:
    """What to do about words that were left in the text."""
    hint = "one is written such as `14:05`, `2:05 PM` or `2026-03-01 14:05`"
    if len(words) == DIGITS and words.isdecimal():
        hint = f"if it is one, write `{words[:2]}:{words[2:]}`"
    return f"{code(words)} was not read as a time; {hint}."
