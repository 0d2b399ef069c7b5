"""The figures of a post-mortem (002-23)."""

from datetime import timedelta

from allclear.core.clock.durations import Durations, durations, minutes
from allclear.core.record.life import MilestoneSet, Reopened, Resolved, StatusSet
from allclear.core.record.people import Acknowledged
from stories import BOB, NOON, Story


def test_durations_run_between_the_milestones() -> None:
    story = Story().declare(detected=NOON - timedelta(minutes=1)).tell(4, BOB, Acknowledged(by=BOB))
    story.tell(20, BOB, StatusSet(to="monitoring")).tell(30, BOB, Resolved(text="rolled back"))
    assert durations(story.incident) == Durations(
        detection=timedelta(minutes=2),
        acknowledgement=timedelta(minutes=4),
        mitigation=timedelta(minutes=23),
        resolution=timedelta(minutes=33),
    )


def test_what_was_not_reached_has_no_duration() -> None:
    told = durations(Story().declare().incident)
    assert (told.acknowledgement, told.mitigation, told.resolution) == (None, None, None)
    assert durations(Story().incident) == Durations(None, None, None, None)


def test_after_a_reopening_the_acknowledgement_is_the_intervals_own() -> None:
    story = Story().declare().tell(4, BOB, Acknowledged(by=BOB)).tell(30, BOB, Resolved(text="fixed"))
    story.tell(100, BOB, Reopened(why="it is back")).tell(107, BOB, Acknowledged(by=BOB))
    told = durations(story.incident)
    assert told.acknowledgement == timedelta(minutes=7)
    assert told.resolution is None


def test_who_acted_before_the_record_began_took_no_time() -> None:
    story = Story().declare().tell(4, BOB, Acknowledged(by=BOB))
    story.tell(5, BOB, MilestoneSet(milestone="acknowledged", at=NOON - timedelta(minutes=2)))
    assert durations(story.incident).acknowledgement == timedelta()


def test_minutes_are_whole() -> None:
    assert minutes(timedelta(seconds=89)) == 1
    assert minutes(timedelta(seconds=119)) == 1
    assert minutes(timedelta()) == 0
    assert minutes(None) is None
