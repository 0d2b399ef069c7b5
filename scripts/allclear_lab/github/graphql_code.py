"""GraphQL's view of deployments, pull requests, commits and their statuses.

https://docs.github.com/en/graphql/reference. A field that costs work is a function: it is asked for or not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from allclear_lab.github.deployments.deployments import Deployment, Deployments, DeploymentStatus
from allclear_lab.github.git.commit_statuses import CommitStatuses, combined
from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.graphql_connections import Shown, connection, require
from allclear_lab.github.pulls.state import PullRequest, Pulls
from allclear_lab.github.routing import RouteRequest, Unfaithful
from allclear_lab.github.state import Account, Issue, IssueEvent, Repository, node_id
from allclear_lab.github.views import stamp, stamp_or_none

Resolver = Callable[..., Any]
# A deployment's own state, from its last status. GitHub has more names for the same.
_STATES = {"success": "ACTIVE", None: "PENDING"}


def deployments(ask: RouteRequest, repository: Repository) -> Resolver:
    """Repository.deployments: oldest first unless told."""

    def resolve(
        info: Any,
        *,
        environments: Sequence[str] | None = None,
        orderBy: Mapping[str, str] | None = None,  # noqa: N803  # GitHub's name
        **page: Any,
    ) -> Shown:
        require(ask, "deployments:read")
        found = [
            one
            for one in repository.room(Deployments).by_id.values()
            if not environments or one.environment in environments
        ]
        if orderBy is not None and orderBy["direction"] == "DESC":
            found.reverse()
        return connection(found, lambda one: _deployment(ask, repository, one))(info, **page)

    return resolve


def pull_requests(ask: RouteRequest, repository: Repository) -> Resolver:
    """Repository.pullRequests: oldest first, those of other states left out."""

    def resolve(
        info: Any,
        *,
        states: Sequence[str] | None = None,
        orderBy: Mapping[str, str] | None = None,  # noqa: N803  # GitHub's name
        **page: Any,
    ) -> Shown:
        require(ask, "pull_requests:read")
        found = [
            one
            for one in repository.room(Pulls).by_number.values()
            if not states or _pull_state(repository.issues[one.number]) in states
        ]
        if orderBy is not None:
            if orderBy["field"] == "UPDATED_AT":
                found.sort(key=lambda one: repository.issues[one.number].updated_at)
            if orderBy["direction"] == "DESC":
                found.reverse()
        return connection(found, lambda one: _pull(ask, repository, one))(info, **page)

    return resolve


def closed_events(ask: RouteRequest, repository: Repository, issue: Issue) -> Resolver:
    """Issue.timelineItems, of which only the closes are known: each with what closed it."""

    def resolve(
        info: Any,
        *,
        itemTypes: Sequence[str] | None = None,  # noqa: N803  # GitHub's name
        **page: Any,
    ) -> Shown:
        if itemTypes != ["CLOSED_EVENT"]:
            raise Unfaithful("timelineItems of other types than CLOSED_EVENT")
        found = [one for one in issue.events if one.event == "closed"]
        return connection(found, lambda one: _closed(ask, repository, one))(info, **page)

    return resolve


def _closed(ask: RouteRequest, repository: Repository, one: IssueEvent) -> Shown:
    def closer(_: Any) -> Shown | None:
        if one.by_pull is not None:
            require(ask, "pull_requests:read")
            return _pull(ask, repository, repository.room(Pulls).by_number[one.by_pull])
        # A test may name a commit that is not there.
        known = one.commit_id is not None and one.commit_id in repository.room(GitObjects).commits
        return _commit(ask, repository, str(one.commit_id)) if known else None

    return {
        "__typename": "ClosedEvent",
        "id": node_id("CE", repository.id, one.id),
        "actor": actor(ask, one.actor_id),
        "closer": closer,
        "createdAt": stamp(one.created_at),
    }


def actor(ask: RouteRequest, account_id: int | None) -> Shown | None:
    """An Actor; None when the account is gone."""
    account = ask.hub.world.accounts.get(account_id) if account_id is not None else None
    return user(ask, account) if account else None


def user(ask: RouteRequest, account: Account) -> Shown:
    """An account. GraphQL names a bot without the "[bot]" that REST appends."""
    return {
        "__typename": account.kind,
        "id": node_id("BOT" if account.kind == "Bot" else "U", account.id),
        "databaseId": account.id,
        "login": account.login.removesuffix("[bot]"),
        "name": account.name,
        "url": f"{ask.hub.server_url}/{account.login}",
    }


def _deployment(ask: RouteRequest, repository: Repository, one: Deployment) -> Shown:
    git = repository.room(GitObjects)
    latest = one.statuses[-1] if one.statuses else None
    ref = next((name for name in (f"refs/heads/{one.ref}", f"refs/tags/{one.ref}") if name in git.refs), None)
    return {
        "__typename": "Deployment",
        "id": node_id("DE", one.id),
        "databaseId": one.id,
        "commit": lambda _: _commit(ask, repository, one.sha),
        "commitOid": one.sha,
        "createdAt": stamp(one.created_at),
        "description": one.description,
        "environment": one.environment,
        "latestEnvironment": one.environment,
        "latestStatus": _deployment_status(latest) if latest else None,
        "originalEnvironment": one.original_environment,
        "payload": json.dumps(one.payload),
        "ref": _ref(repository, ref) if ref else None,
        "state": _STATES.get(one.state, (one.state or "").upper()),
        "statuses": connection(one.statuses[::-1], _deployment_status),
        "task": one.task,
        "updatedAt": stamp(one.updated_at),
    }


def _deployment_status(one: DeploymentStatus) -> Shown:
    return {
        "__typename": "DeploymentStatus",
        "id": node_id("DES", one.id),
        "createdAt": stamp(one.created_at),
        "description": one.description,
        "environment": one.environment,
        "environmentUrl": one.environment_url or None,
        "logUrl": one.target_url or None,
        "state": one.state.upper(),
        "updatedAt": stamp(one.created_at),
    }


def _pull(ask: RouteRequest, repository: Repository, one: PullRequest) -> Shown:
    git, issue = repository.room(GitObjects), repository.issues[one.number]
    ref = f"refs/heads/{one.head}"
    world = ask.hub.world
    home = repository if one.fork_id is None else world.repositories[one.fork_id]

    def commits(info: Any, **page: Any) -> Shown:
        found = git.beyond(one.head_sha, one.base_sha)
        show = connection(found, lambda commit: {"commit": _commit(ask, repository, commit.sha)})
        return show(info, **page)

    return {
        "__typename": "PullRequest",
        "id": node_id("PR", repository.id, issue.id),
        "author": actor(ask, issue.author_id),
        "baseRefName": one.base,
        "closedAt": stamp_or_none(issue.closed_at),
        "commits": commits,
        "createdAt": stamp(issue.created_at),
        "headRef": _ref(repository, ref) if ref in git.refs else None,
        "headRefName": one.head,
        "headRefOid": one.head_sha,
        "headRepository": {"nameWithOwner": world.full_name(home)},
        "isCrossRepository": home is not repository,
        "isDraft": bool(issue.pull and issue.pull.draft),
        "mergedAt": stamp_or_none(issue.pull.merged_at if issue.pull else None),
        "number": one.number,
        "state": _pull_state(issue),
        "title": issue.title,
        "updatedAt": stamp(issue.updated_at),
        "url": f"{ask.hub.server_url}/{ask.hub.world.full_name(repository)}/pull/{one.number}",
    }


def _pull_state(issue: Issue) -> str:
    if issue.pull and issue.pull.merged_at:
        return "MERGED"
    return issue.state.upper()


def _ref(repository: Repository, name: str) -> Shown:
    short = name.split("/", 2)[2]
    return {
        "__typename": "Ref",
        "id": node_id("REF", repository.id, len(name)),
        "name": short,
        "prefix": name.removesuffix(short),
    }


def _commit(ask: RouteRequest, repository: Repository, sha: str) -> Shown:
    require(ask, "contents:read")
    commit = repository.room(GitObjects).commits[sha]
    return {
        "__typename": "Commit",
        "id": node_id("C", repository.id, commit.number),
        "oid": sha,
        "committedDate": stamp(commit.committer.date),
        "message": commit.message,
        "messageHeadline": commit.message.partition("\n")[0],
        "status": lambda _: _status(ask, repository, sha),
    }


def _status(ask: RouteRequest, repository: Repository, sha: str) -> Shown | None:
    """Commit.status: null while nobody said anything of the commit."""
    require(ask, "statuses:read")
    latest = repository.room(CommitStatuses).latest(sha)
    if not latest:
        return None
    contexts = [
        {
            "__typename": "StatusContext",
            "id": node_id("SC", one.id),
            "context": one.context,
            "createdAt": stamp(one.created_at),
            "description": one.description,
            "state": one.state.upper(),
            "targetUrl": one.target_url,
        }
        for one in latest
    ]

    def context(_: Any, *, name: str) -> Shown | None:
        return next((one for one in contexts if str(one["context"]).casefold() == name.casefold()), None)

    return {
        "__typename": "Status",
        "id": node_id("S", repository.id, repository.room(GitObjects).commits[sha].number),
        "context": context,
        "contexts": contexts,
        "state": combined(one.state for one in latest).upper(),
    }
