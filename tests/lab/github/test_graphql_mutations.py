"""GraphQL's mutations do what REST does: the same rights, the same events, the same state afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from allclear_lab.github import GitHub, RepositoryHandle, SimClock
from allclear_lab.github.graphql.mutations import MUTATIONS
from allclear_lab.github.graphql.route import schema
from allclear_lab.github.rates import WRITES_PER_MINUTE
from allclear_lab.github.state import Role

START = datetime(2025, 10, 19, 14, 2, tzinfo=UTC)
ROLES: tuple[Role, ...] = ("read", "triage", "write", "admin")


@dataclass
class Desk:
    """A repository with an issue (1), a comment on it and a pull request (2), and requests to it."""

    hub: GitHub
    repo: RepositoryHandle
    session: requests.Session
    tokens: dict[str, str]
    ids: dict[str, str]

    def rest(self, who: str, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        url = f"{self.hub.api_url}/repos/acme/shop/{path}"
        return self.session.request(method, url, json=body, headers=headers, timeout=10)

    def mutate(self, who: str, name: str, **given: Any) -> Any:
        """The answer to one mutation; names of `ids` stand for the ids themselves."""
        kind = f"{name[0].upper()}{name[1:]}Input!"
        query = f"mutation($input: {kind}) {{ {name}(input: $input) {{ clientMutationId }} }}"
        sent = {
            key: [self.ids.get(one, one) for one in value]
            if isinstance(value, list)
            else self.ids.get(value, value)
            for key, value in given.items()
        }
        return self.ask(who, query, input=sent)

    def ask(self, who: str, query: str, **variables: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        body = {"query": query, "variables": variables}
        answer = self.session.post(f"{self.hub.api_url}/graphql", json=body, headers=headers, timeout=10)
        assert answer.status_code == 200
        return answer.json()

    def seen(self) -> Any:
        """Everything that a person could tell apart afterwards."""
        return (
            [(one.event, one.action, one.actor_login, one.payload) for one in self.hub.deliveries],
            self.repo.issues(),
            self.repo.pulls(),
            self.repo.branches(),
        )


@contextmanager
def opened() -> Iterator[Desk]:
    hub = GitHub(SimClock(START), 7)
    with hub, requests.Session() as session:
        assert hub.transport is not None
        session.mount("https://", hub.transport)
        repo = hub.create_repository("acme/shop")
        for name in ("incident", "P0", "P1"):
            repo.create_label(name)
        repo.put_file("README.md", "# Shop\n")
        people = {}
        for role in ROLES:
            user = hub.create_user(f"{role}-user")
            repo.grant(user, role)
            people[role] = repo.person(user)
        tokens: dict[str, str] = {
            role: hub.personal_token(hub.world.accounts[people[role].id]) for role in ROLES
        }
        tokens["blind"] = hub.actions_token(repo, {"contents": "write"})
        tokens["bot"] = hub.actions_token(repo, {"issues": "write", "pull-requests": "write"})
        people["read"].open_issue("Slow", "It is")
        people["triage"].label(1, "P0")
        people["read"].comment(1, "hello")
        people["write"].push_file("work", "work.md", "done\n")
        people["write"].push_file("other", "other.md", "done\n")
        people["write"].open_pull("Work", "work")
        desk = Desk(hub, repo, session, tokens, {})
        desk.ids = _ids(desk)
        hub.clock.advance(60)
        yield desk


def _ids(desk: Desk) -> dict[str, str]:
    issue = desk.rest("read", "GET", "issues/1").json()
    labels = {one["name"]: one["node_id"] for one in desk.rest("read", "GET", "labels").json()}
    pull = desk.rest("read", "GET", "pulls/2").json()
    (comment,) = desk.rest("read", "GET", "issues/1/comments").json()
    query = "query($login: String!) { user(login: $login) { id } }"
    people = {role: desk.ask("read", query, login=f"{role}-user")["data"]["user"]["id"] for role in ROLES}
    repository = pull["base"]["repo"]["node_id"]
    found = {"issue": issue["node_id"], "pull": pull["node_id"], "comment": comment["node_id"]}
    return {"shop": repository, **found, **labels, **{f"{role}-id": one for role, one in people.items()}}


Rest = tuple[str, str, Any]
PAIRS: list[tuple[str, dict[str, Any], list[Rest]]] = [
    (
        "createIssue",
        {
            "repositoryId": "shop",
            "title": "Down",
            "body": "It is",
            "labelIds": ["incident", "P0"],
            "assigneeIds": ["write-id"],
        },
        [
            (
                "POST",
                "issues",
                {
                    "title": "Down",
                    "body": "It is",
                    "labels": ["incident", "P0"],
                    "assignees": ["write-user"],
                },
            )
        ],
    ),
    (
        "updateIssue",
        {"id": "issue", "title": "Slower", "body": "It was", "labelIds": ["P1"], "assigneeIds": []},
        [
            (
                "PATCH",
                "issues/1",
                {"title": "Slower", "body": "It was", "labels": ["P1"], "assignees": []},
            )
        ],
    ),
    (
        "closeIssue",
        {"issueId": "issue", "stateReason": "NOT_PLANNED"},
        [("PATCH", "issues/1", {"state": "closed", "state_reason": "not_planned"})],
    ),
    ("addComment", {"subjectId": "issue", "body": "/ack"}, [("POST", "issues/1/comments", {"body": "/ack"})]),
    ("addComment", {"subjectId": "pull", "body": "hm"}, [("POST", "issues/2/comments", {"body": "hm"})]),
    (
        "updateIssueComment",
        {"id": "comment", "body": "good bye"},
        [("PATCH", "issues/comments/{comment}", {"body": "good bye"})],
    ),
    ("deleteIssueComment", {"id": "comment"}, [("DELETE", "issues/comments/{comment}", None)]),
    (
        "addLabelsToLabelable",
        {"labelableId": "issue", "labelIds": ["incident", "P1"]},
        [("POST", "issues/1/labels", {"labels": ["incident", "P1"]})],
    ),
    (
        "removeLabelsFromLabelable",
        {"labelableId": "issue", "labelIds": ["P0", "P1"]},
        [("DELETE", "issues/1/labels/P0", None)],
    ),
    (
        "addAssigneesToAssignable",
        {"assignableId": "issue", "assigneeIds": ["triage-id"]},
        [("POST", "issues/1/assignees", {"assignees": ["triage-user"]})],
    ),
    (
        "createPullRequest",
        {
            "repositoryId": "shop",
            "title": "Other",
            "headRefName": "other",
            "baseRefName": "main",
            "draft": True,
        },
        [
            (
                "POST",
                "pulls",
                {
                    "title": "Other",
                    "head": "other",
                    "base": "main",
                    "draft": True,
                    "maintainer_can_modify": True,
                },
            )
        ],
    ),
    (
        "updatePullRequest",
        {"pullRequestId": "pull", "title": "Works", "labelIds": ["P1"]},
        [("PATCH", "pulls/2", {"title": "Works"}), ("PATCH", "issues/2", {"labels": ["P1"]})],
    ),
    ("closePullRequest", {"pullRequestId": "pull"}, [("PATCH", "pulls/2", {"state": "closed"})]),
    (
        "mergePullRequest",
        {"pullRequestId": "pull", "mergeMethod": "SQUASH", "commitHeadline": "It works"},
        [("PUT", "pulls/2/merge", {"merge_method": "squash", "commit_title": "It works"})],
    ),
    (
        "requestReviews",
        {"pullRequestId": "pull", "userIds": ["admin-id"], "union": True},
        [("POST", "pulls/2/requested_reviewers", {"reviewers": ["admin-user"]})],
    ),
]


@pytest.mark.parametrize(("name", "given", "rest"), PAIRS, ids=[one[0] for one in PAIRS])
def test_a_mutation_does_what_the_rest_route_does_event_by_event(
    name: str, given: dict[str, Any], rest: list[Rest]
) -> None:
    with opened() as desk:
        comment = desk.rest("read", "GET", "issues/1/comments").json()[0]["id"]
        for method, path, body in rest:
            assert desk.rest("write", method, path.format(comment=comment), body).status_code < 300
        wanted = desk.seen()
    with opened() as desk:
        desk.rest("read", "GET", "issues/1/comments")
        assert "errors" not in desk.mutate("write", name, **given, clientMutationId="x")
        assert desk.hub.requests[-1].mutating
        assert desk.seen() == wanted
        assert desk.hub.violations == []


def test_a_review_is_an_approval_of_its_author() -> None:
    with opened() as desk:
        assert "errors" not in desk.mutate(
            "admin", "addPullRequestReview", pullRequestId="pull", event="APPROVE"
        )
        (review,) = desk.rest("read", "GET", "pulls/2/reviews").json()
        assert (review["state"], review["user"]["login"]) == ("APPROVED", "admin-user")
        assert (desk.hub.deliveries[-1].event, desk.hub.deliveries[-1].action) == (
            "pull_request_review",
            "submitted",
        )
        own = desk.mutate("write", "addPullRequestReview", pullRequestId="pull", event="APPROVE")
        assert own["errors"][0]["type"] == "UNPROCESSABLE"


def test_what_has_no_route_is_done_as_in_the_browser() -> None:
    with opened() as desk:
        for name, given, who in (
            ("lockLockable", {"lockableId": "issue", "lockReason": "TOO_HEATED"}, "write"),
            ("unlockLockable", {"lockableId": "issue"}, "write"),
            ("deleteIssue", {"issueId": "issue"}, "admin"),
        ):
            assert desk.mutate("read", name, **given)["errors"][0]["type"] == "FORBIDDEN"
            assert "errors" not in desk.mutate(who, name, **given)
        assert [one.action for one in desk.hub.deliveries[-3:]] == ["locked", "unlocked", "deleted"]


def test_issues_and_pull_requests_are_opened_again_and_moved() -> None:
    with opened() as desk:
        desk.mutate("write", "closeIssue", issueId="issue")
        desk.mutate("write", "reopenIssue", issueId="issue")
        desk.mutate("write", "closePullRequest", pullRequestId="pull")
        desk.mutate("write", "reopenPullRequest", pullRequestId="pull")
        desk.mutate("write", "removeAssigneesFromAssignable", assignableId="issue", assigneeIds=["read-id"])
        done = [(one.event, one.action) for one in desk.hub.deliveries[-4:]]
        assert done == [
            *(("issues", one) for one in ("closed", "reopened")),
            *(("pull_request", one) for one in ("closed", "reopened")),
        ]
        other = desk.hub.create_repository("acme/other")
        mover = desk.hub.world.account_named("write-user")
        assert mover is not None
        other.grant(mover, "write")
        there = desk.ask("write", '{ repository(owner: "acme", name: "other") { id } }')
        desk.ids["other-repo"] = there["data"]["repository"]["id"]
        assert "errors" not in desk.mutate(
            "write", "transferIssue", issueId="issue", repositoryId="other-repo"
        )
        assert [one.title for one in other.issues()] == ["Slow"]


@pytest.mark.parametrize(
    ("who", "name", "given", "kind"),
    [
        ("read", "addLabelsToLabelable", {"labelableId": "issue", "labelIds": ["P1"]}, "FORBIDDEN"),
        ("triage", "mergePullRequest", {"pullRequestId": "pull"}, "FORBIDDEN"),
        ("blind", "addComment", {"subjectId": "issue", "body": "hi"}, "FORBIDDEN"),
        ("bot", "mergePullRequest", {"pullRequestId": "pull"}, "FORBIDDEN"),
        ("read", "addComment", {"subjectId": "comment", "body": "hi"}, "NOT_FOUND"),
        ("read", "addComment", {"subjectId": "I_nothing", "body": "hi"}, "NOT_FOUND"),
        ("read", "updateIssueComment", {"id": "issue", "body": "hi"}, "NOT_FOUND"),
        ("write", "updateIssue", {"id": "issue", "labelIds": ["issue"]}, "NOT_FOUND"),
        ("write", "updateIssue", {"id": "issue", "assigneeIds": ["issue"]}, "NOT_FOUND"),
        ("read", "addComment", {"subjectId": "issue", "body": " "}, "UNPROCESSABLE"),
        ("read", "addComment", {"subjectId": "issue", "body": "x" * 65_537}, "UNPROCESSABLE"),
        ("read", "createIssue", {"repositoryId": "shop", "title": ""}, "UNPROCESSABLE"),
        (
            "write",
            "mergePullRequest",
            {"pullRequestId": "pull", "expectedHeadOid": "a" * 40},
            "UNPROCESSABLE",
        ),
    ],
)
def test_what_rest_refuses_is_refused_and_changes_nothing(
    who: str, name: str, given: dict[str, Any], kind: str
) -> None:
    with opened() as desk:
        before = desk.seen()
        (error,) = desk.mutate(who, name, **given)["errors"]
        assert (error["type"], error["path"]) == (kind, [name])
        assert error["message"]
        assert desk.seen() == before


def test_labels_below_push_access_are_dropped_without_a_word_as_by_rest() -> None:
    with opened() as desk:
        done = desk.mutate("triage", "createIssue", repositoryId="shop", title="t", labelIds=["incident"])
        assert "errors" not in done
        assert desk.repo.issue(3).labels == frozenset()


def test_a_draft_becomes_ready_and_only_by_graphql() -> None:
    with opened() as desk:
        made = desk.rest(
            "write", "POST", "pulls", {"title": "o", "head": "other", "base": "main", "draft": True}
        )
        desk.ids["draft"] = made.json()["node_id"]
        assert "errors" not in desk.mutate("write", "markPullRequestReadyForReview", pullRequestId="draft")
        assert desk.hub.deliveries[-1].action == "ready_for_review"


def test_what_is_not_known_here_is_named_and_noted() -> None:
    with opened() as desk:
        headers = {"Authorization": f"Bearer {desk.tokens['write']}"}
        query = "mutation($input: CreateIssueInput!) { createIssue(input: $input) { clientMutationId } }"
        given = {"repositoryId": desk.ids["shop"], "title": "t", "projectIds": ["PVT_1"]}
        body = {"query": query, "variables": {"input": given}}
        answer = desk.session.post(f"{desk.hub.api_url}/graphql", json=body, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["message"]) == (
            501,
            "createIssue: projectIds is not known here",
        )
        assert desk.hub.violations.pop() == "createIssue: projectIds is not known here"


def test_a_query_changes_nothing_and_a_mutation_may() -> None:
    with opened() as desk:
        desk.ask("read", "{ viewer { login } }")
        assert not desk.hub.requests[-1].mutating
        desk.ask("read", "mutation { nothing }")
        assert not desk.hub.requests[-1].mutating


def test_every_mutation_of_the_schema_is_there() -> None:
    known = schema().mutation_type
    assert known is not None
    assert set(known.fields) == set(MUTATIONS)


TWO = """mutation($on: AddLabelsToLabelableInput!, $put: UpdateIssueCommentInput!) {
  on: addLabelsToLabelable(input: $on) { clientMutationId }
  put: updateIssueComment(input: $put) { clientMutationId }
}"""


def both(desk: Desk) -> Any:
    """A label put on and a comment edited, in one document."""
    label = {"labelableId": desk.ids["issue"], "labelIds": [desk.ids["P1"]]}
    comment = {"id": desk.ids["comment"], "body": "edited"}
    return desk.ask("bot", TWO, on=label, put=comment)


def test_a_mutation_that_is_refused_keeps_no_other_of_its_document_back() -> None:
    with opened() as desk:
        desk.hub.faults.refuse("addLabelsToLabelable")
        answer = both(desk)
        assert answer["data"] == {"on": None, "put": {"clientMutationId": None}}
        (error,) = answer["errors"]
        assert (error["type"], error["path"]) == ("FORBIDDEN", ["on"])
        issue = desk.repo.issue(1)
        assert ("P1" in issue.labels, issue.comments[0].body) == (False, "edited")
        desk.hub.faults.clear()
        assert "errors" not in both(desk)
        assert "P1" in desk.repo.issue(1).labels


def test_each_mutation_of_a_document_counts_as_a_write() -> None:
    with opened() as desk:
        desk.hub.limits_writes = True
        for _ in range(WRITES_PER_MINUTE // 2):
            assert "errors" not in both(desk)
        headers = {"Authorization": f"Bearer {desk.tokens['bot']}"}
        body = {"query": 'mutation { closeIssue(input: {issueId: ""}) { clientMutationId } }'}
        answer = desk.session.post(f"{desk.hub.api_url}/graphql", json=body, headers=headers, timeout=10)
        assert (answer.status_code, answer.headers["retry-after"]) == (403, "60")
        reading = {"query": "{ viewer { login } }"}
        assert desk.session.post(f"{desk.hub.api_url}/graphql", json=reading, headers=headers, timeout=10).ok
