"""Pull requests: as PyGithub opens them, as people merge them, and what GitHub refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from github import GithubException
from github.Repository import Repository

from allclear_lab.github import BrowserUser, GitHub, GitHubRefusal, RepositoryHandle

Client = Callable[[str], Repository]
PULL_WORKFLOW = "name: CI\non: [pull_request, push]\njobs: {}\n"


@pytest.fixture
def writer(hub: GitHub, repo: RepositoryHandle) -> str:
    """The token of the post-mortem's workflow."""
    repo.put_file("README.md", "# Shop\n")
    return hub.actions_token(repo, {"contents": "write", "pull-requests": "write", "issues": "write"})


@pytest.fixture
def shop(client: Client, writer: str) -> Repository:
    """acme/shop through that token, with a branch `report` one commit ahead."""
    found = client(writer)
    found.create_git_ref("refs/heads/report", found.get_commit("main").sha)
    found.create_file("reports/1.md", "Report", "what happened", branch="report")
    return found


def refused(deed: Callable[[], Any]) -> tuple[int, Any]:
    """Status and message (or the first error's message) of a refusal through PyGithub."""
    with pytest.raises(GithubException) as caught:
        deed()
    errors = caught.value.data.get("errors")
    return caught.value.status, (errors[0].get("message") or errors[0]) if errors else caught.value.data[
        "message"
    ]


def test_a_workflow_opens_a_pull_request_and_asks_for_reviews(
    shop: Repository, repo: RepositoryHandle, people: dict[str, BrowserUser], hub: GitHub
) -> None:
    pull = shop.create_pull(title="Post-mortem", body="text", head="report", base="main")
    pull.create_review_request(reviewers=["triage-user", "write-user"])
    assert (pull.number, pull.mergeable, pull.commits, pull.changed_files) == (1, True, 1, 1)
    assert repo.pull(1).reviewers == ("triage-user", "write-user")
    assert [user.login for user in pull.get_review_requests()[0]] == ["triage-user", "write-user"]
    people["triage"].review(1, "APPROVED", "well told")
    assert repo.pull(1).reviewers == ("write-user",)
    assert [(one.user.login, one.state) for one in pull.get_reviews()] == [("triage-user", "APPROVED")]
    assert [one.number for one in shop.get_pulls(state="open", head="acme:report")] == [1]
    assert hub.violations == []


def test_a_second_pull_request_for_a_branch_is_refused(shop: Repository) -> None:
    shop.create_pull(title="One", body="", head="report", base="main")
    again = refused(lambda: shop.create_pull(title="Two", body="", head="report", base="main"))
    assert again == (422, "A pull request already exists for acme:report.")


def test_a_closed_pull_request_makes_room_for_another(shop: Repository, repo: RepositoryHandle) -> None:
    shop.create_pull(title="One", body="", head="report", base="main").edit(state="closed")
    assert shop.create_pull(title="Two", body="", head="report", base="main").number == 2
    assert [one.state for one in repo.pulls()] == ["closed", "open"]


@pytest.mark.parametrize(
    ("head", "base", "problem"),
    [
        ("main", "main", "No commits between main and main"),
        ("none", "main", {"resource": "PullRequest", "code": "invalid", "field": "head"}),
        ("report", "none", {"resource": "PullRequest", "code": "invalid", "field": "base"}),
    ],
)
def test_a_pull_request_needs_two_branches_and_a_difference(
    shop: Repository, head: str, base: str, problem: Any
) -> None:
    assert refused(lambda: shop.create_pull(title="t", body="", head=head, base=base)) == (422, problem)


def test_a_repository_may_keep_workflows_from_opening_pull_requests(
    shop: Repository, repo: RepositoryHandle, people: dict[str, BrowserUser]
) -> None:
    repo.state.allow_actions_pull_requests = False
    status, message = refused(lambda: shop.create_pull(title="t", body="", head="report", base="main"))
    assert (status, message) == (
        403,
        "GitHub Actions is not permitted to create or approve pull requests.",
    )
    assert people["write"].open_pull("t", "report") == 1


def test_a_token_without_pull_requests_opens_none(
    hub: GitHub, repo: RepositoryHandle, shop: Repository, client: Client
) -> None:
    other = client(hub.actions_token(repo, {"contents": "write"}))
    assert refused(lambda: other.create_pull(title="t", body="", head="report", base="main")) == (
        403,
        "Resource not accessible by integration",
    )


