"""Whose post-mortem a file is, and what is said of one that GitHub showed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allclear.core.model.report_seen import NamedChange, ReportSeen
from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.remarks import Remark
from allclear.core.postmortem.reviewing import as_hints, begin_of, changes_in, issue_of, remarks_on
from allclear.core.record.progress import Ticked
from core.postmortem.reports import TOLD, finished, story_of
from stories import ADA, NOON, SETTINGS, Story
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


def seen(text: str) -> ReportSeen:
    return ReportSeen("a.md", text, changes={NamedChange("pull", "57"): "merged"})


def said(story: Story, book: Runbook) -> list[str]:
    found = remarks_on(
        seen(finished(0, "hotdash")), story.incident, book, SETTINGS, "hotdash/app", NOON.replace(day=28)
    )
    return [one.text for one in found]


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
