"""Action items go on after the close: when the date of one comes, its owner is asked, and again each week,
until it is done or dropped.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from allclear.core.calendar.calendar import Calendars
from allclear.core.calendar.local_time import at, day_of
from allclear.core.calendar.period import Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.model.people import RESPONDERS
from allclear.core.policy.deadline import Deadline
from allclear.core.policy.runbook import Runbook
from allclear.core.record.action_item import ACTION_DUE, ActionItem
from allclear.core.record.incident import Incident, Stage

AGAIN = Span(days=7)
"""From one reminder of an action item to the next."""

FURTHEST = timedelta(hours=14)
"""So long before midnight UTC a date begins in the easternmost zone, ``Pacific/Kiritimati``."""

MORNING = time(9)
"""When people are asked where the runbook has no calendar called `office`."""

OFFICE = "office"
"""The calendar of the runbook's people, as in ``5 office days``."""


def dated(incident: Incident) -> tuple[ActionItem, ...]:
    """The open action items that are asked for at some time; none of a report, or of what is no incident of
    its own. One that has an issue of its own is asked for by the digest.
    """
    if incident.stage not in (Stage.OPEN, Stage.CLOSED):
        return ()
    return tuple(one for one in incident.progress.open_actions if one.due and one.followed and not one.issue)


def asked_at(item: ActionItem, times: Calendars) -> datetime:
    """When its owner is asked next (UTC)."""
    return asked_on(item.due, item.asked, times)


def asked_on(due: str, asked: datetime | None, times: Calendars) -> datetime:
    """When the owner of what is ``due`` (``YYYY-MM-DD``) is asked next (UTC): as the office opens on that
    date, or on the first day after it on which it does; then each week. ``asked``: when that was last.
    """
    day = date.fromisoformat(due)
    if asked is not None:
        again = day_of(AGAIN.after(asked, times), times.zone)
        day = max(day, again)
    office = times.named.get(OFFICE)
    opens = iter(()) if office is None or office.always else office.open_days(day, times.zone)
    return next((one.opens for one in opens), at(day, MORNING, times.zone))


def earliest(item: ActionItem) -> datetime:
    """Before when nobody was asked (UTC), whatever the zone and the calendar were at that time."""
    return earliest_on(item.due, item.asked)


def earliest_on(due: str, asked: datetime | None) -> datetime:
    """The same of anything that is ``due`` on a date, of which its owner was ``asked`` then."""
    if asked is not None:
        return asked + timedelta(days=AGAIN.days - 1)
    return datetime.combine(date.fromisoformat(due), time(), UTC) - FURTHEST


def timer_key(item: ActionItem, due: datetime) -> str:
    """The name of a reminder for ever; it is the same in every interval of a reopened incident."""
    return f"{ACTION_DUE}/{item.number}/{due:%Y%m%d}"


def to_whom(item: ActionItem, runbook: Runbook) -> tuple[str, ...]:
    """The owner, or the commander as long as nobody owns it."""
    if item.owner is not None:
        return (f"@{item.owner.login}",)
    return (next((role.title for role in runbook.roles if role.id == "ic"), RESPONDERS),)


def deadline_of(item: ActionItem, incident: Incident, runbook: Runbook) -> Deadline:
    """What a reminder of this action item says, and to whom. Several that are due at once are one notice."""
    return Deadline(
        id=ACTION_DUE,
        title="Action items due",
        start="declared",
        within={incident.severity: Span()},
        repeat={incident.severity: Rhythm.of(AGAIN)},
        action="remind",
        to=to_whom(item, runbook),
        ladder=ACTION_DUE,
        quiet=True,
        text=(
            "The date of these has come. `/action done <number>` says that one is done, "
            "`/action drop <number> <why>` that nobody will do it. They are asked for again each week."
        ),
    )
