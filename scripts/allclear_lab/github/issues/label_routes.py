"""Labels over REST.

https://docs.github.com/en/rest/issues/labels
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.issues import acts as issue_acts
from allclear_lab.github.issues import label_acts
from allclear_lab.github.routing import PAGING, RouteAnswer, RouteRequest, Routes, Unfaithful, not_found
from allclear_lab.github.state import Label

routes = Routes()

READ = "issues:read|pull_requests:read"
WRITE = "issues:write|pull_requests:write"
_LABELS = "/repos/{owner}/{repo}/labels"
_ON_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/labels"


def _named(ask: RouteRequest) -> Label:
    found = ask.repository.label_named(ask.params["name"])
    if found is None:
        raise not_found()
    return found


def _on_issue(ask: RouteRequest) -> RouteAnswer:
    return RouteAnswer(200, ask.hub.views.labels(ask.repository, ask.issue.label_ids))


def _wanted(ask: RouteRequest) -> list[str]:
    """The body is {"labels": […]} or a bare list, both documented."""
    if isinstance(ask.body, dict) and ask.body.keys() - {"labels"}:
        msg = f"{ask.route.name}: body field {min(ask.body.keys() - {'labels'})!r} is not known here"
        raise Unfaithful(msg)
    return ask.names(ask.body.get("labels", []) if isinstance(ask.body, dict) else ask.body, "name")


@routes.add("GET", _LABELS, query=PAGING, needs=READ)
def list_labels(ask: RouteRequest) -> Any:
    """The repository's labels."""
    return ask.page(
        list(ask.repository.labels.values()), lambda one: ask.hub.views.label(ask.repository, one)
    )


@routes.add("POST", _LABELS, body=("name", "color", "description"), needs=WRITE)
def create_label(ask: RouteRequest) -> Any:
    """A new label."""
    label_acts.require_label_rights(ask.hub, ask.repository, ask.actor)
    made = label_acts.make_label(
        ask.hub,
        ask.repository,
        ask.actor,
        ask.field("name") or "",
        color=ask.field("color") or "ededed",
        description=ask.field("description"),
    )
    shown = ask.hub.views.label(ask.repository, made)
    return RouteAnswer(201, shown, {"Location": shown["url"]})


@routes.add("GET", f"{_LABELS}/{{name}}", needs=READ)
def get_label(ask: RouteRequest) -> Any:
    """One label."""
    return ask.hub.views.label(ask.repository, _named(ask))


@routes.add("GET", _ON_ISSUE, query=PAGING, needs=READ)
def list_on_issue(ask: RouteRequest) -> Any:
    """The issue's labels."""
    labels = [ask.repository.labels[one] for one in ask.issue.label_ids]
    return ask.page(labels, lambda one: ask.hub.views.label(ask.repository, one))


@routes.add("POST", _ON_ISSUE, body=("*",), needs=WRITE)
def add_to_issue(ask: RouteRequest) -> Any:
    """Add to the issue's labels."""
    issue_acts.add_labels(ask.hub, ask.repository, ask.issue, ask.actor, _wanted(ask))
    return _on_issue(ask)


@routes.add("PUT", _ON_ISSUE, body=("*",), needs=WRITE)
def set_on_issue(ask: RouteRequest) -> Any:
    """Replace the issue's labels."""
    issue_acts.set_labels(ask.hub, ask.repository, ask.issue, ask.actor, _wanted(ask))
    return _on_issue(ask)


@routes.add("DELETE", f"{_ON_ISSUE}/{{name}}", needs=WRITE)
def remove_from_issue(ask: RouteRequest) -> Any:
    """Remove one label; 404 when it is not there."""
    issue_acts.remove_label(ask.hub, ask.repository, ask.issue, ask.actor, ask.params["name"])
    return _on_issue(ask)
