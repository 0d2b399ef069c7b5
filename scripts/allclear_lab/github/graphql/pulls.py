"""GraphQL's view of pull requests and reviews. A field that costs work is a function: it is asked for or not.

https://docs.github.com/en/graphql/reference
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.git.acts import branch_ref
from allclear_lab.github.git.objects import Commit, FileChange, GitObjects
from allclear_lab.github.graphql.code import commit_shown, ref_shown, rollup
from allclear_lab.github.graphql.connections import Shown, connection
from allclear_lab.github.graphql.issues import conversation, page
from allclear_lab.github.graphql.people import actor, user
from allclear_lab.github.people.access import association
from allclear_lab.github.pulls.state import PullRequest, PullReview
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Account, Issue, Repository, node_id
from allclear_lab.github.views import stamp, stamp_or_none


def pull_shown(ask: RouteRequest, repository: Repository, one: PullRequest) -> Shown:
    """PullRequest, without its head's repository. No review is required here, so none decides."""
    git, issue, world = repository.room(GitObjects), repository.issues[one.number], ask.hub.world
    home = head_repository(ask, repository, one)
    merged_at = issue.pull.merged_at if issue.pull else None
    reviewers = [world.accounts[each] for each in one.reviewer_ids]

    def ref(branch: str) -> Shown | None:
        return ref_shown(repository, branch_ref(branch)) if branch_ref(branch) in git.refs else None

    def changes() -> list[FileChange]:
        return git.changes(git.merge_base(one.base_sha, one.head_sha), one.head_sha)

    def files(info: Any, **bounds: Any) -> Shown:
        return connection(changes(), _file)(info, **bounds)

    def commits(info: Any, **bounds: Any) -> Shown:
        found = git.beyond(one.head_sha, one.base_sha)
        return connection(found, commit)(info, **bounds)

    def commit(each: Commit) -> Shown:
        number = node_id("PRC", repository.id, issue.id, each.number)
        return {"id": number, "commit": commit_shown(ask, repository, each.sha)}

    def request(each: Account) -> Shown:
        number = node_id("RRQ", repository.id, issue.id, each.id)
        return {"id": number, "requestedReviewer": user(ask, each)}

    return conversation(ask, repository, issue) | {
        "__typename": "PullRequest",
        "id": node_id("PR", repository.id, issue.id),
        "additions": lambda _: sum(each.additions for each in changes()),
        "autoMergeRequest": None,
        "baseRef": ref(one.base),
        "baseRefName": one.base,
        "baseRefOid": one.base_sha,
        "changedFiles": lambda _: len(changes()),
        "commits": commits,
        "databaseId": one.id,
        "deletions": lambda _: sum(each.deletions for each in changes()),
        "files": files,
        "fullDatabaseId": str(one.id),
        "headRef": ref(one.head),
        "headRefName": one.head,
        "headRefOid": one.head_sha,
        "headRepositoryOwner": user(ask, world.accounts[home.owner_id]),
        "isCrossRepository": home is not repository,
        "isDraft": bool(issue.pull and issue.pull.draft),
        "latestReviews": connection(
            list({each.account_id: each for each in one.reviews}.values()),
            lambda each: review_shown(ask, repository, one, each),
        ),
        "maintainerCanModify": one.maintainer_can_modify,
        "mergeCommit": lambda _: (
            commit_shown(ask, repository, one.merge_commit_sha) if one.merge_commit_sha else None
        ),
        "mergeStateStatus": lambda _: _merge_state(git, issue, one),
        "mergeable": lambda _: _mergeable(git, issue, one),
        "merged": merged_at is not None,
        "mergedAt": stamp_or_none(merged_at),
        "mergedBy": actor(ask, one.merged_by),
        "reviewDecision": None,
        "reviewRequests": connection(reviewers, request),
        "reviews": connection(one.reviews, lambda each: review_shown(ask, repository, one, each)),
        "state": pull_state(issue),
        "statusCheckRollup": lambda _: rollup(ask, repository, one.head_sha),
        "url": f"{page(ask, repository)}/pull/{one.number}",
    }


def head_repository(ask: RouteRequest, repository: Repository, one: PullRequest) -> Repository:
    """Where its head is said to be."""
    return repository if one.fork_id is None else ask.hub.world.repositories[one.fork_id]


def review_shown(ask: RouteRequest, repository: Repository, pull: PullRequest, one: PullReview) -> Shown:
    """PullRequestReview."""
    return {
        "__typename": "PullRequestReview",
        "id": node_id("PRR", repository.id, one.id),
        "author": actor(ask, one.account_id),
        "authorAssociation": association(ask.hub.world, repository, one.account_id),
        "body": one.body,
        "commit": lambda _: commit_shown(ask, repository, one.commit_id),
        "createdAt": stamp(one.submitted_at),
        "databaseId": one.id,
        "includesCreatedEdit": False,
        "reactionGroups": [],
        "state": one.state,
        "submittedAt": stamp(one.submitted_at),
        "updatedAt": stamp(one.submitted_at),
        "url": f"{page(ask, repository)}/pull/{pull.number}#pullrequestreview-{one.id}",
        "viewerDidAuthor": one.account_id == ask.actor.account.id,
    }


def pull_state(issue: Issue) -> str:
    """OPEN, CLOSED or MERGED."""
    return "MERGED" if issue.pull and issue.pull.merged_at else issue.state.upper()


def _file(change: FileChange) -> Shown:
    return {"additions": change.additions, "deletions": change.deletions, "path": change.path}


def _mergeable(git: GitObjects, issue: Issue, pull: PullRequest) -> str:
    if issue.state == "closed":
        return "UNKNOWN"
    return "CONFLICTING" if git.merged_files(pull.base_sha, pull.head_sha) is None else "MERGEABLE"


def _merge_state(git: GitObjects, issue: Issue, pull: PullRequest) -> str:
    if issue.pull and issue.pull.draft:
        return "DRAFT"
    return {"UNKNOWN": "UNKNOWN", "CONFLICTING": "DIRTY", "MERGEABLE": "CLEAN"}[_mergeable(git, issue, pull)]
