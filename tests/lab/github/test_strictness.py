"""What GitHub does not know, the embedded GitHub refuses by name, so that a test fails."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from allclear_lab.github import BrowserUser, GitHub, RepositoryHandle

Wires = Callable[[str], Any]


@pytest.mark.parametrize(
    ("method", "path", "json", "named"),
    [
        ("GET", "isues", None, "no such route"),
        ("DELETE", "issues/1", None, "no such route"),
        ("GET", "issues?states=open", None, "'states'"),
        ("POST", "issues", {"title": "t", "colour": "red"}, "'colour'"),
        ("POST", "issues/1/comments", {"text": "hi"}, "'text'"),
        ("POST", "issues/1/comments", ["hi"], "no object"),
        ("POST", "issues/1/labels", {"names": ["P1"]}, "'names'"),
        ("GET", "issues/1", {"body": "?"}, "'body'"),
    ],
)
def test_the_unknown_is_a_violation_and_501(
    hub: GitHub,
    wire: Wires,
    bot: str,
    people: dict[str, BrowserUser],
    method: str,
    path: str,
    json: Any,
    named: str,
) -> None:
    people["write"].open_issue("t")
    answer = wire(bot)(method, path, json)
    assert answer.status_code == 501
    assert named in answer.json()["message"]
    assert len(hub.violations) == 1
    assert named in hub.violations[0]


def test_another_api_version_is_a_violation(hub: GitHub, wire: Wires, bot: str) -> None:
    assert wire(bot)("GET", "issues", X_GitHub_Api_Version="2022-11-28").status_code == 200
    assert wire(bot)("GET", "issues", X_GitHub_Api_Version="2031-01-01").status_code == 501
    assert "2031-01-01" in hub.violations[0]


@pytest.mark.parametrize(
    ("path", "json", "status"),
    [
        ("issues", {"title": "  "}, 422),
        ("issues", {"title": "t" * 257}, 422),
        ("issues", {"title": ["t"]}, 422),
        ("issues", {"title": "t", "body": "x" * 65_537}, 422),
        ("issues", {"title": "t", "labels": [7]}, 422),
        ("issues/1/comments", {"body": " \n"}, 422),
        ("issues/1/comments", {}, 422),
        ("issues/99/comments", {"body": "hi"}, 404),
        ("issues/1/labels", {"labels": ["x" * 51]}, 422),
        ("issues/1/reactions", {"content": "party"}, 422),
        ("labels", {"name": "P1", "color": "red"}, 422),
        ("labels", {"name": "p0"}, 422),
        ("labels", {"name": "P1", "description": "x" * 101}, 422),
    ],
)
def test_what_github_validates(
    hub: GitHub, wire: Wires, bot: str, people: dict[str, BrowserUser], path: str, json: Any, status: int
) -> None:
    people["write"].open_issue("t", labels=["P0"])
    assert wire(bot)("POST", path, json).status_code == status
    assert hub.violations == []


def test_a_body_that_is_no_json(hub: GitHub, wire: Wires, bot: str) -> None:
    talk = wire(bot)
    answer = talk.session.post(
        f"{hub.api_url}/repos/acme/shop/issues",
        data=b"{",
        headers={"Authorization": f"token {bot}"},
        timeout=10,
    )
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


def test_every_request_is_written_down(hub: GitHub, wire: Wires, bot: str) -> None:
    wire(bot)("POST", "issues", {"title": "t"})
    wire("nobody")("GET", "issues/1?page=2")
    written, refused = hub.requests
    assert (written.method, written.route, written.status) == ("POST", "/repos/{owner}/{repo}/issues", 201)
    assert (written.mutating, written.token_kind, written.body) == (True, "actions", {"title": "t"})
    assert written.response["number"] == 1
    assert (refused.path, refused.query, refused.status) == ("/repos/acme/shop/issues/1", {"page": "2"}, 401)
    assert (refused.mutating, refused.token_kind) == (False, "none")


def test_a_crash_of_the_embedded_github_is_not_silent(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, people: dict[str, BrowserUser]
) -> None:
    number = people["read"].open_issue("t")
    repo.state.issues[number].comment_ids.append(404)
    with pytest.raises(requests.exceptions.ConnectionError):
        wire(bot)("GET", f"issues/{number}/comments")
    assert "Traceback" in hub.violations[0]
