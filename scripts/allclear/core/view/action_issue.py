"""The issue of an action item: what it says, and what one that people opened by hand says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from allclear.core.calendar.local_time import day_of
from allclear.core.model.action_marker import ActionMarker
from allclear.core.model.neutral import block, cut, headline, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.snapshot import Issue, Repository
from allclear.core.policy.runbook import Runbook
from allclear.core.record.action_item import ActionItem
from allclear.core.record.incident import Incident

LONGEST_TITLE = 200
LONGEST_READ = 20_000
"""Characters of an issue's text that are looked at."""
LONGEST_ITEM = 1000
"""Characters of a title that become the text of an action item."""

_DUE = lazy_regex(
    r"^[ \t>*_-]{0,8}due(?:[ \t]date)?[*_]{0,3}[ \t]{0,3}[:=][*_ \t]{0,6}([0-9]{4}-[0-9]{2}-[0-9]{2})\b",
    re.IGNORECASE | re.MULTILINE,
)


_PLAIN = lazy_regex(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,300}")
"""What the paths of our reports are made of."""


def action_title(item: ActionItem) -> str:
    """The issue's title: the first words of the item."""
    return cut(headline(item.text), LONGEST_TITLE) or f"Action item {item.number}"


def action_body(item: ActionItem, incident: Incident, repository: Repository, horizon: str) -> str:
    """The issue's text: neutral Markdown that notifies nobody."""
    marker = ActionMarker(repo=repository.id, issue=incident.number, item=item.number)
    path = incident.postmortem.path
    told = f"Action item {item.number} of the incident #{incident.number}, {inline(incident.title, 120)}"
    plain = _PLAIN.fullmatch(path)
    told += f", whose post-mortem is [{path}]({repository.url}/blob/HEAD/{path})." if plain else "."
    facts = [
        f"Owner: {inline(item.owner.login) if item.owner else 'nobody yet'}",
        f"Due: {item.due or 'no date'}",
        *([f"Horizon: {inline(horizon)}"] if horizon else []),
    ]
    how = (
        "Close this as completed when it is done, or as not planned when nobody will do it: the incident "
        "follows. Reopening it opens the item again. Another date in the line `Due:`, and another assignee, "
        "count for the weekly digest of what is overdue."
    )
    return "\n\n".join((marker.line + "\n" + told, block(item.text, LONGEST_ITEM), "\n".join(facts), how))


def horizon_of(item: ActionItem, incident: Incident, runbook: Runbook, zone: ZoneInfo) -> str:
    """The name of the shortest horizon of the runbook in which the item is due (004-34); empty: of none."""
    resolved = incident.reached("resolved")
    if resolved is None or not item.due:
        return ""
    ends: Iterator[tuple[datetime, str]] = (
        (one.within.after(resolved, runbook.times), one.id) for one in runbook.review.horizons
    )
    return next((name for end, name in sorted(ends) if item.due <= day_of(end, zone).isoformat()), "")


def due_of(issue: Issue) -> str:
    """The date that an issue is due by its own line ``Due:``; empty when it has none."""
    match = _DUE.search(issue.body[:LONGEST_READ])
    if match is None:
        return ""
    try:
        return date.fromisoformat(match[1]).isoformat()
    except ValueError:
        return ""


def first_named(issue: Issue, repository: Repository) -> int:
    """The first issue of this repository that the text names, as ``#7`` or by its address; 0: none."""
    address = re.escape(f"{repository.url}/issues/")
    name = re.escape(repository.name)
    pattern = rf"(?:(?<![\w/#&-])(?:{name})?#|(?<!\w){address})([1-9][0-9]{{0,8}})(?!\w)"
    match = re.search(pattern, issue.body[:LONGEST_READ], re.IGNORECASE)
    return int(match[1]) if match else 0
