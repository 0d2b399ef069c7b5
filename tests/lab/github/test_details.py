"""Small print of GitHub's that is easily forgotten."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from allclear_lab.github import Account, BrowserUser, GitHub, GitHubRefusal, RepositoryHandle

Wires = Callable[[str], Any]


def test_a_person_who_makes_a_label_makes_an_event(
    hub: GitHub, wire: Wires, users: dict[str, Account], repo: RepositoryHandle
) -> None:
    talk = wire(hub.personal_token(users["write"]))
    talk("POST", "labels", {"name": "P1", "color": "ffffff", "description": "one"})
    assert [(one.event, one.action) for one in hub.deliveries] == [("label", "created")]
    assert talk("POST", "labels", {"name": ""}).status_code == 422
    assert talk("POST", "labels", {"name": "P2", "color": "zz"}).status_code == 422
    reader = wire(hub.personal_token(users["triage"]))
    assert reader("POST", "labels", {"name": "P3"}).status_code == 403


def test_setting_the_same_labels_again_changes_nothing(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, people: dict[str, BrowserUser]
) -> None:
    number = people["write"].open_issue("t", labels=["P0"])
    wire(bot)("PUT", f"issues/{number}/labels", {"labels": ["p0"]})
    wire(bot)("PATCH", f"issues/{number}", {"labels": [{"name": "P0"}]})
    assert repo.issue(number).labels == {"P0"}
    events = wire(bot)("GET", f"issues/{number}/events").json()
    assert [one["event"] for one in events] == ["labeled"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("issues?state=ajar", 422),
        ("issues?direction=sideways", 422),
        ("issues?since=yesterday", 422),
        ("issues?since=2025-10-19T14:00:00", 200),
        ("issues?page=x", 200),
        ("issues/1/reactions?content=party", 422),
        ("issues/comments/9", 404),
    ],
)
def test_answers_to_odd_questions(
    hub: GitHub, wire: Wires, bot: str, people: dict[str, BrowserUser], path: str, status: int
) -> None:
    people["read"].open_issue("t")
    assert wire(bot)("GET", path).status_code == status
    assert hub.violations == []


@pytest.mark.parametrize(
    "fields",
    [{"state": "ajar"}, {"state_reason": "bored"}, {"title": ""}, {"body": 7}, {"labels": [["P0"]]}],
)
def test_a_patch_that_makes_no_sense_changes_nothing(
    repo: RepositoryHandle, wire: Wires, bot: str, people: dict[str, BrowserUser], fields: dict[str, Any]
) -> None:
    number = people["read"].open_issue("t", "b")
    before = repo.issue(number)
    assert wire(bot)("PATCH", f"issues/{number}", fields).status_code == 422
    assert repo.issue(number) == before


def test_closing_again_changes_only_the_reason(
    repo: RepositoryHandle, wire: Wires, bot: str, people: dict[str, BrowserUser]
) -> None:
    number = people["read"].open_issue("t")
    talk = wire(bot)
    talk("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "duplicate"})
    assert repo.issue(number).state_reason == "duplicate"
    people["write"].close(number)
    assert (repo.issue(number).state_reason, repo.issue(number).closed_by) == (
        "completed",
        "github-actions[bot]",
    )
    talk("PATCH", f"issues/{number}", {"state": "open"})
    assert repo.issue(number).closed_by is None
    with pytest.raises(GitHubRefusal):
        people["write"].close(number, "tired")
    with pytest.raises(GitHubRefusal):
        people["write"].lock(number, "tired")


def test_one_assignee_the_old_way(
    repo: RepositoryHandle, wire: Wires, bot: str, people: dict[str, BrowserUser]
) -> None:
    talk = wire(bot)
    number = talk("POST", "issues", {"title": 42, "assignee": "write-user"}).json()["number"]
    assert (repo.issue(number).title, repo.issue(number).assignees) == ("42", ("write-user",))
    assert [one["number"] for one in talk("GET", "issues?assignee=write-user").json()] == [number]
    assert [one["number"] for one in talk("GET", "issues?assignee=*").json()] == [number]
    assert talk("GET", "issues?assignee=admin-user").json() == []
    assert talk("GET", "issues?creator=nobody").json() == []
    talk("PATCH", f"issues/{number}", {"assignee": None})
    assert repo.issue(number).assignees == ()


def test_comments_of_the_whole_repository_can_be_sorted(
    hub: GitHub, wire: Wires, bot: str, people: dict[str, BrowserUser]
) -> None:
    one = people["read"].comment(people["read"].open_issue("t"), "1")
    two = people["read"].comment(people["read"].open_issue("u"), "2")
    hub.clock.advance(60)
    people["read"].edit_comment(one, "1, edited")
    talk = wire(bot)

    def ids(query: str) -> list[int]:
        return [found["id"] for found in talk("GET", f"issues/comments{query}").json()]

    assert ids("") == [one, two]
    assert ids("?direction=desc") == [one, two]
    assert ids("?sort=created&direction=desc") == [two, one]
    assert ids("?sort=updated&direction=asc") == [two, one]


def test_a_client_without_a_name_is_turned_away(hub: GitHub, repo: RepositoryHandle, bot: str) -> None:
    headers = {"Authorization": f"token {bot}", "User-Agent": ""}
    assert requests.get(f"{hub.api_url}/repos/acme/shop", headers=headers, timeout=10).status_code == 403


def test_a_revoked_token_and_the_token_of_a_deleted_user(
    hub: GitHub, wire: Wires, bot: str, users: dict[str, Account]
) -> None:
    own = hub.personal_token(users["read"])
    hub.revoke_token(bot)
    hub.delete_user(users["read"])
    assert wire(bot)("GET", "issues").status_code == 401
    assert wire(own)("GET", "issues").status_code == 401


def test_owners_of_an_organization_are_admins_everywhere(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str
) -> None:
    boss = hub.create_user("boss")
    hub.add_org_member("acme", boss, owner=True)
    assert wire(bot)("GET", "collaborators/boss/permission").json()["role_name"] == "admin"
    with pytest.raises(GitHubRefusal):
        hub.add_org_member("nobody", boss)
    other = hub.create_user("other")
    with pytest.raises(ValueError, match="taken"):
        hub.rename_user(other, "BOSS")
    hub.rename_user(other, "Other")
    assert repo.person(other).login == "Other"


def test_nothing_can_be_done_to_what_is_not_there(people: dict[str, BrowserUser]) -> None:
    for deed in (
        lambda: people["admin"].comment(9, "hi"),
        lambda: people["admin"].edit_comment(9, "hi"),
        lambda: people["admin"].transfer_issue(9, "acme/nowhere"),
    ):
        with pytest.raises(GitHubRefusal, match="404"):
            deed()
