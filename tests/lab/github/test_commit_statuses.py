"""Commit statuses, refs of our own, and what GraphQL tells of deployments and pull requests."""

from collections.abc import Callable
from typing import Any

import pytest

from allclear_lab.github import BrowserUser, GitHub, RepositoryHandle, SimClock

Wires = Callable[[str], Any]


@pytest.fixture
def tip(repo: RepositoryHandle) -> str:
    return repo.put_file("README.md", "hi")


@pytest.fixture
def talk(hub: GitHub, repo: RepositoryHandle, wire: Wires, tip: str) -> Any:
    grants = ("contents", "deployments", "pull-requests", "statuses")
    return wire(hub.actions_token(repo, dict.fromkeys(grants, "write")))


def test_the_last_word_of_each_context_counts(talk: Any, tip: str, repo: RepositoryHandle) -> None:
    def combined() -> tuple[str, int]:
        seen = talk("GET", "commits/main/status").json()
        return seen["state"], seen["total_count"]

    assert combined() == ("pending", 0)
    for context, state, expected in (
        ("allclear/smoke", "success", ("success", 1)),
        ("ci", "pending", ("pending", 2)),
        ("CI", "error", ("failure", 2)),
        ("ci", "success", ("success", 2)),
    ):
        said = talk("POST", f"statuses/{tip}", {"state": state, "context": context, "description": "so"})
        assert said.status_code == 201
        assert said.json()["creator"]["login"] == "github-actions[bot]"
        assert combined() == expected
    listed = talk("GET", f"commits/{tip}/status").json()["statuses"]
    assert {(one["context"], one["state"]) for one in listed} >= {
        ("ci", "success"),
        ("allclear/smoke", "success"),
    }
    assert repo.statuses(tip)["allclear/smoke"].description == "so"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"state": "great"},
        {"state": "success", "description": "x" * 141},
        {"state": "success", "context": "x" * 256},
        {"state": "success", "target_url": "javascript:alert(1)"},
    ],
)
def test_a_status_that_github_does_not_take(talk: Any, tip: str, body: dict[str, str]) -> None:
    assert talk("POST", f"statuses/{tip}", body).status_code == 422
    assert talk("GET", f"commits/{tip}/status").json()["statuses"] == []


def test_a_status_is_of_a_commit_and_the_thousandth_is_the_last(
    talk: Any, tip: str, repo: RepositoryHandle
) -> None:
    assert talk("POST", "statuses/main", {"state": "success"}).status_code == 422
    assert talk("GET", "commits/none/status").status_code == 404
    for _ in range(1000):
        repo.set_status(tip, "allclear/smoke", "failure")
    full = talk("POST", f"statuses/{tip}", {"state": "success", "context": "allclear/smoke"})
    assert (full.status_code, "maximum" in full.text) == (422, True)
    assert (
        talk("POST", f"statuses/{tip}", {"state": "success", "context": "allclear/freeze"}).status_code == 201
    )


def test_an_empty_repository_has_no_statuses(hub: GitHub, repo: RepositoryHandle, wire: Wires) -> None:
    talk = wire(hub.actions_token(repo, {"statuses": "read"}))
    assert talk("GET", "commits/main/status").status_code == 409


def test_a_status_needs_its_permission(hub: GitHub, repo: RepositoryHandle, wire: Wires, tip: str) -> None:
    reader = wire(hub.actions_token(repo, {"statuses": "read", "contents": "write"}))
    assert reader("POST", f"statuses/{tip}", {"state": "success"}).status_code == 403
    assert reader("GET", f"commits/{tip}/status").status_code == 200


