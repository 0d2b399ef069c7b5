"""Bad weather on order."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from allclear_lab.github import BrowserUser, GitHub, RepositoryHandle, SimClock
from allclear_lab.github.faults import Kind

Wires = Callable[[str], Any]


@pytest.fixture
def number(people: dict[str, BrowserUser]) -> int:
    return people["read"].open_issue("t")


def posts(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/comments")


@pytest.mark.parametrize(("kind", "applied"), [("error_before", False), ("error_after", True)])
def test_a_server_error_may_hide_a_write(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, number: int, kind: Any, applied: bool
) -> None:
    hub.faults.add(kind, posts, status=503)
    talk = wire(bot)
    assert talk("GET", f"issues/{number}").status_code == 200
    assert talk("POST", f"issues/{number}/comments", {"body": "hi"}).status_code == 503
    assert len(repo.issue(number).comments) == applied
    assert (hub.requests[-1].applied, hub.requests[-1].fault) == (applied, kind)
    assert talk("POST", f"issues/{number}/comments", {"body": "hi"}).status_code == 201


@pytest.mark.parametrize(("kind", "applied"), [("drop_before", False), ("drop_after", True)])
def test_a_line_may_break_before_or_after(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, number: int, kind: Any, applied: bool
) -> None:
    hub.faults.add(kind, posts)
    with pytest.raises(requests.ConnectionError):
        wire(bot)("POST", f"issues/{number}/comments", {"body": "hi"})
    assert len(repo.issue(number).comments) == applied
    assert (hub.requests[-1].status, hub.requests[-1].applied) == (0, applied)
    assert wire(bot)("GET", f"issues/{number}").status_code == 200
    assert hub.violations == []


def test_half_an_answer_and_no_json(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, number: int
) -> None:
    hub.faults.add("truncated_json")
    hub.faults.add("html_200")
    talk = wire(bot)
    for _ in range(2):
        answer = talk("POST", f"issues/{number}/comments", {"body": "hi"})
        assert answer.status_code in {200, 201}
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    assert len(repo.issue(number).comments) == 2


def test_the_second_and_third_match_are_struck(hub: GitHub, wire: Wires, bot: str, number: int) -> None:
    hub.faults.add("error_before", nth=2, times=2)
    talk = wire(bot)
    assert [talk("GET", f"issues/{number}").status_code for _ in range(4)] == [200, 500, 500, 200]


def test_limits(hub: GitHub, wire: Wires, bot: str, number: int) -> None:
    hub.faults.add("secondary", retry_after=17)
    hub.faults.add("secondary", status=429)
    hub.faults.add("primary_exhausted")
    talk = wire(bot)
    with_wait, without, spent = (talk("GET", f"issues/{number}") for _ in range(3))
    assert (with_wait.status_code, with_wait.headers["Retry-After"]) == (403, "17")
    assert (without.status_code, "Retry-After" in without.headers) == (429, False)
    assert "secondary rate limit" in without.json()["message"]
    assert (spent.status_code, spent.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert spent.headers["X-RateLimit-Reset"] == "1760886120"


def test_refusals(hub: GitHub, wire: Wires, bot: str, number: int) -> None:
    hub.faults.add("unauthorized")
    hub.faults.add("not_accessible")
    for status in (404, 410, 451):
        hub.faults.add("gone", status=status)
    hub.faults.add("redirect", location=f"{hub.api_url}/repos/acme/moved")
    talk = wire(bot)
    answers = [talk("PATCH", f"issues/{number}", {"title": "u"}) for _ in range(6)]
    assert [one.status_code for one in answers] == [401, 403, 404, 410, 451, 301]
    assert answers[1].headers["X-Accepted-GitHub-Permissions"] == "issues=write; pull_requests=write"
    assert answers[-1].headers["Location"] == f"{hub.api_url}/repos/acme/moved"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("update_failed", "Reference update failed"), ("rule", "Repository rule violations found")],
)
def test_a_ref_that_is_not_created_is_not_there(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, kind: Kind, words: str
) -> None:
    tip = repo.put_file("README.md", "hi")
    talk = wire(hub.actions_token(repo, {"contents": "write"}))
    hub.faults.add(kind, lambda method, path: method == "POST" and path.endswith("/git/refs"))
    ref = {"ref": "refs/heads/side", "sha": tip}
    answer = talk("POST", "git/refs", ref)
    assert (answer.status_code, words in answer.json()["message"]) == (422, True)
    assert "side" not in repo.branches()
    assert talk("POST", "git/refs", ref).status_code == 201


@pytest.mark.parametrize(("applied", "left"), [(False, 1), (True, 2)])
def test_a_killed_runner_stays_dead_until_cleared(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, number: int, applied: bool, left: int
) -> None:
    hub.faults.kill(1, applied=applied)
    talk = wire(bot)
    assert talk("POST", f"issues/{number}/comments", {"body": "0"}).status_code == 201
    for text in ("1", "2", "3"):
        with pytest.raises(requests.ConnectionError):
            talk("POST", f"issues/{number}/comments", {"body": text})
    assert [one.body for one in repo.issue(number).comments] == ["0", "1"][:left]
    hub.faults.clear()
    assert talk("POST", f"issues/{number}/comments", {"body": "4"}).status_code == 201


def test_stale_lists_hide_ones_own_late_writes(
    hub: GitHub, wire: Wires, bot: str, number: int, people: dict[str, BrowserUser], clock: SimClock
) -> None:
    talk = wire(bot)
    old = talk("POST", f"issues/{number}/comments", {"body": "old"}).json()["id"]
    clock.advance(60)
    hub.faults.add("stale_reads", seconds=5)
    clock.advance(1)
    talk("PATCH", f"issues/comments/{old}", {"body": "edited"})
    mine = talk("POST", f"issues/{number}/comments", {"body": "mine"}).json()["id"]
    theirs = people["read"].comment(number, "theirs")

    def seen() -> dict[int, str]:
        return {one["id"]: one["body"] for one in talk("GET", f"issues/{number}/comments").json()}

    def seen_by_graphql() -> dict[int, str]:
        query = """query($number: Int!) { repository(owner: "acme", name: "shop") { issue(number: $number) {
          comments(first: 9) { nodes { fullDatabaseId body } } } } }"""
        told = talk("POST", "/graphql", {"query": query, "variables": {"number": number}}).json()
        nodes = told["data"]["repository"]["issue"]["comments"]["nodes"]
        return {int(one["fullDatabaseId"]): one["body"] for one in nodes}

    assert seen() == seen_by_graphql() == {old: "old", theirs: "theirs"}
    assert talk("GET", f"issues/comments/{mine}").json()["body"] == "mine"
    clock.advance(5)
    assert seen() == seen_by_graphql() == {old: "edited", mine: "mine", theirs: "theirs"}
