from __future__ import annotations

import re
from pathlib import Path

import pytest

from allclear.core.conversation.fields import FINDING
from allclear.core.conversation.forms import (
    Form,
    closing_fix,
    filled_in,
    forms_of,
    labels_of,
    told_of,
    without_head,
)
from allclear.core.conversation.parse import find
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.voices import SpokenText
from stories import HOTDASH
from written import SHIPPED, runbook, small

RUNBOOKS = sorted(file.stem for file in Path(SHIPPED).glob("*.yml"))
FINDINGS = "Root cause: the pool\nEvidence: logs\nImpact: 15,000 users\nProposed fix: roll back"
CLOSING = "Resolved: 2025-10-19T15:06:00Z\nDuration: 61 minutes\nFix: rolled back\nVerified: All normal"
HOTDASH_UPDATE = "UPDATE: Cart\n\nTime: 15:06\nProgress: restarting\nCurrent status: up\nNext: watch\nETA: 16"
HABIT_UPDATE = "**Incident Update**\n**Time**: 15:06\n**Status**: down\n**Current Actions**: restarting"
CRM_UPDATE = "INCIDENT UPDATE - SEV 2\n\nIncident: x\nStatus: down\nCurrent Actions: restarting\n\nETA: 16:00"
UPDATES = [
    ("hotdash", f"📢 {HOTDASH_UPDATE}"),
    ("hotdash", f"ðŸ“¢ {HOTDASH_UPDATE}"),
    ("sev", "UPDATE [14:30 EST]\nStatus: down\nImpact: EU\nActions: restarting\nNext update: 14:45 EST"),
    ("habit-tracker", f"📋 {HABIT_UPDATE}"),
    ("habit-tracker", f"üìã {HABIT_UPDATE}"),
    ("dirt-free-crm", f"📊 {CRM_UPDATE}"),
    ("dirt-free-crm", f"ðŸ“Š {CRM_UPDATE}"),
]


def taken(body: str, under: Runbook = HOTDASH) -> tuple[str, bool] | None:
    """The command that a comment is taken for, and whether it is only hinted at."""
    found = filled_in(body, find(body), forms_of(under))
    return (found.form.command, found.hint) if found else None


@pytest.mark.parametrize("name", RUNBOOKS)
def test_the_forms_of_findings_and_closing_comments_count_under_every_runbook(name: str) -> None:
    assert taken(FINDINGS, runbook(name)) == ("finding", False)
    assert taken(CLOSING, runbook(name)) == ("all-clear", False)
    assert taken("Progress: restarting\nNext: watch", runbook(name)) == ("update", False)


@pytest.mark.parametrize(
    "table",
    [
        "| Root cause | the pool |\n|---|---|\n| Evidence | logs |",
        "| Field | Value |\n|---|---|\n| Root cause | the pool |\n| Proposed fix | roll back |",
        "\n| Root cause | Evidence |\n|---|---|\n| the pool | logs |\n",
    ],
)
def test_a_table_of_the_form_of_findings_counts_as_its_lines_do(table: str) -> None:
    assert taken(table) == ("finding", False)


def test_a_table_of_one_finding_is_hinted_at_and_other_tables_are_tables() -> None:
    assert taken("| Root cause | the pool |\n|---|---|") == ("finding", True)
    assert taken("| Field | Value |\n|---|---|\n| Color | red |\n| Cost | 5 |") is None
    assert taken("| Root cause | Evidence |\n|---|---|") is None
    assert taken("| Resolved | at noon |\n|---|---|\n| Verified | yes |") == ("all-clear", True)


