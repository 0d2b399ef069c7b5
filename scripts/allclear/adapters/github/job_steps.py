"""How far a run's job came that acts, read from its jobs and their steps: what an executor that is gone did,
or did not do, is known from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import GoneError, NotFoundError
from allclear.adapters.github.read import moment
from allclear.core.model.operation import OperationKind
from allclear.core.model.snapshot import Acting

ACTING: Mapping[OperationKind, Mapping[str, str]] = {
    "rollback": {"execute": "Act", "deploy": "Redeploy"},
    "action": {"execute": "Act", "deploy": "Redeploy"},
    "smoke": {"smoke": "Smoke"},
    "evidence": {"collect": "Collect"},
}
"""The jobs of each kind's workflow that act, and which step of them does it, as the files name them."""

_NOT_BEGUN = frozenset({"queued", "pending", "waiting", "requested"})


def acting(client: Client, base: str, run: int, kind: OperationKind, attempt: int = 1) -> Acting:
    """How far the run's attempt came. ``base`` is ``/repos/owner/name``. Raises GitHubError, but for a run
    that is not there.

    https://docs.github.com/en/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run
    """
    try:
        found = client.get(f"{base}/actions/runs/{run}/jobs", {"filter": "all", "per_page": 100}).data
    except (NotFoundError, GoneError):
        return Acting("unseen")
    jobs = [one for one in found["jobs"] if one.get("run_attempt", 1) == attempt]
    return acted(jobs, kind) if jobs else Acting("unseen")


def acted(jobs: Iterable[Mapping[str, Any]], kind: OperationKind) -> Acting:
    """The same of the jobs as GitHub shows them. A job that is not listed has not been created."""
    for job in jobs:
        wanted = ACTING[kind].get(str(job.get("name")))
        if wanted is None or job.get("status") in _NOT_BEGUN or job.get("conclusion") == "skipped":
            continue
        step = next((one for one in job.get("steps") or () if one.get("name") == wanted), None)
        return _of(step)
    return Acting("waiting")


def _of(step: Mapping[str, Any] | None) -> Acting:
    if step is None or step.get("status") in _NOT_BEGUN or step.get("conclusion") == "skipped":
        return Acting("before")
    started, ended = (step.get(name) for name in ("started_at", "completed_at"))
    times = (moment(started) if started else None, moment(ended) if ended else None)
    if step.get("status") == "completed" and step.get("conclusion") in ("success", "failure"):
        return Acting("passed" if step["conclusion"] == "success" else "failed", *times)
    return Acting("began", *times)
