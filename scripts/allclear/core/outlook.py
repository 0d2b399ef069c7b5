"""What follows from now on, in one line: the next deadlines with clock times and zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from allclear.core.clock import clock_time
from allclear.core.deadline import Timer, due, upcoming
from allclear.core.incident import Incident
from allclear.core.runbook import Runbook


def _reaches(timer: Timer) -> str:
    return f"{timer.deadline.title} ({', '.join(timer.to)})" if timer.to else timer.deadline.title


def outlook(incident: Incident, runbook: Runbook, now: datetime, tz: ZoneInfo, limit: int = 3) -> str:
    """``Next: now Team notified (DevOps); 14:17 UTC Response time (DevOps).``, or that no clock is running.

    At most ``limit`` deadlines to come; those that are due already are said to be ``now``. All of it is the
    runbook's text.
    """
    said = [f"now {_reaches(timer)}" for timer in due(incident, runbook, now)]
    coming = upcoming(incident, runbook, now)
    said += [f"{clock_time(timer.due, tz, near=now)} {_reaches(timer)}" for timer in coming[:limit]]
    return f"Next: {'; '.join(said)}." if said else "No deadline is running."
