"""A run that sees a change of the post-mortem's pull request finds out how far its review is."""

from __future__ import annotations

import pytest

from allclear.core.model.people import Person
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import ReportPlace, ReportSeen
from allclear.core.model.snapshot import PullSeen, Wants
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import LabelNames, Settings
from allclear.core.record.chain import checkpoint_of
from allclear.core.record.life import Cleared
from allclear.core.record.postmortem import PostmortemOpened, PostmortemReviewed
from core.issue_desk import IssueDesk, facts, going_on, told
from core.postmortem.defects import emptied
from core.postmortem.mending import mended
from core.postmortem.reports import TOLD, drafted, finished, story_of
from stories import ADA, BOB, CAT, NOON, Story
from written import raw, runbook, runbook_of

PATH = "reports/incidents/down.md"
URL = f"https://github.com/hotdash/app/blob/abc/{PATH}"
OPENED = PostmortemOpened(path=PATH, branch="allclear/postmortem-42", url="https://github.com/p/5", pull=5)
PLACE = ReportPlace(5, PATH, proposed=True)
GOOD = finished(0, "hotdash")
BAD = emptied("Lessons Learned")(GOOD)
MONA = Person(id=5, login="mona")
OPEN = PullSeen(5, "https://github.com/p/5", OPENED.branch, "main", None, head="a")


def asking(number: int, *reviewers: str) -> Runbook:
    return runbook_of(
        raw("hotdash")
        | {"review": raw("hotdash")["review"] | {"approvals": number, "reviewers": [*reviewers]}}
    )


def desk_of(
    text: str | None,
    book: Runbook | None = None,
    reviews: PullReviews | None = None,
    story: Story | None = None,
) -> IssueDesk:
    """A sweep comes by an incident that is over, and the file on the branch has this text."""
    desk = going_on(
        (story or story_of(TOLD[0], "hotdash")).tell(171, None, OPENED), runbook=book or runbook("hotdash")
    )
    desk.sweeping = True
    desk.recent_pulls = [OPEN]
    if reviews is not None:
        desk.pull_reviews[5] = reviews
    return holding(desk, text)


def holding(desk: IssueDesk, text: str | None, head: str = "a") -> IssueDesk:
    """The newest commit of the branch is ``head``, and the file has this text there."""
    desk.recent_pulls = [replace(one, head=head) for one in desk.recent_pulls]
    desk.merged_reports[PLACE] = ReportSeen(PATH, text, URL, commit=head)
    return desk.later(10)


def reviewed(desk: IssueDesk) -> list[str]:
    """The states that a pass enters."""
    return [one.state for one in facts(desk.run()) if isinstance(one, PostmortemReviewed)]


def test_what_stays_a_draft_is_entered_nowhere_and_looked_at_once() -> None:
    desk = desk_of(BAD)
    assert reviewed(desk) == []
    assert Wants(merged_reports=frozenset({PLACE})) in desk.asked
    assert "postmortem:draft" in desk.labels
    assert reviewed(desk.later(10)) == []
    assert not any(wants.merged_reports for wants in desk.asked)


def test_with_nothing_left_to_write_it_is_in_review_and_may_be_merged() -> None:
    desk = desk_of(GOOD)
    plan = desk.run()
    assert [one for one in facts(plan) if isinstance(one, PostmortemReviewed)] == [
        PostmortemReviewed(pull=5, commit="a", state="in review", called=True)
    ]
    assert plan.reviewed == 5
    assert (
        "The post-mortem is **in review**. Nothing is left to write in "
        "[pull request #5](https://github.com/p/5). It may be merged." in told(plan)
    )
    assert "postmortem:in-review" in desk.labels
    assert "postmortem:draft" not in desk.labels
    assert desk.panel is not None
    assert "[Post-mortem, pull request 5](https://github.com/p/5), in review\n" in desk.panel.body


def test_the_reviewers_of_the_runbook_are_called_once() -> None:
    desk = desk_of(GOOD, asking(0, "CEO"))
    said = told(desk.run())
    assert said.startswith("@mona\n")
    assert reviewed(holding(desk, BAD, "b")) == ["draft"]
    assert "is a **draft** again: 1 to mend in [pull request #5]" in desk.comments[-1].body
    assert reviewed(holding(desk, GOOD, "c")) == ["in review"]
    assert "@mona" not in desk.comments[-1].body


def test_who_wrote_it_is_not_called() -> None:
    wrote = PullReviews(authors=(BOB,))
    said = told(desk_of(GOOD, asking(1, "responders", "CEO"), wrote).run())
    assert said.startswith("@mona\n")
    assert "It has 0 of 1 approvals." in said


