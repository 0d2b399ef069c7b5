"""GraphQL: the part that tells who edited a comment last."""

from collections.abc import Callable
from typing import Any

import pytest

from allclear_lab.github import Account, BrowserUser, GitHub, RepositoryHandle, SimClock

Wires = Callable[[str], Any]
COMMENT = """
query($id: ID!) {
  node(id: $id) {
    ... on IssueComment {
      id databaseId body createdAt lastEditedAt
      author { login ... on User { databaseId } ... on Bot { databaseId } }
      editor { login ... on User { databaseId } ... on Bot { databaseId } }
    }
  }
}
"""

ISSUE = """{ repository(owner: "acme", name: "shop") {
  issue(number: 1) { comments(%s) { totalCount } }
} }"""


def ask(talk: Any, query: str, **variables: Any) -> Any:
    return talk("POST", "/graphql", {"query": query, "variables": variables}).json()


def test_the_editor_of_a_comment(
    hub: GitHub, wire: Wires, bot: str, people: dict[str, BrowserUser], clock: SimClock
) -> None:
    number = people["read"].open_issue("t")
    talk = wire(bot)
    made = talk("POST", f"issues/{number}/comments", {"body": "panel"}).json()
    seen = ask(talk, COMMENT, id=made["node_id"])["data"]["node"]
    assert (seen["databaseId"], seen["editor"], seen["lastEditedAt"]) == (made["id"], None, None)
    assert seen["author"] == {"login": "github-actions", "databaseId": 41898282}
    clock.advance(60)
    people["write"].edit_comment(made["id"], "forged")
    seen = ask(talk, COMMENT, id=made["node_id"])["data"]["node"]
    assert seen["editor"] == {"login": "write-user", "databaseId": people["write"].id}
    assert (seen["body"], seen["lastEditedAt"]) == ("forged", "2025-10-19T14:03:00Z")


def test_an_issue_with_its_last_comments(wire: Wires, bot: str, people: dict[str, BrowserUser]) -> None:
    number = people["write"].open_issue("t", labels=["P0"], assignees=["triage-user"])
    ids = [people["read"].comment(number, str(n)) for n in range(5)]
    query = """query($before: String) { repository(owner: "acme", name: "shop") { issue(number: 1) {
      title state labels(first: 9) { nodes { name } } assignees(first: 9) { nodes { login } }
      comments(last: 2, before: $before) {
        totalCount nodes { databaseId } pageInfo { hasPreviousPage hasNextPage startCursor } } } } }"""
    issue = ask(wire(bot), query)["data"]["repository"]["issue"]
    assert (issue["title"], issue["state"]) == ("t", "OPEN")
    assert (issue["labels"]["nodes"], issue["assignees"]["nodes"]) == (
        [{"name": "P0"}],
        [{"login": "triage-user"}],
    )
    page = issue["comments"]
    assert [one["databaseId"] for one in page["nodes"]] == ids[3:]
    assert (page["totalCount"], page["pageInfo"]["hasPreviousPage"]) == (5, True)
    page = ask(wire(bot), query, before=page["pageInfo"]["startCursor"])
    page = page["data"]["repository"]["issue"]["comments"]
    assert [one["databaseId"] for one in page["nodes"]] == ids[1:3]
    assert page["pageInfo"]["hasNextPage"] is True


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('{ repository(owner: "acme", name: "shop") { stargazerCount } }', "Cannot query field"),
        ('{ repository(owner: "acme", name: "none") { id } }', "Could not resolve to a Repository"),
        ('{ repository(owner: "acme", name: "shop") { issue(number: 9) { id } } }', "to an Issue"),
        ('{ node(id: "IC_none") { id } }', "Could not resolve to a node"),
        (
            '{ repository(owner: "acme", name: "shop") { issue(number: 1) { comments { totalCount } } } }',
            "`first` or `last`",
        ),
        (ISSUE % "first: 101", "exceeds"),
        (ISSUE % 'first: 1, after: "?"', "cursor"),
        ("mutation { addComment { id } }", "mutation"),
    ],
)
def test_problems_are_200_with_errors(
    wire: Wires, bot: str, people: dict[str, BrowserUser], query: str, said: str
) -> None:
    people["read"].open_issue("t")
    answer = wire(bot)("POST", "/graphql", {"query": query})
    assert answer.status_code == 200
    assert said in answer.json()["errors"][0]["message"]


def test_permission_and_sight_hold_for_graphql_too(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, people: dict[str, BrowserUser], users: dict[str, Any]
) -> None:
    people["read"].open_issue("t")
    query = '{ repository(owner: "acme", name: "shop") { nameWithOwner issue(number: 1) { id } } }'
    blind = ask(wire(hub.actions_token(repo, {})), query)
    assert blind["errors"][0]["type"] == "FORBIDDEN"
    secret = hub.create_repository("acme/secret", private=True)
    query = '{ repository(owner: "acme", name: "secret") { id } }'
    hidden = ask(wire(hub.personal_token(users["stranger"])), query)
    assert hidden["errors"][0]["type"] == "NOT_FOUND"
    seen = ask(wire(hub.actions_token(secret, {})), query)
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert ask(wire(hub.actions_token(secret, {})), query, ids=[seen["data"]["repository"]["id"]])["data"]


def test_graphql_has_a_budget_of_its_own(wire: Wires, bot: str) -> None:
    first = ask(wire(bot), "{ rateLimit { cost limit used remaining } }")["data"]["rateLimit"]
    assert first == {"cost": 1, "limit": 1000, "used": 0, "remaining": 1000}
    answer = wire(bot)("POST", "/graphql", {"query": "{ rateLimit(dryRun: true) { cost used } }"})
    assert answer.json()["data"]["rateLimit"] == {"cost": 0, "used": 1}
    assert answer.headers["X-RateLimit-Resource"] == "graphql"


def test_who_asks_and_what_is_lacking_is_said_by_its_name(
    hub: GitHub, wire: Wires, users: dict[str, Account]
) -> None:
    talk = wire(hub.personal_token(users["triage"]))
    assert ask(talk, "{ viewer { login } }") == {"data": {"viewer": {"login": "triage-user"}}}
    (error,) = ask(talk, '{ repository(owner: "acme", name: "shop") { hasIssuesEnabled } }')["errors"]
    assert error["message"] == "Cannot query field 'hasIssuesEnabled' on type 'Repository'."
    (error,) = ask(talk, "mutation { addComment { clientMutationId } }")["errors"]
    assert "mutation" in error["message"]
