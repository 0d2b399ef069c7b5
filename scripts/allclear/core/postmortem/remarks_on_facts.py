"""Whether a post-mortem agrees with itself and with the record of its issue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import cut
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.times import stamp
from allclear.core.postmortem.front_matter import Document, Minutes, Report
from allclear.core.postmortem.outline import Line, ReportOutline
from allclear.core.postmortem.remarks import Remark

MOMENTS: tuple[tuple[str, Milestone | None], ...] = (
    ("started_at", "started"),
    ("detected_at", "detected"),
    ("declared_at", None),
    ("acknowledged_at", "acknowledged"),
    ("identified_at", "identified"),
    ("mitigated_at", "mitigated"),
    ("resolved_at", "resolved"),
    ("closed_at", None),
)
"""The moments of the front matter, and the milestone that ``/time`` corrects."""

IN_ORDER = (
    ("started_at", "detected_at"),
    ("started_at", "acknowledged_at"),
    ("started_at", "identified_at"),
    ("started_at", "mitigated_at"),
    ("mitigated_at", "resolved_at"),
    ("started_at", "resolved_at"),
    ("resolved_at", "closed_at"),
)
"""The first of each pair is never after the second."""

SHORTEST_REASON = 3
"""Words that explain why an incident was ended against its gates."""

SHORTEST_SENTENCE = 6
"""Words of a sentence that explains an override in the document."""

_OVERRIDE = lazy_regex(r"\b(?:overrid(?:es?|den|ing)|overrode)\b", re.IGNORECASE)
_HEAD = lazy_regex(r"\*\*(?P<name>Date|Severity|Duration)\*\*:[ \t]*(?P<value>.{1,200}?)[ \t]*$")
_MINUTES = lazy_regex(r"(?P<minutes>\d{1,6}) minutes?")


def agrees(report: ReportOutline, document: Document, record: Report | None) -> list[Remark]:
    """What contradicts something else in the report, or the ``record`` of its issue (None: not known).
    ``document`` is the same file as ``report``.
    """
    if document.broken or not document.metadata:
        return [
            Remark(
                1,
                "front-matter",
                "The front matter cannot be read. It stands between two lines `---` at the top and is YAML; "
                "`/postmortem` on the issue writes it again.",
            )
        ]
    try:
        front = document.report
    except ValidationError as error:
        return [_invalid(report, one["loc"], one["msg"]) for one in error.errors()]
    return [
        *_ours(front),
        *_ordered(report, front),
        *_head(report, front),
        *_overrides(report, front),
        *(_record(report, front, record) if record is not None else ()),
    ]


def _invalid(report: ReportOutline, place: tuple[int | str, ...], why: str) -> Remark:
    key = str(place[0]) if place else ""
    return Remark(
        report.front_line(key),
        "front-matter",
        f"`{key}` of the front matter cannot be read ({cut(why, 100)}). `/postmortem` on the issue writes it "
        "again.",
    )


def _ours(front: Report) -> Iterator[Remark]:
    if not front.repository or front.issue is None:
        yield Remark(
            1,
            "whose",
            "The front matter does not say which issue of which repository this is about: "
            "`repository: owner/name` and `issue: 12`.",
        )


def _ordered(report: ReportOutline, front: Report) -> Iterator[Remark]:
    for first, second in IN_ORDER:
        before, after = getattr(front, first), getattr(front, second)
        if before is not None and after is not None and before > after:
            yield Remark(
                report.front_line(second),
                "order",
                f"`{first}` ({stamp(before)}) is after `{second}` ({stamp(after)}). Which of them is right? "
                f"`/time {_moved(first)} <time>` on the issue corrects it.",
            )
    spent = front.impact.duration_minutes
    if spent is not None and front.started_at and front.resolved_at:
        real = int((front.resolved_at - front.started_at).total_seconds()) // 60
        if real >= 0 and spent != real:
            yield Remark(
                report.front_line("impact"),
                "duration",
                f"`duration_minutes` is {spent}, and from `started_at` to `resolved_at` it is {real}.",
            )


def _moved(name: str) -> str:
    return next((milestone for moment, milestone in MOMENTS if moment == name and milestone), "started")


def _head(report: ReportOutline, front: Report) -> Iterator[Remark]:
    """The lines above the first heading repeat the front matter."""
    for line in report.chapters[0].lines:
        told = _HEAD.match(line.text.strip())
        if told is None:
            continue
        wanted = _told(told["name"], front)
        value = told["value"].replace("\\", "")
        spent = _MINUTES.match(value)
        if wanted and (spent["minutes"] if spent else value).casefold() != wanted.casefold():
            yield Remark(
                line.number,
                "head",
                f"**{told['name']}** is {cut(value, 40)} here and {wanted} in the front matter. "
                "`/postmortem` on the issue writes both from the record.",
            )


def _told(name: str, front: Report) -> str:
    if name == "Date":
        return f"{front.started_at:%Y-%m-%d}" if front.started_at else ""
    if name == "Severity":
        return front.severity
    spent = front.impact.duration_minutes
    return str(spent) if spent else ""


def _overrides(report: ReportOutline, front: Report) -> Iterator[Remark]:
    """An override says in its reason, or in a sentence of people's about it, why it was given."""
    if any(_explains(line) for chapter in report.chapters for line in chapter.prose):
        return
    for given in front.overrides:
        if len(given.reason.split()) < SHORTEST_REASON:
            yield Remark(
                report.front_line("overrides"),
                "override",
                f'The override by {given.by} says only "{cut(given.reason, 40)}". Write a sentence on the '
                "override: why the incident ended while something was open, and what became of that.",
            )


def _explains(line: Line) -> bool:
    """Whether a line is a sentence on an override. What is quoted, or stands in a table, is the record."""
    text = line.text.strip()
    told = bool(_OVERRIDE.search(text)) and not text.startswith((">", "|"))
    return told and len(text.split()) >= SHORTEST_SENTENCE


def _record(report: ReportOutline, front: Report, record: Report) -> Iterator[Remark]:
    """Where the front matter says something else than the issue's record."""
    for moment, milestone in MOMENTS:
        here, there = getattr(front, moment), getattr(record, moment)
        if here != there:
            yield _differs(
                report, moment, _shown(here), _shown(there), f"/time {milestone} <time>" if milestone else ""
            )
    for key, how in (("severity", "/sev"), ("title", ""), ("issue", ""), ("repository", "")):
        here, there = getattr(front, key), getattr(record, key)
        if here != there:
            yield _differs(report, key, str(here), str(there), how)
    for key in ("users_affected", "revenue_lost", "duration_minutes"):
        here, there = getattr(front.impact, key), getattr(record.impact, key)
        if here != there:
            how = "" if key == "duration_minutes" else "/impact"
            yield _differs(report, "impact", f"{key} {here}", f"{key} {there}", how)
    for key in Minutes.model_fields:
        here, there = getattr(front.durations, key), getattr(record.durations, key)
        if here != there:
            yield _differs(report, "durations", f"{key} {here}", f"{key} {there}", "")


def _shown(moment: datetime | None) -> str:
    return stamp(moment) if moment else "nothing"


def _differs(report: ReportOutline, key: str, here: Any, there: Any, how: str) -> Remark:
    correct = f" `{how}` on the issue corrects the record" if how else " The issue's record counts"
    return Remark(
        report.front_line(key),
        "record",
        f"`{key}` is {cut(str(here), 60)} here, and the issue says {cut(str(there), 60)}.{correct}, and "
        "`/postmortem` writes it here.",
    )
