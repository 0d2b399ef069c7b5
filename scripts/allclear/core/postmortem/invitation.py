"""The meeting about a post-mortem as a calendar file, which calendar programs import (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from allclear.core.model.neutral import cut, headline
from allclear.core.policy.post_incident import ReviewMeeting
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident
from allclear.core.view.meeting import invited, meeting_owed

SHORTEST = timedelta(minutes=30)
"""How long a meeting without an agenda is."""

LONGEST_TITLE = 120
"""Characters of an incident's title in the name of the meeting."""


def invitation(
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    *,
    repository: str,
    issue_url: str,
    report_url: str,
) -> str | None:
    """The calendar file of the meeting; None as long as it has no time. The same meeting is the same text.
    ``report_url`` is where the post-mortem is read.

    The people stand in the description: GitHub gives no mail addresses, and a calendar program would write to
    whatever stands there. Lines end with CRLF: https://www.rfc-editor.org/rfc/rfc5545#section-3.1
    """
    from icalendar import Calendar, Event  # noqa: PLC0415 - loading it takes longer than a pass, and only this needs it

    plan = incident.postmortem.meeting
    if plan is None:
        return None
    meeting = meeting_owed(incident, runbook) or ReviewMeeting()
    title = cut(headline(incident.title), LONGEST_TITLE)
    takes = sum((topic.takes.elapse for topic in meeting.agenda), timedelta())
    read = (f"Post-mortem: {report_url}", f"Incident: {issue_url}")
    event = Event()
    event.add("uid", f"post-mortem-{incident.number}@{repository.replace('/', '.')}")
    event.add("dtstamp", plan.planned)
    # A meeting that is moved later has the greater number: the minutes until it was said.
    event.add("sequence", int(plan.planned.timestamp()) // 60)
    event.add("dtstart", plan.at)
    event.add("dtend", plan.at + (takes or SHORTEST))
    event.add("summary", f"Post-mortem: {title}")
    event.add(
        "description", "\n".join((*read, *_people(meeting, incident, runbook, settings), *_agenda(meeting)))
    )
    event.add("url", report_url)
    calendar = Calendar()
    calendar.add("prodid", "-//Allclear//Post-mortem//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made.decode()


def _people(
    meeting: ReviewMeeting, incident: Incident, runbook: Runbook, settings: Settings
) -> Iterator[str]:
    people = list(invited(meeting, incident, runbook, settings))
    if people:
        yield "\nAttendees:"
    for title, logins in people:
        yield f"- {headline(title[:1].upper() + title[1:])}: {', '.join(logins) or 'nobody yet'}"


def _agenda(meeting: ReviewMeeting) -> Iterator[str]:
    if meeting.agenda:
        yield "\nAgenda:"
    for topic in meeting.agenda:
        yield f"- {headline(topic.heading)} ({topic.takes.words()})"
        yield from (f"  - {headline(part)}" for part in topic.parts)
