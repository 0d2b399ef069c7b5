"""GraphQL's view of a repository, and the lists that can be asked of it.

https://docs.github.com/en/graphql/reference/objects#repository
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from allclear_lab.github.git.acts import branch_ref
from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.graphql.closers import closed_events
from allclear_lab.github.graphql.code import deployments, ref_shown
from allclear_lab.github.graphql.connections import Resolver, Shown, connection, refuse, require
from allclear_lab.github.graphql.history import commit_in_history
from allclear_lab.github.graphql.issues import issue, label, page
from allclear_lab.github.graphql.people import user
from allclear_lab.github.graphql.pulls import head_repository, pull_shown, pull_state
from allclear_lab.github.people.access import may_be_assigned, role_of
from allclear_lab.github.pulls.state import PullRequest, Pulls
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Account, Issue, Label, Repository, node_id
from allclear_lab.github.views import stamp

_ORDERS: Mapping[str, Callable[[Repository, Issue], Any]] = {
    "CREATED_AT": lambda _, one: one.created_at,
    "UPDATED_AT": lambda _, one: one.updated_at,
    "COMMENTS": lambda _, one: len(one.comment_ids),
}


def repository_shown(ask: RouteRequest, repository: Repository) -> Shown:
    """Repository."""
    world, git = ask.hub.world, repository.room(GitObjects)
    owner = world.accounts[repository.owner_id]
    ref = branch_ref(repository.default_branch)
    commit = partial(commit_in_history, ask, repository)
    return {
        "__typename": "Repository",
        "id": node_id("R", repository.id),
        "assignableUsers": _people(ask, repository),
        "createdAt": stamp(repository.created_at),
        "databaseId": repository.id,
        "defaultBranchRef": ref_shown(repository, ref) | {"target": lambda _: commit(git.refs[ref])}
        if ref in git.refs
        else None,
        "deleteBranchOnMerge": False,
        "deployments": deployments(ask, repository, commit),
        "hasDiscussionsEnabled": False,
        "hasIssuesEnabled": repository.has_issues,
        "hasProjectsEnabled": True,
        "hasWikiEnabled": True,
        "isArchived": repository.archived,
        "isFork": False,
        "isInOrganization": owner.kind == "Organization",
        "isPrivate": repository.private,
        "isTemplate": False,
        "issue": lambda _, *, number: shown_by_number(ask, repository, number, pull=False),
        "issueOrPullRequest": lambda _, *, number: shown_by_number(ask, repository, number),
        "issueTemplates": [],
        "issues": _issues(ask, repository),
        "label": lambda _, *, name: _label(ask, repository, name),
        "labels": _labels(ask, repository),
        "mentionableUsers": _people(ask, repository),
        "mergeCommitAllowed": True,
        "milestones": connection((), dict),
        "name": repository.name,
        "nameWithOwner": world.full_name(repository),
        "owner": user(ask, owner),
        "pullRequest": lambda _, *, number: shown_by_number(ask, repository, number, pull=True),
        "pullRequestTemplates": [],
        "pullRequests": _pull_requests(ask, repository),
        "pushedAt": stamp(repository.pushed_at),
        # The embedded GitHub cannot rebase.
        "rebaseMergeAllowed": False,
        "squashMergeAllowed": True,
        "updatedAt": stamp(repository.updated_at),
        "url": page(ask, repository),
        "viewerPermission": _permission(ask, repository),
        "visibility": "PRIVATE" if repository.private else "PUBLIC",
    }


def shown_by_number(
    ask: RouteRequest, repository: Repository, number: int, *, pull: bool | None = None
) -> Shown:
    """Issue or PullRequest; NOT_FOUND when it is not there, or not of the kind asked for."""
    found = repository.issues.get(number)
    there = found is not None and not found.deleted and not found.transferred_to
    if found is None or not there or pull not in {None, found.pull is not None}:
        kind = {None: "an issue or pull request", True: "a PullRequest", False: "an Issue"}[pull]
        raise refuse("NOT_FOUND", f"Could not resolve to {kind} with the number of {number}.")
    return conversation_shown(ask, repository, found)


def conversation_shown(ask: RouteRequest, repository: Repository, one: Issue) -> Shown:
    """Issue or PullRequest."""
    require(ask, "pull_requests:read" if one.pull else "issues:read")
    if one.pull:
        return _pull(ask, repository, repository.room(Pulls).by_number[one.number])
    return issue(ask, repository, one) | {"timelineItems": closed_events(ask, repository, one)}


def _pull(ask: RouteRequest, repository: Repository, one: PullRequest) -> Shown:
    home = head_repository(ask, repository, one)
    return pull_shown(ask, repository, one) | {"headRepository": lambda _: repository_shown(ask, home)}


def has_labels(repository: Repository, one: Issue, wanted: Sequence[str]) -> Iterator[bool]:
    """Whether it has each of these labels, in any case."""
    names = {repository.labels[each].name.casefold() for each in one.label_ids}
    return (name.casefold() in names for name in wanted)


def mentions(repository: Repository, one: Issue, login: str) -> bool:
    """Whether its text or a comment names the person."""
    texts = [one.body or "", *(repository.comments[each].body for each in one.comment_ids)]
    return any(f"@{login.casefold()}" in text.casefold() for text in texts)


def _issues(ask: RouteRequest, repository: Repository) -> Resolver:
    """Repository.issues: oldest first unless told. Each filter leaves out what does not fit it."""

    def resolve(
        info: Any,
        *,
        states: Sequence[str] | None = None,
        labels: Sequence[str] | None = None,
        orderBy: Mapping[str, str] | None = None,  # noqa: N803  # GitHub's name
        filterBy: Mapping[str, Any] | None = None,  # noqa: N803  # GitHub's name
        **bounds: Any,
    ) -> Shown:
        require(ask, "issues:read")
        chosen = filterBy or {}
        found = [
            one
            for one in ask.visible(_present(repository))
            if not one.pull
            and all(not given or one.state.upper() in given for given in (states, chosen.get("states")))
            and all(
                not given or any(has_labels(repository, one, given))
                for given in (labels, chosen.get("labels"))
            )
            and _fits(ask, repository, one, chosen)
        ]
        ordered = _ordered(repository, found, orderBy)
        return connection(ordered, lambda one: conversation_shown(ask, repository, one))(info, **bounds)

    return resolve


def _fits(ask: RouteRequest, repository: Repository, one: Issue, chosen: Mapping[str, Any]) -> bool:
    def named(login: str) -> int | None:
        account = ask.hub.world.account_named(login)
        return account.id if account else None

    assignee, author, mentioned = (chosen.get(key) for key in ("assignee", "createdBy", "mentioned"))
    since = datetime.fromisoformat(chosen["since"]) if chosen.get("since") else None
    return (
        (
            assignee is None
            or (bool(one.assignee_ids) if assignee == "*" else named(assignee) in one.assignee_ids)
        )
        and (author is None or named(author) == one.author_id)
        and (mentioned is None or mentions(repository, one, mentioned))
        and (since is None or one.updated_at >= (since if since.tzinfo else since.replace(tzinfo=UTC)))
    )


def _pull_requests(ask: RouteRequest, repository: Repository) -> Resolver:
    """Repository.pullRequests: oldest first unless told, those that do not fit left out."""

    def resolve(
        info: Any,
        *,
        states: Sequence[str] | None = None,
        baseRefName: str | None = None,  # noqa: N803  # GitHub's name
        headRefName: str | None = None,  # noqa: N803  # GitHub's name
        labels: Sequence[str] | None = None,
        orderBy: Mapping[str, str] | None = None,  # noqa: N803  # GitHub's name
        **bounds: Any,
    ) -> Shown:
        require(ask, "pull_requests:read")
        pulls = repository.room(Pulls).by_number
        found = [
            repository.issues[one.number]
            for one in pulls.values()
            if (not states or pull_state(repository.issues[one.number]) in states)
            and baseRefName in {None, one.base}
            and headRefName in {None, one.head}
            and (not labels or any(has_labels(repository, repository.issues[one.number], labels)))
        ]
        ordered = _ordered(repository, found, orderBy)
        return connection(ordered, lambda one: _pull(ask, repository, pulls[one.number]))(info, **bounds)

    return resolve


def _labels(ask: RouteRequest, repository: Repository) -> Resolver:
    """Repository.labels: `query` looks into names and descriptions."""

    def resolve(
        info: Any,
        *,
        query: str | None = None,
        orderBy: Mapping[str, str] | None = None,  # noqa: N803  # GitHub's name
        **bounds: Any,
    ) -> Shown:
        require(ask, "issues:read")
        wanted = (query or "").casefold()
        found = [
            one
            for one in repository.labels.values()
            if wanted in one.name.casefold() or wanted in (one.description or "").casefold()
        ]
        if orderBy is not None:
            found.sort(key=_label_order(repository, orderBy), reverse=orderBy["direction"] == "DESC")
        return connection(found, lambda one: label(ask, repository, one))(info, **bounds)

    return resolve


def _label_order(repository: Repository, order: Mapping[str, str]) -> Callable[[Label], Any]:
    if order["field"] == "NAME":
        return lambda one: one.name.casefold()
    if order["field"] == "ISSUE_COUNT":
        return lambda one: sum(one.id in each.label_ids for each in repository.issues.values())
    return lambda one: one.id


def _label(ask: RouteRequest, repository: Repository, name: str) -> Shown | None:
    require(ask, "issues:read")
    found = repository.label_named(name)
    return label(ask, repository, found) if found else None


def _people(ask: RouteRequest, repository: Repository) -> Resolver:
    """Who can be assigned; `query` looks into logins and names."""

    def fits(one: Account, wanted: str) -> bool:
        return wanted in one.login.casefold() or wanted in (one.name or "").casefold()

    def resolve(info: Any, *, query: str | None = None, **bounds: Any) -> Shown:
        found = [
            one
            for one in ask.hub.world.accounts.values()
            if may_be_assigned(ask.hub.world, repository, one.id) and fits(one, (query or "").casefold())
        ]
        return connection(found, lambda one: user(ask, one))(info, **bounds)

    return resolve


def _permission(ask: RouteRequest, repository: Repository) -> str | None:
    if ask.actor.is_actions:
        return "WRITE" if ask.actor.grants.get("contents") == "write" else "READ"
    role = role_of(ask.hub.world, repository, ask.actor.account.id)
    return None if role == "none" else role.upper()


def _present(repository: Repository) -> list[Issue]:
    return [one for one in repository.issues.values() if not one.deleted and not one.transferred_to]


def _ordered(repository: Repository, found: list[Issue], order: Mapping[str, str] | None) -> list[Issue]:
    chosen = order or {"field": "CREATED_AT", "direction": "ASC"}
    rank = _ORDERS[chosen["field"]]
    return sorted(
        found, key=lambda one: (rank(repository, one), one.number), reverse=chosen["direction"] == "DESC"
    )
