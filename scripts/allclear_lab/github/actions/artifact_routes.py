"""Routes of artifacts (https://docs.github.com/rest/actions/artifacts)."""

from __future__ import annotations

from typing import Any

from allclear_lab.github.actions.artifacts import Artifact, Artifacts
from allclear_lab.github.actions.downloads import link
from allclear_lab.github.actions.run_acts import run_of
from allclear_lab.github.routing import (
    PAGING,
    GitHubRefusal,
    RouteAnswer,
    RouteRequest,
    Routes,
    invalid,
    not_found,
)
from allclear_lab.github.state import node_id
from allclear_lab.github.views import JSON, stamp

routes = Routes()

ONE = "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}"


@routes.add(
    "GET",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts",
    query=("name", "direction", *PAGING),
    needs="actions:read",
)
def list_run_artifacts(ask: RouteRequest) -> Any:
    """Of one run, the newest first unless told; those that expired are listed as such."""
    run = run_of(ask.repository, ask.params["run_id"])
    wanted, direction = ask.query.get("name"), ask.query.get("direction", "desc")
    if direction not in {"asc", "desc"}:
        raise invalid("Artifact", "direction")
    found = [
        one
        for one in ask.repository.room(Artifacts).by_id.values()
        if one.run_id == run.id and wanted in (None, one.name)
    ]
    found.sort(key=lambda one: one.id, reverse=direction == "desc")
    return ask.page(found, lambda one: _shown(ask, one), key="artifacts")


@routes.add("GET", ONE, needs="actions:read")
def get_artifact(ask: RouteRequest) -> Any:
    """One by id."""
    return _shown(ask, _named(ask))


@routes.add("GET", ONE + "/{archive_format}", needs="actions:read")
def download_artifact(ask: RouteRequest) -> Any:
    """302 to the archive for a minute; 410 when it has expired."""
    one = _named(ask)
    if ask.params["archive_format"] != "zip":
        raise not_found()
    if ask.hub.now() >= one.expires_at:
        raise GitHubRefusal(410, "Artifact has expired")
    return RouteAnswer(302, headers={"Location": link(ask.hub, ask.repository, "artifacts", one.id)})


def _named(ask: RouteRequest) -> Artifact:
    found = ask.repository.room(Artifacts).by_id.get(ask.params["artifact_id"])
    if found is None:
        raise not_found()
    return found


def _shown(ask: RouteRequest, one: Artifact) -> JSON:
    run = run_of(ask.repository, one.run_id)
    url = f"{ask.hub.views.repository_url(ask.repository)}/actions/artifacts/{one.id}"
    return {
        "id": one.id,
        "node_id": node_id("A", one.id),
        "name": one.name,
        "size_in_bytes": len(one.data),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": ask.hub.now() >= one.expires_at,
        "digest": one.digest,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "expires_at": stamp(one.expires_at),
        "workflow_run": {
            "id": run.id,
            "repository_id": ask.repository.id,
            "head_repository_id": ask.repository.id,
            "head_branch": run.head_branch,
            "head_sha": run.head_sha,
        },
    }
