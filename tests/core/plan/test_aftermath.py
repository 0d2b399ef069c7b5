"""A pass tells that something happened which the merged report of the incident follows."""

from __future__ import annotations

from datetime import timedelta

from allclear.core.plan.aftermath import aftermath
from allclear.core.record.life import Reopened
from allclear.core.record.postmortem import (
    Learned,
    PostmortemAsked,
    PostmortemHeld,
    PostmortemOpened,
    PostmortemPublished,
    ReviewOverridden,
)
from allclear.core.record.progress import ActionAdded, ActionEnded, ActionFiled, Noted
from core.issue_desk import IssueDesk
from core.postmortem.test_document import full
from stories import ADA, BOB, NOON

AT = NOON + timedelta(days=2)


def test_before_a_report_was_merged_there_is_nothing_to_follow() -> None:
    story = full()
    story.tell(200, ADA, PostmortemOpened(path="reports/incidents/x.md", branch="x", url="u", pull=3))
    assert aftermath(story.incident) is None
    story.tell(210, ADA, PostmortemHeld(pull=3, count=1, digest="d", url="u"))
    assert aftermath(story.incident) is not None
    story.tell(220, ADA, Reopened())
    assert aftermath(story.incident) is None


def test_what_the_report_follows_is_told_from_what_it_does_not() -> None:
    story = full().tell(200, ADA, PostmortemPublished(at=AT))
    before = aftermath(story.incident)
    assert before is not None
    story.tell(210, ADA, ActionFiled(number=1, issue=9), Noted(at=AT, text="by the way"), PostmortemAsked())
    assert aftermath(story.incident) == before
    for fact in (
        ActionEnded(number=1),
        ActionAdded(text="one more"),
        Learned(),
        ReviewOverridden(why="it waits"),
    ):
        story.tell(220, BOB, fact)
        assert aftermath(story.incident) != before
        before = aftermath(story.incident)


def test_a_pass_without_such_news_tells_of_none() -> None:
    desk = IssueDesk(title="[INCIDENT P3] A typo", labels=frozenset({"incident", "P3"}))
    desk.run()
    desk.answered(BOB, "/ack\n/action buy a dictionary")
    desk.says(ADA, '/resolve fixed\n/all-clear --override "all is well"')
    assert not desk.run().happened
