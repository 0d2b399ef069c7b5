"""How the engine sees for itself that a step is done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allclear.core.clock.window import window, window_end
from allclear.core.policy.checklists import Done, Step, milestone
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import CALLED, Incident, Speech


def seen_at(
    incident: Incident,
    step: Step,
    runbook: Runbook,
    now: datetime | None = None,
    since: datetime | None = None,
) -> datetime | None:
    """When the engine saw that the step was done; None when it did not, or cannot.

    ``now``: as of then; without it, as of the newest entry. ``since``: when its list opened: an action that
    ran before was none of it.
    """
    if incident.opened is None:
        return None
    if step.done is None:
        return _ran_at(incident, step.run, since or incident.opened) if step.run else None
    last = incident.last or incident.opened
    return _moment_of(step.done, incident, runbook, now or last, last)


def _moment_of(
    done: Done, incident: Incident, runbook: Runbook, now: datetime, last: datetime
) -> datetime | None:
    match done.kind:
        case "moment":
            (name,) = done.names
            return incident.opened if name == "declared" else incident.reached(milestone(name))
        case "smoke":
            return passed_at(incident)
        case "watched":
            return _watched_at(incident, runbook, now)
        case "told":
            return told_at(incident, runbook, *done.names)
        case "said":
            return said_at(incident, done.names[0], done.moment)
        case "meeting":
            return meeting_at(incident)
        case "evidence":
            return _kept_at(incident, done.names)
        case "severity":
            there = not incident.severity_asked
        case "role":
            there = all(name in incident.team.roles for name in done.names)
        case "actions":
            there = _all_owned(incident)
        case _:  # The post-mortem.
            there = bool(incident.postmortem.url)
    return last if there else None


def passed_at(incident: Incident) -> datetime | None:
    """When the last service's smoke run passed after the fix; None while one fails or none ran since."""
    fixed = incident.reached("mitigated")
    runs = incident.production.smoke.values()
    if fixed is None or not runs or any(not run.smoke.passed or run.at < fixed for run in runs):
        return None
    return max(run.at for run in runs)


def _watched_at(incident: Incident, runbook: Runbook, now: datetime) -> datetime | None:
    """When the fix had been watched for so long; at once where nobody has to watch it."""
    if window(incident, runbook) is None:
        return incident.reached("mitigated")
    end = window_end(incident, runbook)
    return end if end is not None and end <= now else None


def told_at(incident: Incident, runbook: Runbook, title: str = "") -> datetime | None:
    """When the page first went out to this title, or at all, and somebody heard it."""
    wanted, known = title.lower(), incident.progress
    telling = [
        deadline
        for deadline in runbook.deadlines
        if (wanted in map(str.lower, deadline.to) if wanted else deadline.action in ("notify", "escalate"))
    ]
    names = [name for one in telling for name in (one.id, *one.earlier)]
    heard = _heard_at(incident, names if wanted else [*names, CALLED])
    if heard is not None or wanted not in known.told:
        return heard
    # Who was chosen by the levels told so far, or called by hand, stands there without a time.
    prefixes = tuple(f"{name}/{incident.interval}/" for name in names)
    return None if any(timer.startswith(prefixes) for timer in known.unheard) else incident.last


def _heard_at(incident: Incident, deadlines: Iterable[str]) -> datetime | None:
    """When the first of these deadlines told somebody. A reopened incident is told of anew: only the notices
    of this interval count.
    """
    known = incident.progress
    prefixes = tuple(f"{name}/{incident.interval}/" for name in deadlines)
    heard = (timer for timer in known.fired if timer not in known.unheard and timer.startswith(prefixes))
    return min((known.fired[timer] for timer in heard), default=None)


def said_at(incident: Incident, voice: str, moment: str) -> datetime | None:
    """When this voice spoke at that moment, in this interval."""
    return incident.voices.get(voice, Speech()).said.get(moment)


def meeting_at(incident: Incident) -> datetime | None:
    """When the meeting got its date."""
    plan = incident.postmortem.meeting
    return plan.planned if plan is not None else None


def _kept_at(incident: Incident, kinds: Iterable[str]) -> datetime | None:
    """When evidence of all these kinds was kept in this interval. ``record`` is part of any."""
    found = []
    for kind in kinds:
        kept = (
            one.ended
            for one in incident.production.operations.values()
            if one.kind == "evidence"
            and one.outcome == "done"
            and one.interval == incident.interval
            and (kind == "record" or (one.artifact is not None and kind in one.artifact.kinds))
        )
        found.append(min(filter(None, kept), default=None))
    return None if None in found else max(filter(None, found))


def _ran_at(incident: Incident, action: str, since: datetime) -> datetime | None:
    """When the action was first done since then. In a drill all of them are dry runs."""
    ends = (
        one.ended
        for one in incident.production.operations.values()
        if one.kind == "action"
        and one.name == action
        and one.outcome == "done"
        and one.asked >= since
        and one.dry_run == (incident.kind == "drill")
    )
    return min(filter(None, ends), default=None)


def _all_owned(incident: Incident) -> bool:
    """Whether there are action items, and each that is not over has an owner and a date."""
    known = incident.progress
    return known.planned > 0 and all(item.owner and item.due for item in known.open_actions)
