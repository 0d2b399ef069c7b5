"""Workflow runs, their jobs and reviews as the REST API shows them."""

from __future__ import annotations

from datetime import UTC, datetime

from allclear_lab.github.actions.acts import default_files
from allclear_lab.github.actions.run_acts import may_review
from allclear_lab.github.actions.state import Job, JobStep, WorkflowRun
from allclear_lab.github.deployments.environments import Environments, brief, dated, reviewers
from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.git.views import GitViews
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Account, Repository, node_id
from allclear_lab.github.views import JSON, stamp, stamp_or_none

# Who stands for a deleted account where there has to be one: https://github.com/ghost
GHOST = Account(10137, "ghost", "User", datetime(2008, 5, 13, tzinfo=UTC))
# A job has fewer conclusions than a run: what a job says when its run ended so.
_JOB_CONCLUSIONS = {"stale": "cancelled", "startup_failure": "failure"}


def run_shown(ask: RouteRequest, run: WorkflowRun, current: WorkflowRun | None = None) -> JSON:
    """A workflow-run. An earlier attempt is shown with the run it belongs to as `current`."""
    show = ask.hub.views
    base = show.repository_url(ask.repository)
    whole = f"{base}/actions/runs/{run.id}"
    url = f"{whole}/attempts/{run.run_attempt}" if current else whole
    page = f"{ask.hub.server_url}/{ask.hub.world.full_name(ask.repository)}/actions/runs/{run.id}"
    actor = show.user_by_id(run.actor_id)
    starter = show.user_by_id(run.triggering_actor_id)
    home = show.repository(ask.repository)
    commit = ask.repository.room(GitObjects).commits[run.head_sha]
    before = run.run_attempt - 1
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("WFR", run.id),
        "check_suite_id": run.id,
        "check_suite_node_id": node_id("CS", run.id),
        "head_branch": run.head_branch,
        "head_sha": run.head_sha,
        "path": run.path,
        "run_number": run.number,
        "run_attempt": run.run_attempt,
        "referenced_workflows": [],
        "event": run.event,
        "display_title": run.title,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": run.workflow_id,
        "url": whole,
        "html_url": f"{page}/attempts/{run.run_attempt}" if current else page,
        "pull_requests": [],
        "created_at": stamp(run.created_at),
        "updated_at": stamp(run.updated_at),
        "run_started_at": stamp(run.started_at or run.created_at),
        **({"actor": actor} if actor else {}),
        **({"triggering_actor": starter} if starter else {}),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{base}/check-suites/{run.id}",
        "artifacts_url": f"{whole}/artifacts",
        "cancel_url": f"{whole}/cancel",
        "rerun_url": f"{whole}/rerun",
        "previous_attempt_url": f"{whole}/attempts/{before}" if before else None,
        "workflow_url": f"{base}/actions/workflows/{run.workflow_id}",
        "head_commit": GitViews(show, ask.repository).simple_commit(commit),
        "repository": home,
        "head_repository": home,
    }


def jobs_of(run: WorkflowRun, first: str) -> tuple[Job, ...]:
    """What was set, or one job that is where its run is."""
    if run.jobs:
        return run.jobs
    known = run.conclusion and _JOB_CONCLUSIONS.get(run.conclusion, run.conclusion)
    return (Job(first, known),)


def first_job(repository: Repository, run: WorkflowRun) -> str:
    """The name of the first job of the run's file, as it is on the default branch."""
    files = {one.path: one.jobs for one in default_files(repository)}
    return next(iter(files.get(run.path, ())), "run")


def job_id(run: WorkflowRun, index: int) -> int:
    """The id of a job of this attempt, counted from 0."""
    return run.id * 1000 + run.run_attempt * 20 + index


def job_shown(ask: RouteRequest, run: WorkflowRun, index: int, job: Job) -> JSON:
    """A job. An unfinished one has the status of its run."""
    base = ask.hub.views.repository_url(ask.repository)
    page = f"{ask.hub.server_url}/{ask.hub.world.full_name(ask.repository)}/actions/runs/{run.id}"
    number = job_id(run, index)
    started = run.started_at or run.created_at
    ended = run.updated_at if job.conclusion else None
    return {
        "id": number,
        "run_id": run.id,
        "workflow_name": run.workflow_name,
        "head_branch": run.head_branch,
        "run_url": f"{base}/actions/runs/{run.id}",
        "run_attempt": run.run_attempt,
        "node_id": node_id("CR", number),
        "head_sha": run.head_sha,
        "url": f"{base}/actions/jobs/{number}",
        "html_url": f"{page}/job/{number}",
        "status": "completed" if job.conclusion else job.status or run.status,
        "conclusion": job.conclusion,
        "created_at": stamp(started),
        "started_at": stamp(started),
        "completed_at": stamp_or_none(ended),
        "name": job.name,
        "steps": [_step(at, step, started, ended) for at, step in enumerate(job.steps, 1)],
        "check_run_url": f"{base}/check-runs/{number}",
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "GitHub Actions 1",
        "runner_group_id": 0,
        "runner_group_name": "GitHub Actions",
    }


def approvals(ask: RouteRequest, run: WorkflowRun) -> list[JSON]:
    """environment-approvals, the reviews of every attempt in their order."""
    known = ask.repository.room(Environments).by_name
    return [
        {
            "state": one.state,
            "comment": one.comment,
            "environments": [dated(ask, known[one.environment.casefold()])],
            "user": ask.hub.views.user(ask.hub.world.accounts.get(one.account_id, GHOST)),
        }
        for one in run.reviews
    ]


def pending(ask: RouteRequest, run: WorkflowRun) -> list[JSON]:
    """pending-deployment, what the run waits for: one environment or nothing."""
    if run.waiting_for is None:
        return []
    environment = ask.repository.room(Environments).by_name[run.waiting_for.casefold()]
    return [
        {
            "environment": brief(ask, environment),
            "wait_timer": 0,
            "wait_timer_started_at": None,
            "current_user_can_approve": may_review(ask.hub, ask.repository, run, ask.actor),
            "reviewers": reviewers(ask, environment),
        }
    ]


def _step(number: int, step: tuple[str, str] | JobStep, started: datetime, ended: datetime | None) -> JSON:
    if not isinstance(step, JobStep):
        step = JobStep(*step, started, ended)
    return {
        "name": step.name,
        "status": step.status,
        "conclusion": step.conclusion,
        "number": number,
        "started_at": stamp_or_none(step.started),
        "completed_at": stamp_or_none(step.completed),
    }
