from __future__ import annotations

from datetime import datetime
from typing import Annotated

from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.conversation.said_times import read_time
from allclear.core.conversation.time_arguments import LONGEST_TIME, zone_left
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.postmortem import MeetingPlanned, PostmortemAsked
from allclear.core.view.meeting import day_and_time, meeting_lines

_EXAMPLE = "such as `tomorrow 10:00` or `10:00`, which is the next time that it is ten"


def _coming(cursor: ArgumentCursor, context: CommandContext) -> tuple[datetime, ArgumentCursor]:
    """A time; without a date it is the next one."""
    if not cursor.line.strip():
        raise MissingArgumentError(f"When is the meeting? Write a time, {_EXAMPLE}.")
    found = read_time(cursor.line, context.zone, context.at)
    if found is None or zone_left(found.rest):
        raise UserError(f"{code(cursor.line)} is not a time; write one {_EXAMPLE}.")
    return found.at, ArgumentCursor(found.rest, cursor.below)


@command(
    "meeting",
    least=Rights.TRIAGE,
    examples=("/meeting tomorrow 10:00", "/meeting 10:00"),
    late=True,
    reversible=True,
)
def meeting(
    context: CommandContext, at: Annotated[datetime, Arg("<time>", _coming, words=LONGEST_TIME)]
) -> Answer:
    """Sets when the meeting about the post-mortem is, and invites who the runbook asks for.

    The time is read in the runbook's zone unless it names one. Another `/meeting` moves it. A calendar file
    with the agenda stands beside the post-mortem.
    """
    when = day_and_time(at, context.zone)
    known = context.incident.postmortem.meeting
    if known is not None and known.at == at:
        return Answer((Helped(),), f"The meeting is on {when} already. Nothing changes.")
    fact = MeetingPlanned(at=at)
    after = context.after(fact)
    review = context.incident.postmortem
    written = bool(review.url) and context.incident.reached("published") is None
    again = (PostmortemAsked(),) if written else ()
    moved = f" (it was {day_and_time(known.at, context.zone)})" if known else ""
    lines = meeting_lines(
        after, context.runbook, context.settings, context.zone, mention=context.incident.kind == "real"
    )
    file = " The post-mortem is written again with it, and with a calendar file." if written else ""
    return Answer((fact, *again), "\n".join((f"The meeting is on **{when}**{moved}.{file}", *lines)))
