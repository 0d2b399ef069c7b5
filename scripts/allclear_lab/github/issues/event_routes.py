"""The history of issues over REST.

https://docs.github.com/en/rest/issues/events and /rest/issues/timeline

Which event carries what: https://docs.github.com/en/rest/using-the-rest-api/issue-event-types
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.routing import PAGING, RouteRequest, Routes
from allclear_lab.github.state import Comment, IssueEvent, node_id
from allclear_lab.github.views import stamp

routes = Routes()

READ = "issues:read|pull_requests:read"


def shown(ask: RouteRequest, line: IssueEvent) -> dict[str, Any]:
    """One event, with the fields of its kind."""
    views = ask.hub.views
    base = views.repository_url(ask.repository)
    actor = views.user_by_id(line.actor_id)
    found: dict[str, Any] = {
        "id": line.id,
        "node_id": node_id("EV", ask.repository.id, line.id),
        "url": f"{base}/issues/events/{line.id}",
        "actor": actor,
        "event": line.event,
        "commit_id": line.commit_id,
        "commit_url": f"{base}/commits/{line.commit_id}" if line.commit_id else None,
        "created_at": stamp(line.created_at),
        "performed_via_github_app": views.actions_app() if line.via_app else None,
    }
    if line.label:
        found["label"] = {"name": line.label[0], "color": line.label[1]}
    if line.assignee_id is not None:
        found["assignee"] = views.user_by_id(line.assignee_id)
        found["assigner"] = actor
    if line.rename:
        found["rename"] = {"from": line.rename[0], "to": line.rename[1]}
    if line.event == "locked":
        found["lock_reason"] = line.lock_reason
    if line.requested_reviewer_id is not None:
        found["requested_reviewer"] = views.user_by_id(line.requested_reviewer_id)
        found["review_requester"] = actor
    return found


@routes.add("GET", "/repos/{owner}/{repo}/issues/{issue_number}/events", query=PAGING, needs=READ)
def list_events(ask: RouteRequest) -> Any:
    """Of one issue, oldest first."""
    return ask.page(ask.issue.events, lambda one: shown(ask, one))


@routes.add("GET", "/repos/{owner}/{repo}/issues/{issue_number}/timeline", query=PAGING, needs=READ)
def list_timeline(ask: RouteRequest) -> Any:
    """Events and comments of one issue, in the order they happened."""
    comments = [ask.repository.comments[one] for one in ask.issue.comment_ids]
    lines: list[IssueEvent | Comment] = [*ask.issue.events, *ask.visible(comments)]
    lines.sort(key=lambda one: one.order)

    def entry(line: IssueEvent | Comment) -> dict[str, Any]:
        if isinstance(line, IssueEvent):
            event = shown(ask, line)
            # Only the timeline says why an issue was closed, and only the events say who assigned.
            event.pop("assigner", None)
            return event | ({"state_reason": line.state_reason} if line.event == "closed" else {})
        comment = ask.hub.views.comment(ask.repository, line)
        return comment | {"event": "commented", "actor": comment["user"]}

    return ask.page(lines, entry)
