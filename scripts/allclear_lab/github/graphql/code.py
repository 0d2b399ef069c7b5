"""GraphQL's view of deployments, commits, their statuses and their checks.

https://docs.github.com/en/graphql/reference. A field that costs work is a function: it is asked for or not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from allclear_lab.github.actions.run_views import first_job, job_id, jobs_of
from allclear_lab.github.actions.state import Job, Runs, WorkflowRun
from allclear_lab.github.deployments.deployments import Deployment, Deployments, DeploymentStatus
from allclear_lab.github.git.commit_statuses import CommitStatus, CommitStatuses, combined
from allclear_lab.github.git.objects import GitObjects, Signature
from allclear_lab.github.git.views import NOREPLY
from allclear_lab.github.graphql.connections import Resolver, Shown, connection, require
from allclear_lab.github.graphql.people import actor
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Repository, node_id
from allclear_lab.github.views import stamp, stamp_or_none

# A deployment's own state, from its last status. GitHub has more names for the same.
_STATES = {"success": "ACTIVE", None: "PENDING"}
# What a check's conclusion is among statuses; the others are failures.
_STATUSES = {None: "pending", "SUCCESS": "success", "NEUTRAL": "success", "SKIPPED": "success"}
_GHOST: Shown = {
    "__typename": "User",
    "id": node_id("U", 10137),
    "login": "ghost",
    "name": None,
    "url": "https://github.com/ghost",
}


def deployments(ask: RouteRequest, repository: Repository, commit: Callable[[str], Shown]) -> Resolver:
    """Repository.deployments: oldest first unless told. ``commit`` shows one by its sha."""

    def resolve(
        info: Any,
        *,
        environments: Sequence[str] | None = None,
        orderBy: Mapping[str, str] | None = None,  # noqa: N803  # GitHub's name
        **page: Any,
    ) -> Shown:
        require(ask, "deployments:read")
        found = [
            one
            for one in repository.room(Deployments).by_id.values()
            if not environments or one.environment in environments
        ]
        if orderBy is not None and orderBy["direction"] == "DESC":
            found.reverse()
        return connection(found, lambda one: _deployment(ask, repository, one, commit))(info, **page)

    return resolve


def _deployment(
    ask: RouteRequest, repository: Repository, one: Deployment, commit: Callable[[str], Shown]
) -> Shown:
    git = repository.room(GitObjects)
    latest = one.statuses[-1] if one.statuses else None
    ref = next((name for name in (f"refs/heads/{one.ref}", f"refs/tags/{one.ref}") if name in git.refs), None)
    return {
        "__typename": "Deployment",
        "id": node_id("DE", one.id),
        "databaseId": one.id,
        "commit": lambda _: commit(one.sha),
        "commitOid": one.sha,
        "createdAt": stamp(one.created_at),
        # GitHub shows an account that is gone as https://github.com/ghost.
        "creator": lambda _: actor(ask, one.creator_id) or _GHOST,
        "description": one.description,
        "environment": one.environment,
        "latestEnvironment": one.environment,
        "latestStatus": _deployment_status(latest) if latest else None,
        "originalEnvironment": one.original_environment,
        "payload": json.dumps(one.payload),
        "ref": ref_shown(repository, ref) if ref else None,
        "state": _STATES.get(one.state, (one.state or "").upper()),
        "statuses": connection(one.statuses[::-1], _deployment_status),
        "task": one.task,
        "updatedAt": stamp(one.updated_at),
    }


def _deployment_status(one: DeploymentStatus) -> Shown:
    return {
        "__typename": "DeploymentStatus",
        "id": node_id("DES", one.id),
        "createdAt": stamp(one.created_at),
        "description": one.description,
        "environment": one.environment,
        "environmentUrl": one.environment_url or None,
        "logUrl": one.target_url or None,
        "state": one.state.upper(),
        "updatedAt": stamp(one.created_at),
    }


def ref_shown(repository: Repository, name: str) -> Shown:
    """Ref, by its full name, without what it points at."""
    short = name.split("/", 2)[2]
    return {
        "__typename": "Ref",
        "id": node_id("REF", repository.id, len(name)),
        "name": short,
        "prefix": name.removesuffix(short),
    }


def commit_shown(ask: RouteRequest, repository: Repository, sha: str) -> Shown:
    """Commit."""
    require(ask, "contents:read")
    commit = repository.room(GitObjects).commits[sha]
    headline, _, body = commit.message.partition("\n")
    author = _git_actor(ask, commit.author)
    return {
        "__typename": "Commit",
        "id": node_id("C", repository.id, commit.number),
        "oid": sha,
        "author": author,
        "authoredDate": stamp(commit.author.date),
        "authors": connection((author,), dict),
        "committedDate": stamp(commit.committer.date),
        "message": commit.message,
        "messageBody": body.strip(),
        "messageHeadline": headline,
        "status": lambda _: _status(ask, repository, sha),
        "statusCheckRollup": lambda _: rollup(ask, repository, sha),
        "url": f"{ask.hub.server_url}/{ask.hub.world.full_name(repository)}/commit/{sha}",
    }


def _git_actor(ask: RouteRequest, one: Signature) -> Shown:
    """GitActor: GitHub finds the account by the address."""
    found = NOREPLY.fullmatch(one.email)
    return {"name": one.name, "email": one.email, "user": actor(ask, int(found[1])) if found else None}


def _status(ask: RouteRequest, repository: Repository, sha: str) -> Shown | None:
    """Commit.status: null while nobody said anything of the commit."""
    require(ask, "statuses:read")
    latest = repository.room(CommitStatuses).latest(sha)
    if not latest:
        return None
    contexts = [_status_context(one) for one in latest]

    def context(_: Any, *, name: str) -> Shown | None:
        return next((one for one in contexts if str(one["context"]).casefold() == name.casefold()), None)

    return {
        "__typename": "Status",
        "id": node_id("S", repository.id, repository.room(GitObjects).commits[sha].number),
        "context": context,
        "contexts": contexts,
        "state": combined(one.state for one in latest).upper(),
    }


def rollup(ask: RouteRequest, repository: Repository, sha: str) -> Shown | None:
    """StatusCheckRollup: the statuses of a commit, and the jobs of the runs that were started for it. Null
    where there are neither.
    """
    require(ask, "statuses:read")
    latest = repository.room(CommitStatuses).latest(sha)
    checks = [
        _check_run(ask, repository, run, index, job)
        for run in repository.room(Runs).by_id.values()
        # A run that waits for its approval has no checks yet.
        if run.head_sha == sha and run.conclusion != "action_required"
        for index, job in enumerate(jobs_of(run, first_job(repository, run)))
    ]
    if not latest and not checks:
        return None
    states = [one.state for one in latest] + [_STATUSES.get(one["conclusion"], "failure") for one in checks]
    return {
        "__typename": "StatusCheckRollup",
        "id": node_id("SCR", repository.id, repository.room(GitObjects).commits[sha].number),
        "contexts": connection([*(_status_context(one) for one in latest), *checks], dict),
        "state": combined(states).upper(),
    }


def _status_context(one: CommitStatus) -> Shown:
    return {
        "__typename": "StatusContext",
        "id": node_id("SC", one.id),
        "context": one.context,
        "createdAt": stamp(one.created_at),
        "description": one.description,
        "isRequired": False,
        "state": one.state.upper(),
        "targetUrl": one.target_url,
    }


def _check_run(ask: RouteRequest, repository: Repository, run: WorkflowRun, index: int, job: Job) -> Shown:
    number = job_id(run, index)
    page = f"{ask.hub.server_url}/{ask.hub.world.full_name(repository)}/actions/runs/{run.id}"
    workflow = {"id": node_id("W", run.workflow_id), "databaseId": run.workflow_id, "name": run.workflow_name}
    started = run.started_at or run.created_at
    return {
        "__typename": "CheckRun",
        "id": node_id("CR", number),
        "checkSuite": {
            "id": node_id("CS", run.id),
            "workflowRun": {
                "id": node_id("WFR", run.id),
                "databaseId": run.id,
                "event": run.event,
                "runNumber": run.number,
                "url": page,
                "workflow": workflow,
            },
        },
        "completedAt": stamp_or_none(run.updated_at if job.conclusion else None),
        "conclusion": job.conclusion.upper() if job.conclusion else None,
        "databaseId": number,
        "detailsUrl": f"{page}/job/{number}",
        "isRequired": False,
        "name": job.name,
        "startedAt": stamp(started),
        "status": "COMPLETED" if job.conclusion else run.status.upper(),
        "url": f"{page}/job/{number}",
    }
