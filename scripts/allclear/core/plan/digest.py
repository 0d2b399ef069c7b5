"""What is overdue, once a week for each owner: one issue lists all of it, and one comment calls each owner.

It reads the issues of action items themselves, with the dates and assignees that people gave them since.
Nothing is said while nothing is overdue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Struct

from allclear.core.calendar.local_time import at, day_of
from allclear.core.clock.action_items import MORNING
from allclear.core.model.authored import sign
from allclear.core.model.marker import marker_in, marker_line
from allclear.core.model.neutral import inline
from allclear.core.model.snapshot import Issue
from allclear.core.model.stored import Stored, json_text
from allclear.core.view.action_issue import due_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KIND = "digest"
MOST_LINES = 100
"""Action items that are listed one by one."""
MOST_OWNERS = 30
"""People who are called in one week; with more, nobody's list is a reminder any more."""
TITLE = "Overdue action items"


class DigestMarker(Stored, frozen=True):
    """Which week an issue or a comment is about, by the date on which it began; whom it calls (a login)."""

    week: Annotated[str, sign(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    owner: str = ""

    @property
    def line(self) -> str:
        """The marker as the first line of a text."""
        return marker_line(KIND, json_text(self))


def digest_marker(body: str) -> DigestMarker | None:
    """The marker of a text; None when there is none that can be read."""
    return marker_in(body, KIND, DigestMarker)


class OverdueAction(Struct, frozen=True):
    """An action item that is overdue: its issue. ``owner`` is a login; empty: nobody's."""

    number: int
    title: str
    due: str
    owner: str


def week_of(day: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the last digest was due (UTC): at nine on that ``day`` of the week; None where there is none."""
    if day not in DAYS:
        return None
    today = day_of(now, zone)
    last = today - timedelta(days=(today.weekday() - DAYS.index(day)) % 7)
    due = at(last, MORNING, zone)
    return due if due <= now else at(last - timedelta(days=7), MORNING, zone)


def overdue(issues: Iterable[Issue], week: datetime, zone: ZoneInfo) -> tuple[OverdueAction, ...]:
    """What was overdue then and still is, the longest first. What was opened since waits for the next one."""
    begun = day_of(week, zone).isoformat()
    found = [
        OverdueAction(one.number, one.title, due, one.assignees[0].login if one.assignees else "")
        for one in issues
        if one.state == "open" and one.created_at < week and (due := due_of(one)) and due < begun
    ]
    return tuple(sorted(found, key=lambda one: (one.due, one.number)))


def by_owner(found: Sequence[OverdueAction]) -> Mapping[str, tuple[OverdueAction, ...]]:
    """The same for each owner who can be called."""
    owners = dict.fromkeys(one.owner for one in found if one.owner)
    return {owner: tuple(one for one in found if one.owner == owner) for owner in list(owners)[:MOST_OWNERS]}


def digest_body(found: Sequence[OverdueAction], week: datetime, zone: ZoneInfo) -> str:
    """The text of the issue that lists them all. It notifies nobody."""
    marker = DigestMarker(week=week_name(week, zone))
    rows = [
        f"| #{one.number} {inline(one.title, 120)} | {one.due} | {_who(one)} |" for one in found[:MOST_LINES]
    ]
    rows += [f"| and {len(found) - MOST_LINES} more | | |"] if len(found) > MOST_LINES else []
    later = day_of(week, zone) + timedelta(weeks=2)
    told = (
        f"These action items of incidents were overdue on {marker.week}. Each owner is told once a week, "
        f"below. A line `Due: {later}` in the issue's text moves the date; closing the issue ends it."
    )
    return "\n".join((marker.line, told, "", "| action item | due | owner |", "|---|---|---|", *rows))


def _who(one: OverdueAction) -> str:
    return inline(one.owner) if one.owner else "nobody"


def owner_comment(owner: str, found: Sequence[OverdueAction], week: datetime, zone: ZoneInfo) -> str:
    """What one owner is told: the only line that calls somebody."""
    marker = DigestMarker(week=week_name(week, zone), owner=owner)
    count = "One action item of yours is" if len(found) == 1 else f"{len(found)} action items of yours are"
    lines = [f"- #{one.number} {inline(one.title, 120)}, due {one.due}" for one in found[:MOST_LINES]]
    return "\n".join((marker.line, f"@{owner} {count} overdue:", "", *lines))


def week_name(week: datetime, zone: ZoneInfo) -> str:
    """What a week is called: the date on which it began."""
    return day_of(week, zone).isoformat()
