"""`/meeting`, what the all-clear says of it, and the dates that action items get by name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allclear.core.clock.checklist import checklist
from allclear.core.model.people import Rights
from allclear.core.policy.settings import Settings
from allclear.core.record.postmortem import (
    MeetingPlanned,
    PostmortemAsked,
    PostmortemOpened,
    PostmortemPublished,
)
from allclear.core.record.progress import ActionAdded
from commands.room import ALICE, CLAIRE, Talk
from written import runbook, small

CRM = runbook("dirt-free-crm")
SETTINGS = Settings(people={"CEO": ("mona",)})
TEN = datetime(2026, 3, 5, 18, tzinfo=UTC)
"""Ten o'clock in Los Angeles."""


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-03-05 10:00", datetime(2026, 3, 5, 18, tzinfo=UTC)),  # in Los Angeles
        ("2026-03-05 10:00 UTC", datetime(2026, 3, 5, 10, tzinfo=UTC)),
        ("10:00", datetime(2026, 3, 2, 18, tzinfo=UTC)),
        ("05:00", datetime(2026, 3, 3, 13, tzinfo=UTC)),
    ],
)
def test_a_meeting_has_a_time_that_comes(said: str, at: datetime) -> None:
    talk = Talk("SEV1", book=CRM)
    assert talk.says(f"/meeting {said}").facts == (MeetingPlanned(at=at),)
    assert talk.incident.postmortem.meeting is not None
    assert talk.incident.postmortem.meeting.at == at


def test_the_answer_repeats_the_time_with_its_zone_and_invites() -> None:
    """004-31, 004-32"""
    talk = Talk("SEV1", book=CRM, settings=SETTINGS)
    said = talk.says("/meeting 2026-03-05 10:00").say
    assert said.startswith("The meeting is on **Thursday, 2026-03-05, 10:00 PST**.\nAttendees: ")
    assert "CEO (@mona)" in said
    assert "\n- 10:05 **What Went Well** (10 minutes): Effective actions" in said


def test_another_time_moves_it_and_the_same_one_does_nothing() -> None:
    talk = Talk("SEV1", book=CRM)
    talk.says("/meeting 2026-03-05 10:00")
    assert "is on Thursday, 2026-03-05, 10:00 PST already" in talk.says("/meeting 2026-03-05 10:00").say
    moved = talk.says("/meeting 2026-03-06 10:00").say
    assert "**Friday, 2026-03-06, 10:00 PST** (it was Thursday, 2026-03-05, 10:00 PST)." in moved


def test_a_post_mortem_that_is_in_review_is_written_again_with_the_time() -> None:
    talk = Talk("SEV1", book=CRM)
    assert talk.says("/meeting 2026-03-05 10:00").facts == (MeetingPlanned(at=TEN),)
    talk.add(
        "opened", PostmortemOpened(path="reports/incidents/a.md", branch="b", url="https://x/pull/2", pull=2)
    )
    said = talk.says("/meeting 2026-03-06 10:00")
    assert said.facts[1:] == (PostmortemAsked(),)
    assert "is written again with it, and with a calendar file" in said.say
    talk.add("published", PostmortemPublished(at=TEN))
    assert talk.says("/meeting 2026-03-05 10:00").facts == (MeetingPlanned(at=TEN),)


def test_a_drill_invites_nobody() -> None:
    talk = Talk("SEV1", book=CRM, settings=SETTINGS, kind="drill")
    said = talk.says("/meeting 2026-03-05 10:00").say
    assert "CEO (mona)" in said
    assert "@" not in said


def test_where_the_runbook_asks_for_none_a_meeting_has_a_time_all_the_same() -> None:
    talk = Talk("SEV1", book=small())
    assert (
        talk.says("/meeting 2026-03-05 10:00").say == "The meeting is on **Thursday, 2026-03-05, 10:00 UTC**."
    )


@pytest.mark.parametrize(
    ("said", "why"), [("/meeting", "When is the meeting"), ("/meeting soon", "is not a time")]
)
def test_what_is_no_time_is_refused(said: str, why: str) -> None:
    assert why in Talk("SEV1", book=CRM).says(said).say


def test_the_all_clear_says_who_meets_and_how_a_date_is_set() -> None:
    """004-31"""
    talk = Talk("SEV1", book=CRM, settings=SETTINGS)
    talk.says("/resolve Restarted")
    cleared = '/all-clear --override "It is over"'
    said = talk.says(cleared, by=CLAIRE, rights=Rights.MAINTAIN).say
    assert "`/meeting <time>` sets when it is talked about.\nAttendees: " in said
    assert "CEO (mona)" in said

    planned = Talk("SEV1", book=CRM)
    planned.says("/meeting 2026-03-05 10:00")
    planned.says("/resolve Restarted")
    assert (
        "The meeting about it is on Thursday, 2026-03-05, 10:00 PST."
        in planned.says(cleared, by=CLAIRE, rights=Rights.MAINTAIN).say
    )

    alone = Talk("SEV1", book=small())
    alone.says("/resolve Restarted")
    assert "meeting" not in alone.says(cleared, by=CLAIRE, rights=Rights.MAINTAIN).say.lower()


def test_an_action_item_gets_the_date_of_its_horizon_from_the_resolution() -> None:
    """004-34"""
    talk = Talk("SEV1", book=CRM)
    (fact,) = talk.says("/action Immediate add an alert").facts
    assert fact == ActionAdded(number=1, due="2026-03-05", text="add an alert")
    talk.says("/resolve Restarted")
    (fact,) = talk.says("/action @alice long-term move the database").facts
    assert fact == ActionAdded(number=2, owner=ALICE, due="2026-06-02", text="move the database")


def test_the_owner_may_stand_behind_the_horizon() -> None:
    talk = Talk("SEV1", book=CRM)
    (fact,) = talk.says("/action immediate @alice add an alert").facts
    assert fact == ActionAdded(number=1, owner=ALICE, due="2026-03-05", text="add an alert")


def test_a_date_that_is_said_and_a_word_that_is_no_horizon_stay() -> None:
    talk = Talk("SEV1", book=CRM)
    (fact,) = talk.says("/action immediate alert due:2026-04-01").facts
    assert fact == ActionAdded(number=1, due="2026-04-01", text="immediate alert")
    (fact,) = talk.says("/action soon an alert").facts
    assert fact == ActionAdded(number=2, text="soon an alert")
    assert "has no text" in talk.says("/action immediate").say


def test_a_date_ticks_the_step_that_waits_for_it() -> None:
    """004-31"""
    step = {"text": "Meeting planned", "done": "meeting"}
    book = small(lists={"after": {"opens": "resolved", "steps": {"meeting": step}}})
    talk = Talk("SEV1", book=book)
    assert [item.done for item in checklist(talk.incident, book)] == [False]
    talk.says("/meeting 2026-03-05 10:00")
    assert [item.done for item in checklist(talk.incident, book)] == [True]


def test_who_comes_to_major_incidents_only_is_not_invited_to_a_minor_one() -> None:
    """004-31"""
    said = Talk("SEV3", book=CRM, settings=SETTINGS).says("/meeting 2026-03-05 10:00").say
    assert "Incident Commander" in said
    assert "CEO" not in said
