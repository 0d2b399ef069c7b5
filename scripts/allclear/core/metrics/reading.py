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
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.times import whole_minutes
from allclear.core.postmortem.front_matter import ActionCounts, Report, read
from allclear.core.postmortem.outline import outline

LONGEST = timedelta(days=400)
"""How long an incident may last: beyond that a year was mistyped, and no number should believe it."""
MOST = 10**10
"""Of anything that is counted in a report: there are not more people."""
YEARS = (1990, 2100)
"""The first year of an incident, and the first that is not one any more; the same."""
_TITLE = lazy_regex(r"^#[ \t]+(.{1,300})$", re.MULTILINE)
_DATED = lazy_regex(r"(\d{4}-\d{2}-\d{2})(?:-(.{1,200}))?\.md$")


class ReportFault(Frozen):
    """What is wrong in a report: the line, from 1, and what to do about it."""

    line: int
    text: str


class ReportRow(Frozen):
    """What the numbers and the index take from one file. All texts are raw.

    ``state`` is the incident's; ``review`` how far the report itself is, up to ``learned``; empty: not said.
    ``record``: it has front matter that can be read; without it nothing is counted. The four durations are
    whole minutes. ``promises``: how many were ``kept`` of those ``made``. ``actions_done`` None: not said.
    """

    record: bool = False
    faults: tuple[ReportFault, ...] = ()
    title: str = ""
    id: str = ""
    severity: str = ""
    state: str = ""
    review: str = ""
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
    check = _Check(text, front)
    check.times()
    spent, actions, hit = front.durations, front.actions or ActionCounts(), front.impact
    known = spent.resolution if spent.resolution is not None else hit.duration_minutes
    resolution = check.minutes("resolution", known, check.started, check.resolved)
    return ReportRow(
        title=front.title,
        id=front.id,
        severity=front.severity,
        state=front.status,
        review="learned" if front.learned_at else front.review,
        kind=front.kind,
        services=front.services,
        repository=front.repository,
        issue=check.number("issue", front.issue),
        duplicate_of=front.duplicate_of,
        started=check.started,
        resolved=check.resolved,
        detection=check.minutes("detection", spent.detection, check.started, front.detected_at),
        acknowledgement=check.minutes(
            "acknowledgement", spent.acknowledgement, front.declared_at, front.acknowledged_at
        ),
        mitigation=check.minutes("mitigation", spent.mitigation, check.started, front.mitigated_at),
        resolution=None if check.unclear else resolution,
        made=len(front.promises),
        kept=sum(one == "kept" for one in front.promises.values()),
        reopened=check.number("reopened", front.reopened) or 0,
        escalated=check.number("escalated", front.escalated) or 0,
        people=check.number("number_of_people", front.number_of_people) or None,
        users=check.number("impact", hit.users_affected),
        revenue=hit.revenue_lost or "",
        actions=check.number("actions", actions.planned if front.actions else len(front.action_items)) or 0,
        actions_done=check.number("actions", actions.done) if front.actions else None,
        actions_dropped=check.number("actions", actions.dropped) or 0,
        record=True,
        faults=tuple(check.faults),
    )


class _Check:
    """The times and numbers of a report that can be believed. ``unclear``: not from when to when it was."""

    def __init__(self, text: str, front: Report) -> None:
        self.text = text
        self.started = front.started_at
        self.resolved = front.resolved_at
        self.unclear = False
        self.faults: list[ReportFault] = []

    def tell(self, key: str, text: str) -> None:
        """What is wrong with this key of the front matter."""
        self.faults.append(ReportFault(line=outline(self.text).front_line(key), text=text))

    def times(self) -> None:
        """A start in a mistyped year is none; nor is an end that is before it, or long after."""
        started, resolved = self.started, self.resolved
        if started and not YEARS[0] <= started.year < YEARS[1]:
            self.tell("started_at", f"`started_at` is in the year {started.year}. {_mend('started_at')}")
            self.started, self.unclear = None, True
        elif started and resolved and not timedelta() <= resolved - started <= LONGEST:
            when = "before" if resolved < started else f"over {LONGEST.days} days after"
            self.tell(
                "resolved_at",
                f"`resolved_at` is {when} `started_at`. Which of them is right? Until then no number counts "
                "how long it took.",
            )
            self.resolved, self.unclear = None, True

    def minutes(
        self, name: str, said: int | None, start: datetime | None, end: datetime | None
    ) -> int | None:
        """What the report says itself, else from one moment to the other, if an incident can take so long."""
        found = whole_minutes(end - start) if said is None and start and end else said
        if found is None or 0 <= found <= LONGEST // timedelta(minutes=1):
            return found
        self.tell(
            "durations",
            f"The {name} takes {shown(found)} minutes, so no number counts it. {_mend('durations')}",
        )
        return None

    def number(self, key: str, said: int | None) -> int | None:
        """A count of things; none that is negative, or beyond all counting."""
        if said is None or 0 <= said <= MOST:
            return said
        self.tell(key, f"A number in `{key}` is {shown(said)}, so no number counts it. {_mend(key)}")
        return None


def shown(number: int) -> str:
    """At most twelve signs of it."""
    return cut(str(number), 12)


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
