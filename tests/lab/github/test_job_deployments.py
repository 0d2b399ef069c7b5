"""A job with an environment is a deployment, in every attempt, and its statuses name the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from allclear_lab.github import Account, BrowserUser, GitHub, RepositoryHandle, SimClock

Wires = Callable[[str], Any]
DEPLOY = "on:\n  workflow_dispatch:\n    inputs:\n      to: {default: ''}\njobs:\n  deploy: {}\n"


@pytest.fixture
def run(repo: RepositoryHandle, people: dict[str, BrowserUser]) -> int:
    repo.put_file(".github/workflows/deploy.yml", DEPLOY)
    return people["write"].dispatch("deploy.yml", {})


@pytest.fixture
def talk(hub: GitHub, repo: RepositoryHandle, wire: Wires) -> Any:
    return wire(hub.actions_token(repo, {"deployments": "read", "actions": "write"}))


def deployed(talk: Any) -> list[tuple[str, list[str]]]:
    """Commit and states, oldest first, of each deployment to production, the newest first."""
    found = talk("GET", "deployments?environment=production").json()
    return [
        (one["sha"], [s["state"] for s in talk("GET", f"deployments/{one['id']}/statuses").json()][::-1])
        for one in found
    ]


def test_a_job_that_nobody_reviews_begins_at_once_and_ends_as_its_run(
    repo: RepositoryHandle, run: int, talk: Any
) -> None:
    assert repo.wait_run(run, "production") is False
    assert deployed(talk) == [(repo.run(run).head_sha, ["in_progress"])]
    repo.finish_run(run, "success")
    assert deployed(talk) == [(repo.run(run).head_sha, ["in_progress", "success"])]


def test_the_log_of_a_deployment_is_the_page_of_its_job(repo: RepositoryHandle, run: int, talk: Any) -> None:
    repo.wait_run(run, "production")
    (one,) = talk("GET", "deployments").json()
    (status,) = talk("GET", f"deployments/{one['id']}/statuses").json()
    (job,) = talk("GET", f"actions/runs/{run}/jobs").json()["jobs"]
    assert status["log_url"] == job["html_url"]
    assert status["log_url"].startswith(f"https://github.com/{repo.full_name}/actions/runs/{run}/job/")
    assert one["creator"]["login"] == "write-user"
    assert one["performed_via_github_app"]["slug"] == "github-actions"


@pytest.mark.parametrize(
    ("ends", "states"),
    [
        ("approved", ["waiting", "queued", "in_progress", "failure"]),
        ("rejected", ["waiting", "failure"]),
        ("cancelled", ["waiting", "failure"]),
    ],
)
def test_what_waits_for_reviewers_has_not_begun(
    repo: RepositoryHandle,
    users: dict[str, Account],
    people: dict[str, BrowserUser],
    run: int,
    talk: Any,
    ends: str,
    states: list[str],
) -> None:
    repo.environment("production", [users["maintain"]])
    person = people["maintain"]
    assert repo.wait_run(run, "production") is True
    assert [one[1] for one in deployed(talk)] == [["waiting"]]
    if ends == "approved":
        person.approve(run)
        repo.finish_run(run, "failure")
    elif ends == "rejected":
        person.reject(run)
    else:
        person.cancel_run(run)
    assert [one[1] for one in deployed(talk)] == [states]


def test_a_run_that_is_run_again_asks_its_reviewers_again_and_is_another_deployment(
    repo: RepositoryHandle,
    users: dict[str, Account],
    people: dict[str, BrowserUser],
    run: int,
    talk: Any,
    clock: SimClock,
) -> None:
    repo.environment("production", [users["maintain"]])
    repo.wait_run(run, "production")
    people["maintain"].approve(run)
    repo.finish_run(run, "success")
    clock.advance(60)
    talk("POST", f"actions/runs/{run}/rerun")
    assert repo.wait_run(run, "production") is True
    assert [one[1] for one in deployed(talk)] == [
        ["waiting"],
        ["waiting", "queued", "in_progress", "success"],
    ]


def test_a_job_may_say_that_it_is_no_deployment(repo: RepositoryHandle, run: int, talk: Any) -> None:
    assert repo.wait_run(run, "production", deployment=False) is False
    repo.finish_run(run, "success")
    assert deployed(talk) == []


def test_a_branch_that_may_not_deploy_deploys_nothing(
    repo: RepositoryHandle, people: dict[str, BrowserUser], run: int, talk: Any
) -> None:
    repo.environment("production", branches=True)
    people["write"].push_file("side", "a", "b")
    other = people["write"].dispatch("deploy.yml", ref="side")
    assert repo.wait_run(other, "production") is False
    assert repo.run(other).conclusion == "failure"
    assert deployed(talk) == []