def test_a_ref_of_our_own_is_made_once_moves_forward_and_tells_nobody(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, users: dict[str, Any], tip: str
) -> None:
    # By a person's token: a workflow's own deeds are not delivered anyway.
    talk = wire(hub.personal_token(users["write"]))
    name = "refs/allclear/12/rollback-ab12cd34"
    tree = talk("GET", f"git/commits/{tip}").json()["tree"]["sha"]
    first = talk("POST", "git/commits", {"message": "claimed", "tree": tree}).json()["sha"]
    started = {"message": "started", "tree": tree, "parents": [first]}
    second = talk("POST", "git/commits", started).json()["sha"]
    other = talk("POST", "git/commits", {**started, "message": "also started"}).json()["sha"]
    assert talk("POST", "git/refs", {"ref": name, "sha": first}).status_code == 201
    assert (
        talk("POST", "git/refs", {"ref": name, "sha": first}).json()["message"] == "Reference already exists"
    )
    short = name.removeprefix("refs/")
    assert talk("PATCH", f"git/refs/{short}", {"sha": second}).status_code == 200
    lost = talk("PATCH", f"git/refs/{short}", {"sha": other})
    assert (lost.status_code, lost.json()["message"]) == (422, "Update is not a fast forward")
    assert talk("GET", f"git/ref/{short}").json()["object"]["sha"] == second
    assert [one["ref"] for one in talk("GET", "git/matching-refs/allclear/12/").json()] == [name]
    assert talk("GET", "git/matching-refs/allclear/1/").json() == []
    assert repo.refs("refs/allclear/") == {name: second}
    assert [one.event for one in hub.deliveries] == []


@pytest.mark.parametrize("squatter", ["refs/allclear/12", "refs/allclear/12/rollback-ab12cd34/x"])
def test_a_ref_cannot_be_both_a_name_and_a_folder(talk: Any, tip: str, squatter: str) -> None:
    assert talk("POST", "git/refs", {"ref": squatter, "sha": tip}).status_code == 201
    ref = {"ref": "refs/allclear/12/rollback-ab12cd34", "sha": tip}
    answer = talk("POST", "git/refs", ref)
    assert (answer.status_code, squatter in answer.json()["message"]) == (422, True)


def test_a_comparison_shows_files_first_and_pages_through_commits(
    talk: Any, repo: RepositoryHandle, people: dict[str, BrowserUser], tip: str
) -> None:
    for number in range(3):
        people["write"].push_file("main", f"db/migrations/{number}.sql", "x")
    whole = talk("GET", f"compare/{tip}...main").json()
    assert [one["filename"] for one in whole["files"]] == [f"db/migrations/{n}.sql" for n in range(3)]
    assert [one["author"]["login"] for one in whole["commits"]] == ["write-user"] * 3
    page = talk("GET", f"compare/{tip}...main?per_page=2&page=2")
    assert (len(page.json()["commits"]), page.json()["files"], page.json()["total_commits"]) == (1, [], 3)
    assert 'rel="prev"' in page.headers["Link"]


def test_a_comparison_shows_up_to_300_files_and_250_commits(
    hub: GitHub, talk: Any, repo: RepositoryHandle, tip: str
) -> None:
    for number in range(301):
        last = repo.put_file(f"f{number}.txt", "x")
    whole = talk("GET", f"compare/{tip}...main").json()
    assert (len(whole["files"]), len(whole["commits"]), whole["total_commits"]) == (300, 250, 301)
    assert whole["commits"][-1]["sha"] == last


DEPLOYMENTS = """
query($environments: [String!], $direction: OrderDirection!) { repository(owner: "acme", name: "shop") {
  deployments(environments: $environments, first: 2, orderBy: {field: CREATED_AT, direction: $direction}) {
    nodes { databaseId commitOid environment originalEnvironment payload task state ref { name }
      latestStatus { state environmentUrl } statuses(first: 9) { nodes { state } }
      commit { oid status { state context(name: "ALLCLEAR/smoke") { state } } } } } } }
"""


def nodes(talk: Any, query: str, **variables: Any) -> list[Any]:
    answer = talk("POST", "/graphql", {"query": query, "variables": variables}).json()
    assert "errors" not in answer, answer
    (found,) = answer["data"]["repository"].values()
    listed: list[Any] = found["nodes"]
    return listed


