"""Deployments and their statuses (https://docs.github.com/rest/deployments)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from allclear_lab.github.git.acts import require_commit
from allclear_lab.github.people.access import must
from allclear_lab.github.routing import (
    Actor,
    GitHubRefusal,
    RouteAnswer,
    RouteRequest,
    Routes,
    Unfaithful,
    invalid,
    not_found,
)
from allclear_lab.github.state import Repository, node_id
from allclear_lab.github.views import JSON, stamp

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

routes = Routes()

DEPLOYMENTS = "/repos/{owner}/{repo}/deployments"
ONE = DEPLOYMENTS + "/{deployment_id}"
STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


@dataclass(slots=True)
class DeploymentStatus:
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
    original_environment: str
    statuses: list[DeploymentStatus] = field(default_factory=list)

    @property
    def state(self) -> str | None:
        """Its last status; None while nobody reported."""
        return self.statuses[-1].state if self.statuses else None


@dataclass(slots=True)
class Deployments:
    """A repository's deployments by id."""

    by_id: dict[int, Deployment] = field(default_factory=dict)


def deploy(
    hub: GitHub,
    repository: Repository,
    actor: Actor,
    ref: str,
    environment: str,
    *,
    task: str = "deploy",
    payload: Any = None,
    description: str | None = None,
    transient: bool = False,
    production: bool | None = None,
) -> Deployment:
    """Record a deployment of a branch, tag or commit; 422 when there is none. Nobody is told of it."""
    made = Deployment(
        id=hub.world.next_id("deployment"),
        sha=require_commit(repository, ref).sha,
        ref=ref,
        task=task,
        environment=environment,
        payload={} if payload is None else payload,
        description=description,
        creator_id=actor.account.id,
        created_at=hub.now(),
        updated_at=hub.now(),
        transient=transient,
        production=environment == "production" if production is None else production,
        via_app=actor.is_actions,
        original_environment=environment,
    )
    repository.room(Deployments).by_id[made.id] = made
    return made


def report(
    hub: GitHub,
    repository: Repository,
    actor: Actor,
    deployment: Deployment,
    state: str,
    *,
    description: str = "",
    log_url: str = "",
    environment_url: str = "",
    auto_inactive: bool = True,
) -> DeploymentStatus:
    """Report on a deployment. A success retires earlier ones of its environment, if they are to be."""

    def add(
        to: Deployment, state: str, description: str, log_url: str, environment_url: str
    ) -> DeploymentStatus:
        made = DeploymentStatus(
            id=hub.world.next_id("deployment status"),
            state=state,
            description=description,
            environment=to.environment,
            target_url=log_url,
            environment_url=environment_url,
            creator_id=actor.account.id,
            created_at=hub.now(),
            via_app=actor.is_actions,
        )
        to.statuses.append(made)
        to.updated_at = hub.now()
        return made

    made = add(deployment, state, description, log_url, environment_url)
    if state == "success" and auto_inactive:
        for other in repository.room(Deployments).by_id.values():
            earlier = other.id < deployment.id and not other.transient and not other.production
            if earlier and other.environment == deployment.environment and other.state == "success":
                add(other, "inactive", "", "", "")
    return made


@routes.add(
    "GET",
    DEPLOYMENTS,
    query=("sha", "ref", "task", "environment", "per_page", "page"),
    needs="deployments:read",
)
def list_deployments(ask: RouteRequest) -> Any:
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
def create_deployment(ask: RouteRequest) -> Any:
    """A new deployment of a ref. Merging in the default branch is not simulated: say `auto_merge: false`."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "deployments")
    ref = ask.field("ref")
    if ref is None:
        raise invalid("Deployment", "ref", "missing_field")
    if ask.field("auto_merge", bool, True):
        msg = "deployments with auto_merge"
        raise Unfaithful(msg)
    environment = ask.field("environment", str, "production")
    made = deploy(
        ask.hub,
        ask.repository,
        ask.actor,
        ref,
        environment,
        task=ask.field("task", str, "deploy"),
        payload=ask.body.get("payload", {}),
        description=ask.field("description"),
        transient=ask.field("transient_environment", bool, False),
        production=ask.field("production_environment", bool),
    )
    shown = _shown(ask, made)
    return RouteAnswer(201, shown, {"Location": shown["url"]})


@routes.add("GET", ONE + "/statuses", query=("per_page", "page"), needs="deployments:read")
def list_statuses(ask: RouteRequest) -> Any:
    """Newest first."""
    deployment = _named(ask)
    return ask.page(deployment.statuses[::-1], lambda one: _shown_status(ask, deployment, one))


@routes.add(
    "POST",
    ONE + "/statuses",
    body=("state", "target_url", "log_url", "description", "environment", "environment_url", "auto_inactive"),
    needs="deployments:write",
)
def create_status(ask: RouteRequest) -> Any:
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
        raise GitHubRefusal(422, "This deployment has reached the maximum number of statuses.")
    deployment.environment = ask.field("environment", str, deployment.environment)
    made = report(
        ask.hub,
        ask.repository,
        ask.actor,
        deployment,
        state,
        description=description,
        log_url=ask.field("log_url") or ask.field("target_url") or "",
        environment_url=ask.field("environment_url", str, ""),
        auto_inactive=ask.field("auto_inactive", bool, True),
    )
    return RouteAnswer(201, _shown_status(ask, deployment, made))


def _named(ask: RouteRequest) -> Deployment:
    found = ask.repository.room(Deployments).by_id.get(ask.params["deployment_id"])
    if found is None:
        raise not_found()
    return found


def _shown(ask: RouteRequest, one: Deployment) -> JSON:
    show = ask.hub.views
    base = show.repository_url(ask.repository)
    url = f"{base}/deployments/{one.id}"
    return {
        "url": url,
        "id": one.id,
        "node_id": node_id("DE", one.id),
        "task": one.task,
        "original_environment": one.original_environment,
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


def _shown_status(ask: RouteRequest, deployment: Deployment, one: DeploymentStatus) -> JSON:
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
