"""Deployments and their statuses (https://docs.github.com/rest/deployments)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .access import must
from .git_acts import require_commit
from .routing import Answer, Ask, Refusal, Routes, Unfaithful, invalid, not_found
from .state import node_id
from .views import JSON, stamp

routes = Routes()

DEPLOYMENTS = "/repos/{owner}/{repo}/deployments"
ONE = DEPLOYMENTS + "/{deployment_id}"
STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


@dataclass(slots=True)
class Status:
    """One status of a deployment, as a deploy tool reported it."""

    id: int
    state: str
    description: str
    environment: str
    target_url: str
    environment_url: str
    creator_id: int
    created_at: datetime
    via_app: bool


@dataclass(slots=True)
class Deployment:
    """A commit that somebody wants on an environment."""

    id: int
    sha: str
    ref: str
    task: str
    environment: str
    payload: Any
    description: str | None
    creator_id: int
    created_at: datetime
    updated_at: datetime
    transient: bool
    production: bool
    via_app: bool
    statuses: list[Status] = field(default_factory=list)


@dataclass(slots=True)
class Deployments:
    """A repository's deployments by id."""

    by_id: dict[int, Deployment] = field(default_factory=dict)


@routes.add(
    "GET",
    DEPLOYMENTS,
    query=("sha", "ref", "task", "environment", "per_page", "page"),
    needs="deployments:read",
)
def list_deployments(ask: Ask) -> Any:
    """Newest first, filtered by what is given; the text `none` is no filter."""
    wanted = {
        name: ask.query[name]
        for name in ("sha", "ref", "task", "environment")
        if ask.query.get(name, "none") != "none"
    }
    found = [
        one
        for one in reversed(ask.repository.room(Deployments).by_id.values())
        if all(getattr(one, name) == value for name, value in wanted.items())
    ]
    return ask.page(found, lambda one: _shown(ask, one))


@routes.add(
    "POST",
    DEPLOYMENTS,
    body=(
        "ref",
        "task",
        "auto_merge",
        "required_contexts",
        "payload",
        "environment",
        "description",
        "transient_environment",
        "production_environment",
    ),
    needs="deployments:write",
)
def create_deployment(ask: Ask) -> Any:
    """A new deployment of a ref. Merging in the default branch is not simulated: say `auto_merge: false`."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "deployments")
    ref = ask.field("ref")
    if ref is None:
        raise invalid("Deployment", "ref", "missing_field")
    if ask.field("auto_merge", bool, True):
        msg = "deployments with auto_merge"
        raise Unfaithful(msg)
    environment = ask.field("environment", str, "production")
    made = Deployment(
        id=ask.hub.world.next_id("deployment"),
        sha=require_commit(ask.repository, ref).sha,
        ref=ref,
        task=ask.field("task", str, "deploy"),
        environment=environment,
        payload=ask.body.get("payload", {}),
        description=ask.field("description"),
        creator_id=ask.actor.account.id,
        created_at=ask.hub.now(),
        updated_at=ask.hub.now(),
        transient=ask.field("transient_environment", bool, False),
        production=ask.field("production_environment", bool, environment == "production"),
        via_app=ask.actor.is_actions,
    )
    ask.repository.room(Deployments).by_id[made.id] = made
    shown = _shown(ask, made)
    return Answer(201, shown, {"Location": shown["url"]})


@routes.add("GET", ONE, needs="deployments:read")
def get_deployment(ask: Ask) -> Any:
    """One by id."""
    return _shown(ask, _named(ask))


@routes.add("GET", ONE + "/statuses", query=("per_page", "page"), needs="deployments:read")
def list_statuses(ask: Ask) -> Any:
    """Newest first."""
    deployment = _named(ask)
    return ask.page(deployment.statuses[::-1], lambda one: _shown_status(ask, deployment, one))


@routes.add(
    "POST",
    ONE + "/statuses",
    body=("state", "target_url", "log_url", "description", "environment", "environment_url", "auto_inactive"),
    needs="deployments:write",
)
def create_status(ask: Ask) -> Any:
    """Report. A success makes earlier deployments of the environment inactive, unless it is transient."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "deployments")
    deployment, state = _named(ask), ask.field("state")
    if state not in STATES:
        raise invalid("DeploymentStatus", "state")
    description = ask.field("description", str, "")
    if len(description) > 140:
        message = "description is too long (maximum is 140 characters)"
        raise invalid("DeploymentStatus", "description", "custom", message=message)
    if len(deployment.statuses) >= 100:
        raise Refusal(422, "This deployment has reached the maximum number of statuses.")
    deployment.environment = ask.field("environment", str, deployment.environment)
    made = _report(ask, deployment, state, description, ask.field("log_url") or ask.field("target_url") or "")
    made.environment_url = ask.field("environment_url", str, "")
    if state == "success" and ask.field("auto_inactive", bool, True):
        for other in ask.repository.room(Deployments).by_id.values():
            earlier = other.id < deployment.id and not other.transient and not other.production
            if earlier and other.environment == deployment.environment and _state(other) == "success":
                _report(ask, other, "inactive", "", "")
    return Answer(201, _shown_status(ask, deployment, made))


def _report(ask: Ask, deployment: Deployment, state: str, description: str, log_url: str) -> Status:
    made = Status(
        id=ask.hub.world.next_id("deployment status"),
        state=state,
        description=description,
        environment=deployment.environment,
        target_url=log_url,
        environment_url="",
        creator_id=ask.actor.account.id,
        created_at=ask.hub.now(),
        via_app=ask.actor.is_actions,
    )
    deployment.statuses.append(made)
    deployment.updated_at = ask.hub.now()
    return made


def _state(deployment: Deployment) -> str | None:
    return deployment.statuses[-1].state if deployment.statuses else None


def _named(ask: Ask) -> Deployment:
    found = ask.repository.room(Deployments).by_id.get(ask.params["deployment_id"])
    if found is None:
        raise not_found()
    return found


def _shown(ask: Ask, one: Deployment) -> JSON:
    show = ask.hub.views
    base = show.repository_url(ask.repository)
    url = f"{base}/deployments/{one.id}"
    return {
        "url": url,
        "id": one.id,
        "node_id": node_id("DE", one.id),
        "task": one.task,
        "original_environment": one.environment,
        "environment": one.environment,
        "description": one.description,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "statuses_url": f"{url}/statuses",
        "repository_url": base,
        "creator": show.user_by_id(one.creator_id),
        "sha": one.sha,
        "ref": one.ref,
        "payload": one.payload,
        "transient_environment": one.transient,
        "production_environment": one.production,
        "performed_via_github_app": show.actions_app() if one.via_app else None,
    }


def _shown_status(ask: Ask, deployment: Deployment, one: Status) -> JSON:
    show = ask.hub.views
    base = show.repository_url(ask.repository)
    url = f"{base}/deployments/{deployment.id}"
    return {
        "url": f"{url}/statuses/{one.id}",
        "id": one.id,
        "node_id": node_id("DES", one.id),
        "state": one.state,
        "creator": show.user_by_id(one.creator_id),
        "description": one.description,
        "environment": one.environment,
        "target_url": one.target_url,
        "log_url": one.target_url,
        "environment_url": one.environment_url,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "deployment_url": url,
        "repository_url": base,
        "performed_via_github_app": show.actions_app() if one.via_app else None,
    }
