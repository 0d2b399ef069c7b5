"""Sub-issues over REST.

https://docs.github.com/en/rest/issues/sub-issues
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.issues import acts as issue_acts
from allclear_lab.github.routing import PAGING, RouteAnswer, RouteRequest, Routes, invalid, not_found

routes = Routes()

MOST = 100
"""https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/adding-sub-issues"""


@routes.add(
    "GET", "/repos/{owner}/{repo}/issues/{issue_number}/sub_issues", query=PAGING, needs="issues:read"
)
def list_sub_issues(ask: RouteRequest) -> Any:
    """The sub-issues, in their order."""
    found = [ask.repository.issues[one] for one in ask.issue.children]
    return ask.page(found, lambda one: ask.hub.views.issue(ask.repository, one))


@routes.add(
    "POST",
    "/repos/{owner}/{repo}/issues/{issue_number}/sub_issues",
    body=("sub_issue_id", "replace_parent"),
    needs="issues:write",
)
def add_sub_issue(ask: RouteRequest) -> Any:
    """Put an issue, by its id, below this one."""
    issue_acts.require(ask.hub, ask.repository, ask.issue, ask.actor, "triage")
    wanted = ask.body.get("sub_issue_id")
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        raise invalid("Issue", "sub_issue_id")
    child = next((one for one in ask.repository.issues.values() if one.id == wanted), None)
    if child is None or child.deleted or child.pull is not None:
        raise not_found()
    taken = child.parent is not None and not ask.body.get("replace_parent")
    if taken or child.number == ask.issue.number or len(ask.issue.children) >= MOST:
        raise invalid("Issue", "sub_issue_id", "custom", message="Sub-issue cannot be added")
    if child.parent is not None:
        ask.repository.issues[child.parent].children.remove(child.number)
    child.parent = ask.issue.number
    ask.issue.children.append(child.number)
    return RouteAnswer(201, ask.hub.views.issue(ask.repository, ask.issue))
