"""GraphQL's view of issues, comments and labels.

https://docs.github.com/en/graphql/reference
"""

from __future__ import annotations

from allclear_lab.github.graphql.connections import Shown, connection
from allclear_lab.github.graphql.people import user, written
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Comment, Issue, Label, Repository, node_id
from allclear_lab.github.views import stamp_or_none


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
        "state": one.state.upper(),
        "stateReason": one.state_reason.upper() if one.state_reason else None,
        "url": f"{page(ask, repository)}/issues/{one.number}",
    }


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
        "comments": connection(comments, lambda each: comment(ask, repository, each)),
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
        "body": one.body,
        "isMinimized": False,
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
