"""Issues over REST.

https://docs.github.com/en/rest/issues/issues
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.issues import acts as issue_acts
from allclear_lab.github.routing import PAGING, RouteAnswer, RouteRequest, Routes, invalid
from allclear_lab.github.state import Issue

routes = Routes()

READ = "issues:read|pull_requests:read"
WRITE = "issues:write|pull_requests:write"


def shown(ask: RouteRequest) -> dict[str, Any]:
    """The issue with what only a single one shows."""
    closed_by = ask.hub.views.user_by_id(ask.issue.closed_by)
    return ask.hub.views.issue(ask.repository, ask.issue) | {"closed_by": closed_by}


@routes.add(
    "GET",
    "/repos/{owner}/{repo}/issues",
    query=("state", "labels", "sort", "direction", "since", "creator", "assignee", *PAGING),
    needs=READ,
)
def list_issues(ask: RouteRequest) -> Any:
    """Issues and pull requests, filtered and sorted; newest first unless told."""
    state = ask.choice("state", ("open", "closed", "all"))
    sort = ask.choice("sort", ("created", "updated", "comments"))
    newest_first = ask.choice("direction", ("desc", "asc")) == "desc"
    since = ask.since()
    wanted = {name.casefold() for name in ask.query.get("labels", "").split(",") if name}

    def fits(issue: Issue) -> bool:
        names = {ask.repository.labels[one].name.casefold() for one in issue.label_ids}
        return (
            not issue.deleted
            and not issue.transferred_to
            and state in {"all", issue.state}
            and wanted <= names
            and issue.updated_at >= since
            and _by(ask, issue)
        )

    def rank(issue: Issue) -> tuple[Any, int]:
        by = {"created": issue.created_at, "updated": issue.updated_at, "comments": len(issue.comment_ids)}
        return by[sort], issue.number

    found = sorted(filter(fits, ask.visible(ask.repository.issues.values())), key=rank, reverse=newest_first)
    return ask.page(found, lambda one: ask.hub.views.issue(ask.repository, one))


def _by(ask: RouteRequest, issue: Issue) -> bool:
    creator, assignee = ask.query.get("creator"), ask.query.get("assignee")
    if creator is not None:
        account = ask.hub.world.account_named(creator)
        if account is None or issue.author_id != account.id:
            return False
    if assignee in {None, "*"}:
        return assignee is None or bool(issue.assignee_ids)
    if assignee == "none":
        return not issue.assignee_ids
    account = ask.hub.world.account_named(assignee or "")
    return account is not None and account.id in issue.assignee_ids


@routes.add("GET", "/repos/{owner}/{repo}/issues/{issue_number}", needs=READ)
def get_issue(ask: RouteRequest) -> Any:
    """One issue."""
    return shown(ask)


@routes.add(
    "POST",
    "/repos/{owner}/{repo}/issues",
    body=("title", "body", "labels", "assignees", "assignee"),
    needs="issues:write",
)
def create_issue(ask: RouteRequest) -> Any:
    """Open an issue."""
    title = ask.body.get("title")
    made = issue_acts.open_issue(
        ask.hub,
        ask.repository,
        ask.actor,
        str(title) if isinstance(title, int) else ask.field("title"),
        ask.field("body"),
        labels=ask.names(ask.body.get("labels") or [], "name"),
        assignees=_assignees(ask) or [],
    )
    ask.params["issue_number"] = made.number
    location = f"{ask.hub.views.repository_url(ask.repository)}/issues/{made.number}"
    return RouteAnswer(201, shown(ask), {"Location": location})


@routes.add(
    "PATCH",
    "/repos/{owner}/{repo}/issues/{issue_number}",
    body=("title", "body", "state", "state_reason", "labels", "assignees", "assignee"),
    needs=WRITE,
)
def edit_issue(ask: RouteRequest) -> Any:
    """`labels` and `assignees` replace the set; below push access they are dropped without a word."""
    place = (ask.hub, ask.repository, ask.issue, ask.actor)
    labels = ask.names(ask.body["labels"] or [], "name") if "labels" in ask.body else None
    assignees = _assignees(ask)
    title, body, state = ask.field("title"), ask.field("body"), ask.field("state")
    reason = ask.field("state_reason")
    if state not in {None, "open", "closed"}:
        raise invalid("Issue", "state")
    if reason not in {None, "reopened", *issue_acts.STATE_REASONS}:
        raise invalid("Issue", "state_reason")
    # "Issue owners and users with push access or Triage role can edit an issue."
    if ask.issue.author_id != ask.actor.account.id:
        issue_acts.require(*place, "triage")
    issue_acts.edit_issue(*place, title=title, body=body)
    if state == "closed":
        issue_acts.close(*place, reason if reason in issue_acts.STATE_REASONS else "completed")
    elif state == "open":
        issue_acts.reopen(*place)
    if issue_acts.can(*place, "write"):
        if labels is not None:
            issue_acts.set_labels(*place, labels)
        if assignees is not None:
            issue_acts.set_assignees(*place, assignees)
    return shown(ask)


def _assignees(ask: RouteRequest) -> list[str] | None:
    """`assignees`, or the older `assignee`; None when the request names neither."""
    if "assignees" in ask.body:
        return ask.names(ask.body["assignees"] or [], "login")
    if "assignee" in ask.body:
        return [one for one in [ask.field("assignee")] if one]
    return None


@routes.add(
    "POST",
    "/repos/{owner}/{repo}/issues/{issue_number}/assignees",
    body=("assignees",),
    needs=WRITE,
)
def add_assignees(ask: RouteRequest) -> Any:
    """Add assignees; people who cannot be assigned are left out."""
    issue_acts.assign(ask.hub, ask.repository, ask.issue, ask.actor, _assignees(ask) or [])
    return RouteAnswer(201, shown(ask))


@routes.add(
    "DELETE",
    "/repos/{owner}/{repo}/issues/{issue_number}/assignees",
    body=("assignees",),
    needs=WRITE,
)
def remove_assignees(ask: RouteRequest) -> Any:
    """Remove assignees."""
    issue_acts.unassign(ask.hub, ask.repository, ask.issue, ask.actor, _assignees(ask) or [])
    return shown(ask)