@pytest.mark.parametrize("asked", ["stranger", "nobody"])
def test_only_collaborators_can_be_asked_for_a_review(
    shop: Repository, repo: RepositoryHandle, people: dict[str, BrowserUser], asked: str
) -> None:
    pull = shop.create_pull(title="t", body="", head="report", base="main")
    status, message = refused(lambda: pull.create_review_request(reviewers=["triage-user", asked]))
    assert (status, "not a collaborator of the acme/shop repository" in message) == (422, True)
    assert repo.pull(1).reviewers == ()


def test_the_author_cannot_be_asked_for_a_review(shop: Repository, people: dict[str, BrowserUser]) -> None:
    number = people["write"].open_pull("t", "report")
    status, message = refused(lambda: shop.get_pull(number).create_review_request(reviewers=["write-user"]))
    assert (status, message) == (422, "Review cannot be requested from pull request author.")
    with pytest.raises(GitHubRefusal, match="approve your own"):
        people["write"].review(number)


def test_runs_for_a_workflows_pull_request_wait_for_approval(
    shop: Repository, repo: RepositoryHandle, hub: GitHub, people: dict[str, BrowserUser]
) -> None:
    repo.put_file(".github/workflows/ci.yml", PULL_WORKFLOW, branch="report")
    shop.create_pull(title="Post-mortem", body="", head="report", base="main")
    held = [(run.event, run.status, run.conclusion, run.pull_number) for run in repo.runs()]
    assert held == [("pull_request", "completed", "action_required", 1)]
    assert [one.event for one in hub.deliveries] == []


def test_a_merge_lands_the_files_and_closes_what_the_text_says_it_fixes(
    shop: Repository, repo: RepositoryHandle, people: dict[str, BrowserUser], hub: GitHub
) -> None:
    number = people["read"].open_issue("Down")
    pull = shop.create_pull(title="Post-mortem", body=f"Fixes #{number}", head="report", base="main")
    sha = people["write"].merge_pull(pull.number)
    assert repo.file("reports/1.md") == "what happened"
    merged = repo.pull(pull.number)
    assert (merged.state, merged.merged, merged.merge_commit_sha) == ("closed", True, sha)
    issue = repo.issue(number)
    assert (issue.state, issue.closed_by) == ("closed", "write-user")
    last = repo.state.issues[number].events[-1]
    assert (last.event, last.commit_id, last.by_pull) == ("closed", None, pull.number)
    told = [(one.event, one.action) for one in hub.deliveries[-3:]]
    assert told == [("pull_request", "closed"), ("issues", "closed"), ("push", None)]
    assert hub.deliveries[-3].payload["pull_request"]["merged"] is True


def test_a_merge_into_another_branch_closes_no_issue(
    shop: Repository, repo: RepositoryHandle, people: dict[str, BrowserUser]
) -> None:
    shop.create_git_ref("refs/heads/stable", shop.get_commit("main").sha)
    number = people["read"].open_issue("Down")
    pull = people["write"].open_pull("t", "report", base="stable", body=f"Fixes #{number}")
    people["write"].merge_pull(pull)
    assert repo.issue(number).state == "open"


def test_people_below_write_merge_nothing(shop: Repository, people: dict[str, BrowserUser]) -> None:
    number = people["write"].open_pull("t", "report")
    with pytest.raises(GitHubRefusal):
        people["triage"].merge_pull(number)


def test_a_merge_names_the_head_it_means(shop: Repository, repo: RepositoryHandle) -> None:
    pull = shop.create_pull(title="t", body="", head="report", base="main")
    old = pull.head.sha
    shop.create_file("more.md", "More", "x", branch="report")
    status, message = refused(lambda: pull.merge(sha=old))
    assert (status, message) == (409, "Head branch was modified. Review and try the merge again.")
    assert pull.merge(sha=shop.get_pull(1).head.sha, merge_method="squash").merged
    assert refused(pull.merge) == (405, "Pull Request is not mergeable")
    assert shop.get_commit("main").commit.message == "t (#1)"


def test_two_branches_that_change_the_same_line_do_not_merge(
    shop: Repository, repo: RepositoryHandle, people: dict[str, BrowserUser]
) -> None:
    repo.put_file("README.md", "theirs", branch="report")
    number = people["write"].open_pull("t", "report")
    repo.put_file("README.md", "ours")
    assert (shop.get_pull(number).mergeable, shop.get_pull(number).mergeable_state) == (False, "dirty")
    with pytest.raises(GitHubRefusal, match="not mergeable"):
        people["write"].merge_pull(number)


