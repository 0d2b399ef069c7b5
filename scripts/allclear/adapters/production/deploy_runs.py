"""Deploy workflows of the repository, run again or started, and what GitHub is told of a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from allclear.adapters.github.again import appears
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import (
    ConflictError,
    ForbiddenError,
    GitHubError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from allclear.adapters.github.read import moment

POLL = (5.0, 10.0, 15.0)
"""Seconds between two looks at a run; the last one for as long as it takes."""

CANCELLING = (2.0, 3.0, 5.0, *[10.0] * 6)
"""Seconds between two looks at a run that was cancelled."""

NOT_BEGUN = frozenset({"queued", "pending", "requested", "waiting"})
"""A run's statuses before a runner has it, or while it waits for people."""

LAG = timedelta(seconds=30)
"""How much older than our request a run may look that it started."""


class DeployError(Exception):
    """The deploy workflow did not do it; the message says why. ``begun``: it may have changed something."""

    def __init__(self, message: str, *, begun: bool) -> None:
        super().__init__(message)
        self.begun = begun


@contextmanager
def _nothing_begun(what: str) -> Iterator[None]:
    """What GitHub does not show before anything was sent is a failure that changed nothing."""
    try:
        yield
    except NotFoundError as error:
        raise DeployError(f"there is no {what} in this repository", begun=False) from error
    except GitHubError as error:
        raise DeployError(f"GitHub did not show {what} ({error.status})", begun=False) from error


