"""/review says on the incident what is left to mend in the post-mortem, and whose approval is missing."""

from __future__ import annotations

import pytest

from allclear.core.model.people import Person
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import NamedChange, ReportPlace, ReportSeen
from allclear.core.model.snapshot import Wants
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.record.facts import Fact
from allclear.core.record.life import Reopened, Resolved
from allclear.core.record.postmortem import PostmortemOpened, PostmortemPublished, ReviewOverridden
from core.issue_desk import IssueDesk, going_on, told
from core.postmortem.defects import emptied
from core.postmortem.reports import TOLD, finished, story_of
from stories import ADA, BOB, CAT, NOON, Story
from written import raw, runbook, runbook_of

PATH = "reports/incidents/down.md"
URL = f"https://github.com/hotdash/app/blob/abc/{PATH}"
OPENED = PostmortemOpened(path=PATH, branch="allclear/postmortem-42", url="https://github.com/p/5", pull=5)
PLACE = ReportPlace(5, PATH, proposed=True)
GOOD = finished(0, "hotdash")
BAD = emptied("Lessons Learned")(GOOD)
MONA = Person(id=5, login="mona")


def approving(number: int, *reviewers: str) -> Runbook:
    """HotDash, which asks these for so many approvals."""
    return runbook_of(
        raw("hotdash")
        | {"review": raw("hotdash")["review"] | {"approvals": number, "reviewers": [*reviewers]}}
    )


def asked(
    text: str | None,
    *facts: Fact,
    book: Runbook | None = None,
    reviews: PullReviews | None = None,
    opened: PostmortemOpened = OPENED,
    commit: str = "a",
) -> str:
    """What /review answers while the file on the branch has this text."""
    story = story_of(TOLD[0], "hotdash").tell(171, None, opened)
    for fact in facts:
        story.tell(172, ADA, fact)
    desk = going_on(story, runbook=book or runbook("hotdash"))
    change = NamedChange("pull", "57")
    desk.merged_reports[PLACE] = ReportSeen(PATH, text, URL, changes={change: "merged"}, commit=commit)
    if reviews is not None:
        desk.pull_reviews[5] = reviews
    return review(desk)


def review(desk: IssueDesk) -> str:
    desk.says(CAT, "/review")
    return told(desk.run())


def test_what_is_left_to_mend_is_listed_with_its_lines() -> None:
    said = asked(BAD)
    assert (
        "The post-mortem is a **draft**, 1 to mend before it is published: [pull request #5](https://github.com/p/5)."
        in said
    )
    assert f"]({URL}?plain=1#L" in said
    assert "Lessons Learned" in said


def test_when_nothing_holds_it_it_may_be_merged() -> None:
    said = asked(f"{GOOD}\nBob was careless.\n")
    assert "is **in review**: [pull request #5](https://github.com/p/5), and may be merged." in said
    assert "Hints in the pull request, which hold nothing up: 1." in said


def test_an_override_and_the_publication_are_told() -> None:
    assert "What holds it was overridden." in asked(BAD, ReviewOverridden(why="not told"))
    assert "The post-mortem is **published**: " in asked(GOOD, PostmortemPublished(at=NOON))


def test_one_that_was_published_before_a_reopening_is_told_as_that() -> None:
    said = asked(BAD, PostmortemPublished(at=NOON), Reopened(why="back"))
    assert "The post-mortem from before the incident was reopened is **published**: " in said
    assert "`/postmortem` writes what happened since." in said
    assert "to mend" not in said


def test_a_file_that_is_gone_is_told() -> None:
    assert f"{PATH} is not there any more." in asked(None).replace("\u2060", "")


def test_of_a_pull_request_that_was_closed_nothing_is_to_mend() -> None:
    said = asked(None, commit="")
    assert "The [pull request #5](https://github.com/p/5) of the post-mortem is not open" in said
    assert "Open it again to go on with it." in said


def test_what_cannot_be_answered_says_what_to_do() -> None:
    desk = going_on(Story().declare().tell(1, BOB, Resolved(text="x")), runbook=runbook("hotdash"))
    assert "There is no post-mortem yet. `/postmortem` writes it." in review(desk)
    branch = replace(OPENED, pull=None, url="https://github.com/c")
    assert "is a branch without a pull request. [Open it](https://github.com/c)" in asked(GOOD, opened=branch)
    unseen = going_on(story_of(TOLD[0], "hotdash").tell(171, None, OPENED), runbook=runbook("hotdash"))
    assert "GitHub does not show the post-mortem now." in review(unseen)


def test_reviews_are_looked_up_where_the_runbook_asks_for_approvals() -> None:
    desk = going_on(story_of(TOLD[0], "hotdash").tell(171, None, OPENED), runbook=approving(1))
    desk.merged_reports[PLACE] = ReportSeen(PATH, GOOD, URL)
    assert "GitHub does not show who approved the post-mortem." in review(desk)
    assert Wants(merged_reports=frozenset({PLACE}), pull_reviews=frozenset({5})) in desk.asked


@pytest.mark.parametrize(
    ("titles", "reviews", "expected", "other"),
    [
        ((), PullReviews(), "0 of 1 approvals. Pull request 5 waits for somebody with write access", ""),
        ((), PullReviews(approving=(ADA,)), "Approved by ada.", "waits"),
        ((), PullReviews(approving=(ADA,), authors=(ADA,)), "0 of 1 approvals.", "Approved"),
        (
            ("CEO",),
            PullReviews(approving=(ADA,)),
            "Pull request 5 waits for mona.",
            "Approved",
        ),
        (("CEO",), PullReviews(approving=(MONA,)), "Approved by mona.", "waits"),
        (
            ("CEO",),
            PullReviews(approving=(MONA, ADA), authors=(MONA,)),
            "Approved by ada.",
            "waits",
        ),
        (
            ("CEO",),
            PullReviews(outdated=(MONA, ADA)),
            "0 of 1 approvals. mona approved an earlier text. Pull request 5 waits for mona.",
            "Approved",
        ),
        ((), PullReviews(approving=(ADA,), outdated=(BOB,)), "Approved by ada.", "earlier"),
        (("CEO",), PullReviews(authors=(MONA,)), "waits for somebody with write access", "mona"),
        (
            (),
            PullReviews(approving=(ADA,), objecting=(BOB,)),
            "bob asked for changes in pull request 5.",
            "of 1",
        ),
        (
            ("CEO",),
            PullReviews(approving=(MONA,), objecting=(BOB,)),
            "Approved by mona.",
            "asked for changes",
        ),
    ],
)
def test_whose_approval_counts(
    titles: tuple[str, ...], reviews: PullReviews, expected: str, other: str
) -> None:
    said = asked(GOOD, book=approving(1, *titles), reviews=reviews)
    assert expected in said
    assert not other or other not in said
