"""Whose post-mortem a file is, and what is said of one that GitHub showed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import NamedChange, ReportSeen
from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.remarks import Remark
from allclear.core.postmortem.reviewing import (
    PullUnderReview,
    ReviewFindings,
    as_hints,
    begin_of,
    changes_in,
    findings,
    issue_of,
)
from allclear.core.record.progress import Ticked
from core.postmortem.reports import TOLD, finished, story_of
from stories import ADA, BOB, NOON, SETTINGS, Story
from written import raw, runbook, runbook_of

OURS = "---\nissue: 12\nrepository: Acme/Shop\n---\n# A\n"


@pytest.mark.parametrize(
    ("text", "branch", "issue"),
    [
        (OURS, "patch-1", 12),
        (OURS.replace("12", "0x0c"), "patch-1", 12),
        (OURS.replace("12", "twelve"), "patch-1", None),
        (OURS.replace("12", "true"), "patch-1", None),
        (OURS.replace("Shop", "store"), "patch-1", None),
        ("# By hand", "patch-1", None),
        ("# Front matter gone", "allclear/postmortem-12", 12),
        ("# The second pull request", "allclear/postmortem-12-2", 12),
        (OURS.replace("12", "13"), "allclear/postmortem-12", 12),
        ("# A", "allclear/postmortem-12-x", None),
        ("# A", "allclear/postmortem-0", None),
        ("# A", f"allclear/postmortem-{'9' * 60}", None),
    ],
)
def test_a_post_mortem_is_of_the_issue_of_its_branch_or_of_its_front_matter(
    text: str, branch: str, issue: int | None
) -> None:
    assert issue_of(text, "acme/shop", branch) == issue


def test_of_a_report_that_is_not_ours_everything_is_a_hint() -> None:
    assert as_hints([Remark(1, "x", "Mend it.")]) == (Remark(1, "x", "Mend it.", holds=False),)


def seen(text: str | None) -> ReportSeen:
    return ReportSeen("a.md", text, changes={NamedChange("pull", "57"): "merged"})


def found(story: Story, book: Runbook, reviews: PullReviews, text: str | None) -> ReviewFindings:
    pull, now = PullUnderReview(7, reviews), NOON.replace(day=28)
    return findings(seen(text), pull, story.incident, book, SETTINGS, "hotdash/app", now)


def said(story: Story, book: Runbook, reviews: PullReviews | None = None) -> list[str]:
    looked = found(story, book, reviews or PullReviews(), finished(0, "hotdash"))
    return [one.text for one in looked.remarks]


def test_the_changes_to_look_up_and_the_begin_are_read_off_the_text() -> None:
    text = finished(0, "hotdash")
    assert changes_in(text, "hotdash/app") == (NamedChange("pull", "57"),)
    assert begin_of(text) == datetime(2025, 10, 19, 14, 2, tzinfo=UTC)
    assert begin_of("# By hand") is None
    assert begin_of("---\nid: [a]\n---\n") is None


def test_the_steps_of_a_list_before_the_publication_hold_it() -> None:
    steps = {"legal": "Legal has read it", "opened": {"text": "Opened", "done": "published"}}
    lists = raw("hotdash")["lists"] | {"reading": {"before": "published", "steps": steps}}
    book = runbook_of(raw("hotdash") | {"lists": lists})
    story = story_of(TOLD[0], "hotdash")
    assert said(story, book) == [
        "The publication waits for a step: Legal has read it. On the issue, `/check legal`."
    ]
    assert said(story, runbook("hotdash")) == []
    story.tell(180, ADA, Ticked(step="legal"))
    assert said(story, book) == []


def test_missing_approvals_stand_before_all_else_and_only_where_the_runbook_asks_for_some() -> None:
    story, free = story_of(TOLD[0], "hotdash"), runbook("hotdash")
    book = runbook_of(raw("hotdash") | {"review": raw("hotdash")["review"] | {"approvals": 2}})
    waits = "1 of 2 approvals. Pull request 7 waits for somebody with write access who did not write it."
    assert said(story, book, PullReviews(approving=(ADA,))) == [waits]
    assert said(story, free, PullReviews(objecting=(ADA,))) == []
    gone = found(story, book, PullReviews(approving=(ADA,)), None)
    assert [one.text for one in gone.holding] == [waits, "a.md is not there any more."]
    assert gone.approvals.given == ("ada",)
    both = found(story, book, PullReviews(approving=(ADA, BOB)), finished(0, "hotdash"))
    assert (both.holding, both.approvals.given) == ((), ("ada", "bob"))


def test_a_hint_holds_nothing() -> None:
    text = finished(0, "hotdash").replace("## Lessons Learned\n", "## Lessons Learned\n\nAda was careless.\n")
    looked = found(story_of(TOLD[0], "hotdash"), runbook("hotdash"), PullReviews(), text)
    assert (len(looked.remarks), looked.holding) == (1, ())
