"""The lab's front: as lenient as GitHub, kind to browsers, and careful about who is shown the tokens."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from allclear_lab.github import GitHub, RepositoryHandle, SimClock
from allclear_lab.github.front import RawReply, RawRequest
from allclear_lab.server.front import OpenFront


class TwoPages:
    """A start page, and one of the first issue."""

    def html(self, path: str) -> str | None:
        return {"/": "<p>tokens</p>", "/acme/shop/issues/1": "<p>first</p>"}.get(path)

    def summary(self) -> Mapping[str, object]:
        return {"people": []}


CHANGED: list[str] = []


@pytest.fixture
def hub() -> Iterator[GitHub]:
    CHANGED.clear()
    clock = SimClock(datetime(2025, 10, 19, 14, 2, tzinfo=UTC))
    with GitHub(clock, front=lambda hub: OpenFront(hub, TwoPages(), lambda: CHANGED.append("x"))) as running:
        yield running


@pytest.fixture
def repo(hub: GitHub) -> RepositoryHandle:
    return hub.create_repository("acme/shop")


def ask(hub: GitHub, method: str, target: str, body: object = None, **headers: str) -> RawReply:
    sent = {"User-Agent": "a test", "Host": "127.0.0.1:8765", **headers}
    named = [(name.replace("_", "-"), value) for name, value in sent.items()]
    data = b"" if body is None else json.dumps(body).encode()
    return hub.front.answer(RawRequest.of(method, target, named, data))


@pytest.fixture
def token(hub: GitHub, repo: RepositoryHandle) -> str:
    ann = hub.create_user("ann")
    repo.grant(ann, "write")
    return f"token {hub.personal_token(ann)}"


def test_what_github_passes_over_is_passed_over(hub: GitHub, repo: RepositoryHandle, token: str) -> None:
    new = {"title": "t", "labels": [], "surprise": 1}
    assert ask(hub, "POST", "/repos/acme/shop/issues?new=1", new, Authorization=token).status == 201
    assert ask(hub, "GET", "/repos/acme/shop/fortune", Authorization=token).status == 404
    refused = ask(hub, "POST", "/repos/acme/shop/issues", ["t"], Authorization=token)
    assert (refused.status, json.loads(refused.text)["message"]) == (400, "Body should be a JSON object")
    version = ask(hub, "GET", "/user", Authorization=token, X_GitHub_Api_Version="1999-01-01")
    assert version.status == 400
    assert hub.violations == []


def test_whoever_waits_is_told_of_what_may_have_changed(
    hub: GitHub, repo: RepositoryHandle, token: str
) -> None:
    ask(hub, "GET", "/repos/acme/shop/issues", Authorization=token)
    assert CHANGED == []
    ask(hub, "POST", "/repos/acme/shop/issues", {"title": "t"}, Authorization=token)
    assert len(CHANGED) == 1


def test_a_browsers_client_is_let_through_from_any_page(hub: GitHub, token: str) -> None:
    preflight = ask(hub, "OPTIONS", "/user", Origin="https://tool.example")
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert ask(hub, "GET", "/user", Authorization=token).headers["Access-Control-Allow-Origin"] == "*"


def test_the_pages_are_for_browsers_and_no_other_site_may_read_them(hub: GitHub) -> None:
    page = ask(hub, "GET", "/", Accept="text/html,*/*")
    assert (page.status, page.text) == (200, b"<p>tokens</p>")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    data = ask(hub, "GET", "/", Accept="*/*")
    assert json.loads(data.text) == {"people": []}
    for reply in (page, data):
        assert "Access-Control-Allow-Origin" not in reply.headers
    # A name of somebody else's that leads to this machine (DNS rebinding).
    for accept in ("text/html", "*/*"):
        assert ask(hub, "GET", "/", Host="tool.example:8765", Accept=accept).status == 401
    assert ask(hub, "GET", "/acme/shop/issues/1", Accept="text/html").text == b"<p>first</p>"
    assert ask(hub, "GET", "/acme/shop/issues/2", Accept="text/html").status == 401


def test_it_can_be_asked_as_a_proxy_as_gh_does(hub: GitHub, token: str) -> None:
    there = "http://api.github.localhost/user?x=1"
    answer = ask(hub, "GET", there, Host="api.github.localhost", Authorization=token)
    assert json.loads(answer.text)["login"] == "ann"
    assert ask(hub, "GET", "http://api.github.localhost", Host="api.github.localhost").status == 401
