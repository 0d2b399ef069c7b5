"""A merged post-mortem is published when nothing in it holds it, or somebody overrides what does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allclear.core.model.people import Access, Rights
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import ReportPlace, ReportSeen
from allclear.core.model.snapshot import PullEnd, PullSeen, Wants
from allclear.core.model.structs import replace
from allclear.core.record.entry import Entry
from allclear.core.record.life import Cleared, Duplicated, Reopened, Resolved
from allclear.core.record.postmortem import (
    PostmortemFact,
    PostmortemHeld,
    PostmortemOpened,
    PostmortemPublished,
    PostmortemReviewed,
    ReviewOverridden,
)
from core.issue_desk import IssueDesk, facts, going_on, told
from core.postmortem.defects import emptied
from core.postmortem.reports import TOLD, finished, story_of
from stories import ADA, BOB, NOON, Story
from written import raw, runbook, runbook_of

PATH = "reports/incidents/down.md"
URL = f"https://github.com/hotdash/app/blob/main/{PATH}"
PLACE = ReportPlace(5, PATH)
OPENED = PostmortemOpened(path=PATH, branch="allclear/postmortem-42", url="u", pull=5)
MERGED = NOON + timedelta(minutes=190)
GOOD = finished(0, "hotdash")
BAD = emptied("Lessons Learned")(GOOD)


def over() -> Story:
    """An incident that is over, and its post-mortem waits in pull request 5."""
    return story_of(TOLD[0], "hotdash").tell(171, None, OPENED)


def merged(text: str | None, story: Story | None = None) -> IssueDesk:
    """Pull request 5 was merged, and the file on the default branch has this text now; None: it is gone."""
    desk = going_on(story or over(), runbook=runbook("hotdash"))
    desk.pulls[5] = PullEnd(MERGED, MERGED)
    desk.now = MERGED
    return holding(desk, text)


def holding(desk: IssueDesk, text: str | None) -> IssueDesk:
    desk.merged_reports[PLACE] = ReportSeen(PATH, text, URL)
    return desk.later(10)


def new(desk: IssueDesk) -> list[PostmortemFact]:
    """What a pass writes down about the post-mortem."""
    return [
        fact
        for fact in facts(desk.run())
        if isinstance(fact, PostmortemHeld | PostmortemPublished | ReviewOverridden)
    ]


def test_a_post_mortem_that_nothing_holds_is_published_once_with_the_time_of_its_merge() -> None:
    desk = going_on(over(), runbook=runbook("hotdash"))
    assert new(desk.later(60)) == []
    assert desk.asked == [Wants(pulls=frozenset({5}))]
    desk.pulls[5] = PullEnd(MERGED, MERGED)
    holding(desk, GOOD)
    assert new(desk) == [PostmortemPublished(at=MERGED, followed=True)]
    assert f"The post-mortem is published: {PATH}." in desk.comments[-1].body
    assert new(desk) == []
    assert desk.asked == []


def test_a_post_mortem_merged_with_something_to_mend_is_not_published_and_says_what_once() -> None:
    desk = merged(BAD)
    plan = desk.run()
    (held,) = [one for one in facts(plan) if isinstance(one, PostmortemHeld)]
    assert (held.pull, held.count, held.url) == (5, 1, URL)
    assert plan.incident.reached("published") is None
    said = told(plan)
    assert "it is **not published**: 1 thing to mend. Its deadline goes on." in said
    assert f"- [Line {held.line}]({URL}?plain=1#L{held.line}): " in said
    assert f"[Edit the file]({URL.replace('/blob/', '/edit/')})" in said
    assert '`/postmortem --override "why"`' in said
    assert desk.panel is not None
    assert f"Merged, and not published: 1 to mend. [Line {held.line}]({URL}?plain=1#L" in desk.panel.body
    assert "postmortem:pending" in desk.labels
    assert desk.later(60).run().effects == ()


def test_the_reminders_of_the_post_mortem_go_on_while_it_is_held() -> None:
    desk = merged(BAD)
    desk.run()
    assert "Post-mortem reminder" in told(desk.later(24 * 60).run())
    holding(desk, GOOD).run()
    assert "Post-mortem" not in told(desk.later(5 * 24 * 60).run())


def test_what_is_mended_on_the_default_branch_is_published_then() -> None:
    desk = merged(BAD)
    desk.run()
    holding(desk, GOOD)
    assert new(desk) == [PostmortemPublished(at=desk.now, followed=True)]
    assert desk.panel is not None
    assert "not published" not in desk.panel.body


def test_other_findings_are_told_anew_and_moved_lines_are_not() -> None:
    desk = merged(BAD)
    assert len(new(desk)) == 1
    assert new(holding(desk, BAD + "\nA line more.\n")) == []
    (held,) = new(holding(desk, emptied("Contributing Factors")(BAD)))
    assert isinstance(held, PostmortemHeld)
    assert held.count == 2
    assert "2 things to mend" in desk.comments[-1].body


def test_a_list_of_findings_in_a_reply_is_bounded() -> None:
    todo = "".join(f"\nTODO number {n} of them\n" for n in range(30))
    said = told(merged(GOOD + todo).run())
    assert said.count("- [Line ") == 10
    assert "- … and 20 more" in said


def test_a_file_that_is_gone_from_the_default_branch_is_not_published() -> None:
    desk = merged(None)
    (held,) = new(desk)
    assert isinstance(held, PostmortemHeld)
    assert held.text == f"{PATH} is not there any more."
    assert "Bring the file back" in desk.comments[-1].body


def test_what_github_does_not_show_is_told_once_and_looked_at_again() -> None:
    desk = merged(None)
    desk.merged_reports[PLACE] = ReportSeen(PATH, known=False)
    (held,) = new(desk)
    assert isinstance(held, PostmortemHeld)
    assert held.count == 0
    assert f"GitHub did not show `{PATH}`" in desk.comments[-1].body
    assert desk.panel is not None
    assert "GitHub did not show the file. The next sweep looks again." in desk.panel.body
    assert new(desk.later(10)) == []
    assert new(holding(desk, GOOD)) == [PostmortemPublished(at=desk.now, followed=True)]


def test_findings_stay_while_github_does_not_show_the_file() -> None:
    desk = merged(BAD)
    desk.run()
    desk.merged_reports[PLACE] = ReportSeen(PATH, known=False)
    assert new(desk.later(10)) == []
    assert desk.panel is not None
    assert "1 to mend" in desk.panel.body


def test_what_holds_it_can_be_overridden_after_the_merge() -> None:
    desk = merged(BAD)
    desk.run()
    desk.says(ADA, '/postmortem --override "the vendor @mona does not tell"')
    plan = desk.run()
    assert [one for one in facts(plan) if isinstance(one, PostmortemPublished | ReviewOverridden)] == [
        ReviewOverridden(why="the vendor @mona does not tell"),
        PostmortemPublished(at=desk.now, findings=1, followed=True),
    ]
    said = told(plan)
    assert "The review held it for 1 thing to mend, and ada overrode that: the vendor @\u2060mona" in said
    assert desk.panel is not None
    assert "What the review holds against it is overridden by ada: the vendor" in desk.panel.body
    assert "not published" not in desk.panel.body


def test_an_override_before_the_merge_is_written_into_the_pull_request() -> None:
    desk = going_on(over(), runbook=runbook("hotdash"))
    desk.says(ADA, '/postmortem --override "the vendor does not tell"')
    plan = desk.run()
    assert ReviewOverridden(why="the vendor does not tell") in facts(plan)
    assert plan.postmortem
    assert "published when it is merged, whatever its review holds against it" in told(plan)


@pytest.mark.parametrize(
    "said",
    ['**/postmortem --override "it is late"**', '@bob /postmortem --override "it is late"'],
)
def test_an_override_that_stands_in_something_else_is_told_and_overrides_nothing(said: str) -> None:
    desk = merged(BAD)
    desk.run()
    desk.says(ADA, said)
    plan = desk.run()
    assert not any(isinstance(one, ReviewOverridden) for one in facts(plan))
    assert plan.incident.reached("published") is None
    assert "override" in told(plan)


def test_what_holds_it_can_be_overridden_before_the_merge() -> None:
    story = over().tell(180, ADA, ReviewOverridden(why="not told"))
    desk = merged(BAD, story)
    assert new(desk) == [PostmortemPublished(at=MERGED, findings=1, followed=True)]


def test_an_override_of_nothing_is_not_told_at_the_publication() -> None:
    story = over().tell(180, None, ReviewOverridden(why="not told"))
    desk = merged(GOOD, story)
    assert new(desk) == [PostmortemPublished(at=MERGED, followed=True)]
    assert "overrode" not in desk.comments[-1].body


def test_somebody_who_is_gone_overrode_it() -> None:
    story = over().tell(180, None, ReviewOverridden(why="not told"))
    desk = merged(BAD, story)
    desk.run()
    assert "somebody who is gone overrode that" in desk.comments[-1].body
    assert desk.panel is not None
    assert "overridden by somebody who is gone: not told" in desk.panel.body


def test_what_a_later_pull_request_is_to_mend_may_be_mended_without_it() -> None:
    held = PostmortemHeld(pull=5, count=1, digest="0", url=URL, line=3, text="x")
    story = over().tell(195, None, held).tell(200, None, replace(OPENED, pull=9))
    desk = merged(BAD, story)
    desk.now = MERGED + timedelta(minutes=30)
    assert [type(one) for one in new(desk)] == [PostmortemHeld]
    assert new(holding(desk, GOOD)) == [PostmortemPublished(at=desk.now, followed=True)]


def test_the_later_pull_request_counts_once_it_is_merged() -> None:
    held = PostmortemHeld(pull=5, count=1, digest="0", url=URL, line=3, text="x")
    story = over().tell(195, None, held).tell(200, None, replace(OPENED, pull=9))
    desk = merged(BAD, story)
    desk.pulls[9] = desk.pulls[5]
    desk.merged_reports[ReportPlace(9, PATH)] = ReportSeen(PATH, BAD, URL)
    desk.now = MERGED + timedelta(minutes=30)
    (fact,) = new(desk)
    assert isinstance(fact, PostmortemHeld)
    assert fact.pull == 9


def test_a_post_mortem_that_is_a_branch_only_is_not_looked_up() -> None:
    story = over().tell(172, None, replace(OPENED, pull=None))
    desk = going_on(story, runbook=runbook("hotdash"))
    assert new(desk.later(60)) == []
    assert desk.asked == []


def by_hand(**more: Any) -> PullSeen:
    """Pull request 5, which bob opened from the branch of the post-mortem."""
    return replace(PullSeen(5, "https://github.com/p/5", OPENED.branch, "main", BOB), **more)


def branch_only(*pulls: PullSeen, story: Story | None = None) -> IssueDesk:
    """A sweep comes by: workflows could not open the pull request, and these are there."""
    story = (story or story_of(TOLD[0], "hotdash")).tell(171, None, replace(OPENED, pull=None))
    desk = going_on(story, runbook=runbook("hotdash"))
    desk.recent_pulls, desk.sweeping, desk.now = list(pulls), True, MERGED
    return holding(desk, GOOD)


def adopted(desk: IssueDesk) -> list[int | None]:
    """The pull requests that a pass takes in."""
    return [one.pull for one in facts(desk.run()) if isinstance(one, PostmortemOpened)]


def test_a_pull_request_that_somebody_opens_from_the_branch_is_followed_until_it_is_published() -> None:
    desk = branch_only(by_hand())
    desk.pulls[5] = PullEnd()
    assert adopted(desk) == [5]
    assert "[Pull request #5](https://github.com/p/5) by bob brings the post-mortem" in desk.comments[-1].body
    assert adopted(desk.later(10)) == []
    desk.pulls[5] = PullEnd(MERGED, MERGED)
    assert new(desk.later(10)) == [PostmortemPublished(at=MERGED, followed=True)]


def test_one_that_was_merged_before_anybody_saw_it_is_published_at_once() -> None:
    desk = branch_only(by_hand(closed=MERGED, merged=MERGED))
    desk.pulls[5] = PullEnd(MERGED, MERGED)
    assert new(desk) == [PostmortemPublished(at=MERGED, followed=True)]


@pytest.mark.parametrize(
    "more",
    [
        {"branch": "allclear/postmortem-43"},
        {"fork": True},
        {"author": None},
        {"closed": MERGED},
        {"closed": NOON - timedelta(days=1), "merged": NOON - timedelta(days=1)},
    ],
)
def test_a_pull_request_that_does_not_bring_this_post_mortem_is_left_alone(more: dict[str, object]) -> None:
    assert adopted(branch_only(by_hand(**more))) == []


def test_who_may_only_read_chooses_no_pull_request() -> None:
    desk = branch_only(by_hand())
    desk.access["bob"] = Access(Rights.READ)
    assert adopted(desk) == []
    desk.access["bob"] = Access(None)
    assert adopted(desk.later(10)) == []


def test_a_duplicate_takes_none_in() -> None:
    story = story_of(TOLD[0], "hotdash").tell(170, ADA, Duplicated(of=7))
    assert adopted(branch_only(by_hand(), story=story)) == []


def test_what_was_published_before_a_reopening_stays_it_until_another_is_opened() -> None:
    story = over().tell(190, None, PostmortemPublished(at=MERGED, followed=True))
    story.tell(200, BOB, Reopened(why="back"))
    seen = [(story.incident.review, story.incident.reached("published"))]
    story.tell(210, BOB, replace(OPENED, pull=9))
    seen.append((story.incident.review, story.incident.reached("published")))
    assert seen == [("published", None), ("draft", None)]


def test_what_was_in_review_before_a_reopening_is_in_review_still() -> None:
    story = over().tell(190, None, PostmortemReviewed(pull=5, commit="a", state="in review"))
    assert story.tell(200, BOB, Reopened(why="back")).incident.review == "in review"
    assert Story().declare().tell(9, BOB, Reopened(why="back")).incident.review is None


def test_a_post_mortem_merged_before_a_reopening_is_not_the_one_that_is_still_to_come() -> None:
    """Else nobody would be reminded of that."""
    at = NOON + timedelta(minutes=175)
    before = {5: PullEnd(at, at)}
    desk = going_on(over(), runbook=runbook("hotdash"))
    desk.pulls = before
    desk.says(BOB, "/reopen the errors are back")
    assert desk.run().incident.reached("published") is None
    assert not any(wants.pulls for wants in desk.asked)
    again = over().tell(200, BOB, Reopened(why="back")).tell(210, BOB, Resolved(text="Fixed"))
    desk = going_on(again.tell(400, ADA, Cleared(text="Fixed")), pulls=before, runbook=runbook("hotdash"))
    assert desk.plan().incident.reached("published") is None


def test_a_reopening_forgets_what_held_the_post_mortem_and_who_overrode_that() -> None:
    desk = merged(BAD)
    desk.run()
    desk.says(ADA, "/reopen the errors are back")
    assert desk.run().incident.postmortem.held is None
    assert desk.panel is not None
    assert "not published" not in desk.panel.body


def test_what_is_on_the_record_as_published_is_not_published_again() -> None:
    story = over()
    told_before = Entry(
        key="published:5", what="published", at=MERGED, facts=(PostmortemPublished(at=MERGED, followed=True),)
    )
    story.entries.append(told_before.chained(story.entries[-1].hash))
    story.tell(200, BOB, Reopened(why="back")).tell(210, BOB, Resolved(text="Fixed"))
    desk = going_on(story.tell(400, ADA, Cleared(text="Fixed")), runbook=runbook("hotdash"))
    assert new(desk.later(60)) == []
    assert desk.asked == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("There is no post-mortem yet", Story().declare().notify().tell(1, BOB, Resolved(text="x"))),
        ("is published already", over().tell(190, None, PostmortemPublished(at=MERGED, followed=True))),
    ],
)
def test_there_is_nothing_to_override(said: str, why: Story) -> None:
    desk = going_on(why, runbook=runbook("hotdash"))
    desk.says(ADA, '/postmortem --override "it is late"')
    assert said in told(desk.run())


def test_where_the_runbook_asks_for_approvals_one_that_is_missing_holds_it() -> None:
    asked = raw("hotdash")["review"] | {"approvals": 1}
    desk = merged(GOOD)
    desk.runbook = runbook_of(raw("hotdash") | {"review": asked})
    desk.pull_reviews[5] = PullReviews(approving=(BOB,), authors=(BOB,))
    (held,) = new(desk)
    assert isinstance(held, PostmortemHeld)
    assert held.text.startswith("0 of 1 approvals. Pull request 5 waits for somebody with write access")
    desk.pull_reviews[5] = PullReviews(approving=(ADA,), authors=(BOB,))
    assert new(desk.later(10)) == [PostmortemPublished(at=desk.now, followed=True)]


def test_reviews_that_github_does_not_show_are_asked_for_again() -> None:
    desk = merged(GOOD)
    desk.runbook = runbook_of(raw("hotdash") | {"review": raw("hotdash")["review"] | {"approvals": 1}})
    (held,) = new(desk)
    assert isinstance(held, PostmortemHeld)
    assert held.count == 0
