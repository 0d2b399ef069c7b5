"""When the owners of action items are asked, and who they are (004-34)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from allclear.core.clock.action_items import asked_at
from allclear.core.clock.deadlines import due, due_time, timers
from allclear.core.language.clock_ids import clock_ids
from allclear.core.model.people import Person
from allclear.core.model.stored import read_values
from allclear.core.policy.runbook import Runbook
from allclear.core.record.action_item import ACTION_DUE, ActionItem
from allclear.core.record.life import Cleared, Duplicated, Reopened, Resolved
from allclear.core.record.people import RoleSet
from allclear.core.record.postmortem import PostmortemPublished
from allclear.core.record.progress import ActionAdded, ActionEnded, Fired
from stories import ADA, BOB, NOON, Story
from written import file_of, raw, small

OFFICE = {"office": {"days": "mon-fri", "hours": "08:30-17:00"}}
FRIDAY = datetime(2025, 10, 24, 9, tzinfo=UTC)
WEEK = timedelta(days=7)


def story(book: Runbook | None = None, *, due: str = "2025-10-24", owner: Person | None = BOB) -> Story:
    """Declared on Sunday, 2025-10-19, with one action item for Friday."""
    told = Story(book or small()).declare(severity="SEV1")
    return told.tell(1, ADA, ActionAdded(number=1, owner=owner, due=due, text="An alert"))


def keys(told: Story, now: datetime) -> list[str]:
    return [one.key for one in due(told.incident, told.runbook, now) if one.deadline.id == ACTION_DUE]


def said(told: Story, now: datetime) -> Story:
    """What is due is said."""
    for one in due(told.incident, told.runbook, now):
        if one.deadline.id == ACTION_DUE:
            fired = Fired(
                timer=one.key, deadline=one.deadline.title, due=one.due, to=one.to, covers=one.covers
            )
            told.tell((now - NOON) / timedelta(minutes=1), None, fired)
    return told


@pytest.mark.parametrize(
    ("calendars", "zone", "date", "at"),
    [
        ({}, "UTC", "2025-10-24", datetime(2025, 10, 24, 9, tzinfo=UTC)),
        ({}, "UTC", "2025-10-25", datetime(2025, 10, 25, 9, tzinfo=UTC)),
        (OFFICE, "UTC", "2025-10-24", datetime(2025, 10, 24, 8, 30, tzinfo=UTC)),
        # A Saturday is asked about on Monday, in the zone of the office.
        (OFFICE, "Europe/Berlin", "2025-10-25", datetime(2025, 10, 27, 7, 30, tzinfo=UTC)),
        ({"office": {"days": "all"}}, "UTC", "2025-10-25", datetime(2025, 10, 25, 9, tzinfo=UTC)),
    ],
)
def test_who_owns_it_is_asked_on_the_morning_of_its_date(
    calendars: dict[str, object], zone: str, date: str, at: datetime
) -> None:
    item = ActionItem(None, date, "An alert", 1)
    assert asked_at(item, small(calendars=calendars, zone=zone).times) == at


def test_an_office_that_never_opens_again_keeps_nobody_from_being_asked() -> None:
    item = ActionItem(None, "9990-01-01", "An alert", 1)
    assert asked_at(item, small(calendars=OFFICE).times).year == 9990


def test_the_owner_is_asked_once_and_again_each_week() -> None:
    told = story()
    assert keys(told, FRIDAY - timedelta(minutes=1)) == []
    assert keys(said(told, FRIDAY), FRIDAY) == []
    assert keys(told, FRIDAY + WEEK - timedelta(minutes=1)) == []
    assert keys(told, FRIDAY + WEEK) == ["action-due/1/20251031"]
    # Ten weeks without a run are one reminder, and then it is a week again.
    late = FRIDAY + 10 * WEEK + timedelta(hours=7)
    assert len(keys(told, late)) == 1
    assert keys(said(told, late), FRIDAY + 11 * WEEK - timedelta(minutes=1)) == []
    assert keys(told, FRIDAY + 11 * WEEK) == ["action-due/1/20260109"]


@pytest.mark.parametrize("outcome", ["done", "dropped"])
def test_what_is_over_is_asked_for_no_more(outcome: str) -> None:
    ended = read_values(ActionEnded, {"number": 1, "outcome": outcome, "why": "so"})
    assert keys(story().tell(2, BOB, ended), FRIDAY) == []
    assert keys(story().tell(2, BOB, ActionEnded(number=7)), FRIDAY) != []


def test_it_goes_on_after_the_close_and_after_the_publication_but_not_in_a_duplicate() -> None:
    told = story().tell(2, ADA, Resolved()).tell(3, ADA, Cleared())
    assert keys(told, FRIDAY) != []
    told.tell(4, None, PostmortemPublished(at=NOON + timedelta(days=1)))
    assert keys(told, FRIDAY) != []
    assert keys(story().tell(2, ADA, Duplicated(of=7)), FRIDAY) == []


def test_nobody_is_asked_twice_because_the_incident_was_reopened() -> None:
    told = said(story().tell(2, ADA, Resolved()).tell(3, ADA, Cleared()), FRIDAY)
    told.tell(9000, ADA, Reopened(why="It is back"))
    assert told.incident.interval == 1
    assert keys(told, FRIDAY + timedelta(days=2)) == []


def test_without_an_owner_the_commander_is_asked() -> None:
    told = story(owner=None).tell(2, ADA, RoleSet(role="ic", person=ADA))
    (timer,) = (one for one in due(told.incident, told.runbook, FRIDAY) if one.deadline.id == ACTION_DUE)
    assert timer.to == ("Incident Commander",)
    (timer,) = (one for one in due(story().incident, small(), FRIDAY) if one.deadline.id == ACTION_DUE)
    assert timer.to == ("@bob",)


def test_several_that_are_due_are_one_reminder_for_all_of_their_owners() -> None:
    told = story().tell(2, ADA, ActionAdded(number=2, owner=ADA, due="2025-10-23", text="A test"))
    told.tell(3, ADA, ActionAdded(number=3, owner=ADA, due="2025-11-23", text="Later"))
    (timer,) = (one for one in due(told.incident, told.runbook, FRIDAY) if one.deadline.id == ACTION_DUE)
    assert (set(timer.to), timer.key, timer.covers) == (
        {"@ada", "@bob"},
        "action-due/1/20251024",
        ("action-due/2/20251023",),
    )
    assert keys(said(told, FRIDAY), FRIDAY + timedelta(days=6)) == []


def test_what_has_no_date_and_what_an_earlier_version_added_is_not_asked_for() -> None:
    assert keys(story(due=""), FRIDAY + 99 * WEEK) == []
    told = Story(small()).declare(severity="SEV1").tell(1, ADA, ActionAdded(due="2025-10-20", text="x"))
    assert keys(told, FRIDAY) == []


def test_it_is_none_of_the_next_deadlines_of_the_incident_and_no_rule_is_called_so() -> None:
    told = story()
    assert ACTION_DUE not in {one.deadline.id for one in timers(told.incident, told.runbook, NOON)}
    assert ACTION_DUE in clock_ids(file_of(raw("neutral")))


def test_a_reminder_can_be_true_from_the_beginning_of_its_date_on_wherever_that_is() -> None:
    """Whatever the zone and the office hours were at that time."""
    told = story()
    key = "action-due/1/20251024"
    assert due_time(told.incident, told.runbook, key) == datetime(2025, 10, 23, 10, tzinfo=UTC)
    said(told, FRIDAY)
    assert due_time(told.incident, told.runbook, key) == FRIDAY + timedelta(days=6)
    for forged in ("action-due/2/20251024", "action-due/x/1", "action-due", "action-due/99999999999999/1"):
        assert due_time(told.incident, told.runbook, forged) is None
