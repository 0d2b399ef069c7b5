"""Environments and what protects them (https://docs.github.com/rest/deployments/environments)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from allclear_lab.github.routing import RouteRequest, Routes, not_found
from allclear_lab.github.state import Repository, node_id
from allclear_lab.github.views import JSON, stamp

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

routes = Routes()

ENVIRONMENTS = "/repos/{owner}/{repo}/environments"
REVIEWERS_AT_MOST = 6


@dataclass(slots=True)
class Environment:
    """An environment. `branches`: only the default branch may deploy to it, as a custom policy says."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    reviewer_ids: tuple[int, ...] = ()
    prevent_self_review: bool = False
    branches: bool = False


@dataclass(slots=True)
class Environments:
    """A repository's environments; names are compared without case."""

    by_name: dict[str, Environment] = field(default_factory=dict)


def ensure(hub: GitHub, repository: Repository, name: str) -> Environment:
    """The environment; one that is missing is made without any protection, as a job that names it does."""
    known = repository.room(Environments).by_name
    if name.casefold() not in known:
        now = hub.now()
        known[name.casefold()] = Environment(hub.world.next_id("environment"), name, now, now)
    return known[name.casefold()]


def protect(
    hub: GitHub,
    repository: Repository,
    name: str,
    reviewer_ids: Iterable[int],
    *,
    prevent_self_review: bool,
    branches: bool,
) -> Environment:
    """Make an environment, or give it other rules; ValueError for more than six reviewers."""
    found = ensure(hub, repository, name)
    reviewers = tuple(reviewer_ids)
    if len(reviewers) > REVIEWERS_AT_MOST:
        msg = f"an environment has up to {REVIEWERS_AT_MOST} reviewers"
        raise ValueError(msg)
    found.reviewer_ids, found.branches = reviewers, branches
    found.prevent_self_review, found.updated_at = prevent_self_review, hub.now()
    return found


@routes.add("GET", ENVIRONMENTS, query=("per_page", "page"), needs="actions:read")
def list_environments(ask: RouteRequest) -> Any:
    """All of them by name."""
    found = sorted(ask.repository.room(Environments).by_name.values(), key=lambda one: one.name)
    return ask.page(found, lambda one: _shown(ask, one), key="environments")


@routes.add("GET", ENVIRONMENTS + "/{environment_name}", needs="actions:read")
def get_environment(ask: RouteRequest) -> Any:
    """One by name."""
    found = ask.repository.room(Environments).by_name.get(ask.params["environment_name"].casefold())
    if found is None:
        raise not_found()
    return _shown(ask, found)


def reviewers(ask: RouteRequest, one: Environment) -> list[JSON]:
    """The required reviewers, as rules and pending deployments show them. Who deleted the account is gone."""
    people = (ask.hub.views.user_by_id(account_id) for account_id in one.reviewer_ids)
    return [{"type": "User", "reviewer": person} for person in people if person is not None]


def brief(ask: RouteRequest, one: Environment) -> JSON:
    """What other answers say of an environment."""
    repository = ask.hub.views.repository_url(ask.repository)
    page = f"{ask.hub.server_url}/{ask.hub.world.full_name(ask.repository)}"
    name = quote(one.name, safe="")
    return {
        "id": one.id,
        "node_id": node_id("EN", one.id),
        "name": one.name,
        "url": f"{repository}/environments/{name}",
        "html_url": f"{page}/deployments/activity_log?environments_filter={name}",
    }


def dated(ask: RouteRequest, one: Environment) -> JSON:
    """`brief` with its times."""
    return brief(ask, one) | {"created_at": stamp(one.created_at), "updated_at": stamp(one.updated_at)}


def _shown(ask: RouteRequest, one: Environment) -> JSON:
    rules: list[JSON] = []
    if one.reviewer_ids:
        rules.append(
            {
                "id": one.id * 10 + 1,
                "node_id": node_id("GA", one.id, 1),
                "type": "required_reviewers",
                "prevent_self_review": one.prevent_self_review,
                "reviewers": reviewers(ask, one),
            }
        )
    if one.branches:
        rules.append({"id": one.id * 10 + 2, "node_id": node_id("GA", one.id, 2), "type": "branch_policy"})
    policy = {"protected_branches": False, "custom_branch_policies": True} if one.branches else None
    return dated(ask, one) | {"protection_rules": rules, "deployment_branch_policy": policy}
