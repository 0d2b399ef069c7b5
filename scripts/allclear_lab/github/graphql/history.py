"""GraphQL's view of a branch's commits, with the pull requests that brought them.

https://docs.github.com/en/graphql/reference/objects#commit
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allclear_lab.github.git.objects import Commit, GitObjects
from allclear_lab.github.graphql.code import commit_shown
from allclear_lab.github.graphql.connections import Shown, connection, require
from allclear_lab.github.graphql.pulls import pull_shown, pull_state
from allclear_lab.github.pulls.state import PullRequest, Pulls
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Repository


def commit_in_history(ask: RouteRequest, repository: Repository, sha: str) -> Shown:
    """Commit, with what came before it and the merged pull requests that introduced it."""
    git = repository.room(GitObjects)

    def history(
        info: Any,
        *,
        path: str | None = None,
        since: str | None = None,
        until: str | None = None,
        author: Any = None,
        **bounds: Any,
    ) -> Shown:
        require(ask, "contents:read")
        assert author is None, "the embedded GitHub does not look for an author"
        found = [one for one in git.history(sha) if _within(one, since, until) and _touches(git, one, path)]
        return connection(found, lambda one: commit_in_history(ask, repository, one.sha))(info, **bounds)

    def pulls(info: Any, **bounds: Any) -> Shown:
        require(ask, "pull_requests:read")
        found = [
            one for one in repository.room(Pulls).by_number.values() if _introduced(git, repository, one, sha)
        ]
        return connection(found, lambda one: pull_shown(ask, repository, one))(info, **bounds)

    return commit_shown(ask, repository, sha) | {"associatedPullRequests": pulls, "history": history}


def _within(commit: Commit, since: str | None, until: str | None) -> bool:
    """Whether it was committed between the two: what git goes by, whoever wrote it earlier."""
    at = commit.committer.date
    return (since is None or at >= datetime.fromisoformat(since)) and (
        until is None or at <= datetime.fromisoformat(until)
    )


def _touches(git: GitObjects, commit: Commit, path: str | None) -> bool:
    """Whether it changed the file, or something in the folder; of a merge git shows the commits behind it."""
    if path is None:
        return True
    if len(commit.parents) > 1:
        return False
    changes = git.changes(commit.parents[0] if commit.parents else None, commit.sha)
    return any(one.path == path or one.path.startswith(f"{path}/") for one in changes)


def _introduced(git: GitObjects, repository: Repository, pull: PullRequest, sha: str) -> bool:
    if pull_state(repository.issues[pull.number]) != "MERGED":
        return False
    return sha == pull.merge_commit_sha or sha in {
        one.sha for one in git.beyond(pull.head_sha, pull.base_sha)
    }
