"""Promises of the runbook, and who was called further up, as the record tells of them."""

from datetime import timedelta

from allclear.core.postmortem.front_matter import ActionCounts, Report
from allclear.core.postmortem.promises import escalations, promises
from allclear.core.postmortem.recorded_report import record
from allclear.core.record.life import Cleared, Duplicated, Resolved
from allclear.core.record.people import Acknowledged
from allclear.core.record.progress import ActionAdded, Fired
from stories import ADA, BOB, HOTDASH, NOON, Story


def fired(timer: str) -> Fired:
    return Fired(timer=timer, deadline="Reminder", due=NOON, to=("DevOps",))


def test_a_response_in_time_is_a_promise_kept_and_a_late_one_is_not() -> None:
    kept, late = Story().declare().tell(5, BOB, Acknowledged(by=BOB)), Story().declare()
    late.tell(5.1, BOB, Acknowledged(by=BOB))
    assert promises(kept.incident, HOTDASH) == {"acknowledged": "kept"}
    assert promises(late.incident, HOTDASH) == {"acknowledged": "missed"}


def test_what_is_still_to_come_is_no_promise_yet() -> None:
    assert promises(Story().declare().incident, HOTDASH) == {}


def test_a_milestone_that_was_never_reached_is_missed_once_its_time_is_over() -> None:
    story = Story().declare().tell(20, ADA, Resolved(text="x"))
    assert promises(story.incident, HOTDASH)["acknowledged"] == "missed"


def test_the_last_reminder_of_a_milestone_is_the_promise() -> None:
    story = Story().declare().tell(4, BOB, Acknowledged(by=BOB)).tell(20, ADA, Resolved(text="x"))
    days = 24 * 60
    story.tell(2 * days, ADA, Cleared(text="x"))
    assert "published" not in promises(story.incident, HOTDASH)
    story.tell(4 * days, None, fired("review-due/0/0"))
    assert promises(story.incident, HOTDASH)["published"] == "missed"


def test_updates_are_kept_while_nobody_had_to_be_reminded() -> None:
    story = Story().declare().tell(4, BOB, Acknowledged(by=BOB)).tell(10, ADA, Resolved(text="x"))
    assert promises(story.incident, HOTDASH)["team-update"] == "kept"
    reminded = Story().declare().tell(15, None, fired("team-update/0/20251019T140500/0"))
    reminded.tell(20, ADA, Resolved(text="x"))
    assert promises(reminded.incident, HOTDASH)["team-update"] == "missed"


def test_what_is_written_up_afterwards_was_promised_nothing() -> None:
    story = Story().declare(kind="retro").tell(200, ADA, Resolved(text="x"))
    assert promises(story.incident, HOTDASH) == {}


def test_another_severity_has_the_promises_of_its_own() -> None:
    story = Story().declare(severity="P3").tell(30, ADA, Resolved(text="x"))
    assert promises(story.incident, HOTDASH) == {}


def test_a_call_by_hand_and_a_deadline_that_passed_are_escalations() -> None:
    story = Story().declare().tell(1, None, fired("initial-alert/0/0"))
    assert escalations(story.incident, HOTDASH) == 0
    story.tell(10, None, fired("ceo-2/0/0")).tell(11, None, fired("called/0/c1/0"))
    assert escalations(story.incident, HOTDASH) == 2


def front(story: Story) -> Report:
    return record(
        story.incident, HOTDASH, repository="hotdash/app", bots=frozenset(), now=NOON + timedelta(days=1)
    )


def test_the_front_matter_has_only_what_there_was() -> None:
    plain = front(Story().declare())
    assert (plain.reopened, plain.escalated, plain.actions, plain.duplicate_of) == (None, None, None, None)
    assert not {"promises", "reopened", "escalated", "actions", "duplicate_of"} & plain.metadata().keys()
    story = Story().declare().tell(10, None, fired("ceo-2/0/0"))
    story.tell(11, ADA, ActionAdded(owner=ADA, text="a test")).tell(12, ADA, Duplicated(of=7))
    told = front(story)
    assert (told.escalated, told.actions, told.duplicate_of) == (1, ActionCounts(planned=1), 7)
