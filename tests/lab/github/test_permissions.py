"""Who may do what: a token's permissions, a person's role, and what may not even be seen."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from allclear_lab.github import Account, BrowserUser, GitHub, GitHubRefusal, RepositoryHandle
from allclear_lab.github.route_table import ROUTES

Wires = Callable[[str], Any]
READING = ("read", "triage", "write", "maintain", "admin", "stranger")


@pytest.mark.parametrize("token", ["", "ghs_wrong"])
def test_a_wrong_token_is_401(wire: Wires, repo: RepositoryHandle, token: str) -> None:
    answer = wire(token)("GET", "issues")
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_a_token_without_the_permission_is_told_which_one(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, people: dict[str, BrowserUser]
) -> None:
    number = people["read"].open_issue("t")
    talk = wire(hub.actions_token(repo, {"issues": "read"}))
    assert talk("GET", f"issues/{number}").status_code == 200
    answer = talk("POST", f"issues/{number}/comments", {"body": "hi"})
    assert answer.status_code == 403
    assert answer.json()["message"] == "Resource not accessible by integration"
    accepted = answer.headers["X-Accepted-GitHub-Permissions"]
    assert accepted == "issues=write; pull_requests=write"
    assert repo.issue(number).comments == ()


def test_pull_request_permission_does_not_open_issues(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, people: dict[str, BrowserUser]
) -> None:
    number = people["read"].open_issue("t")
    talk = wire(hub.actions_token(repo, {"pull-requests": "write"}))
    assert talk("GET", f"issues/{number}").status_code == 403
    assert talk("POST", f"issues/{number}/comments", {"body": "hi"}).status_code == 403


@pytest.mark.parametrize("route", [one for one in ROUTES if one.needs], ids=lambda one: one.name)
def test_a_token_without_permissions_gets_nowhere(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, route: Any
) -> None:
    path = route.template.replace("{owner}/{repo}", "acme/shop")
    path = re.sub(r"\{\w+_number\}|\{(?!workflow_)\w+_id\}", "1", path)
    path = path.replace("{basehead}", "a...b").replace("{", "").replace("}", "")
    answer = wire(hub.actions_token(repo, {}))(route.method, path)
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    assert hub.violations == []


def test_a_token_of_another_repository_cannot_write_here(
    hub: GitHub, wire: Wires, people: dict[str, BrowserUser]
) -> None:
    number = people["read"].open_issue("t")
    other = hub.create_repository("acme/other")
    talk = wire(hub.actions_token(other, {"issues": "write"}))
    assert talk("POST", f"issues/{number}/labels", {"labels": ["P1"]}).status_code == 403
    assert talk("PATCH", f"issues/{number}", {"state": "closed"}).status_code == 403


DEEDS: dict[str, tuple[str, Callable[[BrowserUser, int, int], object]]] = {
    "comment": ("read", lambda who, issue, comment: who.comment(issue, "hi")),
    "react": ("read", lambda who, issue, comment: who.react(comment, "+1")),
    "label": ("triage", lambda who, issue, comment: who.label(issue, "P1")),
    "unlabel": ("triage", lambda who, issue, comment: who.unlabel(issue, "P0")),
    "assign": ("triage", lambda who, issue, comment: who.assign(issue, "write-user")),
    "unassign": ("triage", lambda who, issue, comment: who.unassign(issue, "write-user")),
    "close": ("triage", lambda who, issue, comment: who.close(issue)),
    "reopen": ("triage", lambda who, issue, comment: who.reopen(issue)),
    "edit": ("write", lambda who, issue, comment: who.edit_issue(issue, title="other")),
    "edit comment": ("write", lambda who, issue, comment: who.edit_comment(comment, "other")),
    "delete comment": ("write", lambda who, issue, comment: who.delete_comment(comment)),
    "pin": ("write", lambda who, issue, comment: who.pin_comment(comment)),
    "lock": ("write", lambda who, issue, comment: who.lock(issue)),
    "unlock": ("write", lambda who, issue, comment: who.unlock(issue)),
    "delete": ("admin", lambda who, issue, comment: who.delete_issue(issue)),
}
ORDER = ("stranger", "read", "triage", "write", "maintain", "admin")


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", ORDER)
def test_the_role_decides_in_the_browser(
    hub: GitHub, repo: RepositoryHandle, people: dict[str, BrowserUser], role: str, deed: str
) -> None:
    author = repo.person(hub.create_user("author"))
    number = author.open_issue("t", form_labels=["P0"])
    comment = author.comment(number, "first")
    least, do = DEEDS[deed]
    allowed = least == "read" or ORDER.index(role) >= ORDER.index(least)
    if allowed:
        do(people[role], number, comment)
    else:
        with pytest.raises(GitHubRefusal) as refused:
            do(people[role], number, comment)
        assert refused.value.status == 403


def test_authors_keep_their_own_issue_and_comments(
    people: dict[str, BrowserUser], repo: RepositoryHandle
) -> None:
    stranger = people["stranger"]
    number = stranger.open_issue("t")
    comment = stranger.comment(number, "mine")
    stranger.edit_issue(number, body="more")
    stranger.edit_comment(comment, "mine, better")
    stranger.close(number, "not_planned")
    stranger.reopen(number)
    stranger.delete_comment(comment)
    seen = repo.issue(number)
    assert (seen.body, seen.state, seen.state_reason, seen.comments) == ("more", "open", "reopened", ())


def test_only_writers_speak_on_a_locked_issue(people: dict[str, BrowserUser], repo: RepositoryHandle) -> None:
    number = people["read"].open_issue("t")
    people["write"].lock(number, "too heated")
    people["write"].comment(number, "calm down")
    with pytest.raises(GitHubRefusal, match="locked"):
        people["triage"].comment(number, "but")
    assert len(repo.issue(number).comments) == 1


def test_a_private_repository_does_not_exist_for_strangers(
    hub: GitHub, wire: Wires, users: dict[str, Account]
) -> None:
    secret = hub.create_repository("acme/secret", private=True)
    secret.grant(users["read"], "read")
    number = secret.person(users["read"]).open_issue("t")
    path = f"/repos/acme/secret/issues/{number}"
    assert wire(hub.personal_token(users["read"]))("GET", path).status_code == 200
    assert wire(hub.personal_token(users["stranger"]))("GET", path).status_code == 404
    assert wire(hub.actions_token(secret, {"issues": "read"}))("GET", path).status_code == 200
    with pytest.raises(GitHubRefusal, match="404"):
        secret.person(users["stranger"]).comment(number, "let me in")


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        ("read", "read"),
        ("triage", "read"),
        ("write", "write"),
        ("maintain", "write"),
        ("admin", "admin"),
        ("stranger", "read"),
    ],
)
def test_the_permission_endpoint_folds_five_roles_into_three_words(
    wire: Wires, bot: str, users: dict[str, Account], role: str, permission: str
) -> None:
    answer = wire(bot)("GET", f"collaborators/{users[role].login.upper()}/permission").json()
    assert (answer["permission"], answer["user"]["id"]) == (permission, users[role].id)
    assert answer["role_name"] == ("read" if role == "stranger" else role)
    assert answer["user"]["permissions"]["triage"] is (role not in {"read", "stranger"})


def test_a_stranger_to_a_private_repository_is_404_for_the_permission_endpoint(
    hub: GitHub, wire: Wires, users: dict[str, Account]
) -> None:
    secret = hub.create_repository("acme/secret", private=True)
    talk = wire(hub.actions_token(secret, {}))
    assert talk("GET", "/repos/acme/secret/collaborators/stranger/permission").status_code == 404
    assert talk("GET", "/repos/acme/secret/collaborators/nobody-at-all/permission").status_code == 404
    secret.grant(users["stranger"], "triage")
    assert talk("GET", "/repos/acme/secret/collaborators/stranger/permission").json()["role_name"] == "triage"
    secret.revoke(users["stranger"])
    assert talk("GET", "/repos/acme/secret/collaborators/stranger/permission").status_code == 404


def test_readers_may_not_ask_for_permissions(hub: GitHub, wire: Wires, users: dict[str, Account]) -> None:
    answer = wire(hub.personal_token(users["read"]))("GET", "collaborators/admin-user/permission")
    assert answer.status_code == 403


def test_association_hides_private_members(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, users: dict[str, Account]
) -> None:
    open_member, hidden_member = hub.create_user("open"), hub.create_user("hidden")
    hub.add_org_member("acme", open_member, public=True)
    hub.add_org_member("acme", hidden_member)
    repo.grant(hidden_member, "admin")
    seen = {}
    for user in (open_member, hidden_member, users["write"], users["stranger"]):
        number = repo.person(user).open_issue("t")
        seen[user.login] = wire(bot)("GET", f"issues/{number}").json()["author_association"]
    assert seen == {"open": "MEMBER", "hidden": "NONE", "write-user": "COLLABORATOR", "stranger": "NONE"}


def test_labels_of_readers_are_dropped_without_a_word(
    hub: GitHub,
    repo: RepositoryHandle,
    wire: Wires,
    people: dict[str, BrowserUser],
    users: dict[str, Account],
) -> None:
    talk = wire(hub.personal_token(users["read"]))
    fields = {"title": "t", "labels": ["P0"], "assignees": ["write-user"]}
    made = talk("POST", "issues", fields)
    assert (made.status_code, made.json()["labels"], made.json()["assignees"]) == (201, [], [])
    edited = talk("PATCH", f"issues/{made.json()['number']}", {"title": "u", "labels": ["P0"]})
    assert (edited.status_code, edited.json()["title"], edited.json()["labels"]) == (200, "u", [])
    assert talk("POST", f"issues/{made.json()['number']}/labels", ["P0"]).status_code == 403
    number = people["stranger"].open_issue("t", labels=["P0"], form_labels=["incident"])
    assert repo.issue(number).labels == {"incident"}


def test_a_form_sets_only_labels_that_exist(repo: RepositoryHandle, people: dict[str, BrowserUser]) -> None:
    repo.state.forms_make_labels = False
    repo.create_label("incident", "B60205", "an incident")
    with pytest.raises(ValueError, match="exists"):
        repo.create_label("Incident")
    number = people["stranger"].open_issue("t", form_labels=["incident", "P0"])
    assert repo.issue(number).labels == {"incident"}


def test_triage_labels_by_the_label_endpoint_only(
    hub: GitHub,
    repo: RepositoryHandle,
    wire: Wires,
    people: dict[str, BrowserUser],
    users: dict[str, Account],
) -> None:
    talk = wire(hub.personal_token(users["triage"]))
    number = talk("POST", "issues", {"title": "t", "labels": ["P0"]}).json()["number"]
    assert talk("PATCH", f"issues/{number}", {"labels": ["P0"], "state": "closed"}).status_code == 200
    assert (repo.issue(number).labels, repo.issue(number).state) == (frozenset(), "closed")
    assert talk("POST", f"issues/{number}/labels", ["P0"]).status_code == 200
    assert repo.issue(number).labels == {"P0"}
    in_browser = people["triage"].open_issue("t", labels=["P0"])
    assert repo.issue(in_browser).labels == {"P0"}


def test_a_set_of_labels_is_replaced_and_a_wrong_assignee_left_out(
    repo: RepositoryHandle, wire: Wires, bot: str, people: dict[str, BrowserUser]
) -> None:
    number = people["write"].open_issue("t", labels=["foreign", "P0"])
    talk = wire(bot)
    talk("PATCH", f"issues/{number}", {"labels": ["P1"], "assignees": ["write-user", "stranger", "nobody"]})
    assert repo.issue(number).labels == {"P1"}
    assert repo.issue(number).assignees == ("write-user",)
    talk("POST", f"issues/{number}/labels", {"labels": ["P2", "p1"]})
    assert repo.issue(number).labels == {"P1", "P2"}
    assert talk("DELETE", f"issues/{number}/labels/foreign").status_code == 404


def test_ten_assignees_at_most(hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str) -> None:
    logins = []
    for index in range(12):
        user = hub.create_user(f"u{index}")
        repo.grant(user, "read")
        logins.append(user.login)
    number = wire(bot)("POST", "issues", {"title": "t"}).json()["number"]
    wire(bot)("POST", f"issues/{number}/assignees", {"assignees": logins})
    assert repo.issue(number).assignees == tuple(logins[:10])


def test_a_login_may_change_hands(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, users: dict[str, Account]
) -> None:
    admin = users["admin"]
    hub.rename_user(admin, "anna")
    squatter = hub.create_user("admin-user")
    talk = wire(bot)
    assert talk("GET", "collaborators/anna/permission").json()["user"]["id"] == admin.id
    assert talk("GET", "collaborators/admin-user/permission").json()["role_name"] == "read"
    assert talk("GET", "collaborators/ADMIN-user/permission").json()["user"]["id"] == squatter.id
    with pytest.raises(ValueError, match="taken"):
        hub.create_user("Anna")


def test_a_deleted_account_leaves_a_ghost(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, users: dict[str, Account]
) -> None:
    number = repo.person(users["write"]).open_issue("t")
    hub.delete_user(users["write"])
    assert wire(bot)("GET", f"issues/{number}").json()["user"] is None
    assert repo.issue(number).author == "ghost"


def test_moved_deleted_and_closed_places(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, people: dict[str, BrowserUser]
) -> None:
    number, gone = people["read"].open_issue("t"), people["read"].open_issue("u")
    people["admin"].delete_issue(gone)
    talk = wire(bot)
    assert talk("GET", f"issues/{gone}").status_code == 410
    hub.rename_repository(repo, "store")
    moved = talk("GET", f"issues/{number}")
    assert moved.status_code == 301
    assert talk("GET", moved.headers["Location"].removeprefix(hub.api_url)).json()["number"] == number
    assert talk("PATCH", f"issues/{number}", {"title": "u"}).status_code == 307
    repo.state.has_issues = False
    assert talk("POST", "/repos/acme/store/issues", {"title": "t"}).status_code == 410
    repo.state.archived = True
    assert talk("POST", "/repos/acme/store/issues", {"title": "t"}).status_code == 403


def test_a_transferred_issue_takes_its_comments_along(
    hub: GitHub,
    repo: RepositoryHandle,
    wire: Wires,
    bot: str,
    people: dict[str, BrowserUser],
    users: dict[str, Account],
) -> None:
    number = people["read"].open_issue("t", form_labels=["incident", "P0"])
    comment = people["read"].comment(number, "hello")
    other = hub.create_repository("acme/other")
    other.person(users["read"]).open_issue("first")
    with pytest.raises(GitHubRefusal):
        people["write"].transfer_issue(number, "acme/other")
    other.grant(users["write"], "write")
    other.person(users["write"]).label(1, "incident")
    there = people["write"].transfer_issue(number, "acme/other")
    assert hub.deliveries[-1].payload["changes"]["new_issue"]["number"] == there
    moved = other.issue(there)
    assert [one.id for one in moved.comments] == [comment]
    assert moved.labels == {"incident"}
    answer = wire(bot)("GET", f"issues/{number}")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{hub.api_url}/repos/acme/other/issues/{there}"
    assert wire(bot)("GET", f"issues/comments/{comment}").status_code == 404
    with pytest.raises(GitHubRefusal, match="404"):
        repo.issue(number)
    assert [one.number for one in repo.issues()] == []


def test_a_workflow_has_no_profile_of_its_own(
    hub: GitHub, wire: Wires, bot: str, users: dict[str, Account]
) -> None:
    assert wire(bot)("GET", "/user").status_code == 403
    assert wire(hub.personal_token(users["admin"]))("GET", "/user").json()["login"] == "admin-user"


def test_only_ones_own_reaction_can_be_taken_back(
    hub: GitHub, wire: Wires, bot: str, people: dict[str, BrowserUser], users: dict[str, Account]
) -> None:
    number = people["read"].open_issue("t")
    talk, other = wire(bot), wire(hub.personal_token(users["read"]))
    first = talk("POST", f"issues/{number}/reactions", {"content": "+1"})
    again = talk("POST", f"issues/{number}/reactions", {"content": "+1"})
    assert (first.status_code, again.status_code) == (201, 200)
    path = f"issues/{number}/reactions/{first.json()['id']}"
    assert other("DELETE", path).status_code == 403
    assert talk("DELETE", path).status_code == 204
    assert talk("DELETE", path).status_code == 404
    assert talk("GET", f"issues/{number}/reactions?content=%2B1").json() == []
