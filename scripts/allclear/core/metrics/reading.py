"""One report file as the numbers see it. Every file is read, also a foreign one; what is wrong is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from allclear.core.model.frozen import Frozen
from allclear.core.model.milestones import IncidentKind
from allclear.core.model.neutral import cut, plain
from allclear.core.model.times import whole_minutes
from allclear.core.postmortem.front_matter import Report, read
from allclear.core.postmortem.outline import outline

LONGEST = 400
"""Days an incident may last: beyond that a year was mistyped, and no number should believe it."""
YEARS = (1990, 2100)
"""The first year of an incident, and the first that is not one any more; the same."""
_TITLE = re.compile(r"^#[ \t]+(.{1,300})$", re.MULTILINE)
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-(.{1,200}))?\.md$")


class ReportFault(Frozen):
    """What is wrong in a report: the line, from 1, and what to do about it."""

    line: int
    text: str


class ReportRow(Frozen):
    """What the numbers and the index take from one file. All texts are raw.

    ``record``: it has front matter that can be read; without it nothing is counted. The four durations are
    whole minutes. ``promises``: how many were ``kept`` of those ``made``. ``actions_done`` None: not said.
    """

    record: bool = False
    faults: tuple[ReportFault, ...] = ()
    title: str = ""
    id: str = ""
    severity: str = ""
    state: str = ""
    kind: IncidentKind = "real"
    services: tuple[str, ...] = ()
    repository: str = ""
    issue: int | None = None
    duplicate_of: int | None = None
    started: datetime | None = None
    resolved: datetime | None = None
    detection: int | None = None
    acknowledgement: int | None = None
    mitigation: int | None = None
    resolution: int | None = None
    made: int = 0
    kept: int = 0
    reopened: int = 0
    escalated: int = 0
    people: int | None = None
    users: int | None = None
    revenue: str = ""
    actions: int = 0
    actions_done: int | None = None
    actions_dropped: int = 0

    @property
    def by_hand(self) -> bool:
        """Whether it names no issue: somebody wrote it, or another tool."""
        return self.issue is None or not self.repository


class ReportFile(Frozen):
    """A row and where it stands: ``reports/incidents/2025-10-19-checkout-down.md``."""

    path: str
    row: ReportRow

    @property
    def day(self) -> date | None:
        """The UTC day on which it started; that of the file's name where the report says none."""
        return self.row.started.date() if self.row.started else _day_of(self.path)

    @property
    def title(self) -> str:
        """What it is called; by the file's name where the report has no title. Raw."""
        dated = _DATED.search(self.path)
        named = (dated[2] or "") if dated else self.path.rpartition("/")[2].removesuffix(".md")
        return self.row.title or plain(named).replace("-", " ").strip() or "(no title)"


def read_row(text: str) -> ReportRow:
    """Read a report. Never fails: what cannot be read is among the faults of the row."""
    document = read(text)
    if document.broken:
        why = (
            "The front matter between the two lines `---` is no YAML. A value with a colon in it needs "
            'quotes, as in `title: "Checkout: down"`; `/postmortem` on the issue writes all of it again.'
        )
        return ReportRow(title=_heading(text), faults=(ReportFault(line=document.broken_at, text=why),))
    if not document.metadata:
        return ReportRow(title=_heading(text))
    try:
        front = document.report
    except ValidationError as error:
        return _invalid(text, document.metadata, error)
    return _row(text, front)


def _invalid(text: str, metadata: Mapping[Any, Any], error: ValidationError) -> ReportRow:
    shape = outline(text)
    faults = []
    for one in error.errors():
        key, where = str(one["loc"][0]), ".".join(map(str, one["loc"]))
        if one["type"] == "missing" and where == key:
            line, why = 1, f"`{key}` is missing in the front matter. Add it, as in `{_EXAMPLES[key]}`."
        else:
            shown = cut(one["msg"].removeprefix("Value error, "), 100)
            line = shape.front_line(key)
            why = f"`{where}` cannot be read ({shown}). {_mend(key)}"
        faults.append(ReportFault(line=line, text=why))
    title = metadata.get("title")
    named = plain(title) if isinstance(title, str) else _heading(text)
    return ReportRow(title=named, faults=tuple(faults))


def _mend(key: str) -> str:
    if key in _EXAMPLES:
        return f"Correct it, as in `{_EXAMPLES[key]}`."
    return "Correct it, or write `/postmortem` on the issue, which writes it again."


_EXAMPLES = {
    "id": "id: INC-2025-042",
    "severity": "severity: P1",
    "title": "title: Checkout is down",
    "kind": "kind: real",
    "issue": "issue: 42",
    "impact": "impact: {users_affected: 1500, duration_minutes: 38}",
    "timeline": "timeline: [{time: '14:05', event: Detected}]",
    "durations": "durations: {detection: 3, resolution: 38}",
    **{name: f"{name}: '2025-10-19T14:02:00Z'" for name in Report.model_fields if name.endswith("_at")},
}


def _row(text: str, front: Report) -> ReportRow:
    started, resolved = front.started_at, front.resolved_at
    faults = []
    if started and not YEARS[0] <= started.year < YEARS[1]:
        faults.append(
            ReportFault(
                line=outline(text).front_line("started_at"),
                text=f"`started_at` is in the year {started.year}. {_mend('started_at')}",
            )
        )
        started = None
    if started and resolved and not timedelta() <= resolved - started <= timedelta(days=LONGEST):
        faults.append(
            ReportFault(
                line=outline(text).front_line("resolved_at"),
                text=f"`resolved_at` is {'before' if resolved < started else f'over {LONGEST} days after'} "
                "`started_at`. Which of them is right? Until then no number counts how long it took.",
            )
        )
        resolved = None
    spent, actions = front.durations, front.actions
    known = spent.resolution if spent.resolution is not None else front.impact.duration_minutes
    return ReportRow(
        record=True,
        faults=tuple(faults),
        title=front.title,
        id=front.id,
        severity=front.severity,
        state=front.status,
        kind=front.kind,
        services=front.services,
        repository=front.repository,
        issue=front.issue,
        duplicate_of=front.duplicate_of,
        started=started,
        resolved=resolved,
        detection=_minutes(spent.detection, started, front.detected_at),
        acknowledgement=_minutes(spent.acknowledgement, front.declared_at, front.acknowledged_at),
        mitigation=_minutes(spent.mitigation, started, front.mitigated_at),
        resolution=None if faults else _minutes(known, started, resolved),
        made=len(front.promises),
        kept=sum(one == "kept" for one in front.promises.values()),
        reopened=front.reopened or 0,
        escalated=front.escalated or 0,
        people=front.number_of_people or None,
        users=front.impact.users_affected,
        revenue=front.impact.revenue_lost or "",
        actions=actions.planned if actions else len(front.action_items),
        actions_done=actions.done if actions else None,
        actions_dropped=actions.dropped if actions else 0,
    )


def _minutes(said: int | None, start: datetime | None, end: datetime | None) -> int | None:
    """What the report says itself, else from one moment to the other; a negative number says nothing."""
    if said is not None:
        return said if said >= 0 else None
    return whole_minutes(end - start) if start and end else None


def _heading(text: str) -> str:
    found = _TITLE.search(text)
    return " ".join(plain(found[1]).split()) if found else ""


def _day_of(path: str) -> date | None:
    dated = _DATED.search(path)
    try:
        day = date.fromisoformat(dated[1]) if dated else None
    except ValueError:
        return None
    return day if day and YEARS[0] <= day.year < YEARS[1] else None


def midnight(day: date) -> datetime:
    """When the day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
