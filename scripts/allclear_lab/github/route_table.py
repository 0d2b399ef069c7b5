"""Every route the embedded GitHub knows, and how a path finds its own."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from allclear_lab.github.actions import artifact_routes, run_routes
from allclear_lab.github.actions import routes as action_routes
from allclear_lab.github.deployments import deployments, environments
from allclear_lab.github.git import commit_statuses, contents_routes
from allclear_lab.github.git import routes as git_routes
from allclear_lab.github.graphql import route as graphql_route
from allclear_lab.github.issues import (
    comment_routes,
    event_routes,
    label_routes,
    reaction_routes,
    sub_issue_routes,
)
from allclear_lab.github.issues import routes as issue_routes
from allclear_lab.github.people import meta_routes
from allclear_lab.github.people import routes as people_routes
from allclear_lab.github.pulls import routes as pull_routes
from allclear_lab.github.routing import Route

# A module with routes is added here, and nowhere else.
_MODULES = (
    meta_routes,
    people_routes,
    issue_routes,
    comment_routes,
    label_routes,
    reaction_routes,
    event_routes,
    sub_issue_routes,
    graphql_route,
    git_routes,
    contents_routes,
    pull_routes,
    deployments,
    commit_statuses,
    environments,
    action_routes,
    run_routes,
    artifact_routes,
)

ROUTES: tuple[Route, ...] = tuple(route for module in _MODULES for route in module.routes.all)

# Stands for a percent-encoded slash, which is part of a name and not a separator.
_SLASH = "\x1f"
# workflow_id may be a file name.
_NUMERIC = re.compile(r"(_number|(?<!workflow)_id)$")
# Found with their slashes unencoded too: paths, refs, and labels such as kind/bug.
_WITH_SLASHES = frozenset({"path", "ref", "basehead", "name"})


@cache
def _urls() -> MapAdapter:
    """All routes, compiled once for every hub of the process: it takes longer than hundreds of requests."""
    rules = [Rule(_rule(route.template), endpoint=route, methods=[route.method]) for route in ROUTES]
    return Map(rules, strict_slashes=True, merge_slashes=False).bind("127.0.0.1")


def find_route(method: str, raw_path: str) -> tuple[Route, dict[str, Any]] | None:
    """The route of a raw path and its parameters, decoded; None when nothing answers there."""
    parts = [unquote(part).replace("/", _SLASH) for part in raw_path.split("/")]
    try:
        route, found = _urls().match("/".join(parts), method)
    except HTTPException:
        return None
    params = {
        name: value.replace(_SLASH, "/") if isinstance(value, str) else value for name, value in found.items()
    }
    return route, params


def _rule(template: str) -> str:
    def spell(hit: re.Match[str]) -> str:
        name = hit[1]
        if _NUMERIC.search(name):
            return f"<int:{name}>"
        return f"<path:{name}>" if name in _WITH_SLASHES else f"<{name}>"

    return re.sub(r"\{(\w+)\}", spell, template)
