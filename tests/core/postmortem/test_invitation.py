"""The calendar file of the meeting about a post-mortem (004-31, 004-32)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.postmortem.invitation import SHORTEST, invitation
from allclear.core.record.incident import Incident
from commands.room import Talk
from golden_files import Golden
from written import runbook, small

CRM = runbook("dirt-free-crm")
SETTINGS = Settings(people={"CEO": ("mona",), "Operations Manager": ("omar",)})
ISSUE = "https://github.com/acme/crm/issues/42"
PULL = "https://github.com/acme/crm/pull/43"


def meets(*said: str, book: Runbook = CRM, severity: str = "SEV1", title: str = "") -> Incident:
    talk = Talk(severity, book=book, settings=SETTINGS)
    for one in said:
        talk.says(one)
    incident = talk.incident
    return replace(incident, title=title) if title else incident


def file(incident: Incident, book: Runbook = CRM) -> str:
    made = invitation(incident, book, SETTINGS, repository="acme/crm", issue_url=ISSUE, report_url=PULL)
    assert made is not None
    return made


def test_a_meeting_without_a_time_has_no_file() -> None:
    found = invitation(meets(), CRM, SETTINGS, repository="acme/crm", issue_url=ISSUE, report_url=PULL)
    assert found is None


def test_it_reads_like_this(golden: Golden) -> None:
    golden("postmortem/invitation.ics", file(meets("/meeting 2026-03-05 10:00")).replace("\r\n", "\n"))


def test_calendar_programs_read_when_it_is_and_how_long_its_agenda_takes() -> None:
    (event,) = Calendar.from_ical(file(meets("/meeting 2026-03-05 10:00"))).walk("VEVENT")
    assert event.decoded("dtstart") == datetime(2026, 3, 5, 18, tzinfo=UTC)
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=55)


def test_moved_it_is_the_same_meeting_with_a_greater_number() -> None:
    once, twice = meets("/meeting 2026-03-05 10:00"), meets("/meeting 2026-03-05 10:00")
    assert file(once) == file(twice)
    plan = once.postmortem.meeting
    assert plan is not None
    later = replace(plan, at=plan.at + timedelta(days=1), planned=plan.planned + timedelta(minutes=5))
    moved = replace(once, postmortem=replace(once.postmortem, meeting=later))
    (first,), (second,) = (Calendar.from_ical(file(one)).walk("VEVENT") for one in (once, moved))
    assert first["uid"] == second["uid"]
    assert second.decoded("sequence") > first.decoded("sequence")


def test_where_the_runbook_asks_for_none_it_takes_half_an_hour() -> None:
    book = small()
    severity = book.severities[0].id
    (event,) = Calendar.from_ical(
        file(meets("/meeting 2026-03-05 10:00", book=book, severity=severity), book)
    ).walk("VEVENT")
    assert event.decoded("dtend") - event.decoded("dtstart") == SHORTEST
    assert "Attendees" not in str(event["description"])
    assert "Agenda" not in str(event["description"])


@pytest.mark.parametrize(
    "title",
    ["x\r\nATTENDEE:mailto:a@b.c", "BEGIN:VEVENT\nEND:VCALENDAR", "a;b,c\\n", "\u202eright", "é" * 300],
)
def test_a_title_stays_one_line_of_text(title: str) -> None:
    made = file(meets("/meeting 2026-03-05 10:00", title=title))
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    assert made.count("BEGIN:VEVENT\r\n") == 1
    assert "attendee" not in event
    assert str(event["summary"]).startswith("Post-mortem: ")
    assert all(len(line.encode()) <= 75 for line in made.split("\r\n"))
