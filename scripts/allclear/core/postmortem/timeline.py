"""The timeline, as a table and as a diagram that GitHub draws."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import diagram, inline
from allclear.core.model.times import clock_time
from allclear.core.record.incident import Incident, TimelineLine

MILESTONES: dict[Milestone, str] = {
    "started": "Started",
    "detected": "Detected",
    "declared": "Declared",
    "acknowledged": "Acknowledged",
    "identified": "Root cause identified",
    "mitigated": "Fix applied",
    "resolved": "Resolved",
    "closed": "All clear",
    "published": "Post-mortem published",
}
"""The milestones in the order of an incident, as people call them."""

RATIO = "\u2236"
"""A colon that Mermaid reads as text: in a ``timeline`` the real one separates a time from what happened
(https://mermaid.js.org/syntax/timeline.html)."""


def lines(incident: Incident) -> tuple[TimelineLine, ...]:
    """The timeline by time; what has the same time stays in the order in which it was said."""
    return tuple(sorted(incident.timeline, key=lambda line: line.at))


def table(incident: Incident, zone: ZoneInfo) -> str:
    """A Markdown table: time (with the date where a new day begins), who, what. Empty without lines."""
    rows = []
    before: datetime | None = None
    for line in lines(incident):
        # A day away, so that the first row has its date.
        time = clock_time(line.at, zone, near=before or line.at - timedelta(days=1))
        who = inline(line.by.login) if line.by else "Allclear"
        told = f"{inline(line.what)}: {inline(line.text)}" if line.text.strip() else inline(line.what)
        told += f", the last at {clock_time(line.until, zone, near=line.at)}" if line.until else ""
        rows.append(f"| {time} | {who} | {told} |")
        before = line.at
    return "\n".join(["| Time | Who | What |", "|---|---|---|", *rows]) if rows else ""


def mermaid(incident: Incident, zone: ZoneInfo) -> str:
    """A fenced Mermaid ``timeline`` of the milestones, a section for each day. Empty without milestones."""
    known = [(at, title) for name, title in MILESTONES.items() if (at := incident.reached(name)) is not None]
    reached = sorted(known, key=lambda pair: pair[0])
    if not reached:
        return ""
    drawn = ["```mermaid", "timeline", f"    title {diagram(incident.title)}"]
    day = ""
    clock = ""
    for at, title in reached:
        local = at.astimezone(zone)
        if (today := local.strftime("%Y-%m-%d %Z")) != day:
            day, clock = today, ""
            drawn.append(f"    section {diagram(day)}")
        if (now := local.strftime(f"%H{RATIO}%M")) != clock:
            clock = now
            drawn.append(f"        {clock} : {title}")
        else:
            drawn.append(f"              : {title}")
    return "\n".join([*drawn, "```"])
