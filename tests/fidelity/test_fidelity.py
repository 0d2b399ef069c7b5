"""The embedded GitHub against what GitHub publishes about itself."""

import pytest

from allclear_lab.github import GitHub
from allclear_lab.github.route_table import ROUTES
from allclear_lab.github.routing import Route
from fidelity.faithful import NO_WEBHOOK, delivery_problems, exchange_problems, the_description

NAMES = [route.name for route in ROUTES]


def test_the_walk_met_nothing_that_the_embedded_github_refused_as_unknown(hub: GitHub) -> None:
    assert hub.violations == []


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_every_route_is_walked_past_and_succeeds_at_least_once(hub: GitHub, route: Route) -> None:
    statuses = [record.status for record in hub.requests if record.route == route.template]
    walked = [
        record.status
        for record in hub.requests
        if record.route == route.template and record.method == route.method and 200 <= record.status < 303
    ]
    assert walked, f"add {route.name} to tests/fidelity/tour*.py (so far: {statuses or 'never asked'})"


@pytest.mark.needs("openapi", "graphql")
@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_github_recognises_every_request_and_answer_of(hub: GitHub, route: Route) -> None:
    found = [
        f"{record.path} -> {record.status}: {what}"
        for record in hub.requests
        if (record.method, record.route) == (route.method, route.template)
        for what in exchange_problems(record)
    ]
    assert found == []


@pytest.mark.needs("openapi")
def test_github_has_every_route_of_the_embedded_one_under_the_same_template(hub: GitHub) -> None:
    description = the_description()
    assert description is not None
    theirs = {
        (record.method, record.route): description.operation(record.method, record.path)
        for record in hub.requests
        if record.route not in {"", "/graphql"}
    }
    differing = [
        f"{method} {template}: {operation}"
        for (method, template), operation in theirs.items()
        if operation is None or operation.template != template
    ]
    assert differing == []


@pytest.mark.needs("openapi")
def test_github_recognises_every_event_that_is_sent(hub: GitHub) -> None:
    found = {
        f"{delivery.event} {delivery.action}: {what}"
        for delivery in hub.deliveries
        for what in delivery_problems(delivery)
    }
    assert found == set()


def test_every_event_is_sent_that_workflows_here_can_start_from(hub: GitHub) -> None:
    sent = {(delivery.event, delivery.action) for delivery in hub.deliveries}
    issues = (
        "opened",
        "edited",
        "closed",
        "reopened",
        "labeled",
        "unlabeled",
        "assigned",
        "unassigned",
        "deleted",
    )
    comments = ("created", "edited", "deleted")
    pulls = (
        "opened",
        "edited",
        "closed",
        "reopened",
        "synchronize",
        "review_requested",
        "ready_for_review",
        "labeled",
        "assigned",
    )
    wanted = {
        *(("issues", action) for action in (*issues, "locked", "unlocked")),
        *(("issue_comment", action) for action in comments),
        *(("pull_request", action) for action in pulls),
        ("pull_request_review", "submitted"),
        *((event, None) for event in ("push", "create", "delete", "workflow_dispatch", *NO_WEBHOOK)),
    }
    assert wanted - sent == set()
