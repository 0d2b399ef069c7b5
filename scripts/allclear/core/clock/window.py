"""How long a fix is watched before the all-clear."""

from __future__ import annotations

from datetime import datetime, timedelta

from allclear.core.calendar.period import Period, Span
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident


def window(incident: Incident, runbook: Runbook) -> timedelta | Period | None:
    """How long this fix is watched; None where the severity has no window."""
    return runbook.window(incident.severity, incident.production.fixed_by)


def window_end(incident: Incident, runbook: Runbook) -> datetime | None:
    """When extended monitoring ends (000-19); None before the fix, or where the severity has no window."""
    gate, length = runbook.gate("all-clear"), window(incident, runbook)
    since = incident.reached(gate.since) if gate else None
    if since is None or length is None:
        return None
    period = Span(length) if isinstance(length, timedelta) else length
    return period.after(since, runbook.times)