def test_where_nobody_is_named_those_who_responded_and_did_not_write_it_are_called() -> None:
    said = told(desk_of(GOOD, asking(1), PullReviews(authors=(ADA,))).run())
    assert said.startswith("@bob\n")


def test_a_drill_calls_nobody() -> None:
    story = Story(runbook("hotdash")).declare(kind="drill").tell(40, ADA, Cleared(text="x"))
    text = mended(drafted(story), story.runbook)
    said = told(desk_of(text, asking(0, "CEO"), story=story).run())
    assert "@mona" not in said
    assert "Nobody was notified, because this is a drill. It is meant for mona." in said


def test_an_approval_is_told_and_a_request_for_changes_too() -> None:
    desk = desk_of(GOOD, asking(1), PullReviews((CAT,)))
    assert reviewed(desk) == ["approved"]
    assert "is **approved** by cat: [pull request #5](https://github.com/p/5) may be merged." in (
        desk.comments[-1].body
    )
    desk.pull_reviews[5] = PullReviews((), (CAT,))
    desk.recent_pulls = [replace(OPEN, reviews="1:CHANGES_REQUESTED:later")]
    assert reviewed(desk.later(10)) == ["in review"]
    assert "cat asked for changes." in desk.comments[-1].body


def test_an_approval_of_an_earlier_text_is_named() -> None:
    desk = desk_of(GOOD, asking(1), PullReviews(outdated=(CAT,)))
    assert reviewed(desk) == ["in review"]
    assert "It has 0 of 1 approvals. cat approved an earlier text." in desk.comments[-1].body


def test_what_the_record_says_since_is_a_reason_to_look_again() -> None:
    desk = desk_of(GOOD)
    assert reviewed(desk) == ["in review"]
    desk.says(BOB, "/time started 13:31")
    assert reviewed(desk) == ["draft"]


def test_it_is_looked_at_once_a_day_for_what_changes_elsewhere() -> None:
    desk = desk_of(BAD)
    desk.run()
    desk.merged_reports[PLACE] = ReportSeen(PATH, GOOD, URL, commit="a")
    assert reviewed(desk.later(10)) == []
    assert reviewed(desk.later(24 * 60)) == ["in review"]


@pytest.mark.parametrize(
    "seen",
    [
        ReportSeen(PATH, known=False),
        ReportSeen(PATH, GOOD, URL),
    ],
)
def test_what_github_does_not_show_is_looked_at_again(seen: ReportSeen) -> None:
    desk = desk_of(GOOD)
    desk.merged_reports[PLACE] = seen
    assert reviewed(desk) == []
    assert reviewed(holding(desk, GOOD)) == ["in review"]


def test_while_github_does_not_say_who_approved_nothing_is_entered() -> None:
    desk = desk_of(GOOD, asking(1), PullReviews(known=False))
    assert reviewed(desk) == []
    desk.pull_reviews[5] = PullReviews((CAT,))
    assert reviewed(desk.later(10)) == ["approved"]


@pytest.mark.parametrize(
    "pull",
    [replace(OPEN, number=6), replace(OPEN, head=""), replace(OPEN, closed=NOON)],
)
def test_a_pull_request_that_is_not_listed_or_has_ended_is_not_looked_at(pull: PullSeen) -> None:
    desk = desk_of(GOOD)
    desk.recent_pulls = [pull]
    assert reviewed(desk) == []
    assert not any(wants.merged_reports for wants in desk.asked)


def test_a_new_pull_request_begins_as_a_draft() -> None:
    story = story_of(TOLD[0], "hotdash").tell(171, None, OPENED)
    seen = [story.incident.review]
    for minute, fact in (
        (180, PostmortemReviewed(pull=5, commit="a", state="approved")),
        (190, OPENED),
        (200, replace(OPENED, pull=9)),
    ):
        seen.append(story.tell(minute, None, fact).incident.review)
    assert seen == ["draft", "approved", "approved", "draft"]


def test_the_labels_of_the_review_have_the_names_of_the_settings() -> None:
    desk = desk_of(GOOD)
    labels = LabelNames(reviews={"in-review": "pm/review"})
    desk.settings = Settings(runbook="hotdash", labels=labels, people=desk.settings.people)
    desk.run()
    assert "pm/review" in desk.labels


def test_the_panel_keeps_for_what_it_was_looked_at() -> None:
    desk = desk_of(BAD)
    desk.run()
    kept = checkpoint_of(desk.snapshot, desk.policy.trust)
    assert kept is not None
    assert len(kept.review) == 16


def test_asked_on_the_incident_the_record_knows_it_too() -> None:
    desk = desk_of(GOOD)
    desk.sweeping = False
    desk.says(CAT, "/review")
    plan = desk.run()
    assert plan.incident.review == "in review"
    assert plan.reviewed is None
