"""Reactions over REST.

https://docs.github.com/en/rest/reactions/reactions
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.issues import acts as issue_acts
from allclear_lab.github.issues import comment_acts
from allclear_lab.github.issues.comment_routes import named
from allclear_lab.github.routing import PAGING, RouteAnswer, RouteRequest, Routes, invalid
from allclear_lab.github.state import Reaction
from allclear_lab.github.views import REACTIONS

routes = Routes()

READ = "issues:read|pull_requests:read"
WRITE = "issues:write|pull_requests:write"
_COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions"
_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/reactions"


def _list(ask: RouteRequest, reactions: list[Reaction]) -> RouteAnswer:
    content = ask.query.get("content")
    if content not in {None, *REACTIONS}:
        raise invalid("Reaction", "content")
    found = [one for one in reactions if content in {None, one.content}]
    return ask.page(found, ask.hub.views.reaction)


def _create(ask: RouteRequest, reactions: list[Reaction]) -> RouteAnswer:
    issue_acts.require_visible(ask.hub, ask.repository, ask.actor)
    made, new = comment_acts.react(ask.hub, reactions, ask.actor, ask.field("content") or "")
    return RouteAnswer(201 if new else 200, ask.hub.views.reaction(made))


def _delete(ask: RouteRequest, reactions: list[Reaction]) -> RouteAnswer:
    issue_acts.require_visible(ask.hub, ask.repository, ask.actor)
    comment_acts.take_reaction_back(reactions, ask.actor, ask.params["reaction_id"])
    return RouteAnswer(204)


@routes.add("GET", _COMMENT, query=("content", *PAGING), needs=READ)
def list_on_comment(ask: RouteRequest) -> Any:
    """A comment's reactions."""
    return _list(ask, named(ask).reactions)


@routes.add("POST", _COMMENT, body=("content",), needs=WRITE)
def react_to_comment(ask: RouteRequest) -> Any:
    """React: 201, or 200 when one had reacted so before."""
    return _create(ask, named(ask).reactions)


@routes.add("DELETE", f"{_COMMENT}/{{reaction_id}}", needs=WRITE)
def delete_from_comment(ask: RouteRequest) -> Any:
    """Take one's reaction back."""
    return _delete(ask, named(ask).reactions)


@routes.add("GET", _ISSUE, query=("content", *PAGING), needs=READ)
def list_on_issue(ask: RouteRequest) -> Any:
    """An issue's reactions."""
    return _list(ask, ask.issue.reactions)


@routes.add("POST", _ISSUE, body=("content",), needs=WRITE)
def react_to_issue(ask: RouteRequest) -> Any:
    """React: 201, or 200 when one had reacted so before."""
    return _create(ask, ask.issue.reactions)


@routes.add("DELETE", f"{_ISSUE}/{{reaction_id}}", needs=WRITE)
def delete_from_issue(ask: RouteRequest) -> Any:
    """Take one's reaction back."""
    return _delete(ask, ask.issue.reactions)
