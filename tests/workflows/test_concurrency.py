"""The concurrency key, rendered by GitHub's own expression engine for every payload that can start a run."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workflows.documents import workflow

pytestmark = pytest.mark.needs("node")

RUN = "9001"


def issue(*labels: str, pull_request: bool = False) -> dict[str, Any]:
    shown: dict[str, Any] = {"number": 42, "labels": [{"name": name} for name in labels]}
    shown |= {"created_at": "2025-10-19T14:02:00Z", "updated_at": "2025-10-19T14:05:00Z"}
    return shown | ({"pull_request": {"url": "https://api.github.com/"}} if pull_request else {})


def event(name: str, variable: str = "", /, **payload: Any) -> dict[str, Any]:
    """``variable``: the repository variable with the name of the label, where it has one."""
    return {
        "vars": {"ALLCLEAR_LABEL": variable} if variable else {},
        "github": {"event_name": name, "run_id": RUN, "event": payload},
        "inputs": payload.get("inputs", {}),
    }


# (what happens, context, does the run do the work?)
HAPPENINGS = [
    ("an incident is opened", event("issues", action="opened", issue=issue("incident", "P0")), True),
    ("an incident is edited", event("issues", action="edited", issue=issue("incident")), True),
    (
        "an incident is closed",
        event("issues", action="closed", issue=issue("incident", "status:monitoring")),
        True,
    ),
    ("an incident is reopened", event("issues", action="reopened", issue=issue("incident")), True),
    (
        "the incident label is added",
        event("issues", action="labeled", issue=issue("bug", "incident"), label={"name": "incident"}),
        True,
    ),
    (
        "an incident gets a severity label",
        event("issues", action="labeled", issue=issue("incident", "P1"), label={"name": "P1"}),
        True,
    ),
    (
        "the label of the repository variable is added",
        event("issues", "🔥 incident", action="labeled", issue=issue("bug"), label={"name": "🔥 Incident"}),
        True,
    ),
    (
        "a comment on an incident with the label of the repository variable",
        event("issue_comment", "🔥 incident", action="created", issue=issue("🔥 Incident")),
        True,
    ),
    (
        "a comment on an issue with the usual label where the repository variable names another",
        event("issue_comment", "🔥 incident", action="created", issue=issue("incident")),
        False,
    ),
    (
        "the incident label is taken away",
        event("issues", action="unlabeled", issue=issue("P1"), label={"name": "incident"}),
        True,
    ),
    (
        "an incident loses another label",
        event("issues", action="unlabeled", issue=issue("incident"), label={"name": "P1"}),
        True,
    ),
    (
        "somebody comments on an incident",
        event("issue_comment", action="created", issue=issue("incident"), comment={"body": "/ack"}),
        True,
    ),
    (
        "chatter on an incident does the whole job as well",
        event("issue_comment", action="created", issue=issue("incident"), comment={"body": "any news?"}),
        True,
    ),
    (
        "a comment on an incident is edited",
        event("issue_comment", action="edited", issue=issue("Incident"), comment={"body": "/ack"}),
        True,
    ),
    (
        "a comment on an incident is deleted",
        event("issue_comment", action="deleted", issue=issue("incident"), comment={"body": "/ack"}),
        True,
    ),
    (
        "a comment after somebody removed the incident label",
        event(
            "issue_comment", action="created", issue=issue("status:investigating"), comment={"body": "/ack"}
        ),
        True,
    ),
    ("a person starts it by hand", event("workflow_dispatch", inputs={"issue": 42}), True),
    ("the interface sends the number as text", event("workflow_dispatch", inputs={"issue": "42"}), True),
    ("another issue is opened", event("issues", action="opened", issue=issue()), False),
    (
        "another issue is labelled",
        event("issues", action="labeled", issue=issue("bug"), label={"name": "bug"}),
        False,
    ),
    (
        "chatter on another issue",
        event("issue_comment", action="created", issue=issue("question"), comment={"body": "/ack incident"}),
        False,
    ),
    (
        "a comment on a pull request, whatever its labels",
        event(
            "issue_comment",
            action="created",
            issue=issue("incident", pull_request=True),
            comment={"body": "/sev P0"},
        ),
        False,
    ),
]


@pytest.fixture
def render(tool: Callable[[str], Path]) -> Callable[[list[tuple[str, dict[str, Any]]]], list[str]]:
    def ask(questions: list[tuple[str, dict[str, Any]]]) -> list[str]:
        asked = json.dumps([{"expression": text, "context": context} for text, context in questions])
        done = subprocess.run(
            ["node", Path(__file__).with_name("github.mjs"), "evaluate"],
            input=asked,
            env=os.environ | {"ALLCLEAR_NODE_MODULES": str(tool("node"))},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        answers: list[str] = json.loads(done.stdout)
        return answers

    return ask


def key_expression(name: str) -> tuple[str, str]:
    """The literal start and the one expression of a group."""
    found = re.fullmatch(r"([\w-]+)\$\{\{(.+)\}\}", workflow(name)["concurrency"]["group"])
    assert found is not None
    return found[1], found[2].strip()


Render = Callable[[list[tuple[str, dict[str, Any]]]], list[str]]


def test_every_happening_lands_in_the_right_group(render: Render) -> None:
    prefix, expression = key_expression("respond.yml")
    keys = render([(expression, context) for _, context, _ in HAPPENINGS])
    wanted = {what: "42" if works else f"none-{RUN}" for what, _, works in HAPPENINGS}
    assert prefix == "allclear-incident-"
    assert dict(zip([what for what, _, _ in HAPPENINGS], keys, strict=True)) == wanted


def test_a_run_works_exactly_when_it_shares_the_incidents_group(render: Render) -> None:
    """A job that skips inside a shared group evicts a waiting command and then does nothing."""
    condition = workflow("respond.yml")["jobs"]["respond"]["if"]
    works = render([(f"!!({condition})", context) for _, context, _ in HAPPENINGS])
    assert works == ["true" if expected else "false" for _, _, expected in HAPPENINGS]


def test_the_condition_stands_in_both_places_word_for_word() -> None:
    _, expression = key_expression("respond.yml")
    condition = " ".join(workflow("respond.yml")["jobs"]["respond"]["if"].split())
    shared = " ".join(expression.split()).removesuffix(" || format('none-{0}', github.run_id)")
    assert condition.startswith(f"{shared} || ")


@pytest.mark.parametrize(
    ("label", "variable", "works"),
    [
        ("incident", "", True),
        ("Incident", "", True),
        ("P0", "", False),
        ("🔥 incident", "🔥 incident", True),
        ("incident", "🔥 incident", False),
    ],
)
def test_a_label_that_an_issue_is_opened_with_evicts_nobody(
    render: Render, label: str, variable: str, *, works: bool
) -> None:
    opened = issue("incident", "P0") | {"updated_at": "2025-10-19T14:02:00Z"}
    context = event("issues", variable, action="labeled", issue=opened, label={"name": label})
    _, expression = key_expression("respond.yml")
    condition = workflow("respond.yml")["jobs"]["respond"]["if"]
    assert render([(expression, context), (f"!!({condition})", context)]) == [
        f"none-{RUN}",
        str(works).lower(),
    ]


def test_every_trigger_of_respond_is_among_the_happenings() -> None:
    triggers = workflow("respond.yml")["on"]
    declared = {(name, kind) for name, rule in triggers.items() for kind in rule.get("types", [None])}
    played = {
        (context["github"]["event_name"], context["github"]["event"].get("action"))
        for _, context, _ in HAPPENINGS
    }
    assert played == declared


def test_a_postmortem_by_hand_waits_for_the_same_incident(render: Render) -> None:
    prefix, expression = key_expression("postmortem.yml")
    assert prefix == key_expression("respond.yml")[0]
    assert render([(expression, event("workflow_dispatch", inputs={"issue": 42}))]) == ["42"]


def test_sweeps_follow_one_another_and_touch_no_incidents_group() -> None:
    assert workflow("sweep.yml")["concurrency"]["group"] == "allclear-sweep"


@pytest.mark.parametrize("name", ["evidence.yml", "rollback-production.yml", "smoke.yml"])
def test_an_operation_has_a_group_of_its_own_and_so_has_what_is_started_by_hand(
    render: Render, name: str
) -> None:
    prefix, expression = key_expression(name)
    inputs: list[dict[str, str]] = [{"operation": "smoke-1a2b3c4d"}, {"operation": ""}, {}]
    contexts = [event("workflow_dispatch", inputs=given) for given in inputs]
    assert render([(expression, context) for context in contexts]) == ["smoke-1a2b3c4d", RUN, RUN]
    # The prefixes differ, and none is that of an incident: no operation waits for another kind, or a look.
    assert prefix == f"allclear-{name.removesuffix('.yml').removesuffix('-production')}-"


@pytest.mark.parametrize("name", ["evidence.yml", "rollback-production.yml", "smoke.yml"])
def test_runs_of_one_operation_share_a_group_and_a_run_by_hand_has_its_own(render: Render, name: str) -> None:
    """A key that comes out empty would be one group for all: rendered for every way to start it (A7)."""
    prefix, expression = key_expression(name)
    dispatches: list[dict[str, Any]] = [
        {"operation": "rollback-7f3a2c1d", "service": "web"},
        {"operation": "rollback-00000001", "service": "web"},
        {"operation": ""},
        {},
    ]
    keys = render([(expression, event("workflow_dispatch", inputs=inputs)) for inputs in dispatches])
    assert prefix == f"allclear-{name.partition('-')[0].removesuffix('.yml')}-"
    assert keys == ["rollback-7f3a2c1d", "rollback-00000001", RUN, RUN]


def pulled(name: str, branch: str, *, fork: bool = False) -> dict[str, Any]:
    head = {"ref": branch, "repo": {"full_name": "eve/shop" if fork else "acme/shop"}}
    found = event(name, pull_request={"number": 7, "head": head})
    found["github"]["repository"] = "acme/shop"
    return found


def test_a_review_that_does_nothing_evicts_none_that_waits(render: Render) -> None:
    prefix, expression = key_expression("review.yml")
    contexts = [
        pulled("pull_request", "patch-1"),
        pulled("pull_request", "allclear/postmortem-3"),
        pulled("pull_request_review", "allclear/postmortem-3"),
        pulled("pull_request_review", "patch-1"),
        pulled("pull_request", "patch-1", fork=True),
    ]
    skipped = f"none-{RUN}"
    assert render([(expression, one) for one in contexts]) == ["7", "7", "7", skipped, skipped]
    assert prefix == "allclear-review-"
