"""Whether the timeline of a post-mortem goes forward, and agrees with the moments above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from msgspec import Struct

from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.front_matter import Minutes, Report
from allclear.core.postmortem.outline import Line, ReportOutline
from allclear.core.postmortem.remarks import Remark

HOUR, DAY = 60, 24 * 60
"""In minutes."""

QUARTER = 15
"""Minutes: clocks of two zones differ by so many, or several times that."""

_ZONE = r"[+-]\d{2}:?\d{2}|[A-Z]{1,5}"
_TIMED = lazy_regex(
    r"(?:(?:[-*+]|\d{1,3}[.)])[ \t]+|\|[ \t]*)?[*_`(\[]{0,3}(?:(?P<day>\d{4}-\d{2}-\d{2})[T ]{1,2})?"
    r"(?P<hour>\d{1,2})(?::|\.(?=\d\d(?: ?(?:Uhr|UTC)|:| [-\u2013])))(?P<minute>\d{2})(?![\d%.])(?::\d{2})?"
    rf"(?: ?(?P<half>[AaPp]\.?[Mm])\b\.?)?(?: ?(?P<zone>{_ZONE})\b)?"
)
_UTC = frozenset({"UTC", "GMT", "Z"})
_SAYS = {
    "incident detected": "detected_at",
    "root cause identified": "identified_at",
    "fix applied": "mitigated_at",
    "verified resolved": "resolved_at",
}
"""The lines that the engine writes into a timeline, and the moments of the front matter that they show."""
_MINUTES = lazy_regex(r"(?:(?P<days>\d{1,4}) d ?)?(?:(?P<hours>\d{1,2}) h ?)?(?:(?P<minutes>\d{1,2}) min)?")
_WHOLE = lazy_regex(r"\((?P<whole>\d{1,7}) min\)$")


class _Time(Struct, frozen=True):
    """A line that begins with a time: ``clock`` are the minutes of its day; ``day`` and ``zone`` are empty
    where it names none; ``rest`` is what follows.
    """

    line: Line
    clock: int
    day: str
    zone: str
    rest: str

    @property
    def shown(self) -> str:
        return f"{self.day} {_clock(self.clock)}".strip()


def on_times(report: ReportOutline, known: Report | None, runbook: Runbook) -> Iterator[Remark]:
    """What turns back in the timeline, and what contradicts ``known`` there and among the durations: what the
    issue says, else the front matter, None while that cannot be read.
    """
    headings = [one.heading for one in runbook.review.sections if one.block == "timeline"]
    for chapter in filter(None, (report.chapter(heading) for heading in headings)):
        timelines = list(_lists(chapter.lines))
        backward = [remark for one in timelines for remark in _backward(one)]
        yield from backward
        if known is not None:
            told = {remark.line for remark in backward}
            against = _against(known, [time for one in timelines for time in one])
            yield from (remark for remark in against if remark.line not in told)
    if known is not None:
        yield from _durations(report, known)


def _clock(minutes: int) -> str:
    return f"{minutes // HOUR:02d}:{minutes % HOUR:02d}"


def _time(line: Line) -> _Time | None:
    text = line.text.strip()
    found = None if line.code else _TIMED.match(text)
    if found is None:
        return None
    clock, half = int(found["hour"]) * HOUR + int(found["minute"]), (found["half"] or "").lower()
    if half:
        clock = clock % (DAY // 2) + (DAY // 2 if half.startswith("p") else 0)
    if clock >= DAY or int(found["minute"]) >= HOUR:
        return None
    return _Time(line, clock, found["day"] or "", found["zone"] or "", text[found.end() :])


def _lists(lines: tuple[Line, ...]) -> Iterator[list[_Time]]:
    """The lines with a time that follow one another. What is nested below one of them belongs to that one."""
    timeline, indent = list[_Time](), 0
    for line in lines:
        time = _time(line)
        if time is not None:
            indent = indent if timeline else line.indent
            timeline += [time] if line.indent <= indent else []
        elif line.code or not line.text.strip() or line.heading:
            yield timeline
            timeline = []
    yield timeline


def _backward(timeline: list[_Time]) -> Iterator[Remark]:
    """The lines go forward in time. A clock that turns back at midnight is a new day, and clocks of two zones
    are not compared.
    """
    for before, after in pairwise(timeline):
        if _turns_back(before, after):
            yield Remark(
                after.line.number,
                "timeline",
                f"{after.shown} stands below {before.shown}, and is earlier. Put the line where it belongs, "
                "or write the day in front of it.",
            )


def _turns_back(before: _Time, after: _Time) -> bool:
    if before.zone and after.zone and before.zone != after.zone:
        return False
    if after.day and not before.day:
        return False
    if after.day and after.day != before.day:
        return after.day < before.day
    turned = not after.day and before.clock - after.clock > DAY // 2
    return after.clock < before.clock and not turned


def _against(known: Report, times: list[_Time]) -> Iterator[Remark]:
    """The engine's own lines show the moments of the record, those of one zone by one clock."""
    found = list[tuple[_Time, datetime, int]]()
    clocks: dict[str, Counter[int]] = {}
    for time in times:
        name = _SAYS.get(time.rest.strip(" :|*_-\u2013\u2014.").casefold(), "")
        at: datetime | None = getattr(known, name) if name else None
        if at is not None:
            offset = (time.clock - at.hour * HOUR - at.minute) % DAY
            found.append((time, at, offset))
            # Of two offsets that are met as often, the one that some zone has counts.
            clocks.setdefault(time.zone, Counter())[offset] += 2 if offset % QUARTER == 0 else 1
    for time, at, offset in found:
        wanted = 0 if time.zone in _UTC else clocks[time.zone].most_common(1)[0][0]
        wanted = wanted if wanted % QUARTER == 0 else 0
        if offset != wanted:
            right = _clock((at.hour * HOUR + at.minute + wanted) % DAY)
            yield Remark(
                time.line.number,
                "timeline",
                f"{time.shown} is {right} in the record. Which of them is right? `/time` on the issue "
                "corrects the record, and `/postmortem` writes it here.",
            )


def _durations(report: ReportOutline, known: Report) -> Iterator[Remark]:
    """The table of durations repeats the record."""
    chapter = report.chapter("Durations")
    for line in chapter.prose if chapter is not None else ():
        cells = [cell.strip() for cell in line.text.strip().strip("|").split("|")]
        name = cells[0].casefold()
        there = getattr(known.durations, name) if name in Minutes.model_fields else None
        here = _spent(cells[-1]) if there is not None else None
        if here is not None and here != there:
            yield Remark(
                line.number,
                "duration",
                f"{cells[0]} is {cells[-1]} here, and {there} minutes in the record. `/postmortem` on "
                "the issue writes both from the record.",
            )


def _spent(text: str) -> int | None:
    """The whole minutes of ``17 min`` or ``1 h 30 min (90 min)``; None of anything else."""
    whole = _WHOLE.search(text)
    if whole is not None:
        return int(whole["whole"])
    found = _MINUTES.fullmatch(text)
    if not text or found is None:
        return None
    days, hours, minutes = (int(found[one] or 0) for one in ("days", "hours", "minutes"))
    return days * DAY + hours * HOUR + minutes