def test_graphql_tells_what_ran_where_and_what_smoke_said(
    talk: Any, repo: RepositoryHandle, tip: str, people: dict[str, BrowserUser], clock: SimClock
) -> None:
    old = repo.deploy(tip, payload={"release": "v1"})
    repo.set_status(tip, "allclear/smoke", "success")
    bad = people["write"].push_file("main", "x.txt", "x")
    clock.advance(60)
    new = repo.deploy("main", state="failure")
    repo.deploy("main", "staging", state="")
    newest, before = nodes(talk, DEPLOYMENTS, environments=["production"], direction="DESC")
    assert (newest["databaseId"], newest["commitOid"], newest["state"]) == (new, bad, "FAILURE")
    assert (newest["ref"], newest["commit"]["status"]) == ({"name": "main"}, None)
    assert (before["databaseId"], before["state"], before["ref"]) == (old, "ACTIVE", None)
    assert (before["payload"], before["task"]) == ('{"release": "v1"}', "deploy")
    assert before["latestStatus"] == {"state": "SUCCESS", "environmentUrl": None}
    assert before["commit"] == {"oid": tip, "status": {"state": "SUCCESS", "context": {"state": "SUCCESS"}}}
    everywhere = nodes(talk, DEPLOYMENTS, environments=None, direction="ASC")
    assert [one["databaseId"] for one in everywhere] == [old, new]
    (staging,) = nodes(talk, DEPLOYMENTS, environments=["staging"], direction="ASC")
    assert (staging["state"], staging["latestStatus"], staging["statuses"]["nodes"]) == ("PENDING", None, [])


def test_graphql_shows_a_deployments_statuses_newest_first(
    talk: Any, repo: RepositoryHandle, tip: str
) -> None:
    number = repo.deploy(tip, "staging", state="in_progress")
    talk("POST", f"deployments/{number}/statuses", {"state": "success", "environment": "eu"})
    (seen,) = nodes(talk, DEPLOYMENTS, environments=["eu"], direction="ASC")
    assert [one["state"] for one in seen["statuses"]["nodes"]] == ["SUCCESS", "IN_PROGRESS"]
    assert (seen["environment"], seen["originalEnvironment"]) == ("eu", "staging")


PULLS = """
query($states: [PullRequestState!]) { repository(owner: "acme", name: "shop") {
  pullRequests(states: $states, first: 9) {
    nodes { number state headRefOid headRefName isCrossRepository isDraft headRepository { nameWithOwner }
      headRef { name }
      commits(last: 1) { nodes { commit { oid status { contexts { context state } } } } } } } } }
"""


def test_graphql_lists_pull_requests_with_their_last_commit(
    hub: GitHub, talk: Any, repo: RepositoryHandle, tip: str, people: dict[str, BrowserUser]
) -> None:
    numbers = []
    for name in ("a", "b", "c"):
        sha = people["write"].push_file(name, f"{name}.txt", name)
        numbers.append(people["write"].open_pull(name, name))
    repo.set_status(sha, "allclear/freeze", "failure")
    people["write"].close_pull(numbers[0])
    people["write"].merge_pull(numbers[1])
    (seen,) = nodes(talk, PULLS, states=["OPEN"])
    assert (seen["number"], seen["headRefOid"], seen["headRefName"]) == (numbers[2], sha, "c")
    assert (seen["isCrossRepository"], seen["headRepository"]) == (False, {"nameWithOwner": "acme/shop"})
    (last,) = seen["commits"]["nodes"]
    assert last["commit"]["status"] == {"contexts": [{"context": "allclear/freeze", "state": "FAILURE"}]}
    assert [one["state"] for one in nodes(talk, PULLS, states=None)] == ["CLOSED", "MERGED", "OPEN"]
    repo.pretend_fork(numbers[2], hub.create_repository("eve/shop", organization=False))
    (seen,) = nodes(talk, PULLS, states=["OPEN"])
    assert (seen["isCrossRepository"], seen["headRepository"]) == (True, {"nameWithOwner": "eve/shop"})
    assert talk("GET", f"pulls/{numbers[2]}").json()["head"]["label"] == "eve:c"


@pytest.mark.parametrize(
    ("lacking", "query"),
    [
        ("deployments", DEPLOYMENTS),
        ("pull-requests", PULLS),
        ("contents", DEPLOYMENTS),
        ("statuses", DEPLOYMENTS),
    ],
)
def test_graphql_refuses_what_the_token_may_not_read(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, tip: str, lacking: str, query: str
) -> None:
    repo.deploy(tip)
    grants = dict.fromkeys({"contents", "deployments", "pull-requests", "statuses"} - {lacking}, "read")
    body = {"query": query, "variables": {"direction": "ASC"} if query == DEPLOYMENTS else {}}
    answer = wire(hub.actions_token(repo, grants))("POST", "/graphql", body)
    assert [one["type"] for one in answer.json()["errors"]] == ["FORBIDDEN"]
