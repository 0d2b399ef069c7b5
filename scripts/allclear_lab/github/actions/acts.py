"""Runs: what starts them here, and what the embedded GitHub remembers of them. Nothing is executed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from allclear_lab.github.actions.state import Runs, WorkflowRun
from allclear_lab.github.actions.workflow_files import WorkflowFile, workflow_files
from allclear_lab.github.git.acts import branch_ref
from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.people.access import must
from allclear_lab.github.pulls.state import PullRequest
from allclear_lab.github.records import Delivery
from allclear_lab.github.routing import Actor, GitHubRefusal, not_found
from allclear_lab.github.state import Account, Repository

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub


def default_files(repository: Repository) -> list[WorkflowFile]:
    """The workflow files of the default branch."""
    git = repository.room(GitObjects)
    tip = git.refs.get(branch_ref(repository.default_branch))
    return workflow_files(git, tip) if tip else []


def workflow_id(hub: GitHub, repository: Repository, path: str) -> int:
    """The id of a workflow file, the same for ever."""
    known = repository.room(Runs).workflow_ids
    if path not in known:
        known[path] = hub.world.next_id("workflow")
    return known[path]


def workflow_named(hub: GitHub, repository: Repository, name: str) -> WorkflowFile:
    """A workflow of the default branch by file name or id; 404."""
    for one in default_files(repository):
        if name in (one.path.rpartition("/")[2], str(workflow_id(hub, repository, one.path))):
            return one
    raise not_found()


def dispatch(
    hub: GitHub,
    repository: Repository,
    actor: Actor,
    name: str,
    ref: str,
    inputs: Mapping[str, Any],
) -> WorkflowRun:
    """Start a workflow by hand or by token: the one event that a workflow's token can cause (B1)."""
    must(hub.world, repository, actor, "write", "actions")
    workflow = workflow_named(hub, repository, name)
    git = repository.room(GitObjects)
    full = next((one for one in (ref, f"refs/heads/{ref}", f"refs/tags/{ref}") if one in git.refs), None)
    if full is None:
        raise GitHubRefusal(422, f"No ref found for: {ref}")
    there = {one.path: one for one in workflow_files(git, git.refs[full])}
    if workflow.path not in there:
        raise GitHubRefusal(422, "Workflow does not have 'workflow_dispatch' trigger")
    chosen = there[workflow.path].inputs(inputs)
    run = record_run(
        hub,
        repository,
        there[workflow.path],
        actor,
        event="workflow_dispatch",
        branch=full.split("/", 2)[2],
        ref=full,
        sha=git.refs[full],
        inputs=chosen,
    )
    hub.deliver(
        repository,
        actor,
        "workflow_dispatch",
        None,
        run=run.id,
        inputs=chosen or None,
        ref=full,
        workflow=workflow.path,
    )
    return run


def schedule(hub: GitHub, repository: Repository, actor: Actor, name: str, cron: str) -> None:
    """The cron of a workflow file comes round; the run is written down where the file says `schedule`."""
    path, run = f".github/workflows/{name}", None
    for workflow in default_files(repository):
        if workflow.path == path and "schedule" in workflow.triggers:
            git = repository.room(GitObjects)
            sha = git.refs[f"refs/heads/{repository.default_branch}"]
            branch = repository.default_branch
            run = record_run(hub, repository, workflow, actor, event="schedule", branch=branch, sha=sha).id
    hub.deliver(repository, actor, "schedule", None, run=run, schedule=cron, workflow=path)


def begin(hub: GitHub, repository: Repository, path: str, delivery: Delivery) -> WorkflowRun:
    """An event of an issue, a pull request or a push starts a workflow file of the default branch. Which
    files an event starts is for the runner to say.
    """
    (workflow,) = [one for one in default_files(repository) if one.path == path]
    sender = delivery.payload["sender"]["id"]
    # Its account may have been renamed or deleted since.
    account = hub.world.accounts.get(sender) or Account(sender, "ghost", "User", hub.now())
    subject = delivery.payload.get("issue") or delivery.payload.get("pull_request") or {}
    branch = repository.default_branch
    run = record_run(
        hub,
        repository,
        workflow,
        Actor(account),
        event=delivery.event,
        branch=branch,
        sha=repository.room(GitObjects).refs[branch_ref(branch)],
        title=subject.get("title"),
    )
    run.delivery_id = delivery.id
    return run


def hold_pull_run(hub: GitHub, repository: Repository, pull: PullRequest, actor: Actor) -> None:
    """A pull request by a workflow's token makes runs that wait until a person with write approves (B2).

    https://github.blog/changelog/2026-06-11-bot-created-pull-requests-can-run-workflows-if-approved/
    """
    git = repository.room(GitObjects)
    for workflow in workflow_files(git, pull.head_sha):
        if "pull_request" in workflow.triggers:
            run = record_run(
                hub,
                repository,
                workflow,
                actor,
                event="pull_request",
                branch=pull.head,
                sha=pull.head_sha,
                title=repository.issues[pull.number].title,
            )
            # The API lists a run that waits for approval as completed, with this conclusion.
            run.status, run.conclusion, run.pull_number = "completed", "action_required", pull.number


def record_run(
    hub: GitHub,
    repository: Repository,
    workflow: WorkflowFile,
    actor: Actor,
    *,
    event: str,
    branch: str,
    sha: str,
    ref: str = "",
    inputs: Mapping[str, str] | None = None,
    title: str | None = None,
) -> WorkflowRun:
    """Write down a queued run. The API calls a run by the file's `run-name` where there is one."""
    runs = repository.room(Runs)
    known = workflow_id(hub, repository, workflow.path)
    named = workflow.named(inputs or {}, actor.account.login)
    run = WorkflowRun(
        id=hub.world.next_id("run"),
        number=1 + sum(one.workflow_id == known for one in runs.by_id.values()),
        workflow_id=known,
        path=workflow.path,
        name=named or workflow.name,
        event=event,
        head_branch=branch,
        head_sha=sha,
        actor_id=actor.account.id,
        created_at=hub.now(),
        updated_at=hub.now(),
        title=named or title or workflow.name,
        inputs=dict(inputs or {}),
        started_at=hub.now(),
        triggering_actor_id=actor.account.id,
        ref=ref or f"refs/heads/{branch}",
        workflow_name=workflow.name,
    )
    runs.by_id[run.id] = run
    return run
