"""Runs of deploy workflows, looked at: what they are, and whose review they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import ForbiddenError, GoneError, NotFoundError, UnavailableError
from allclear.adapters.github.read import moment
from allclear.core.model.deploy_run import DeployRun, PendingReview


def deploy_run(client: Client, base: str, run: int) -> DeployRun | None:
    """A run; None when it is gone. ``base`` is ``/repos/owner/name``.

    https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run
    """
    try:
        data = client.get(f"{base}/actions/runs/{run}").data
    except (NotFoundError, GoneError):
        return None
    except (ForbiddenError, UnavailableError):
        return DeployRun(run, known=False)
    return DeployRun(
        id=int(data["id"]),
        workflow=str(data.get("path", "")).partition("@")[0].rpartition("/")[2],
        sha=str(data.get("head_sha", "")),
        status=str(data.get("status") or ""),
        conclusion=str(data.get("conclusion") or ""),
        attempt=int(data.get("run_attempt") or 1),
        created=moment(data["created_at"]) if data.get("created_at") else None,
        url=str(data.get("html_url", "")),
    )


def pending_review(client: Client, base: str, run: DeployRun) -> PendingReview | None:
    """Whose review a run waits for; None when it waits for none, or when GitHub does not say.

    https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run
    """
    try:
        found: list[Any] = client.get(f"{base}/actions/runs/{run.id}/pending_deployments").data
    except (NotFoundError, GoneError, ForbiddenError, UnavailableError):
        return None
    if not found:
        return None
    asked = [one for row in found for one in row.get("reviewers") or ()]
    return PendingReview(
        run=run.id,
        url=run.url,
        environment=", ".join(str((row.get("environment") or {}).get("name", "")) for row in found),
        reviewers=_named(asked, "User", "login"),
        teams=_named(asked, "Team", "name"),
    )


def _named(asked: Iterable[Mapping[str, Any]], kind: str, field: str) -> tuple[str, ...]:
    found = [(one.get("reviewer") or {}).get(field) for one in asked if one.get("type") == kind]
    return tuple(dict.fromkeys(str(name) for name in found if name))
