"""GraphQL: the part that tells who edited a comment last."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLUnionType, get_named_type

from allclear_lab.github import Account, BrowserUser, GitHub, RepositoryHandle, SimClock
from allclear_lab.github.graphql.route import schema

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
  issue(number: 1) { comments%s { totalCount nodes { id } } }
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
        (ISSUE % "", "`first` or `last`"),
        (ISSUE % "(first: 101)", "exceeds"),
        (ISSUE % '(first: 1, after: "?")', "cursor"),
        ("mutation { addComment { id } }", "Cannot query field 'id' on type 'AddCommentPayload'"),
        ("mutation { addComment { clientMutationId } }", "input"),
        ("{ viewer { login }", "Syntax Error"),
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
    (error,) = ask(talk, '{ repository(owner: "acme", name: "shop") { stargazerCount } }')["errors"]
    assert error["message"] == "Cannot query field 'stargazerCount' on type 'Repository'."
    (error,) = ask(talk, "mutation { starGoat { clientMutationId } }")["errors"]
    assert error["message"] == "Cannot query field 'starGoat' on type 'Mutation'."


ARGUMENTS = {
    "number": "1",
    "name": '"P0"',
    "slug": '"none"',
    "query": '"is:open"',
    "type": "ISSUE",
    "first": "9",
}


def asked(kind: Any, depth: int) -> Iterator[str]:
    """A selection of every field of a type, so many levels deep."""
    if isinstance(kind, GraphQLUnionType):
        for member in kind.types:
            yield f"... on {member.name} {{ __typename {' '.join(asked(member, depth))} }}"
        return
    for name, field in getattr(kind, "fields", {}).items():
        inner = get_named_type(field.type)
        needed = [key for key, one in field.args.items() if isinstance(one.type, GraphQLNonNull)]
        bounds = ["first"] if "first" in field.args else []
        values = ARGUMENTS | ({"number": "2"} if name == "pullRequest" else {})
        given = ", ".join(f"{key}: {values[key]}" for key in [*needed, *bounds])
        below = " ".join(asked(inner, depth - 1)) if depth else ""
        if not below and (hasattr(inner, "fields") or isinstance(inner, GraphQLUnionType)):
            continue
        # The same name may stand for another type in another member of a union.
        alias = f"{kind.name}_{name}: {name}"
        yield f"{alias}{f'({given})' if given else ''}{f' {{ {below} }}' if below else ''}"


@pytest.mark.parametrize("kind", ["Repository", "Issue", "PullRequest", "IssueComment", "Label", "User"])
def test_everything_the_schema_names_is_answered(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, people: dict[str, BrowserUser], kind: str
) -> None:
    """A field that nobody resolves is null, and an error where it must not be."""
    ids = seeded(hub, repo, people, wire)
    shown = schema().get_type(kind)
    assert isinstance(shown, GraphQLObjectType)
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {' '.join(asked(shown, 3))} }} }} }}"
    answer = ask(wire(hub.personal_token(hub.world.accounts[people["admin"].id])), query, id=ids[kind])
    assert answer.get("errors", []) == []
    assert answer["data"]["node"]


def seeded(
    hub: GitHub, repo: RepositoryHandle, people: dict[str, BrowserUser], wire: Wires
) -> dict[str, str]:
    """Something of everything in the repository; the ids of one each."""
    repo.create_label("P0", description="bad")
    number = people["read"].open_issue("Slow", "It is")
    people["triage"].label(number, "P0")
    people["triage"].assign(number, "write-user")
    comment = people["read"].comment(number, "hello")
    people["read"].react(comment, "eyes")
    people["write"].edit_comment(comment, "hello again")
    people["write"].lock(number, "resolved")
    repo.put_file(".github/workflows/ci.yml", "name: CI\non: [workflow_dispatch]\njobs: {test: {}}\n")
    sha = people["write"].push_file("work", "work.md", "done\n")
    people["write"].dispatch("ci.yml", ref="work")
    repo.set_status(sha, "lint", "success", "clean")
    repo.deploy("main")
    pull = people["write"].open_pull("Work", "work")
    people["write"].request_reviews(pull, "maintain-user")
    people["admin"].review(pull)
    talk = wire(hub.personal_token(hub.world.accounts[people["admin"].id]))
    return {
        "Repository": talk("GET", "/repos/acme/shop").json()["node_id"],
        "Issue": talk("GET", f"issues/{number}").json()["node_id"],
        "IssueComment": talk("GET", f"issues/comments/{comment}").json()["node_id"],
        "Label": talk("GET", "labels/P0").json()["node_id"],
        "PullRequest": talk("GET", f"pulls/{pull}").json()["node_id"],
        "User": talk("GET", "/user").json()["node_id"],
    }


HISTORY = """query($since: GitTimestamp, $until: GitTimestamp, $path: String) {
  repository(owner: "acme", name: "shop") {
    defaultBranchRef { name target { oid ... on Commit {
      history(first: 9, since: $since, until: $until, path: $path) { totalCount nodes {
        messageHeadline url author { name email user { login } }
        associatedPullRequests(first: 1) { nodes { number mergedAt } }
    } } } } }
    deployments(first: 1) { nodes { commit { associatedPullRequests(first: 1) { nodes { number } } } } }
} }"""


def reader(repo: RepositoryHandle) -> str:
    """The token of a workflow that may read all of this."""
    return repo.hub.actions_token(repo, dict.fromkeys(("contents", "deployments", "pull_requests"), "read"))


def test_the_history_of_a_branch_with_the_pull_requests_that_brought_its_commits(
    repo: RepositoryHandle, wire: Wires, people: dict[str, BrowserUser], clock: SimClock
) -> None:
    repo.put_file("old.txt", "1")
    clock.advance(3600)
    author = people["write"]
    repo.put_file("app.txt", "1", branch="change")
    author.push_file("change", ".github/workflows/deploy.yml", "on: push", message="Deploy on a push\n\nWhy.")
    number = author.open_pull("Deploy on a push", "change")
    clock.advance(60)
    merge = author.merge_pull(number)
    repo.deploy(merge)
    talk = wire(reader(repo))
    shown = ask(talk, HISTORY, since="2025-10-19T14:30:00Z")["data"]["repository"]
    assert shown["defaultBranchRef"]["target"]["oid"] == merge
    listed = shown["defaultBranchRef"]["target"]["history"]["nodes"]
    assert [one["messageHeadline"] for one in listed][:2] == [
        f"Merge pull request #{number} from acme/change",
        "Deploy on a push",
    ]
    assert listed[1]["author"]["user"] == {"login": "write-user"}
    assert all(one["associatedPullRequests"]["nodes"][0]["number"] == number for one in listed)
    (deployed,) = shown["deployments"]["nodes"]
    assert deployed["commit"]["associatedPullRequests"]["nodes"] == [{"number": number}]
    touching = ask(talk, HISTORY, path=".github/workflows", until="2025-10-19T15:02:00Z")
    found = touching["data"]["repository"]["defaultBranchRef"]["target"]["history"]
    assert [one["messageHeadline"] for one in found["nodes"]] == ["Deploy on a push"]


def test_an_open_pull_request_brought_no_commit(
    repo: RepositoryHandle, wire: Wires, people: dict[str, BrowserUser]
) -> None:
    repo.put_file("old.txt", "1")
    repo.put_file("app.txt", "1", branch="change")
    people["write"].open_pull("A change", "change")
    shown = ask(wire(reader(repo)), HISTORY)["data"]["repository"]["defaultBranchRef"]["target"]["history"]
    assert [one["associatedPullRequests"]["nodes"] for one in shown["nodes"]] == [[]]


def test_the_comment_that_is_pinned_on_an_issue(
    wire: Wires, bot: str, people: dict[str, BrowserUser]
) -> None:
    number = people["read"].open_issue("t")
    talk = wire(bot)
    made = talk("POST", f"issues/{number}/comments", {"body": "panel"}).json()
    query = """{ repository(owner: "acme", name: "shop") { issue(number: 1) { pinnedIssueComment {
      pinnedBy { login } issueComment { id fullDatabaseId body } } } } }"""
    assert ask(talk, query)["data"]["repository"]["issue"]["pinnedIssueComment"] is None
    talk("PUT", f"issues/comments/{made['id']}/pin")
    pinned = ask(talk, query)["data"]["repository"]["issue"]["pinnedIssueComment"]
    shown = {"id": made["node_id"], "fullDatabaseId": str(made["id"]), "body": "panel"}
    assert pinned == {"pinnedBy": {"login": "github-actions"}, "issueComment": shown}


def test_comments_by_their_last_change_and_how_many_dislike_them(
    wire: Wires, bot: str, people: dict[str, BrowserUser], clock: SimClock
) -> None:
    number = people["read"].open_issue("t")
    ids = [people["read"].comment(number, str(n)) for n in range(3)]
    clock.advance(60)
    people["read"].edit_comment(ids[0], "edited")
    people["write"].react(ids[1], "-1")
    query = """query($direction: OrderDirection!) {
      repository(owner: "acme", name: "shop") { issue(number: 1) {
        comments(last: 2, orderBy: {field: UPDATED_AT, direction: $direction}) {
          nodes { fullDatabaseId reactions(content: THUMBS_DOWN) { totalCount } } } } } }"""
    found = {}
    for direction in ("ASC", "DESC"):
        nodes = ask(wire(bot), query, direction=direction)["data"]["repository"]["issue"]["comments"]["nodes"]
        found[direction] = [(int(one["fullDatabaseId"]), one["reactions"]["totalCount"]) for one in nodes]
    assert found == {"ASC": [(ids[2], 0), (ids[0], 0)], "DESC": [(ids[2], 0), (ids[1], 1)]}
