"""Starts a workflow, and finds the run that a dispatch started."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from allclear.adapters.github.again import again
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import InvalidError
from allclear.core.model.effects import Dispatch


def default_branch(client: Client, base: str) -> str:
    """The default branch at this moment, of the repository ``/repos/owner/name``. Raises GitHubError."""
    return str(client.get(base).data["default_branch"])


def dispatch(client: Client, base: str, effect: Dispatch, branch: str = "") -> int | None:
    """Start the workflow on the repository's default branch; the run's id where GitHub tells it.

    Tried again after 5xx: a second run of the same operation finds the claim and stops. ``base`` is
    ``/repos/owner/name``. ``branch``: the default one as somebody asked a moment ago; it is asked for where
    that is empty, or GitHub takes no dispatch on it. Raises GitHubError when it cannot be started.
    https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
    """
    path = f"{base}/actions/workflows/{effect.workflow}/dispatches"

    def start(ref: str) -> int | None:
        body: dict[str, object] = {"ref": ref, "inputs": dict(effect.inputs)}
        return again(client.pause, lambda: _start(client, path, body))

    if branch:
        # It may have been renamed since.
        with suppress(InvalidError):
            return start(branch)
    return start(default_branch(client, base))


def _start(client: Client, path: str, body: Mapping[str, object]) -> int | None:
    try:
        data = client.send("POST", path, {**body, "return_run_details": True}).data
    except InvalidError:
        # A server from before 2026-02-19 does not know the parameter (platform fact B7).
        data = client.send("POST", path, body).data
    return int(data["workflow_run_id"]) if isinstance(data, dict) and "workflow_run_id" in data else None
