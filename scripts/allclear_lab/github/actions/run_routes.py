"""Routes of one workflow run (https://docs.github.com/rest/actions/workflow-runs)."""

from __future__ import annotations

from typing import Any

from allclear_lab.github.actions.downloads import link
from allclear_lab.github.actions.run_acts import cancel, rerun, review, run_of
from allclear_lab.github.actions.run_views import (
    approvals,
    first_job,
    job_id,
    job_shown,
    jobs_of,
    pending,
    run_shown,
)
from allclear_lab.github.actions.state import Runs, WorkflowRun
from allclear_lab.github.deployments.environments import Environments
from allclear_lab.github.routing import PAGING, RouteAnswer, RouteRequest, Routes, invalid, not_found

routes = Routes()

ONE = "/repos/{owner}/{repo}/actions/runs/{run_id}"


def _named(ask: RouteRequest) -> WorkflowRun:
    return run_of(ask.repository, ask.params["run_id"])


@routes.add("GET", ONE, query=("exclude_pull_requests",), needs="actions:read")
def get_run(ask: RouteRequest) -> Any:
    """Its last attempt."""
    return run_shown(ask, _named(ask))


@routes.add("GET", ONE + "/jobs", query=("filter", *PAGING), needs="actions:read")
def list_jobs(ask: RouteRequest) -> Any:
    """The jobs of the last attempt, or with `filter=all` of every attempt."""
    run = _named(ask)
    wanted = ask.query.get("filter", "latest")
    if wanted not in {"latest", "all"}:
        raise invalid("WorkflowJob", "filter")
    return _jobs(ask, [*run.earlier, run] if wanted == "all" else [run])


@routes.add("GET", "/repos/{owner}/{repo}/actions/jobs/{job_id}", needs="actions:read")
def get_job(ask: RouteRequest) -> Any:
    """One job of any attempt."""
    for run in ask.repository.room(Runs).by_id.values():
        for attempt in (*run.earlier, run):
            for index, job in enumerate(jobs_of(attempt, first_job(ask.repository, attempt))):
                if job_id(attempt, index) == ask.params["job_id"]:
                    return job_shown(ask, attempt, index, job)
    raise not_found()


@routes.add("GET", ONE + "/logs", needs="actions:read")
def download_logs(ask: RouteRequest) -> Any:
    """302 to the archive of the last attempt's logs, on another server of GitHub's, for a minute."""
    run = _named(ask)
    return RouteAnswer(302, headers={"Location": link(ask.hub, ask.repository, "logs", run.id)})


@routes.add("GET", ONE + "/approvals", needs="actions:read")
def list_approvals(ask: RouteRequest) -> Any:
    """What reviewers said, of all attempts."""
    return approvals(ask, _named(ask))


@routes.add("GET", ONE + "/pending_deployments", needs="actions:read")
def list_pending_deployments(ask: RouteRequest) -> Any:
    """What it waits for."""
    return pending(ask, _named(ask))


@routes.add(
    "POST",
    ONE + "/pending_deployments",
    body=("environment_ids", "state", "comment"),
    needs="deployments:write",
)
def review_pending_deployments(ask: RouteRequest) -> Any:
    """A reviewer's word on what the run waits for. Answers the deployments of its jobs: none, since the
    embedded GitHub keeps only those that somebody made.
    """
    run, state = _named(ask), ask.field("state")
    waits = ask.repository.room(Environments).by_name.get((run.waiting_for or "").casefold())
    if state not in {"approved", "rejected"}:
        raise invalid("PendingDeployment", "state")
    if waits is not None and waits.id not in ask.field("environment_ids", list, []):
        raise invalid("PendingDeployment", "environment_ids")
    review(ask.hub, ask.repository, run, ask.actor, state, ask.field("comment", str, ""))
    return []


@routes.add("POST", ONE + "/rerun", body=("enable_debug_logging",), needs="actions:write")
def rerun_run(ask: RouteRequest) -> Any:
    """Start it again."""
    rerun(ask.hub, ask.repository, _named(ask), ask.actor)
    return RouteAnswer(201, {})


@routes.add("POST", ONE + "/cancel", needs="actions:write")
def cancel_run(ask: RouteRequest) -> Any:
    """Stop it."""
    cancel(ask.hub, ask.repository, _named(ask), ask.actor)
    return RouteAnswer(202, {})


def _jobs(ask: RouteRequest, attempts: list[WorkflowRun]) -> RouteAnswer:
    found = [
        (one, index, job)
        for one in attempts
        for index, job in enumerate(jobs_of(one, first_job(ask.repository, one)))
    ]
    return ask.page(found, lambda entry: job_shown(ask, *entry), key="jobs")
