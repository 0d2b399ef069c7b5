"""What a runbook tells people, as they read it on the panel and in replies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.model.structs import replace
from allclear.core.policy.guidance import LookGroup, Pattern
from allclear.core.policy.settings import Settings
from allclear.core.record.findings import Found
from allclear.core.record.life import Resolved, StatusSet
from allclear.core.record.observed import Measured, PatternNamed
from allclear.core.record.progress import Flagged
from allclear.core.view.guidance import about, described, link, looked, marked, shown_pattern
from stories import ADA, BOB, NOON, Story
from written import runbook, small

REPOSITORY = "https://github.com/acme/shop"


def test_a_severity_is_described_whole() -> None:
    """Definition, measures, examples and what it means; nothing is cut."""
    long = "x" * 900
    book = small(
        severities={
            "SEV1": {
                "response": "5m",
                "name": "Critical",
                "shown": "SEV 1",
                "definition": ["All is down", long],
                "examples": ["Nobody pays"],
                "impact": "Money is lost",
                "at_least": {"rate": "50"},
            },
            "SEV2": {"response": "5m"},
        },
        measures={"rate": {"title": "Error rate", "unit": "%"}},
    )
    assert described(book.severity("SEV1"), book) == (
        f"- `SEV1`, SEV 1 · Critical: All is down; {long}. Measured: Error rate from 50 %. "
        "Such as: Nobody pays. It means: Money is lost"
    )
    assert described(book.severity("SEV2"), book) == "- `SEV2`"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Roll back: `/rollback`", "Roll back: `/rollback`"),
        ("`a` and `b` @all", "`a` and `b` @\u2060all"),
        ("one ` alone", "one \\` alone"),
        ("", ""),
    ],
)
def test_what_stands_in_backticks_stays_a_command(text: str, shown: str) -> None:
    assert marked(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://fly.io/dashboard", "[Fly](https://fly.io/dashboard)"),
        ("docs/runbooks/backup.md", f"[Fly]({REPOSITORY}/blob/HEAD/docs/runbooks/backup.md)"),
        ("deploy, logs, metrics", "Fly: deploy, logs, metrics"),
        ("https://evil.example/) [x](y", "Fly: https\u2060://evil.example/) \\[x\\](y"),
        ("../../etc/x.md", "Fly: ../../etc/x.md"),
    ],
)
def test_links_lead_somewhere_and_notes_are_read(text: str, shown: str) -> None:
    """000-30: dashboards, documents of the repository, access that is needed."""
    assert link("Fly", text, REPOSITORY) == shown


def test_a_document_without_a_repository_is_a_note() -> None:
    assert link("Backup", "docs/backup.md", "") == "Backup: docs/backup.md"


def test_no_command_ends_the_fence_that_it_stands_in() -> None:
    lines = looked(
        (
            LookGroup(title="A", commands=("echo ```", "SELECT 1;\n-- two\n")),
            LookGroup(title="B", commands=("x",)),
        )
    )
    assert lines == [
        "",
        "**A**",
        "",
        "`````sh",
        "echo ```",
        "SELECT 1;\n-- two",
        "`````",
        "",
        "**B**",
        "",
        "`````sh",
        "x",
        "`````",
    ]


def test_a_pattern_with_nothing_but_its_name() -> None:
    bare = Pattern(id="x", title="X", severities=("S",), symptoms=("x",))
    assert shown_pattern(bare, Settings()) == []
    assert shown_pattern(replace(bare, look=("ls",)), Settings()) == ["`````sh", "ls", "`````"]
    assert about(small()) == ""


def panel(story: Story) -> str:
    return story.panel()


def test_the_panel_shows_where_to_look_under_headings_and_links_folded() -> None:
    """002-13, 000-30."""
    shown = panel(Story(runbook("hotdash")).declare())
    assert "**Gather Data**\n\n`````sh\nfly logs -a hotdash-app --since=30m" in shown
    assert (
        "<details><summary>Links</summary>\n\n**Required Access**\n\n- Fly.io dashboard: deploy, logs"
        in shown
    )
    assert (
        "- [CI/CD Pipeline](https://github.com/hotdash/app/blob/HEAD/docs/runbooks/cicd\\_pipeline.md)"
        in shown
        or (
            "- [CI/CD Pipeline](https://github.com/hotdash/app/blob/HEAD/docs/runbooks/cicd_pipeline.md)"
            in shown
        )
    )


def test_causes_are_offered_while_none_is_known() -> None:
    """000-12."""
    story = Story(runbook("hotdash")).declare()
    assert "- Recent changes (deploys, migrations, config)" in panel(story)
    story.tell(5, BOB, Found(root_cause="dns"))
    assert "- Recent changes" not in panel(story)
    assert "Where to look" in panel(story)
    story.tell(9, ADA, Resolved())
    assert "Where to look" in panel(story)


def test_the_panel_says_how_it_was_noticed_and_what_was_measured() -> None:
    """000-07, 001-05, 004-26."""
    story = Story(runbook("dirt-free-crm")).declare(severity="SEV1", detected_by="Customer reports")
    story.tell(1, BOB, Measured(measure="response-time", value=12.5)).tell(2, BOB, Flagged(flag="security"))
    shown = panel(story)
    assert "Detected by: Customer reports" in shown
    assert "📈 Response time 12.5 x normal" in shown
    assert "🚩 Security-related incident" in shown
    assert "is suggested" not in shown


def test_the_expected_phase_with_and_without_a_fix() -> None:
    """000-06: after the fix it is the last one, until its end."""
    story = Story(runbook("hotdash")).declare(started=NOON - timedelta(minutes=1))
    story.tell(9, BOB, Found(evidence="logs"))
    assert "Expected phase by now: Investigation, until 15 min after the start" in panel(story)
    story.tell(12, BOB, StatusSet(to="monitoring"))
    assert "Expected phase by now: Recovery Verification, until 1 h after the start" in panel(story)
    story.tell(70, BOB, Found(evidence="more"))
    assert "Expected phase" not in panel(story)
    assert "Expected phase" not in panel(Story(small()).declare(severity="SEV1"))


def test_the_panel_shows_what_each_severity_means_while_nobody_named_one() -> None:
    book = runbook("sev")
    asked = panel(Story(book).declare(severity="SEV3", asked=True))
    assert "<details><summary>Which severity is it?</summary>\n\n- `SEV1`, Critical: Complete" in asked
    assert "Which severity" not in panel(Story(book).declare(severity="SEV3"))


def test_a_pattern_that_is_gone_from_the_runbook_is_not_shown() -> None:
    story = Story(runbook("sev")).declare(severity="SEV1").tell(1, ADA, PatternNamed(pattern="gone"))
    assert "Known kind" not in panel(story)
    assert "Known kind of incident: gone" in [line.what for line in story.incident.timeline]


def test_a_measure_that_is_gone_from_the_runbook_stays_in_the_timeline() -> None:
    story = Story(small()).declare(severity="SEV1").tell(1, ADA, Measured(measure="gone", value=3))
    assert ("Measured", "3") in [(line.what, line.text) for line in story.incident.timeline]
