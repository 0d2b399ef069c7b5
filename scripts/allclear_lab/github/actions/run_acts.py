"""What becomes of a run: it starts, waits for an approval, ends, is cancelled or started again.

Nothing is executed here. A runner, or a test, says how far a run has come.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from allclear_lab.github.actions.state import CONCLUSIONS, DeploymentReview, Runs, WorkflowRun
from allclear_lab.github.deployments import job_deployments
from allclear_lab.github.deployments.environments import Environment, Environments, ensure
from allclear_lab.github.people.access import may_see, must
from allclear_lab.github.routing import Actor, GitHubRefusal, not_found
from allclear_lab.github.state import Repository

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

# https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
RERUN_FOR = timedelta(days=30)
RERUNS_AT_MOST = 50


def run_of(repository: Repository, run_id: int) -> WorkflowRun:
    """Run `run_id`; 404."""
    found = repository.room(Runs).by_id.get(run_id)
    if found is None:
        raise not_found()
    return found


def start(hub: GitHub, run: WorkflowRun) -> None:
    """A runner took the first job of a queued run."""
    _expect(run, "queued")
    _become(hub, run, "in_progress")


def wait(
    hub: GitHub, repository: Repository, run: WorkflowRun, name: str, *, deployment: bool = True
) -> bool:
    """A job names an environment; whether the run waits for a reviewer now. Every attempt asks anew.

    The job is a deployment of the run's commit, unless its file says `deployment: false`.
    GitHub makes an environment that is missing, without protection, and the job runs. A branch that the
    environment does not admit fails the job at once.
    https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
    """
    _expect(run, "queued", "in_progress")
    environment = ensure(hub, repository, name)
    if environment.branches and run.ref != f"refs/heads/{repository.default_branch}":
        finish(hub, repository, run, "failure")
        return False
    if deployment:
        state = "waiting" if environment.reviewer_ids else "in_progress"
        job_deployments.begin(hub, repository, run, environment.name, state)
    if not environment.reviewer_ids:
        _become(hub, run, "in_progress")
        return False
    run.waiting_for = name
    _become(hub, run, "waiting")
    return True


def finish(hub: GitHub, repository: Repository, run: WorkflowRun, conclusion: str) -> None:
    """The run ended, and with it the deployments of its jobs."""
    _expect(run, "queued", "in_progress", "waiting")
    if conclusion not in CONCLUSIONS:
        raise ValueError(conclusion)
    run.conclusion, run.waiting_for = conclusion, None
    job_deployments.follow(hub, repository, run, conclusion)
    _become(hub, run, "completed")


def may_review(hub: GitHub, repository: Repository, run: WorkflowRun, actor: Actor) -> bool:
    """Whether this actor may approve or reject what the run waits for."""
    environment = repository.room(Environments).by_name.get((run.waiting_for or "").casefold())
    if environment is None or actor.is_actions or not may_see(hub.world, repository, actor):
        return False
    return actor.account.id in environment.reviewer_ids and not _is_own(environment, run, actor)


def review(
    hub: GitHub,
    repository: Repository,
    run: WorkflowRun,
    actor: Actor,
    state: Literal["approved", "rejected"],
    comment: str,
) -> None:
    """A reviewer's word: the run goes on, or fails. 403 for everybody else, 422 when it does not wait.

    https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/review-deployments
    """
    if run.waiting_for is None:
        raise GitHubRefusal(422, "There are no pending deployment requests to approve or reject")
    if not may_review(hub, repository, run, actor):
        raise GitHubRefusal(403, "You are not allowed to review this deployment")
    run.reviews.append(DeploymentReview(run.waiting_for, state, actor.account.id, comment, hub.now()))
    run.waiting_for = None
    if state == "approved":
        job_deployments.follow(hub, repository, run, "in_progress")
        _become(hub, run, "in_progress")
    else:
        finish(hub, repository, run, "failure")


def cancel(hub: GitHub, repository: Repository, run: WorkflowRun, actor: Actor) -> None:
    """Stop it. It ends at once here; GitHub lets the jobs of `if: always()` run first."""
    must(hub.world, repository, actor, "write", "actions")
    if run.status == "completed":
        raise GitHubRefusal(409, "Cannot cancel a workflow run that is completed.")
    finish(hub, repository, run, "cancelled")


def rerun(hub: GitHub, repository: Repository, run: WorkflowRun, actor: Actor) -> None:
    """Start it again, with the same commit, ref and inputs, as its next attempt.

    Delivered as `rerun`, which is no webhook of GitHub's: it tells a runner to play the run again. Its
    payload is that of a dispatch (inputs, ref, workflow) with the run's id, attempt and first event.
    """
    must(hub.world, repository, actor, "write", "actions")
    if run.status != "completed":
        raise GitHubRefusal(403, "This workflow is already running")
    if hub.now() - run.created_at > RERUN_FOR:
        raise GitHubRefusal(403, "Unable to retry this workflow run because it was created over a month ago")
    if run.run_attempt > RERUNS_AT_MOST:
        raise GitHubRefusal(403, "Unable to retry this workflow run because it was retried too often")
    run.earlier.append(replace(run, earlier=[], reviews=list(run.reviews)))
    run.run_attempt += 1
    run.deployments = []
    run.triggering_actor_id = actor.account.id
    run.conclusion, run.started_at, run.jobs, run.logs = None, hub.now(), (), {}
    _become(hub, run, "queued")
    hub.deliver(
        repository,
        actor,
        "rerun",
        None,
        run=run.id,
        inputs=dict(run.inputs) or None,
        ref=run.ref,
        workflow=run.path,
        run_id=run.id,
        run_attempt=run.run_attempt,
        event_name=run.event,
    )


def _is_own(environment: Environment, run: WorkflowRun, actor: Actor) -> bool:
    return environment.prevent_self_review and actor.account.id in {run.actor_id, run.triggering_actor_id}


def _expect(run: WorkflowRun, *statuses: str) -> None:
    if run.status not in statuses:
        msg = f"run {run.id} is {run.status}, not {' or '.join(statuses)}"
        raise ValueError(msg)


def _become(hub: GitHub, run: WorkflowRun, status: str) -> None:
    run.status, run.updated_at = status, hub.now()
