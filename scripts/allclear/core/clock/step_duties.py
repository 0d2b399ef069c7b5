"""Steps for afterwards go on after the close: each has an owner and a date, and the owner is asked when that
comes, and again each week, until it is done, or somebody says why nobody will do it.

Those that nobody took on are asked for with their list (core.language.checklists.dues). A list without a date
has one here, so that nothing of it is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from allclear.core.calendar.local_time import day_of
from allclear.core.calendar.period import Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.clock.action_items import AGAIN, asked_on, earliest_on
from allclear.core.clock.checklist import AskedList, Item, asked_lists
from allclear.core.model.people import RESPONDERS
from allclear.core.policy.checklists import Checklist, milestone
from allclear.core.policy.deadline import Deadline
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.step import STEP_DUE, StepDuty

USUAL = Span(days=7)
"""When a list for afterwards is due that has no date of its own."""


class OwnedStep(Struct, frozen=True):
    """A step for afterwards that is left to do. ``to``: its owner as ``@login``, or the title of who it falls
    to; ``due`` is a date, ``YYYY-MM-DD``. ``duty``: what somebody said of it, if anybody did.
    """

    item: Item
    to: str
    due: str
    duty: StepDuty | None = None


def left_afterwards(incident: Incident, runbook: Runbook) -> tuple[OwnedStep, ...]:
    """What is left to do of the lists for afterwards that are open, in the runbook's order."""
    return tuple(
        _owned(item, one, incident, runbook)
        for one in asked_lists(incident, runbook)
        if one.checklist.afterwards and one.since is not None
        for item in one.left
    )


def _owned(item: Item, one: AskedList, incident: Incident, runbook: Runbook) -> OwnedStep:
    duty = incident.progress.duties.get(item.step.id)
    to = f"@{duty.owner.login}" if duty and duty.owner else _falls_to(item, one.checklist, runbook)
    due = duty.due if duty else ""
    if not due and one.since is not None:
        limit = one.checklist.due.get(incident.severity, USUAL)
        due = day_of(limit.after(one.since, runbook.times), runbook.times.zone).isoformat()
    return OwnedStep(item, to, due, duty)


def _falls_to(item: Item, one: Checklist, runbook: Runbook) -> str:
    """The title of the step's role, of its list's, or of the commander."""
    titles = {role.id: role.title for role in runbook.roles}
    return next((titles[role] for role in (item.step.role, one.role, "ic") if role in titles), RESPONDERS)


def owned(incident: Incident, runbook: Runbook) -> tuple[OwnedStep, ...]:
    """Those that are asked for one by one: somebody said whose they are, or by when."""
    if incident.stage not in (Stage.OPEN, Stage.CLOSED) or incident.postmortem.learned is not None:
        return ()
    return tuple(one for one in left_afterwards(incident, runbook) if one.duty is not None)


def asked_at(one: OwnedStep, runbook: Runbook) -> datetime:
    """When its owner is asked next (UTC)."""
    return asked_on(one.due, one.duty.asked if one.duty else None, runbook.times)


def earliest(one: OwnedStep) -> datetime:
    """Before when nobody was asked (UTC), whatever the zone and the calendar were at that time."""
    return earliest_on(one.due, one.duty.asked if one.duty else None)


def timer_key(one: OwnedStep, incident: Incident, due: datetime) -> str:
    """The name of a reminder for ever."""
    return f"{STEP_DUE}/{one.item.step.id}/{incident.interval}/{due:%Y%m%d}"


def deadline_of(one: OwnedStep, incident: Incident) -> Deadline:
    """What a reminder of this step says, and to whom. Several that are due at once are one notice."""
    return Deadline(
        id=STEP_DUE,
        title="Steps after the incident due",
        start="resolved",
        within={incident.severity: Span()},
        repeat={incident.severity: Rhythm.of(AGAIN)},
        to=(one.to,),
        ladder=STEP_DUE,
        quiet=True,
        text=(
            "The date of these has come. `/check <step>` says that one is done, "
            '`/check <step> --wont-do "why"` that nobody will do it. They are asked for again each week.'
        ),
    )


def undated_lists(runbook: Runbook) -> tuple[Deadline, ...]:
    """The clocks of the lists for afterwards, for the severities in which they have no date of their own."""
    return tuple(_undated(runbook))


def _undated(runbook: Runbook) -> Iterator[Deadline]:
    titles: Mapping[str, str] = {role.id: role.title for role in runbook.roles}
    for one in runbook.lists:
        levels = [level for level in one.levels if level not in one.due]
        if one.afterwards and levels:
            yield Deadline(
                id=f"{one.id}-left",
                title="A checklist is left to do",
                start=milestone(one.opens),
                checklist=one.id,
                within=dict.fromkeys(levels, USUAL),
                repeat=dict.fromkeys(levels, Rhythm.of(AGAIN)),
                to=(titles.get(one.role) or titles.get("ic") or RESPONDERS,),
                when=one.when,
                quiet=True,
                text="Not all of a list for after the incident is done. The panel shows what is left: "
                '`/check <step>` ticks it, `/check <step> --wont-do "why"` says that nobody will do it, '
                "`/step <step> @owner due:<date>` gives it to somebody.",
            )
