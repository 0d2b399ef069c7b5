"""The clock. A deadline is data: from a milestone, until a milestone, within a duration, then an action; it
may repeat.

Whoever wakes first executes everything due. Several missed levels of one ladder collapse into the highest,
several missed repetitions into the last; how late it is stands on the notice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from allclear.core.clock.checklist import window_end
from allclear.core.model.milestones import Milestone
from allclear.core.model.times import clock_time
from allclear.core.policy.runbook import Deadline, Runbook
from allclear.core.record.incident import Incident, Stage

AFTER_THE_END: frozenset[Milestone] = frozenset({"published"})
"""Deadlines until one of these go on after the close (the post-mortem's due dates)."""


@dataclass(frozen=True, slots=True)
class Timer:
    """One occurrence of a deadline. ``key`` is its name for ever; ``covers`` the missed ones that collapsed
    into it.

    ``to``: the titles it is for, those of the covered ones included: who should have heard of it still does.
    """

    key: str
    deadline: Deadline
    due: datetime
    to: tuple[str, ...]
    covers: tuple[str, ...] = ()


def _anchor(incident: Incident, deadline: Deadline, runbook: Runbook) -> datetime | None:
    if deadline.start == "window-end":
        return window_end(incident, runbook)
    if deadline.start == "update":
        last = incident.progress.updates[-1].at if incident.progress.updates else None
        return max(last, incident.opened) if last and incident.opened else incident.opened
    if deadline.start == "declared":
        return incident.opened
    return incident.reached(deadline.start)


def _running(incident: Incident, deadline: Deadline) -> bool:
    if incident.severity not in deadline.within or (
        deadline.flag and deadline.flag not in incident.progress.flags
    ):
        return False
    if deadline.until is not None and incident.reached(deadline.until) is not None:
        return False
    if incident.stage == Stage.OPEN:
        return True
    return incident.stage == Stage.CLOSED and deadline.until in AFTER_THE_END


def _occurrence(incident: Incident, deadline: Deadline, anchor: datetime, number: int) -> Timer:
    mark = f"/{anchor:%Y%m%dT%H%M%S}" if deadline.start in ("update", "window-end") else ""
    every = deadline.repeat.get(incident.severity, timedelta())
    return Timer(
        key=f"{deadline.id}/{incident.interval}{mark}/{number}",
        deadline=deadline,
        due=anchor + deadline.within[incident.severity] + number * every,
        to=deadline.to,
    )


def _next(incident: Incident, deadline: Deadline, anchor: datetime, now: datetime) -> Timer | None:
    """The occurrence that is due now with the missed ones in it, else the next to come;
    None when there is no more.
    """
    first = _occurrence(incident, deadline, anchor, 0)
    every = deadline.repeat.get(incident.severity)
    if not every:
        return None if first.key in incident.progress.fired else first
    number = max(0, (now - first.due) // every) if now >= first.due else 0
    timer = _occurrence(incident, deadline, anchor, number)
    if timer.key in incident.progress.fired:
        return _occurrence(incident, deadline, anchor, number + 1)
    return timer


def due_time(incident: Incident, runbook: Runbook, key: str) -> datetime | None:
    """When the timer of this key is due (UTC), as the incident stands; None when it has no such timer."""
    name, *mark = key.split("/")
    deadline = next((one for one in runbook.deadlines if one.id == name), None)
    anchor = _anchor(incident, deadline, runbook) if deadline is not None else None
    if deadline is None or anchor is None or incident.severity not in deadline.within or not mark:
        return None
    number = int(mark[-1]) if mark[-1].isascii() and mark[-1].isdigit() and len(mark[-1]) < 7 else 0
    timer = _occurrence(incident, deadline, anchor, number)
    return timer.due if timer.key == key else None


def timers(incident: Incident, runbook: Runbook, now: datetime) -> tuple[Timer, ...]:
    """What happens next, one line a deadline, in the order of time (UTC); some may be due already."""
    found = []
    for deadline in runbook.deadlines:
        anchor = _anchor(incident, deadline, runbook)
        if anchor is None or not _running(incident, deadline):
            continue
        timer = _next(incident, deadline, anchor, now)
        if timer is not None:
            found.append(timer)
    return tuple(sorted(found, key=lambda timer: (timer.due, timer.deadline.id)))


def due(incident: Incident, runbook: Runbook, now: datetime) -> tuple[Timer, ...]:
    """What has to be said now: of every ladder only the highest level, which covers the lower ones."""
    late = [timer for timer in timers(incident, runbook, now) if timer.due <= now]
    spoken: list[Timer] = []
    for ladder in dict.fromkeys(timer.deadline.ladder or timer.deadline.id for timer in late):
        levels = [timer for timer in late if (timer.deadline.ladder or timer.deadline.id) == ladder]
        top = max(levels, key=lambda timer: (timer.deadline.level, timer.due))
        covered = [timer for timer in levels if timer is not top]
        to = tuple(dict.fromkeys(title for timer in (top, *covered) for title in timer.to))
        spoken.append(replace(top, to=to, covers=tuple(timer.key for timer in covered)))
    return tuple(spoken)


def upcoming(incident: Incident, runbook: Runbook, now: datetime) -> tuple[Timer, ...]:
    """What is still to come after ``now``."""
    return tuple(timer for timer in timers(incident, runbook, now) if timer.due > now)


def _at(when: str, timer: Timer) -> str:
    return f"{timer.deadline.title} {when}" + (f" ({', '.join(timer.to)})" if timer.to else "")


def outlook(incident: Incident, runbook: Runbook, now: datetime, tz: ZoneInfo, limit: int = 3) -> str:
    """``Next: Team notification now (DevOps); Response due at 14:17 UTC (DevOps).``, or that there is none.

    At most ``limit`` deadlines to come; those that are due already are said to be ``now``. All of it is the
    runbook's text.
    """
    said = [_at("now", timer) for timer in due(incident, runbook, now)]
    coming = upcoming(incident, runbook, now)
    said += [_at(f"at {clock_time(timer.due, tz, near=now)}", timer) for timer in coming[:limit]]
    return f"Next: {'; '.join(said)}." if said else "No deadline is running."
