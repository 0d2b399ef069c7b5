"""Issues over REST: https://docs.github.com/en/rest/issues/issues"""

from __future__ import annotations

from typing import Any

from . import issue_acts
from .access import may
from .routing import Answer, Ask, Routes

routes = Routes()


def shown(ask: Ask) -> dict[str, Any]:
    """The issue with what only a single one shows."""
    return ask.hub.views.issue(ask.repository, ask.issue) | {
        "closed_by": ask.hub.views.user_by_id(ask.issue.closed_by)
    }


@routes.add("GET", "/repos/{owner}/{repo}/issues/{issue_number}", needs="issues:read")
def get_issue(ask: Ask) -> Any:
    return shown(ask)


@routes.add(
    "POST",
    "/repos/{owner}/{repo}/issues",
    body=("title", "body", "labels", "assignees", "assignee", "milestone"),
    needs="issues:write",
)
def create_issue(ask: Ask) -> Any:
    made = issue_acts.open_issue(
        ask.hub,
        ask.repository,
        ask.actor,
        ask.field("title"),
        ask.field("body"),
        labels=ask.field("labels", list, []),
        assignees=ask.field("assignees", list, []),
    )
    ask.params["issue_number"] = made.number
    return Answer(201, shown(ask))


@routes.add(
    "PATCH",
    "/repos/{owner}/{repo}/issues/{issue_number}",
    body=("title", "body", "state", "state_reason", "labels", "assignees", "assignee", "milestone"),
    needs="issues:write|pull_requests:write",
)
def edit_issue(ask: Ask) -> Any:
    place = (ask.hub, ask.repository, ask.issue, ask.actor)
    issue_acts.edit_issue(*place, title=ask.field("title"), body=ask.field("body"))
    state = ask.field("state")
    if state == "closed":
        issue_acts.close(*place, ask.field("state_reason") or "completed")
    elif state == "open":
        issue_acts.reopen(*place)
    if may(ask.hub.world, ask.repository, ask.actor, "triage"):
        if "labels" in ask.body:
            issue_acts.set_labels(*place, ask.body["labels"])
        if "assignees" in ask.body:
            issue_acts.set_assignees(*place, ask.body["assignees"])
    return shown(ask)
