"""Routes of workflows and lists of runs (https://docs.github.com/rest/actions)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from operator import ge, gt, le, lt
from typing import Any

from allclear_lab.github.actions.acts import default_files, dispatch, workflow_id, workflow_named
from allclear_lab.github.actions.run_views import run_shown
from allclear_lab.github.actions.state import Runs
from allclear_lab.github.actions.workflow_files import WorkflowFile
from allclear_lab.github.routing import RouteAnswer, RouteRequest, Routes, Unfaithful
from allclear_lab.github.state import node_id
from allclear_lab.github.views import JSON, stamp

routes = Routes()

ACTIONS = "/repos/{owner}/{repo}/actions"
ONE_WORKFLOW = ACTIONS + "/workflows/{workflow_id}"
RUN_FILTERS = (
    "actor",
    "branch",
    "event",
    "status",
    "created",
    "head_sha",
    "exclude_pull_requests",
    "per_page",
    "page",
)


@routes.add("GET", ACTIONS + "/workflows", query=("per_page", "page"), needs="actions:read")
def list_workflows(ask: RouteRequest) -> Any:
    """The workflow files of the default branch."""
    return ask.page(default_files(ask.repository), lambda one: _workflow(ask, one), key="workflows")


@routes.add("GET", ONE_WORKFLOW, needs="actions:read")
def get_workflow(ask: RouteRequest) -> Any:
    """One by id or file name."""
    return _workflow(ask, workflow_named(ask.hub, ask.repository, ask.params["workflow_id"]))


@routes.add(
    "POST", ONE_WORKFLOW + "/dispatches", body=("ref", "inputs", "return_run_details"), needs="actions:write"
)
def create_dispatch(ask: RouteRequest) -> Any:
    """Start it. 204 without a word, or with `return_run_details` (since 2026-02-19) 200 and the run."""
    run = dispatch(
        ask.hub,
        ask.repository,
        ask.actor,
        ask.params["workflow_id"],
        ask.field("ref", str, ""),
        ask.field("inputs", dict, {}),
    )
    if not ask.field("return_run_details", bool, False):
        return RouteAnswer(204)
    shown = run_shown(ask, run)
    return {"workflow_run_id": run.id, "run_url": shown["url"], "html_url": shown["html_url"]}


@routes.add("GET", ONE_WORKFLOW + "/runs", query=RUN_FILTERS, needs="actions:read")
def list_workflow_runs(ask: RouteRequest) -> Any:
    """The runs of one workflow."""
    workflow = workflow_named(ask.hub, ask.repository, ask.params["workflow_id"])
    return _runs(ask, workflow_id(ask.hub, ask.repository, workflow.path))


@routes.add("GET", ACTIONS + "/runs", query=RUN_FILTERS, needs="actions:read")
def list_runs(ask: RouteRequest) -> Any:
    """All runs, the newest first."""
    return _runs(ask, None)


def _runs(ask: RouteRequest, workflow: int | None) -> RouteAnswer:
    login = ask.query.get("actor", "").casefold()
    accounts = ask.hub.world.accounts
    in_time = _created(ask.query.get("created", ""))
    found = [
        run
        for run in reversed(ask.repository.room(Runs).by_id.values())
        if workflow in (None, run.workflow_id)
        and ask.query.get("event") in (None, run.event)
        and ask.query.get("branch") in (None, run.head_branch)
        and ask.query.get("head_sha") in (None, run.head_sha)
        and ask.query.get("status") in (None, run.status, run.conclusion)
        and (not login or (run.actor_id in accounts and accounts[run.actor_id].login.casefold() == login))
        and in_time(run.created_at)
    ]
    return ask.page(found, lambda run: run_shown(ask, run), key="workflow_runs")


def _created(wanted: str) -> Callable[[datetime], bool]:
    """`created`: >=, <=, > or < a time, a range with .., or one day.

    https://docs.github.com/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax
    """
    if not wanted:
        return lambda when: True
    first, dots, last = wanted.partition("..")
    if dots:
        start, end = (None if one == "*" else _time(one) for one in (first, last))
        return lambda when: (start is None or when >= start) and (end is None or when <= end)
    for sign, holds in ((">=", ge), ("<=", le), (">", gt), ("<", lt)):
        if wanted.startswith(sign):
            limit = _time(wanted.removeprefix(sign))
            return lambda when: bool(holds(when, limit))
    day = _time(wanted).date()
    return lambda when: when.date() == day


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        msg = f"a time of a `created` filter: {text!r}"
        raise Unfaithful(msg) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _workflow(ask: RouteRequest, workflow: WorkflowFile) -> JSON:
    number = workflow_id(ask.hub, ask.repository, workflow.path)
    page = f"{ask.hub.server_url}/{ask.hub.world.full_name(ask.repository)}"
    file = workflow.path.rpartition("/")[2]
    born = stamp(ask.repository.created_at)
    return {
        "id": number,
        "node_id": node_id("W", number),
        "name": workflow.name,
        "path": workflow.path,
        "state": "active",
        "created_at": born,
        "updated_at": born,
        "url": f"{ask.hub.views.repository_url(ask.repository)}/actions/workflows/{number}",
        "html_url": f"{page}/blob/{ask.repository.default_branch}/{workflow.path}",
        "badge_url": f"{page}/actions/workflows/{file}/badge.svg",
    }
