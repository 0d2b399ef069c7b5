"""What the runbook asks for in the post-mortem: its headings, the meeting, the dates of action items."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from allclear.core.model.neutral import inline
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident
from allclear.core.view.meeting import agenda, attendees, meeting_owed, meeting_time


def review_values(
    incident: Incident, runbook: Runbook, settings: Settings, zone: ZoneInfo
) -> dict[str, object]:
    """Values of the document's template; empty where the runbook names no headings of its own."""
    asked = runbook.review
    return {
        "sections": [
            {
                "id": one.id,
                "heading": inline(one.heading),
                "block": one.block,
                "parts": [inline(part, 500) for part in one.parts],
            }
            for one in asked.sections
        ],
        "meeting": _meeting(incident, runbook, settings, zone),
        "horizons": [
            (inline(one.id), one.within.words(), "; ".join(inline(part) for part in one.parts))
            for one in asked.horizons
        ],
    }


def _meeting(
    incident: Incident, runbook: Runbook, settings: Settings, zone: ZoneInfo
) -> dict[str, object] | None:
    meeting = meeting_owed(incident, runbook)
    if meeting is None:
        return None
    plan = incident.postmortem.meeting
    return {
        "time": meeting_time(incident, zone),
        "attendees": list(attendees(meeting, incident, runbook, settings)),
        "agenda": list(agenda(meeting, plan.at if plan else None, zone)),
    }
