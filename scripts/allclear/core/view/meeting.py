"""The meeting about the post-mortem, as texts tell of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from allclear.core.clock.roles import role_of
from allclear.core.model.neutral import inline
from allclear.core.model.times import clock_time
from allclear.core.policy.post_incident import AgendaTopic, ReviewMeeting
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident
from allclear.core.view.people import people_behind


def meeting_owed(incident: Incident, runbook: Runbook) -> ReviewMeeting | None:
    """The meeting that the runbook asks for after this incident: after those that get a post-mortem."""
    return runbook.review.meeting if incident.severity in runbook.postmortem.required else None


def meeting_time(incident: Incident, zone: ZoneInfo) -> str:
    """``Tuesday, 2025-10-21, 10:00 UTC``; empty as long as nobody has said when."""
    plan = incident.postmortem.meeting
    return day_and_time(plan.at, zone) if plan else ""


def day_and_time(at: datetime, zone: ZoneInfo) -> str:
    """``Tuesday, 2025-10-21, 10:00 UTC``."""
    return f"{at.astimezone(zone):%A, %Y-%m-%d}, {clock_time(at, zone)}"


def invited(
    meeting: ReviewMeeting, incident: Incident, runbook: Runbook, settings: Settings
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each title that comes after an incident of this severity, with the logins behind it; all as it is."""
    for one in meeting.invite:
        if incident.severity in one.severities:
            role = role_of(one.title, runbook)
            people = people_behind(one.title, incident, runbook, settings)
            yield (role.title if role else one.title), tuple(people)


def attendees(
    meeting: ReviewMeeting, incident: Incident, runbook: Runbook, settings: Settings, *, mention: bool = False
) -> tuple[str, ...]:
    """Who comes: each title with its people, mentioned or not; all of it is inert otherwise."""
    found = []
    for title, logins in invited(meeting, incident, runbook, settings):
        people = ", ".join(f"@{login}" if mention else inline(login) for login in logins)
        found.append(f"{inline(title)} ({people or 'nobody yet'})")
    return tuple(found)


def agenda(meeting: ReviewMeeting, at: datetime | None, zone: ZoneInfo) -> tuple[str, ...]:
    """Its parts, a line each, with their beginnings once it has a date."""
    return tuple(_topics(meeting.agenda, at, zone))


def _topics(topics: tuple[AgendaTopic, ...], at: datetime | None, zone: ZoneInfo) -> Iterator[str]:
    begin = at
    for topic in topics:
        time = f"{begin.astimezone(zone):%H:%M} " if begin else ""
        parts = f": {'; '.join(inline(part) for part in topic.parts)}" if topic.parts else ""
        yield f"{time}**{inline(topic.heading)}** ({topic.takes.words()}){parts}"
        begin = begin and begin + topic.takes.elapse


def meeting_lines(
    incident: Incident, runbook: Runbook, settings: Settings, zone: ZoneInfo, *, mention: bool = False
) -> tuple[str, ...]:
    """Who comes, and the agenda; nothing where the runbook asks for no meeting."""
    meeting = meeting_owed(incident, runbook)
    if meeting is None:
        return ()
    plan = incident.postmortem.meeting
    people = attendees(meeting, incident, runbook, settings, mention=mention)
    lines = [f"Attendees: {', '.join(people)}."] if people else []
    topics = agenda(meeting, plan.at if plan else None, zone)
    return (*lines, *(f"- {topic}" for topic in topics))
