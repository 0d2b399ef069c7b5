"""Every route the sandbox knows, and how a path finds its own."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from . import (
    actions_routes,
    artifacts_routes,
    commit_statuses,
    deployments,
    environments,
    git_contents,
    git_routes,
    graphql,
    pulls_routes,
    rest_comments,
    rest_events,
    rest_issues,
    rest_labels,
    rest_people,
    rest_reactions,
    runs_routes,
)
from .routing import Route

# A module with routes is added here, and nowhere else.
_MODULES = (
    rest_people,
    rest_issues,
    rest_comments,
    rest_labels,
    rest_reactions,
    rest_events,
    graphql,
    git_routes,
    git_contents,
    pulls_routes,
    deployments,
    commit_statuses,
    environments,
    actions_routes,
    runs_routes,
    artifacts_routes,
)

ROUTES: tuple[Route, ...] = tuple(route for module in _MODULES for route in module.routes.all)

# Stands for a percent-encoded slash, which is part of a name and not a separator.
_SLASH = "\x1f"
# workflow_id may be a file name.
_NUMERIC = re.compile(r"(_number|(?<!workflow)_id)$")
# Found with their slashes unencoded too: paths, refs, and labels such as kind/bug.
_WITH_SLASHES = frozenset({"path", "ref", "basehead", "branch", "name"})


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
