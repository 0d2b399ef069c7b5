"""What answers the peers in GitHub's place: only what the embedded one does not know, of this repository."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stand_in import StandInForGitHub

from allclear_lab.github.route_table import find_route
from conversations.room import Room, open_room

REPO = "/repos/acme/shop/"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as found:
        yield found


def asked(room: Room, method: str, target: str, **body: Any) -> tuple[int, Any] | None:
    answer = StandInForGitHub(room.repo, head="c0ffee")(method, target, json.dumps(body).encode())
    return None if answer is None else (answer.status, json.loads(answer.body or b"null"))


def test_a_branch_is_that_of_the_repository(room: Room) -> None:
    found = asked(room, "GET", REPO + "branches/main?x=1")
    assert found is not None
    status, branch = found
    assert (status, branch["name"], branch["commit"]["sha"]) == (200, "main", room.repo.branches()["main"])
    assert asked(room, "GET", REPO + "branches/lock%2Fone") == (
        404,
        {"message": "Branch not found", "status": "404"},
    )


def test_a_pull_request_is_approved_and_up_to_date(room: Room) -> None:
    found = asked(room, "POST", "/graphql", query="query { repository { pullRequest { reviewDecision } } }")
    assert found is not None
    pull = found[1]["data"]["repository"]["pullRequest"]
    assert (pull["reviewDecision"], pull["mergeStateStatus"]) == ("APPROVED", "CLEAN")
    assert pull["commits"]["nodes"][0]["commit"]["oid"] == "c0ffee"


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("POST", "dispatches", {}, (204, None)),
        ("GET", "rules/branches/main", {}, (200, [])),
        ("POST", "deployments/1/statuses", {"state": "success"}, (201, {"id": 1, "state": "success"})),
    ],
)
def test_the_rest_is_answered_in_the_documented_shapes(
    room: Room, method: str, path: str, body: dict[str, str], answer: tuple[int, Any]
) -> None:
    assert asked(room, method, REPO + path, **body) == answer


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", REPO + "issues/1"),
        ("POST", REPO + "issues/1/comments"),
        ("GET", "/repos/acme/other/branches/main"),
    ],
)
def test_what_the_embedded_github_knows_and_other_repositories_are_passed_on(
    room: Room, method: str, target: str
) -> None:
    assert asked(room, method, target) is None
    assert find_route(method, target) is not None or "/other/" in target


def test_a_query_of_somebody_else_is_passed_on(room: Room) -> None:
    assert asked(room, "POST", "/graphql", query="query { viewer { login } }") is None