def test_deleting_the_branch_closes_its_pull_request(
    shop: Repository, repo: RepositoryHandle, people: dict[str, BrowserUser]
) -> None:
    number = people["write"].open_pull("t", "report")
    people["write"].delete_branch("report")
    assert (repo.pull(number).state, repo.pull(number).merged) == ("closed", False)
    assert shop.get_pull(number).changed_files == 1


def test_a_push_to_the_branch_is_a_synchronize(
    shop: Repository, hub: GitHub, people: dict[str, BrowserUser]
) -> None:
    number = people["write"].open_pull("t", "report")
    before = shop.get_pull(number).head.sha
    after = people["write"].push_file("report", "more.txt", "more")
    told = next(one for one in hub.deliveries if one.action == "synchronize")
    assert (told.payload["number"], told.payload["before"], told.payload["after"]) == (number, before, after)


def test_labels_and_comments_of_a_pull_request_go_the_issues_way(
    shop: Repository, hub: GitHub, people: dict[str, BrowserUser]
) -> None:
    number = people["write"].open_pull("t", "report")
    people["write"].label(number, "postmortem")
    people["write"].comment(number, "hello")
    told = [(one.event, one.action) for one in hub.deliveries[-2:]]
    assert told == [("pull_request", "labeled"), ("issue_comment", "created")]
    assert "pull_request" in hub.deliveries[-1].payload["issue"]
    assert [label.name for label in shop.get_pull(number).labels] == ["postmortem"]


def test_a_merged_pull_request_cannot_be_reopened(shop: Repository, people: dict[str, BrowserUser]) -> None:
    number = people["write"].open_pull("t", "report")
    people["write"].merge_pull(number)
    status, _ = refused(lambda: shop.get_pull(number).edit(state="open"))
    assert status == 422


def test_a_draft_cannot_be_merged_until_somebody_who_may_write_makes_it_ready(
    hub: GitHub, repo: RepositoryHandle, wire: Callable[[str], Any], people: dict[str, BrowserUser]
) -> None:
    repo.put_file("README.md", "hi")
    people["write"].push_file("hotfix", "fix.txt", "fixed")
    talk = wire(hub.actions_token(repo, {"pull-requests": "write"}))
    new = {"title": "Repair", "head": "hotfix", "base": "main", "draft": True}
    repo.state.allow_drafts = False
    assert talk("POST", "pulls", new).status_code == 422
    repo.state.allow_drafts = True
    number = talk("POST", "pulls", new).json()["number"]
    with pytest.raises(GitHubRefusal):
        people["write"].merge_pull(number)
    with pytest.raises(GitHubRefusal):
        people["triage"].ready(number)
    people["write"].ready(number)
    people["write"].ready(number)
    actions = [one.action for one in hub.deliveries if one.event == "pull_request"]
    assert actions == ["ready_for_review"]
    people["write"].merge_pull(number)


CLOSER = """query { repository(owner: "acme", name: "shop") { issue(number: 1) {
  timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) { nodes { ... on ClosedEvent {
    actor { login } closer { __typename ... on PullRequest { number } ... on Commit { oid } } } } } } } }"""


@pytest.mark.parametrize(
    ("message", "body", "closer"),
    [
        ("the fix", "Fixes #1", "PullRequest"),
        ("hotfix: it (Fixes #1)", "Fixes #1", "PullRequest"),
        ("hotfix: it (Fixes #1)", "", "Commit"),
        ("the fix", "no-close: #1", "PullRequest"),
    ],
)
def test_what_a_merge_closed_is_told_by_its_closer_and_its_event_names_a_commit_only(
    hub: GitHub,
    repo: RepositoryHandle,
    wire: Callable[[str], Any],
    people: dict[str, BrowserUser],
    message: str,
    body: str,
    closer: str,
) -> None:
    """Measured by others: https://github.com/paiml/aprender/issues/3400"""
    repo.put_file("README.md", "hi")
    assert people["write"].open_issue("Down") == 1
    people["write"].push_file("side", "a.txt", "a", message)
    pull = people["write"].open_pull("Fix", "side", body=body)
    people["write"].merge_pull(pull, "merge")
    assert repo.issue(1).state == "closed"
    (event,) = [one for one in repo.state.issues[1].events if one.event == "closed"]
    assert (event.commit_id is not None) is (closer == "Commit")
    token = hub.actions_token(repo, {"issues": "read", "pull_requests": "read", "contents": "read"})
    talk = wire(token)
    (node,) = _items(talk("POST", "/graphql", {"query": CLOSER}).json())
    assert node["actor"]["login"] == "write-user"
    assert node["closer"]["__typename"] == closer
    blind = wire(hub.actions_token(repo, {"issues": "read"}))
    assert blind("POST", "/graphql", {"query": CLOSER}).json()["errors"][0]["type"] == "FORBIDDEN"


