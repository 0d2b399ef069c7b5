"""Comments over REST: https://docs.github.com/en/rest/issues/comments"""

from __future__ import annotations

from typing import Any

from . import comment_acts
from .routing import PAGING, Answer, Ask, Routes, not_found
from .state import Comment

routes = Routes()


def named(ask: Ask) -> Comment:
    """The comment the path names."""
    found = ask.repository.comments.get(ask.params["comment_id"])
    if found is None:
        raise not_found()
    return found


@routes.add(
    "GET",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    query=("since", *PAGING),
    needs="issues:read|pull_requests:read",
)
def list_comments(ask: Ask) -> Any:
    comments = [ask.repository.comments[one] for one in ask.issue.comment_ids]
    return ask.page(comments, lambda one: ask.hub.views.comment(ask.repository, one))


@routes.add(
    "POST",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    body=("body",),
    needs="issues:write|pull_requests:write",
)
def create_comment(ask: Ask) -> Any:
    made = comment_acts.write_comment(ask.hub, ask.repository, ask.issue, ask.actor, ask.field("body") or "")
    return Answer(201, ask.hub.views.comment(ask.repository, made))


@routes.add(
    "GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}", needs="issues:read|pull_requests:read"
)
def get_comment(ask: Ask) -> Any:
    return ask.hub.views.comment(ask.repository, named(ask))


@routes.add(
    "PATCH",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    body=("body",),
    needs="issues:write|pull_requests:write",
)
def edit_comment(ask: Ask) -> Any:
    comment_acts.edit_comment(ask.hub, ask.repository, named(ask), ask.actor, ask.field("body") or "")
    return ask.hub.views.comment(ask.repository, named(ask))


@routes.add(
    "DELETE",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    needs="issues:write|pull_requests:write",
)
def delete_comment(ask: Ask) -> Any:
    comment_acts.delete_comment(ask.hub, ask.repository, named(ask), ask.actor)
    return Answer(204)
