"""Comments over REST.

https://docs.github.com/en/rest/issues/comments
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.issues import comment_acts
from allclear_lab.github.routing import PAGING, RouteAnswer, RouteRequest, Routes, not_found
from allclear_lab.github.state import Comment

routes = Routes()

READ = "issues:read|pull_requests:read"
WRITE = "issues:write|pull_requests:write"


def named(ask: RouteRequest) -> Comment:
    """The comment the path names."""
    found = ask.repository.comments.get(ask.params["comment_id"])
    if found is None:
        raise not_found()
    ask.issue_at(found.issue_number)
    return found


def listed(ask: RouteRequest, comment: Comment) -> dict[str, Any]:
    """A comment in a list, which on a bad day shows the text from before one's own last edit."""
    since = ask.hub.faults.stale_since(ask.hub.now())
    body = None if since is None else comment_acts.text_at(comment, since, ask.actor.account.id)
    return ask.hub.views.comment(ask.repository, comment, body=body)


@routes.add(
    "GET",
    "/repos/{owner}/{repo}/issues/comments",
    query=("sort", "direction", "since", *PAGING),
    needs=READ,
)
def list_all_comments(ask: RouteRequest) -> Any:
    """Of the whole repository. `direction` is ignored without `sort`, as documented."""
    sort = ask.choice("sort", ("created", "updated"))
    newest_first = ask.choice("direction", ("asc", "desc")) == "desc" and "sort" in ask.query
    since = ask.since()
    found = [
        one
        for one in ask.visible(ask.repository.comments.values())
        if one.updated_at >= since and not ask.repository.issues[one.issue_number].deleted
    ]
    found.sort(
        key=lambda one: (one.updated_at if sort == "updated" else one.created_at, one.id),
        reverse=newest_first,
    )
    return ask.page(found, lambda one: listed(ask, one))


@routes.add(
    "GET",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    query=("since", *PAGING),
    needs=READ,
)
def list_comments(ask: RouteRequest) -> Any:
    """Of one issue, by ascending id; `since` looks at the last update."""
    since = ask.since()
    comments = [ask.repository.comments[one] for one in ask.issue.comment_ids]
    found = [one for one in ask.visible(comments) if one.updated_at >= since]
    return ask.page(found, lambda one: listed(ask, one))


@routes.add(
    "POST",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    body=("body",),
    needs=WRITE,
)
def create_comment(ask: RouteRequest) -> Any:
    """Write a comment."""
    made = comment_acts.write_comment(ask.hub, ask.repository, ask.issue, ask.actor, ask.field("body") or "")
    shown = ask.hub.views.comment(ask.repository, made)
    return RouteAnswer(201, shown, {"Location": shown["url"]})


@routes.add("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}", needs=READ)
def get_comment(ask: RouteRequest) -> Any:
    """One comment."""
    return ask.hub.views.comment(ask.repository, named(ask))


@routes.add(
    "PATCH",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    body=("body",),
    needs=WRITE,
)
def edit_comment(ask: RouteRequest) -> Any:
    """Replace the text."""
    comment = named(ask)
    comment_acts.edit_comment(ask.hub, ask.repository, comment, ask.actor, ask.field("body") or "")
    return ask.hub.views.comment(ask.repository, comment)


@routes.add("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", needs=WRITE)
def delete_comment(ask: RouteRequest) -> Any:
    """Delete it."""
    comment_acts.delete_comment(ask.hub, ask.repository, named(ask), ask.actor)
    return RouteAnswer(204)


@routes.add("PUT", "/repos/{owner}/{repo}/issues/comments/{comment_id}/pin", needs="issues:write")
def pin_comment(ask: RouteRequest) -> Any:
    """Pin it on its issue."""
    comment = named(ask)
    comment_acts.pin_comment(ask.hub, ask.repository, comment, ask.actor)
    return ask.hub.views.comment(ask.repository, comment)
