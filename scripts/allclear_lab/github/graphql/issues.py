"""GraphQL's view of issues, comments and labels.

https://docs.github.com/en/graphql/reference
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allclear_lab.github.graphql.connections import Resolver, Shown, connection
from allclear_lab.github.graphql.people import actor, reactions, user, written
from allclear_lab.github.issues.comment_acts import text_at
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Comment, Issue, Label, Repository, node_id
from allclear_lab.github.views import stamp, stamp_or_none


def page(ask: RouteRequest, repository: Repository) -> str:
    """Where a browser finds the repository."""
    return f"{ask.hub.server_url}/{ask.hub.world.full_name(repository)}"


def issue(ask: RouteRequest, repository: Repository, one: Issue) -> Shown:
    """Issue."""
    return conversation(ask, repository, one) | {
        "__typename": "Issue",
        "id": node_id("I", repository.id, one.id),
        "databaseId": one.id,
        "isPinned": False,
        "pinnedIssueComment": lambda _: _pinned(ask, repository, one),
        "state": one.state.upper(),
        "stateReason": one.state_reason.upper() if one.state_reason else None,
        "url": f"{page(ask, repository)}/issues/{one.number}",
    }


def _pinned(ask: RouteRequest, repository: Repository, one: Issue) -> Shown | None:
    found = repository.comments.get(one.pinned_comment_id) if one.pinned_comment_id else None
    if found is None or found.pinned_at is None:
        return None
    return {
        "__typename": "PinnedIssueComment",
        "id": node_id("PIC", repository.id, found.id),
        "issueComment": comment(ask, repository, found),
        "pinnedAt": stamp(found.pinned_at),
        "pinnedBy": actor(ask, found.pinned_by),
    }


def _comments(ask: RouteRequest, repository: Repository, found: Sequence[Comment]) -> Resolver:
    """Issue.comments: oldest first, or by their last change."""

    def resolve(
        info: Any,
        *,
        orderBy: Mapping[str, str] | None = None,  # noqa: N803  # GitHub's name
        **bounds: Any,
    ) -> Shown:
        ordered = found
        if orderBy is not None:
            newest = orderBy["direction"] == "DESC"
            ordered = sorted(found, key=lambda each: (each.updated_at, each.id), reverse=newest)
        return connection(ordered, lambda each: _listed(ask, repository, each))(info, **bounds)

    return resolve


def _listed(ask: RouteRequest, repository: Repository, one: Comment) -> Shown:
    """A comment in a list, which on a bad day shows the text from before one's own last edit."""
    since = ask.hub.faults.stale_since(ask.hub.now())
    body = one.body if since is None else text_at(one, since, ask.actor.account.id)
    return comment(ask, repository, one) | {"body": body}


def conversation(ask: RouteRequest, repository: Repository, one: Issue) -> Shown:
    """What issues and pull requests have in common. Nothing is in a project or of a milestone here."""
    comments = ask.visible([repository.comments[each] for each in one.comment_ids])
    labels = [repository.labels[each] for each in one.label_ids]
    assignees = [ask.hub.world.accounts[each] for each in one.assignee_ids]
    reason = one.lock_reason.upper().replace(" ", "_").replace("-", "_") if one.lock_reason else None
    return written(ask, repository, one) | {
        "activeLockReason": reason,
        "assignees": connection(assignees, lambda each: user(ask, each)),
        "body": one.body or "",
        "closed": one.state == "closed",
        "closedAt": stamp_or_none(one.closed_at),
        "comments": _comments(ask, repository, comments),
        "labels": connection(labels, lambda each: label(ask, repository, each)),
        "locked": one.locked,
        "number": one.number,
        "projectCards": connection((), dict),
        "projectItems": connection((), dict),
        "title": one.title,
    }


def comment(ask: RouteRequest, repository: Repository, one: Comment) -> Shown:
    """IssueComment."""
    place = f"{page(ask, repository)}/issues/{one.issue_number}"
    return written(ask, repository, one) | {
        "__typename": "IssueComment",
        "id": node_id("IC", repository.id, one.id),
        "databaseId": one.id,
        "fullDatabaseId": str(one.id),
        "body": one.body,
        "isMinimized": False,
        "reactions": reactions(one.reactions),
        "url": f"{place}#issuecomment-{one.id}",
    }


def label(ask: RouteRequest, repository: Repository, one: Label) -> Shown:
    """Label. When it was made is not kept here."""
    return {
        "__typename": "Label",
        "id": node_id("LA", repository.id, one.id),
        "color": one.color,
        "description": one.description,
        "isDefault": one.default,
        "name": one.name,
        "url": f"{page(ask, repository)}/labels/{one.name}",
    }
