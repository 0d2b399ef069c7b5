"""Badly made requests about files, pull requests, runs and deployments: what is said to whoever made them."""

from collections.abc import Callable
from typing import Any

import pytest

from allclear_lab.github import GitHub, RepositoryHandle

WORKFLOW = "on:\n  workflow_dispatch:\n    inputs:\n" + "".join(f"      i{n}: {{}}\n" for n in range(30))
ALL = dict.fromkeys(("actions", "contents", "deployments", "pull-requests"), "write")
TREE = "0" * 40


@pytest.fixture
def call(hub: GitHub, repo: RepositoryHandle, wire: Callable[[str], Any]) -> Any:
    repo.put_file("README.md", "hi")
    repo.put_file("docs/a.md", "a")
    repo.put_file(".github/workflows/many.yml", WORKFLOW)
    repo.put_file("work.md", "x", branch="work")
    token = wire(hub.actions_token(repo, ALL))
    opened = token("POST", "pulls", {"title": "t", "head": "work", "base": "main"})
    assert opened.status_code == 201
    return token


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "complaint"),
    [
        ("POST", "git/refs", {"ref": "refs/heads/x"}, 422, '"ref", "sha" weren\'t supplied'),
        ("PATCH", "git/refs/heads/main", {}, 422, '"sha" wasn\'t supplied'),
        ("PATCH", "git/refs/heads/main", {"sha": TREE}, 422, "Object does not exist"),
        ("PATCH", "git/refs/heads/main", {"sha": 7}, 422, "is of the wrong type"),
        ("POST", "git/commits", {"message": "m"}, 422, '"message", "tree" weren\'t supplied'),
        ("POST", "git/commits", {"message": "m", "tree": TREE}, 422, "Tree SHA does not exist"),
        ("GET", "commits?sha=none", None, 404, "Not Found"),
        ("GET", "commits?since=yesterday", None, 422, "is not a date-time"),
        ("PUT", "contents/a", {"message": "m"}, 422, '"content" weren\'t supplied'),
        ("PUT", "contents/docs", {"message": "m", "content": "eA=="}, 422, "docs is a directory"),
        ("PUT", "contents/README.md/a", {"message": "m", "content": "eA=="}, 409, "a file exists where you"),
        (
            "PUT",
            "contents/a",
            {"message": "m", "content": "eA==", "author": {"name": "Ann"}},
            422,
            'needs "name" and "email"',
        ),
        ("DELETE", "contents/README.md", {"message": "m"}, 422, '"message", "sha" weren\'t supplied'),
        ("DELETE", "contents/none", {"message": "m", "sha": TREE}, 404, "Not Found"),
        ("GET", "pulls?state=merged", None, 422, "Validation Failed"),
        ("POST", "pulls", {"title": "t"}, 422, '"head", "base" weren\'t supplied'),
        ("POST", "pulls", {"head": "work", "base": "main"}, 422, "Validation Failed"),
        ("PATCH", "pulls/1", {"state": "merged"}, 422, "Validation Failed"),
        ("PATCH", "pulls/1", {"base": "none"}, 422, "Validation Failed"),
        ("POST", "deployments", {"auto_merge": False}, 422, "Validation Failed"),
        (
            "POST",
            "actions/workflows/many.yml/dispatches",
            {"ref": "main", "inputs": {f"i{number}": "x" for number in range(26)}},
            422,
            "Inputs can have at most 25 properties",
        ),
        (
            "POST",
            "actions/workflows/many.yml/dispatches",
            {"ref": "main", "inputs": {"i0": "x" * 65_536}},
            422,
            "inputs are too large",
        ),
    ],
)
def test_the_answer_says_what_was_wrong(
    call: Any,
    hub: GitHub,
    repo: RepositoryHandle,
    method: str,
    path: str,
    body: Any,
    status: int,
    complaint: str,
) -> None:
    before = repo.branches(), repo.pulls(), repo.runs()
    answer = call(method, path, body)
    assert (answer.status_code, complaint in answer.json()["message"]) == (status, True), answer.text
    assert (repo.branches(), repo.pulls(), repo.runs()) == before
    assert hub.violations == []


@pytest.mark.parametrize(
    ("method", "path", "body", "violation"),
    [
        ("GET", "pulls?sort=popularity", None, "sorting pull requests by 'popularity'"),
        ("POST", "pulls/1/requested_reviewers", {"team_reviewers": ["sre"]}, "team reviewers"),
        ("GET", "actions/runs?created=yesterday", None, "a time of a `created` filter: 'yesterday'"),
    ],
)
def test_what_is_not_simulated_is_an_error_and_not_a_guess(
    call: Any, hub: GitHub, method: str, path: str, body: Any, violation: str
) -> None:
    assert call(method, path, body).status_code == 501
    assert hub.violations == [violation]


def test_an_issue_takes_a_hundred_labels_and_no_more(
    hub: GitHub, repo: RepositoryHandle, wire: Callable[[str], Any]
) -> None:
    call = wire(hub.actions_token(repo, {"issues": "write"}))
    names = [f"area-{number}" for number in range(99)]
    made = call("POST", "issues", {"title": "Many", "labels": ["Area-1", *names]})
    assert made.status_code == 201, made.text
    number = made.json()["number"]
    assert call("POST", f"issues/{number}/labels", {"labels": ["area-3", "hundredth"]}).status_code == 200
    refused = call("POST", f"issues/{number}/labels", {"labels": ["one-more"]})
    assert (refused.status_code, "more than 100 labels" in refused.text) == (422, True)
    assert len(call("GET", f"issues/{number}").json()["labels"]) == 100


def test_a_deployment_takes_no_endless_story(call: Any) -> None:
    new = {"ref": "main", "auto_merge": False}
    one = f"deployments/{call('POST', 'deployments', new).json()['id']}/statuses"
    long = call("POST", one, {"state": "success", "description": "x" * 141})
    assert long.json()["errors"][0]["message"] == "description is too long (maximum is 140 characters)"
    for _ in range(100):
        assert call("POST", one, {"state": "in_progress"}).status_code == 201
    assert call("POST", one, {"state": "success"}).status_code == 422


def test_a_pull_request_can_change_its_base(call: Any, repo: RepositoryHandle) -> None:
    tip = repo.branches()["main"]
    call("POST", "git/refs", {"ref": "refs/heads/stable", "sha": tip})
    answer = call("PATCH", "pulls/1", {"base": "stable", "title": "new"})
    assert (answer.json()["base"]["ref"], repo.pull(1).base, repo.pull(1).title) == (
        "stable",
        "stable",
        "new",
    )


def test_runs_of_one_day_are_found_by_its_date(call: Any) -> None:
    call("POST", "actions/workflows/many.yml/dispatches", {"ref": "main"})
    assert call("GET", "actions/runs?created=2025-10-19").json()["total_count"] == 1
    assert call("GET", "actions/runs?created=2025-10-20").json()["total_count"] == 0
