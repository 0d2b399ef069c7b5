"""The issue of an action item: its text, and what is read from one that people wrote."""

from __future__ import annotations

import pytest

from allclear.core.model.action_marker import action_marker
from allclear.core.model.snapshot import Issue
from allclear.core.model.structs import replace
from allclear.core.record.action_item import ActionItem
from allclear.core.record.life import Resolved
from allclear.core.view.action_issue import action_body, action_title, due_of, first_named, horizon_of
from stories import ADA, BOB, NOON, REPOSITORY, Story
from written import runbook

CRM = runbook("dirt-free-crm")
ITEM = ActionItem(BOB, "2025-10-20", "An alert", 3, followed=True)
PLAIN = Issue(7, "x", "", BOB, "open", frozenset(), (), NOON, "u")


def read(body: str) -> Issue:
    return replace(PLAIN, body=body)


def test_a_title_is_never_empty() -> None:
    assert action_title(ITEM) == "An alert"
    assert action_title(replace(ITEM, text="\u200b")) == "Action item 3"


def test_without_a_report_it_names_the_incident_alone() -> None:
    body = action_body(ITEM, Story().declare().incident, REPOSITORY, "immediate")
    marker = action_marker(body)
    assert marker is not None
    assert (marker.repo, marker.issue, marker.item) == (REPOSITORY.id, 42, 3)
    assert "Owner: bob\nDue: 2025-10-20\nHorizon: immediate" in body
    assert "post-mortem" not in body


@pytest.mark.parametrize(
    ("due", "horizon"),
    [
        ("2025-10-22", "immediate"),
        ("2025-10-23", "short-term"),
        ("2025-11-20", "long-term"),
        ("2026-11-20", ""),
        ("", ""),
    ],
)
def test_its_horizon_is_the_shortest_in_which_it_is_due(due: str, horizon: str) -> None:
    """004-34."""
    story = Story(CRM).declare(severity="SEV1").tell(5, ADA, Resolved())
    item = replace(ITEM, due=due)
    assert horizon_of(item, story.incident, CRM, CRM.times.zone) == horizon
    assert horizon_of(item, Story(CRM).declare(severity="SEV1").incident, CRM, CRM.times.zone) == ""


@pytest.mark.parametrize(
    ("body", "due"),
    [
        ("Due: 2025-11-20", "2025-11-20"),
        ("words\n\n- **due date**: 2025-11-20 or so", "2025-11-20"),
        ("> due = 2025-11-20", "2025-11-20"),
        ("Due: 2025-13-45", ""),
        ("It is due 2025-11-20", ""),
        ("Due: soon", ""),
        ("due" * 30_000, ""),
        (" \t" * 50_000, ""),
    ],
)
def test_a_date_stands_in_its_own_line(body: str, due: str) -> None:
    assert due_of(read(body)) == due


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("From #42.", 42),
        ("From #42 and #43", 42),
        (f"{REPOSITORY.url}/issues/42", 42),
        (f"see {REPOSITORY.name}#42", 42),
        ("other/repo#42", 0),
        ("&#42; and x#42", 0),
        ("#42nd", 0),
        ("nothing", 0),
        ("#" * 100_000, 0),
    ],
)
def test_the_first_issue_that_it_names_is_its_incident(body: str, number: int) -> None:
    assert first_named(read(body), REPOSITORY) == number


@pytest.mark.parametrize(
    "body", ["", "<!-- allclear:action nonsense -->", "<!-- allclear:action {}", "x" * 100_000]
)
def test_what_is_no_marker_is_none(body: str) -> None:
    assert action_marker(body) is None