def test_an_issue_that_was_closed_by_hand_has_no_closer(
    repo: RepositoryHandle, wire: Callable[[str], Any], people: dict[str, BrowserUser], bot: str
) -> None:
    repo.put_file("README.md", "hi")
    people["write"].close(people["write"].open_issue("Down"))
    (node,) = _items(wire(bot)("POST", "/graphql", {"query": CLOSER}).json())
    assert node["closer"] is None


def _items(answer: Any) -> Any:
    assert "errors" not in answer, answer
    return answer["data"]["repository"]["issue"]["timelineItems"]["nodes"]


def test_a_rebase_puts_its_commits_on_the_base_once_more(
    shop: Repository, repo: RepositoryHandle, people: dict[str, BrowserUser]
) -> None:
    people["write"].push_file("report", "reports/2.md", "More", "and more")
    pull = people["write"].open_pull("t", "report")
    people["maintain"].push_file("main", "CHANGES.md", "News")
    sha = people["maintain"].merge_pull(pull, "rebase")
    messages = [one.commit.message for one in shop.get_commits(sha=sha)]
    assert messages[:3] == ["and more", "Report", "Update CHANGES.md"]
    assert shop.get_commit(sha).author.login == "write-user"
    assert shop.get_commit(sha).committer.login == "maintain-user"
    assert {"CHANGES.md", "reports/1.md", "reports/2.md"} <= set(repo.files("main"))
    assert sha != repo.branches()["report"]


def test_another_base_is_an_edit_with_what_it_was(
    shop: Repository, repo: RepositoryHandle, people: dict[str, BrowserUser], hub: GitHub
) -> None:
    pull = people["write"].open_pull("t", "report")
    people["write"].push_file("next", "next.md", "x")
    people["write"].edit_pull(pull, base="next")
    last = hub.deliveries[-1]
    assert (last.event, last.action) == ("pull_request", "edited")
    assert last.payload["changes"]["base"]["ref"] == {"from": "main"}
    assert repo.pull(pull).base == "next"


def test_a_pull_request_becomes_a_draft_and_ready_again(
    repo: RepositoryHandle, shop: Repository, people: dict[str, BrowserUser], hub: GitHub
) -> None:
    pull = people["write"].open_pull("t", "report")
    people["write"].convert_to_draft(pull)
    assert repo.pull(pull).draft
    with pytest.raises(GitHubRefusal, match="not mergeable"):
        people["write"].merge_pull(pull)
    people["write"].ready(pull)
    assert [one.action for one in hub.deliveries[-2:]] == ["converted_to_draft", "ready_for_review"]


def test_without_its_branch_or_with_another_history_it_is_not_reopened(
    repo: RepositoryHandle, shop: Repository, people: dict[str, BrowserUser]
) -> None:
    pull, tip = people["write"].open_pull("t", "report"), repo.branches()["report"]
    people["write"].delete_branch("report")
    with pytest.raises(GitHubRefusal, match="Validation Failed") as caught:
        people["write"].reopen_pull(pull)
    assert "The report branch has been deleted." in str(caught.value.errors)
    people["write"].push_file("report", "other.md", "x")
    with pytest.raises(GitHubRefusal) as caught:
        people["write"].reopen_pull(pull)
    assert "was force-pushed or recreated." in str(caught.value.errors)
    people["write"].push_commit(tip, "report")
    people["write"].push_file("report", "later.md", "x")
    people["write"].reopen_pull(pull)
    assert repo.pull(pull).head_sha == repo.branches()["report"]
    people["write"].close_pull(pull)
    people["write"].open_pull("u", "report")
    with pytest.raises(GitHubRefusal) as caught:
        people["write"].reopen_pull(pull)
    assert "There is already an open pull request" in str(caught.value.errors)
