"""Workflows and runs: what can be dispatched, by whom, with which inputs, and what is remembered."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from github import GithubException
from github.Repository import Repository

from allclear_lab.github import BrowserUser, GitHub, GitHubRefusal, RepositoryHandle

Client = Callable[[str], Repository]
SWEEP = """\
name: Sweep
on:
  schedule: [{cron: "7-59/10 * * * *"}]
  workflow_dispatch:
    inputs:
      issue: {required: true}
      mode: {type: choice, options: [all, one], default: all}
      dry: {type: boolean, default: false}
jobs: {}
"""


@pytest.fixture
def token(hub: GitHub, repo: RepositoryHandle) -> str:
    repo.put_file(".github/workflows/sweep.yml", SWEEP)
    repo.put_file(".github/workflows/ci.yml", "name: CI\non: push\njobs: {}\n")
    return hub.actions_token(repo, {"actions": "write"})


def refused(deed: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(GithubException) as caught:
        deed()
    return caught.value.status, caught.value.data["message"]


def test_a_dispatch_by_the_workflows_own_token_starts_a_run(
    hub: GitHub, repo: RepositoryHandle, client: Client, token: str
) -> None:
    sweep = client(token).get_workflow("sweep.yml")
    run = sweep.create_dispatch("main", {"issue": "7"}, throw=True, return_run_details=True)
    (delivery,) = hub.deliveries
    assert (delivery.event, delivery.actor_login) == ("workflow_dispatch", "github-actions[bot]")
    assert delivery.payload["inputs"] == {"issue": "7", "mode": "all", "dry": "false"}
    assert (delivery.payload["ref"], delivery.payload["workflow"]) == (
        "refs/heads/main",
        ".github/workflows/sweep.yml",
    )
    assert (run.id, run.event, run.status, run.path) == (
        repo.runs()[0].id,
        "workflow_dispatch",
        "queued",
        ".github/workflows/sweep.yml",
    )
    assert hub.violations == []


def test_a_dispatch_without_details_answers_nothing(client: Client, token: str, hub: GitHub) -> None:
    assert client(token).get_workflow("sweep.yml").create_dispatch("main", {"issue": "7"}, throw=True) is True
    assert (hub.requests[-1].status, hub.requests[-1].response) == (204, None)


@pytest.mark.parametrize(
    ("workflow", "ref", "inputs", "message"),
    [
        ("sweep.yml", "main", {"issue": "7", "other": "x"}, 'Unexpected inputs provided: ["other"]'),
        ("sweep.yml", "main", {}, "Required input 'issue' not provided"),
        ("sweep.yml", "none", {"issue": "7"}, "No ref found for: none"),
        (
            "sweep.yml",
            "main",
            {"issue": "7", "mode": "two"},
            "Provided value 'two' for input 'mode' not in the list of allowed values",
        ),
        (
            "sweep.yml",
            "main",
            {"issue": "7", "dry": "maybe"},
            "Provided value 'maybe' for input 'dry' is not a valid boolean",
        ),
        (
            "sweep.yml",
            "main",
            {"issue": 7},
            "Invalid request.\n\nFor 'properties/inputs/issue', 7 is not a string.",
        ),
        ("ci.yml", "main", {}, "Workflow does not have 'workflow_dispatch' trigger"),
    ],
)
def test_a_dispatch_that_does_not_fit_the_file_is_refused(
    client: Client,
    token: str,
    repo: RepositoryHandle,
    workflow: str,
    ref: str,
    inputs: dict[str, Any],
    message: str,
) -> None:
    found = client(token).get_workflow(workflow)
    assert refused(lambda: found.create_dispatch(ref, inputs, throw=True)) == (422, message)
    assert repo.runs() == []


def test_a_workflow_can_be_dispatched_on_any_branch_that_has_it(
    client: Client, token: str, repo: RepositoryHandle, people: dict[str, BrowserUser]
) -> None:
    people["write"].push_file("side", "x.txt", "x")
    sweep = client(token).get_workflow("sweep.yml")
    assert sweep.create_dispatch("side", {"issue": "7"}, throw=True)
    assert repo.runs()[-1].head_branch == "side"
    repo.put_file(".github/workflows/new.yml", "on: workflow_dispatch\n", branch="side")
    assert refused(lambda: client(token).get_workflow("new.yml"))[0] == 404


def test_a_token_needs_actions_write_and_a_person_needs_write(
    hub: GitHub, repo: RepositoryHandle, client: Client, token: str, people: dict[str, BrowserUser]
) -> None:
    reader = client(hub.actions_token(repo, {"actions": "read"})).get_workflow("sweep.yml")
    assert refused(lambda: reader.create_dispatch("main", {"issue": "7"}, throw=True)) == (
        403,
        "Resource not accessible by integration",
    )
    with pytest.raises(GitHubRefusal):
        people["triage"].dispatch("sweep.yml", {"issue": "7"})
    assert people["write"].dispatch("sweep.yml", {"issue": "7"}) == repo.runs()[0].id
    assert hub.deliveries[-1].actor_login == "write-user"


def test_runs_are_listed_newest_first_and_filtered(
    hub: GitHub, repo: RepositoryHandle, client: Client, token: str, people: dict[str, BrowserUser]
) -> None:
    hub.schedule("sweep.yml")
    hub.clock.advance(3600)
    people["write"].dispatch("sweep.yml", {"issue": "7"})
    shop = client(token)
    assert [run.event for run in shop.get_workflow_runs()] == ["workflow_dispatch", "schedule"]
    assert [run.run_number for run in shop.get_workflow("sweep.yml").get_runs()] == [2, 1]
    assert [run.event for run in shop.get_workflow_runs(event="schedule")] == ["schedule"]
    assert [run.event for run in shop.get_workflow_runs(created=">=2025-10-19T15:00:00Z")] == [
        "workflow_dispatch"
    ]
    assert [run.event for run in shop.get_workflow_runs(created="*..2025-10-19T14:59:00Z")] == ["schedule"]
    assert shop.get_workflow_runs(status="success").totalCount == 0
    assert list(shop.get_workflow("ci.yml").get_runs()) == []
    assert shop.get_workflow_run(repo.runs()[0].id).created_at == datetime(2025, 10, 19, 14, 2, tzinfo=UTC)
    assert hub.violations == []


def test_workflows_are_the_files_of_the_default_branch(
    client: Client, token: str, repo: RepositoryHandle
) -> None:
    repo.put_file(".github/workflows/broken.yml", "a: [")
    repo.put_file(".github/workflows/notes.md", "text")
    found = {one.path: one.name for one in client(token).get_workflows()}
    assert found == {".github/workflows/ci.yml": "CI", ".github/workflows/sweep.yml": "Sweep"}


def test_a_cron_that_comes_round_is_an_event_by_the_owner(
    hub: GitHub, repo: RepositoryHandle, token: str
) -> None:
    hub.schedule("sweep.yml")
    (delivery,) = hub.deliveries
    assert (delivery.event, delivery.action, delivery.payload["workflow"]) == (
        "schedule",
        None,
        ".github/workflows/sweep.yml",
    )
