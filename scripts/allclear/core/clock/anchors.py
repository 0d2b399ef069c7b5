"""Where clocks start: a milestone, the last word, the end of a window, and each time that a condition comes
true.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allclear.core.clock.checklist import window_end
from allclear.core.policy.deadline import Condition, Deadline
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident, Stage


@dataclass(frozen=True, slots=True)
class Anchor:
    """``at`` (UTC) is what the limit counts from, ``not_before`` when the condition came true, if it has one.

    ``mark`` tells anchors of one deadline apart; it is empty where there is but one in each interval.
    """

    at: datetime
    mark: str = ""
    not_before: datetime | None = None


def anchors(incident: Incident, deadline: Deadline, runbook: Runbook) -> tuple[Anchor, ...]:
    """Where the clocks of a deadline start, as the incident stands; empty when none has."""
    start = _start(incident, deadline, runbook)
    if start is None:
        return ()
    if deadline.condition == Condition():
        moving = deadline.start in ("update", "window-end", "word")
        return (Anchor(start, f"{start:%Y%m%dT%H%M%S}" if moving else ""),)
    found = []
    for mark, since in holding(incident, deadline.condition):
        # A reopened incident tells anew of what has held since before.
        begun = max(since, incident.opened or since)
        found.append(Anchor(start if deadline.from_start else max(start, begun), mark, begun))
    return tuple(found)


def _start(incident: Incident, deadline: Deadline, runbook: Runbook) -> datetime | None:
    if deadline.start == "declared":
        return incident.opened
    if deadline.start == "window-end":
        return window_end(incident, runbook)
    if deadline.start == "update":
        return _since_opened(
            incident, incident.progress.updates[-1].at if incident.progress.updates else None
        )
    if deadline.start == "word":
        # While a fix is watched, it is the end of the window that people wait for.
        spoken = _since_opened(incident, incident.word)
        over = window_end(incident, runbook)
        return max(spoken, over) if spoken and over else spoken
    return incident.reached(deadline.start)


def _since_opened(incident: Incident, at: datetime | None) -> datetime | None:
    return max(at, incident.opened) if at and incident.opened else incident.opened


def holding(incident: Incident, condition: Condition) -> tuple[tuple[str, datetime], ...]:
    """Each time that the condition came true and still holds: a mark for it, and since when.

    Every raising of one of its flags is a time of its own.
    """
    if condition.measured:
        # What is measured stands in no record yet.
        return ()
    fixed: datetime | None = None
    if condition.fix:
        fixed = _fixed(incident, condition.fix)
        if fixed is None:
            return ()
    if not condition.flag:
        since = fixed or incident.opened
        return ((f"{since:%Y%m%dT%H%M%S}", since),) if since else ()
    raised = [one for flag in condition.flag if (one := incident.progress.raised.get(flag)) is not None]
    return tuple((one.key, max(one.at, fixed or one.at)) for one in raised)


def _fixed(incident: Incident, kind: str) -> datetime | None:
    """Since when the newest fix is of that kind; None while it is not. A hotfix is a fix forward too."""
    by = incident.production.fixed_by
    if kind == "rollback":
        return incident.production.fixed_at if by == "rollback" else None
    if kind == "hotfix":
        return incident.production.fixed_at if by == "hotfix" else None
    if by == "rollback":
        return None
    return incident.production.fixed_at if by == "hotfix" else incident.reached("mitigated")


def running(incident: Incident, deadline: Deadline) -> bool:
    """Whether its clock runs: for this severity, before what it waits for, while the incident is open; one
    of a role while nobody has that.

    What waits for somebody to acknowledge stops when the fix is there: nobody is called to a restored
    production.
    """
    if incident.severity not in deadline.within:
        return False
    if deadline.role in incident.team.roles:
        return False
    over = deadline.until is not None and incident.reached(deadline.until) is not None
    if over or (deadline.until == "acknowledged" and incident.reached("mitigated") is not None):
        return False
    if deadline.start == "word" and incident.kind == "retro":
        return False
    if incident.stage == Stage.OPEN:
        return True
    return incident.stage == Stage.CLOSED and deadline.until == "published"