@pytest.mark.parametrize(("name", "text"), UPDATES)
def test_the_updates_of_the_documents_count_with_whole_and_mangled_emoji(name: str, text: str) -> None:
    assert taken(text, runbook(name)) == ("update", False)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Hello",
        "Next: I look at the database",
        "Impact: unclear",
        "Status: red\nImpact: high",
        "\u2705 Resolved",
        "\U0001f4e2 UPDATE\nAll is fine",
        "I wait.\nNext: verify\nETA: 15:30",
        "> Root cause: x\n> Proposed fix: y",
        "```\nRoot cause: x\nProposed fix: y\n```",
        "<!-- Root cause: x\nProposed fix: y -->",
        "<details>\nRoot cause: x\nProposed fix: y\n</details>",
        "/ack\nRoot cause: x\nProposed fix: y",
        "- /ack and so on\n\nRoot cause: x",
        "Root cause: <description>\nEvidence: <logs, metrics, commits>",
        "Root cause: [why]\nEvidence: [logs]",
        "🚨 INCIDENT: x\n\nSeverity: P1\nStarted: now\nStatus: Investigating\nImpact: all",
        "\n\n",
    ],
)
def test_what_is_no_form_is_not_taken_and_not_answered(body: str) -> None:
    assert taken(body) is None


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("Root cause: the pool", "finding"),
        ("**Proposed fix:** roll back", "finding"),
        ("Progress: restarting", "update"),
        ("I looked.\n\nRoot cause: x\nEvidence: y", "finding"),
        ("I looked.\nProgress: x\nNext: y", "update"),
        ("It is over!\nResolved: now\nVerified: yes", "all-clear"),
        ("\u2705 Resolved\nFix: a typo", "resolve"),
        ("\u2705 RESOLVED: Checkout is down\nFix: a typo", "resolve"),
        ("\U0001f4e2 UPDATE\nProgress: rolled back", "update"),
        ("ETA: 15:30\nNext: verify", "update"),
        ("\U0001f6a8 INCIDENT UPDATE\nStatus: red\nProgress: x\nNext: y\nETA: z", "update"),
    ],
)
def test_a_part_of_a_form_and_a_form_further_down_hint_at_the_command(body: str, command: str) -> None:
    assert taken(body) == (command, True)


def test_a_form_ends_at_the_first_command_and_has_no_quotations_in_it() -> None:
    body = "Root cause: x\n> really?\nEvidence:\n```\nImpact: a log\n/ack\n```\n/sev P1\nImpact: y"
    found = filled_in(body, find(body), forms_of(HOTDASH))
    assert found is not None
    assert found.text == "Root cause: x\nEvidence:\n```\nImpact: a log\n/ack\n```"
    assert found.first == "Root cause: x"


def test_the_labels_of_an_update_are_the_runbooks_and_the_usual_ones() -> None:
    updates = [form for form in forms_of(runbook("sev")) if form.command == "update"]
    assert labels_of(updates)["text"] == ("actions", "progress")
    assert labels_of(updates)["status"] == ("status",)
    assert told_of(updates[0]) == ("`Status:`, `Impact:`, `Actions:`, `Next update:`, among them `Actions:`")


def test_a_text_of_the_runbook_with_braces_in_a_line_makes_no_field() -> None:
    said = SpokenText(text="A\nOdd: {{ text\nB: {{ eta }}")
    voice = replace(HOTDASH.voices[0], at={"update": said})
    forms = forms_of(replace(HOTDASH, voices=(voice,)))
    (form,) = [form for form in forms if form.head == ("a",)]
    assert form.labels["eta"] == ("b", "eta")


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("📢 UPDATE: x\nProgress: y", "Progress: y"),
        ("\nâœ… x y RESOLVED: x\nFix: y", "\nâœ… x y RESOLVED: x\nFix: y"),
        ("ðŸ ðŸ UPDATE", ""),
        ("Progress: y", "Progress: y"),
        ("", ""),
        ("é", "é"),
    ],
)
def test_the_first_line_of_a_form_is_known_by_its_words(text: str, without: str) -> None:
    assert without_head(text, forms_of(HOTDASH)) == without


def test_a_form_without_words_in_its_first_line_has_no_head() -> None:
    assert without_head("x", [Form("finding", FINDING)]) == "x"


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("rolled back", "rolled back"),
        ("Resolved: rolled back", "Resolved: rolled back"),
        ("✅ RESOLVED: x\nResolved: now\nFix: y\nMonitoring: 2 hours\nPost-mortem: follows", "y"),
        ("✅ RESOLVED: x\nResolved: now\nDuration: 5 min", ""),
        (CLOSING, "rolled back\nVerified: All normal"),
    ],
)
def test_the_fix_of_a_closing_comment_is_the_fix_of_its_form(text: str, fix: str) -> None:
    assert closing_fix(text, HOTDASH) == fix


def test_a_runbook_without_voices_of_its_own_has_the_engines_forms() -> None:
    assert {form.command for form in forms_of(small())} >= {"finding", "update", "all-clear", "resolve"}
    assert not [form for form in forms_of(small()) if any(re.search("[{}]", label) for label in form.shown)]
