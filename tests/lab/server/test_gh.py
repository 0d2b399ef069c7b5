"""GitHub's own command line against the lab: what it asks, and where it is installed the program itself."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from lab.server.process import BOUND, RunningProcess, until

API = "http://api.github.localhost"
HOME = "hotrodan/hotdash"

# What gh 2.23 and 2.60 send for one conversation, shortened where they ask for many fields of one kind.
REPOSITORY = """
fragment repo on Repository {
  id name owner { login } hasIssuesEnabled description hasWikiEnabled viewerPermission
  defaultBranchRef { name }
}
query RepositoryInfo($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    ...repo parent { ...repo } mergeCommitAllowed rebaseMergeAllowed squashMergeAllowed
  }
}"""
NAMES = """query RepositoryResolveMetadataIDs {
  u000: user(login: "bob") { id, login }
  repository(owner: "hotrodan", name: "hotdash") {
    l000: label(name: "incident") { id, name }
    l001: label(name: "P0") { id, name }
    l002: label(name: "P1") { id, name }
  }
}"""
CREATE = "mutation IssueCreate($input: CreateIssueInput!) { createIssue(input: $input) { issue { id url } } }"
VIEW = """query IssueByNumber($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    hasIssuesEnabled
    issue: issueOrPullRequest(number: $number) {
      __typename
      ... on Issue {
        id, number, state, stateReason, title, author { login, ... on User { id, name } },
        milestone { number, title },
        labels(first: 100) { nodes { id, name, description, color }, totalCount },
        assignees(first: 100) { nodes { id, login, name }, totalCount },
        projectCards(first: 100) { nodes { project { name } column { name } }, totalCount },
        reactionGroups { content, users { totalCount } },
        comments(first: 100) {
          nodes { id, author { login }, authorAssociation, body, isMinimized, viewerDidAuthor },
          pageInfo { hasNextPage, endCursor }, totalCount
        }
      }
      ... on PullRequest { id, number, state, title }
    }
  }
}"""
COMMENT = """mutation CommentCreate($input: AddCommentInput!) {
  addComment(input: $input) { commentEdge { node { url } } }
}"""
LIST = """fragment issue on Issue {
  number, title, url, state, updatedAt, labels(first: 100) { nodes { name }, totalCount }
}
query IssueList($owner: String!, $repo: String!, $limit: Int, $endCursor: String,
    $states: [IssueState!] = OPEN, $assignee: String, $author: String, $mention: String) {
  repository(owner: $owner, name: $repo) {
    hasIssuesEnabled
    issues(first: $limit, after: $endCursor, orderBy: {field: CREATED_AT, direction: DESC}, states: $states,
        filterBy: {assignee: $assignee, createdBy: $author, mentioned: $mention}) {
      totalCount nodes { ...issue } pageInfo { hasNextPage endCursor }
    }
  }
}"""
SEARCH = """fragment issue on Issue { number, title }
query IssueSearch($repo: String!, $owner: String!, $type: SearchType!, $limit: Int, $after: String,
    $query: String!) {
  repository(name: $repo, owner: $owner) { hasIssuesEnabled }
  search(type: $type, last: $limit, after: $after, query: $query) {
    issueCount nodes { ...issue } pageInfo { hasNextPage endCursor }
  }
}"""
UNLABEL = """mutation LabelRemove($input: RemoveLabelsFromLabelableInput!) {
  removeLabelsFromLabelable(input: $input) { __typename }
}"""
LABEL = """mutation LabelAdd($input: AddLabelsToLabelableInput!) {
  addLabelsToLabelable(input: $input) { __typename }
}"""
CLOSE = "mutation IssueClose($input: CloseIssueInput!) { closeIssue(input: $input) { issue { id } } }"
FEATURES = """query PullRequest_fields {
  PullRequest: __type(name: "PullRequest") { fields(includeDeprecated: true) { name } }
}"""
PLACE = {"owner": "hotrodan", "repo": "hotdash"}


@pytest.fixture
def graphql(lab: RunningProcess) -> Callable[..., Any]:
    """`graphql(who, query, **variables)` is the data of the answer, asked for as gh does: as of a proxy."""

    def ask(who: str, document: str, /, **variables: Any) -> Any:
        status, _, answer = as_of_a_proxy(
            lab, who, "POST", "/graphql", {"query": document, "variables": variables}
        )
        assert (status, answer.get("errors")) == (200, None)
        return answer["data"]

    return ask


def as_of_a_proxy(
    lab: RunningProcess, who: str, method: str, path: str, body: object = None
) -> tuple[int, dict[str, str], Any]:
    line = HTTPConnection(lab.api.removeprefix("http://"), timeout=BOUND)
    headers = {
        "Host": "api.github.localhost",
        "User-Agent": "GitHub CLI 2.23.0",
        "Authorization": f"token {lab.tokens[who]}",
    }
    line.request(method, API + path, None if body is None else json.dumps(body), headers)
    answer = line.getresponse()
    read = answer.read()
    line.close()
    return answer.status, dict(answer.getheaders()), json.loads(read) if read else None


def names(issue: dict[str, Any]) -> set[str]:
    return {label["name"] for label in issue["labels"]["nodes"]}


def test_an_incident_is_talked_through_in_the_words_of_gh(
    lab: RunningProcess, graphql: Callable[..., Any]
) -> None:
    shop = graphql("ann", REPOSITORY, owner="hotrodan", name="hotdash")["repository"]
    assert (shop["viewerPermission"], shop["defaultBranchRef"]["name"]) == ("MAINTAIN", "main")
    ids = graphql("ann", NAMES)
    labels = {one["name"]: one["id"] for one in ids["repository"].values()}
    given = {
        "repositoryId": shop["id"],
        "title": "[INCIDENT P0] Production down",
        "body": "It is",
        "labelIds": [labels["incident"], labels["P0"]],
        "assigneeIds": [ids["u000"]["id"]],
        "projectIds": None,
    }
    url = graphql("ann", CREATE, input=given)["createIssue"]["issue"]["url"]
    number = int(url.rpartition("/")[2])

    def seen() -> Any:
        return graphql("eve", VIEW, **PLACE, number=number)["repository"]["issue"]

    def said(words: str) -> list[str]:
        return [one["body"] for one in seen()["comments"]["nodes"] if words in one["body"]]

    until(lambda: said("Incident declared"))
    until(lambda: "status:investigating" in names(seen()))  # written after the reply
    issue = seen()
    assert {"incident", "P0", "status:investigating"} <= names(issue)
    assert (issue["state"], issue["author"]["login"]) == ("OPEN", "ann")
    assert [one["login"] for one in issue["assignees"]["nodes"]] == ["bob"]

    graphql("eve", COMMENT, input={"subjectId": issue["id"], "body": "/ack"})
    until(lambda: said("✅ `/ack` · eve"))
    graphql("bob", LABEL, input={"labelableId": issue["id"], "labelIds": [labels["P1"]]})
    graphql("bob", UNLABEL, input={"labelableId": issue["id"], "labelIds": [labels["P0"]]})
    until(lambda: said("✅ `label P1` · bob"))

    found = graphql("eve", LIST, **PLACE, limit=30, states=["OPEN"], author="ann")["repository"]["issues"]
    assert number in [one["number"] for one in found["nodes"]]
    query = f'repo:{HOME} is:issue label:incident label:"status:investigating" state:open'
    found = graphql("eve", SEARCH, **PLACE, type="ISSUE", limit=30, query=query)["search"]
    assert (number in [one["number"] for one in found["nodes"]], found["issueCount"] > 0) == (True, True)

    graphql("ann", CLOSE, input={"issueId": issue["id"], "stateReason": "COMPLETED"})
    # Steps of the runbook are open: Allclear opens it again, as it would on GitHub.
    until(lambda: seen()["stateReason"] == "REOPENED")


def test_gh_is_told_what_it_may_ask_and_led_to_the_name_that_it_sends_its_token_to(
    lab: RunningProcess, graphql: Callable[..., Any]
) -> None:
    assert {"name": "reviewDecision"} in graphql("ann", FEATURES)["PullRequest"]["fields"]
    status, headers, root = as_of_a_proxy(lab, "ann", "GET", "/")
    assert (status, headers["X-OAuth-Scopes"]) == (200, "read:org, repo, workflow")
    assert root["repository_url"] == API + "/repos/{owner}/{repo}"
    _, _, shop = as_of_a_proxy(lab, "ann", "GET", f"/repos/{HOME}")
    assert shop["issues_url"] == f"{API}/repos/{HOME}/issues{{/number}}"
    assert shop["html_url"] == f"{lab.api}/{HOME}"  # for a browser, which has no proxy
    for _ in range(2):
        lab.asks("ann", "POST", "issues", {"title": "One of two"})
    _, headers, _ = as_of_a_proxy(lab, "ann", "GET", f"/repos/{HOME}/issues?per_page=1")
    assert headers["Link"].startswith(f"<{API}/repos/{HOME}/issues?")
    status, _, answer = as_of_a_proxy(lab, "ann", "POST", "/graphql", {"query": "{ viewer { starred } }"})
    assert (status, answer["errors"][0]["message"]) == (200, "Cannot query field 'starred' on type 'User'.")


Gh = Callable[..., str]


@pytest.fixture
def gh(lab: RunningProcess, tool: Callable[[str], Path], tmp_path: Path) -> Gh:
    """`gh(who, *words)` is what gh prints (for people, where there is nothing for programs), with no other
    set-up than what docs/drill.md says. `fails`: it ends with an error, whose words are the answer.
    """
    # A checkout, which `gh pr create` wants to stand in.
    subprocess.run(["git", "init", "-q", tmp_path], check=True, timeout=BOUND)
    remote = f"http://github.localhost/{HOME}.git"
    subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", remote], check=True, timeout=BOUND)
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    env = kept | {
        "HOME": str(tmp_path),
        "HTTP_PROXY": lab.api,
        "GH_HOST": "github.localhost",
        "GH_REPO": f"github.localhost/{HOME}",
        "GH_PROMPT_DISABLED": "1",
        "GH_NO_UPDATE_NOTIFIER": "1",
        "NO_COLOR": "1",
    }

    def run(who: str, *words: str, fails: bool = False) -> str:
        done = subprocess.run(
            [tool("gh"), *words],
            env=env | {"GH_TOKEN": lab.tokens[who]},
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BOUND,
            check=False,
        )
        assert (done.returncode != 0) is fails, f"gh {' '.join(words)}: {done.stderr}"
        return done.stderr if fails else done.stdout or done.stderr

    return run


def told(gh: Gh, number: str, words: str) -> str:
    """The comments of an issue, as soon as one says so."""

    def look() -> str:
        shown = gh("ann", "issue", "view", number, "--comments")
        return shown if words in shown else ""

    return str(until(look))


@pytest.mark.needs("gh")
def test_gh_declares_an_incident_and_talks_it_through(gh: Gh) -> None:
    assert "Logged in to github.localhost" in gh("ann", "auth", "status", "--hostname", "github.localhost")
    title = "[INCIDENT P0] Database down"
    made = gh("ann", "issue", "create", "-t", title, "-b", "It is", "-l", "incident", "-l", "P0", "-a", "bob")
    number = made.strip().rpartition("/")[2]
    told(gh, number, "Incident declared")
    gh("eve", "issue", "comment", number, "-b", "/ack")
    told(gh, number, "✅ `/ack` · eve")
    gh("bob", "issue", "edit", number, "--add-label", "P1", "--remove-label", "P0", "--body", "It was")
    told(gh, number, "✅ `label P1` · bob")
    assert title in gh("eve", "issue", "list")
    assert title in gh("eve", "issue", "list", "-l", "incident", "--state", "all", "--search", "Database")
    shown = gh("eve", "issue", "view", number)
    assert "state:\tOPEN" in shown
    assert "It was" in shown
    gh("bob", "issue", "close", number, "-c", "It is over")
    told(gh, number, "It is over")
    until(lambda: "state:\tOPEN" in gh("eve", "issue", "view", number))  # steps of the runbook are open
    assert "Must have admin rights" in gh("carla", "issue", "lock", number, fails=True)
    assert "P0\tCritical" in gh("eve", "label", "list")
    gh("bob", "label", "create", "by-gh", "-c", "00ff00")
    assert "by-gh" in gh("eve", "label", "list", "-S", "by-gh")
    other = gh("eve", "issue", "create", "-t", "A question", "-b", "Who?").strip().rpartition("/")[2]
    gh("bob", "issue", "close", other, "-r", "not planned")
    assert "A question" in gh("eve", "issue", "list", "--state", "closed")
    gh("bob", "issue", "reopen", other)
    assert "A question" in gh("eve", "issue", "list")
    assert "Relevant issues" in gh("eve", "issue", "status")


@pytest.mark.needs("gh")
def test_gh_opens_reviews_and_merges_a_pull_request(gh: Gh) -> None:
    home = f"repos/{HOME}"
    tip = gh("ann", "api", f"{home}/git/ref/heads/main", "-q", ".object.sha").strip()
    gh("ann", "api", f"{home}/git/refs", "-f", "ref=refs/heads/topic", "-f", f"sha={tip}")
    file = f"{home}/contents/topic.md"
    gh("ann", "api", "-X", "PUT", file, "-f", "message=t", "-f", "content=eA==", "-f", "branch=topic")
    words = ("-H", "topic", "-B", "main", "-t", "A topic", "-b", "Look", "-r", "bob", "-l", "P3")
    made = gh("ann", "pr", "create", "--repo", HOME, *words)
    number = made.strip().rpartition("/")[2]
    assert "A topic\ttopic\tOPEN" in gh("eve", "pr", "list")
    gh("bob", "pr", "review", number, "--approve", "-b", "fine")
    gh("eve", "pr", "comment", number, "-b", "seen")
    assert "reviewers:\tbob (Approved)" in gh("eve", "pr", "view", number)
    assert "Can not approve your own" in gh("ann", "pr", "review", number, "--approve", fails=True)
    gh("eve", "pr", "merge", number, "--squash", fails=True)
    gh("bob", "pr", "merge", number, "--squash", "--delete-branch")
    assert "A topic\ttopic\tMERGED" in gh("eve", "pr", "list", "--state", "merged")
    assert gh("ann", "api", f"{home}/contents/topic.md", "-q", ".content").strip() == "eA=="
    gh("ann", "api", f"{home}/git/ref/heads/topic", fails=True)


@pytest.mark.needs("gh")
def test_gh_lists_watches_and_repeats_runs(gh: Gh) -> None:
    number = gh("ann", "issue", "create", "-t", "[INCIDENT P2] Slow", "-b", "", "-l", "incident", "-l", "P2")
    told(gh, number.strip().rpartition("/")[2], "Incident declared")
    assert "respond" in until(lambda: gh("ann", "run", "list", "-w", "respond.yml"))
    assert "sweep" in gh("ann", "workflow", "list")
    gh("ann", "workflow", "run", "sweep.yml", "--ref", "main")
    fields = ("--json", "databaseId,event,status,conclusion")

    def swept() -> list[dict[str, Any]]:
        found = json.loads(gh("ann", "run", "list", "-w", "sweep.yml", *fields))
        return [one for one in found if one["event"] == "workflow_dispatch" and one["status"] == "completed"]

    run = str(until(swept)[0]["databaseId"])
    assert "sweep" in gh("ann", "run", "view", run)
    gh("ann", "run", "watch", run, "--exit-status")
    gh("ann", "run", "rerun", run)
    until(lambda: "✓" in gh("ann", "run", "view", run))
    gh("ann", "run", "cancel", run, fails=True)
    assert "sweep" in gh("ann", "run", "view", run, "--log")