class DeployRuns:
    """The deploy workflows of one repository. ``base`` is ``/repos/owner/name``."""

    def __init__(self, client: Client, base: str) -> None:
        self._client = client
        self._base = base

    def rerun(self, run: int) -> int:
        """Run it once more; the number of the new attempt. Sent again only when it is certain that nothing
        began.

        https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-workflow
        """
        with _nothing_begun(f"run {run}"):
            before = self._attempt(run)
        try:
            self._client.send("POST", f"{self._base}/actions/runs/{run}/rerun")
        except UnavailableError as error:
            if appears(self._client.pause, lambda: self._attempt(run) > before or None, POLL) is None:
                raise DeployError(
                    f"GitHub did not say whether run {run} was started again ({error.status})", begun=True
                ) from error
        except (ForbiddenError, InvalidError) as error:
            raise DeployError(f"GitHub does not run {run} again: {error.message}", begun=False) from error
        return before + 1

    def start(self, workflow: str, branch: str, inputs: Mapping[str, str]) -> int:
        """Dispatch a workflow, once; its run's id. After an unclear answer its run is looked for.

        https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
        """
        path = f"{self._base}/actions/workflows/{workflow}/dispatches"
        since = self._client.now - LAG
        with _nothing_begun(workflow):
            known = self._dispatched(workflow, since)
        body = {"ref": branch, "inputs": dict(inputs), "return_run_details": True}
        try:
            answer = self._client.send("POST", path, body).data
        except (ForbiddenError, InvalidError, NotFoundError) as error:
            raise DeployError(f"GitHub does not start {workflow}: {error.message}", begun=False) from error
        except UnavailableError:
            answer = None
        if isinstance(answer, dict) and "workflow_run_id" in answer:
            return int(answer["workflow_run_id"])
        new = appears(self._client.pause, lambda: self._dispatched(workflow, since) - known or None, POLL)
        if new is None:
            raise DeployError(f"GitHub did not say whether {workflow} was started", begun=True)
        return min(new)

    def wait(
        self, run: int, attempt: int, timeout: timedelta, waiting: Callable[[], None] = lambda: None
    ) -> str:
        """The conclusion of a run's attempt. ``waiting`` is called once, when it is seen to wait for
        reviewers.

        When ``timeout`` is over, a run that waits or is queued is cancelled, so that nobody approves it when
        nobody looks any more. Raises DeployError when it did not end by itself.
        """
        waited = timedelta()
        pauses = iter(POLL)
        asked = False
        while True:
            seen = self._get(run)
            current = int(seen.get("run_attempt", 1)) >= attempt
            status = str(seen.get("status") or "")
            if current and status == "completed":
                return str(seen.get("conclusion") or "no conclusion")
            if current and status == "waiting" and not asked:
                asked = True
                waiting()
            if waited >= timeout:
                return self._called_off(run, status if current else "queued")
            pause = next(pauses, POLL[-1])
            self._client.pause(pause)
            waited += timedelta(seconds=pause)

    def _called_off(self, run: int, status: str) -> str:
        """The conclusion of a run that has taken too long, where it ended well in the last moment.

        One that deploys is left alone: half a deploy is worse than a late one. Raises DeployError.
        """
        if status not in NOT_BEGUN:
            raise DeployError(
                f"run {run} of the deploy workflow has not ended in time, and goes on", begun=True
            )
        before = self._approvals(run)
        # Where it is over by now, or the answer was lost, what is seen then counts.
        with suppress(ConflictError, InvalidError, UnavailableError):
            self._client.send("POST", f"{self._base}/actions/runs/{run}/cancel")
        for pause in (*CANCELLING, 0.0):
            seen = self._get(run)
            if seen.get("status") == "completed":
                break
            self._client.pause(pause)
        conclusion = str(seen.get("conclusion") or "")
        if conclusion == "success":
            return conclusion
        if conclusion == "cancelled" and status == "waiting" and self._approvals(run) == before:
            raise DeployError(
                f"nobody approved run {run} of the deploy workflow in time, so it was cancelled", begun=False
            )
        if conclusion == "cancelled" and status != "waiting" and not self._began(run):
            raise DeployError(
                f"run {run} of the deploy workflow did not begin in time, so it was cancelled", begun=False
            )
        raise DeployError(
            f"run {run} of the deploy workflow was to be cancelled, and GitHub does not show that it stopped "
            "before it deployed",
            begun=True,
        )

    def _approvals(self, run: int) -> int:
        """How often reviewers spoke.

        https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run
        """
        said: list[Any] = self._client.get(f"{self._base}/actions/runs/{run}/approvals").data
        return len(said)

    def _began(self, run: int) -> bool:
        """Whether a job of the last attempt did a step."""
        jobs = self._client.get(f"{self._base}/actions/runs/{run}/jobs", {"per_page": 100}).data["jobs"]
        return any(one.get("steps") for one in jobs)

    def _get(self, run: int) -> Mapping[str, Any]:
        data: Mapping[str, Any] = self._client.get(f"{self._base}/actions/runs/{run}").data
        return data

    def _attempt(self, run: int) -> int:
        return int(self._get(run).get("run_attempt", 1))

    def _dispatched(self, workflow: str, since: datetime) -> frozenset[int]:
        """The runs of a workflow that were dispatched lately."""
        asked: dict[str, str | int] = {"event": "workflow_dispatch", "per_page": 30}
        found = self._client.get(f"{self._base}/actions/workflows/{workflow}/runs", asked).data
        return frozenset(
            int(one["id"]) for one in found["workflow_runs"] if moment(one.get("created_at")) >= since
        )


def announce_deployment(
    client: Client, base: str, deployment: Mapping[str, Any], statuses: Iterable[Mapping[str, Any]]
) -> None:
    """Tell GitHub what runs now: a deployment with its statuses, oldest first. Raises GitHubError.

    Of two after an unclear answer the same is said twice, which counts once.
    https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
    """
    made = client.send("POST", f"{base}/deployments", deployment).data
    if not isinstance(made, dict) or "id" not in made:
        raise UnavailableError(202, "GitHub merged instead of deploying")
    for status in statuses:
        client.send("POST", f"{base}/deployments/{made['id']}/statuses", status)


def set_status(client: Client, base: str, sha: str, body: Mapping[str, str]) -> GitHubError | None:
    """Set a commit's status; what GitHub said when it would not. The last one of a context counts.

    https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
    """
    try:
        client.send("POST", f"{base}/statuses/{sha}", body)
    except GitHubError as error:
        return error
    return None
