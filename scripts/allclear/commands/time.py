from __future__ import annotations

from datetime import datetime

from allclear.core.clock.gates import REACHED_BY
from allclear.core.clock.window import window_end
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.time_arguments import MilestoneTime
from allclear.core.model.errors import UserError
from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.model.times import clock_time
from allclear.core.record.audit import Helped
from allclear.core.record.incident import Stage
from allclear.core.record.life import MilestoneSet

IN_ORDER: tuple[tuple[Milestone, Milestone], ...] = (
    ("started", "detected"),
    ("started", "acknowledged"),
    ("started", "identified"),
    ("started", "mitigated"),
    ("mitigated", "resolved"),
)
"""The first of each pair is never after the second."""
OF_THE_INTERVAL: tuple[Milestone, ...] = ("acknowledged", "identified", "mitigated", "resolved")


@command(
    "time",
    least=Rights.WRITE,
    examples=("/time detected 14:10", "/time started 2026-03-01 13:55"),
    late=True,
    reversible=True,
)
def time(context: CommandContext, correction: MilestoneTime) -> Answer:
    """Corrects when something happened: started, detected, acknowledged, identified, mitigated, resolved.

    The old value stays in the record. The time is read in the runbook's zone unless it names one (`14:10
    CEST`, `2:10 PM`, `yesterday 23:50`, `30 minutes ago` are times too). Only what has happened can be
    corrected. As long as nobody has said when the incident started, its start is the
    detection and moves along with it.
    """
    milestone, at = correction.milestone, correction.at
    old = context.incident.reached(milestone)
    if old is None:
        how = REACHED_BY.get(milestone, "a declaration")
        raise UserError(
            f"The incident is not {milestone} yet, so there is no time to correct. First it needs {how}.",
            "state",
        )
    shown = clock_time(at, context.zone, near=context.at)
    if old == at:
        return Answer((Helped(),), f"The time of {milestone} is {shown} already. Nothing changes.")
    moved = [MilestoneSet(milestone=milestone, at=at, old=old)]
    if milestone == "detected" and context.incident.reached("started") == old and at < old:
        moved.append(MilestoneSet(milestone="started", at=at, old=old))
    _in_order(context, {fact.milestone: fact.at for fact in moved})
    said = [f"{' and '.join(fact.milestone for fact in moved).capitalize()}: **{shown}**"]
    said.append(f"(was {clock_time(old, context.zone, near=context.at)}).")
    end = window_end(context.after(*moved), context.runbook)
    if milestone == "mitigated" and end is not None and context.incident.stage == Stage.OPEN:
        said.append(f"Extended monitoring ends at {clock_time(end, context.zone, near=context.at)}.")
    if correction.left:
        said.append(f"The text {code(correction.left, 60)} is not kept with a time; `/note` keeps one.")
    return Answer(tuple(moved), " ".join(said))


def _in_order(context: CommandContext, moved: dict[Milestone, datetime]) -> None:
    """Refuse times that contradict the others, naming the one in the way."""
    times = {**context.incident.milestones, **moved}
    for first, second in IN_ORDER:
        if (
            (first in moved or second in moved)
            and first in times
            and second in times
            and times[first] > times[second]
        ):
            other = second if first in moved else first
            when = clock_time(times[other], context.zone, near=context.at)
            said = clock_time(times[first if other == second else second], context.zone, near=context.at)
            raise UserError(
                f"{first.capitalize()} cannot be after {second}, and {other} is {when}. "
                f"Should that one be corrected first? Yours was read as {said}."
            )
    opened = context.incident.opened
    for milestone, at in moved.items():
        # A new interval has its own clocks: nothing of it lies before the reopening.
        if context.incident.interval and opened is not None and milestone in OF_THE_INTERVAL and at < opened:
            when = clock_time(opened, context.zone, near=context.at)
            raise UserError(f"The incident was reopened at {when}; {milestone} cannot be before that.")
