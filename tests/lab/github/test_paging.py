"""Pages, validators and limits."""

from collections.abc import Callable
from typing import Any

from github.Repository import Repository

from allclear_lab.github import BrowserUser, GitHub, SimClock

Wires = Callable[[str], Any]


def test_pages_link_to_each_other(hub: GitHub, wire: Wires, bot: str, people: dict[str, BrowserUser]) -> None:
    number = people["read"].open_issue("t")
    ids = [people["read"].comment(number, str(n)) for n in range(70)]
    talk = wire(bot)
    first = talk("GET", f"issues/{number}/comments")
    assert [one["id"] for one in first.json()] == ids[:30]
    assert set(first.links) == {"next", "last"}
    last = talk("GET", first.links["last"]["url"].removeprefix(hub.api_url))
    assert [one["id"] for one in last.json()] == ids[60:]
    assert set(last.links) == {"prev", "first"}
    middle = talk("GET", last.links["prev"]["url"].removeprefix(hub.api_url))
    assert set(middle.links) == {"prev", "next", "last", "first"}
    beyond = talk("GET", f"issues/{number}/comments?page=9")
    assert beyond.json() == []
    assert "next" not in beyond.links
    most = talk("GET", f"issues/{number}/comments?per_page=500")
    assert len(most.json()) == 70
    assert most.links == {}
    assert hub.violations == []


def test_pygithub_turns_the_pages(
    hub: GitHub, client: Callable[[str], Repository], bot: str, people: dict[str, BrowserUser]
) -> None:
    number = people["read"].open_issue("t")
    ids = [people["read"].comment(number, str(n)) for n in range(65)]
    assert [one.id for one in client(bot).get_issue(number).get_comments()] == ids
    pages = [one for one in hub.requests if one.route.endswith("/comments")]
    assert len(pages) == 3


def test_an_unchanged_answer_is_304_and_free(
    wire: Wires, bot: str, people: dict[str, BrowserUser], hub: GitHub
) -> None:
    number = people["read"].open_issue("t")
    talk = wire(bot)
    first = talk("GET", f"issues/{number}")
    before = first.headers["X-RateLimit-Remaining"]
    again = talk("GET", f"issues/{number}", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.text) == (304, "")
    assert again.headers["X-RateLimit-Remaining"] == before
    assert hub.requests[-1].status == 304
    people["read"].edit_issue(number, title="u")
    changed = talk("GET", f"issues/{number}", If_None_Match=first.headers["ETag"])
    assert (changed.status_code, changed.json()["title"]) == (200, "u")


def test_time_comes_from_the_clock(wire: Wires, bot: str, clock: SimClock) -> None:
    talk = wire(bot)
    assert talk("GET", "issues").headers["Date"] == "Sun, 19 Oct 2025 14:02:00 GMT"
    clock.advance(3600)
    assert talk("GET", "issues").headers["Date"] == "Sun, 19 Oct 2025 15:02:00 GMT"


def test_a_repository_has_a_thousand_requests_an_hour_for_all_its_workflows(
    hub: GitHub, wire: Wires, bot: str, clock: SimClock, repo: Any, users: dict[str, Any]
) -> None:
    other = hub.actions_token(repo, {"issues": "read"})
    first = wire(bot)("GET", "issues")
    assert first.headers["X-RateLimit-Limit"] == "1000"
    assert first.headers["X-RateLimit-Remaining"] == "999"
    assert first.headers["X-RateLimit-Reset"] == str(int(clock.now().timestamp()) + 3600)
    for window in hub.world.rates.values():
        window.used = 999
    assert wire(other)("GET", "issues").status_code == 200
    spent = wire(bot)("GET", "issues")
    assert (spent.status_code, spent.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert wire(hub.personal_token(users["write"]))("GET", "issues").status_code == 200
    clock.advance(3600)
    assert wire(bot)("GET", "issues").status_code == 200


def test_headers_every_answer_carries(wire: Wires, bot: str) -> None:
    answer = wire(bot)("GET", "issues")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["X-GitHub-Media-Type"] == "github.v3; format=json"
    assert answer.headers["X-GitHub-Request-Id"]
    assert answer.headers["X-RateLimit-Resource"] == "core"
