"""How long a fix is watched before the all-clear."""

from __future__ import annotations

from datetime import datetime

from allclear.core.calendar.period import Period
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident


def window(incident: Incident, runbook: Runbook) -> Period | None:
    """How long this fix is watched; None where the severity has no window."""
    return runbook.window(incident.severity, incident.production.fixed_by)


def window_end(incident: Incident, runbook: Runbook) -> datetime | None:
    """When extended monitoring ends (000-19); None before the fix, or where the severity has no window."""
    fixed, length = incident.reached("mitigated"), window(incident, runbook)
    return length.after(fixed, runbook.times) if fixed is not None and length is not None else None
