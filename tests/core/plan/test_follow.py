"""What happened elsewhere: another issue is this incident, a pull request was merged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.model.snapshot import Wants
from allclear.core.record.join import Join
from allclear.core.record.life import Cleared, Joined, Reopened, Resolved
from allclear.core.record.postmortem import PostmortemOpened, PostmortemPublished
from allclear.core.record.production import HotfixAsked, HotfixMerged, HotfixOpened
from core.issue_desk import BOT, EVE, IssueDesk, declared, facts, going_on, told
from stories import ADA, BOB, CAT, HOTDASH, NOON, REPOSITORY, Story

OPENED = PostmortemOpened(path="reports/incidents/down.md", branch="allclear/postmortem-42", url="u", pull=5)


def join(of: int = 42, repo: int = REPOSITORY.id) -> str:
    said = Join(repo=repo, issue=9, of=of, people=(CAT,))
    return f"{said.marker}\n\n#9 is the same incident."


def over() -> Story:
    """An incident that is over, and its post-mortem waits in pull request 5."""
    story = Story().declare(runbook_hash=HOTDASH.hash).notify().tell(30, BOB, Resolved(text="Rolled back"))
    return story.tell(150, ADA, Cleared(text="Rolled back")).tell(151, None, OPENED)


def fixing(severity: str = "P0") -> Story:
    """An incident with a hotfix in pull request 3."""
    story = Story().declare(severity=severity, runbook_hash=HOTDASH.hash).notify()
    story.tell(5, BOB, HotfixAsked(text="pool"))
    return story.tell(6, None, HotfixOpened(branch="hotfix/incident-42", base="main", url="u/3", pull=3))


# -- other issues


def test_an_issue_that_says_it_is_this_incident_brings_its_people() -> None:
    desk = declared()
    desk.write(BOT, join())
    plan = desk.run()
    assert facts(plan) == [Joined(issue=9, people=(CAT,))]
    assert "#9 is the same incident. Its people were added here." in told(plan)
    assert CAT in desk.assignees
    assert desk.run().effects == ()


def test_an_issue_that_says_so_twice_joins_once() -> None:
    desk = declared()
    desk.write(BOT, join())
    desk.write(BOT, join())
    assert len(facts(desk.run())) == 1


@pytest.mark.parametrize("body", [join(of=7), join(repo=1), "#9 is the same incident."])
def test_an_issue_of_another_incident_joins_nothing(body: str) -> None:
    desk = declared()
    desk.write(BOT, body)
    assert facts(desk.run()) == []


@pytest.mark.parametrize("who", [EVE, None], ids=["a person", "an account that is gone"])
def test_nobody_but_the_bot_joins_issues(who: None) -> None:
    desk = declared()
    desk.write(who, join())
    assert facts(desk.run()) == []


# -- the post-mortem


def published(desk: IssueDesk) -> list[PostmortemPublished]:
    desk.later(60)
    return [fact for fact in facts(desk.run()) if isinstance(fact, PostmortemPublished)]


def test_a_merged_post_mortem_is_published_once() -> None:
    desk = going_on(over())
    assert published(desk) == []
    assert desk.asked == [Wants(pulls=frozenset({5}))]
    merged = NOON + timedelta(minutes=190)
    desk.pulls[5] = merged
    assert published(desk) == [PostmortemPublished(at=merged)]
    assert "The post-mortem is published: reports/incidents/down.md." in desk.comments[-1].body
    assert published(desk) == []
    assert desk.asked == []


def test_a_post_mortem_that_is_a_branch_only_is_not_looked_up() -> None:
    desk = going_on(over().tell(152, None, OPENED.model_copy(update={"pull": None})))
    assert published(desk) == []
    assert desk.asked == []


def test_a_post_mortem_merged_before_a_reopening_is_not_the_one_that_is_still_to_come() -> None:
    """Else nobody would be reminded of that."""
    before = {5: NOON + timedelta(minutes=160)}
    desk = going_on(over())
    desk.pulls = before
    desk.says(BOB, "/reopen the errors are back")
    assert desk.run().incident.reached("published") is None
    assert not any(wants.pulls for wants in desk.asked)
    again = over().tell(200, BOB, Reopened(why="back")).tell(210, BOB, Resolved(text="Fixed"))
    desk = going_on(again.tell(400, ADA, Cleared(text="Fixed")), pulls=before)
    assert desk.plan().incident.reached("published") is None


# -- the hotfix


@pytest.mark.parametrize(("severity", "window"), [("P0", " of 2 h"), ("P3", "")])
def test_a_merged_hotfix_says_what_comes_next(severity: str, window: str) -> None:
    desk = going_on(fixing(severity))
    merged = NOON + timedelta(minutes=20)
    desk.pulls[3] = merged
    plan = desk.later(15).run()
    assert HotfixMerged(at=merged) in facts(plan)
    assert (
        "The hotfix [#3](u/3) is merged. When it is deployed, write `/status monitoring`, which starts "
        "the extended "
        f"monitoring{window}." in told(plan)
    )
    desk.run()
    assert desk.asked == []


def test_a_hotfix_is_looked_for_until_it_is_merged_and_not_after_the_end() -> None:
    desk = going_on(fixing())
    desk.run()
    assert desk.asked == [Wants(pulls=frozenset({3}))]
    ended = going_on(fixing().tell(30, BOB, Resolved(text="Fixed")).tell(200, ADA, Cleared(text="Fixed")))
    ended.run()
    assert ended.asked == []
