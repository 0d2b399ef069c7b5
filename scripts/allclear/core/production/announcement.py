"""What GitHub is told of a rollback of ours, so that the next one knows what runs: a deployment, and what
became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from allclear.core.model.execution import Execution
from allclear.core.model.neutral import cut
from allclear.core.model.operation import DANGEROUS
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.release import Release
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Service

TASK = "deploy:rollback"
"""The kind of our deployments, as GitHub's ``task`` has it."""

_COMMIT = lazy_regex(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Announcement(Struct, frozen=True):
    """The deployment to create, and its statuses, in that order.

    https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
    """

    deployment: Mapping[str, Any]
    statuses: tuple[Mapping[str, Any], ...]


def changed_production(record: Execution) -> bool:
    """Whether production may be another since: it went through, or began and did not end well."""
    begun = record.started is not None and record.outcome in ("failed", "unknown")
    return record.kind in DANGEROUS and not record.dry_run and (record.executed or begun)


def rolled_back(record: Execution) -> bool:
    """Whether another release may run since."""
    return record.kind == "rollback" and changed_production(record)


def tells_github(record: Execution, provider: Provider) -> bool:
    """Whether GitHub has to be told of it: it went through, or a command of it may have left production in
    between. A run that is run again records its own deployment.
    """
    if provider.rerun is not None:
        return False
    return rolled_back(record) and (record.executed or provider.rollback is not None)


def announcement(
    operation: str,
    name: str,
    service: Service,
    provider: Provider,
    release: Release,
    *,
    url: str,
    well: bool,
) -> Announcement | None:
    """What is told of the rollback ``operation`` of the service ``name``. ``url``: its run. ``well``: it
    went well, or it may have left production in between. None: the release's commit is not known.

    The payload says whose it is and which release that was, as deployments of the service would.
    """
    sha = release.sha or (release.target if _COMMIT.fullmatch(release.target) else "")
    if not sha:
        return None
    payload: dict[str, Any] = {"operation": operation, "service": name}
    if provider.target_from.startswith("payload."):
        payload[provider.target_from.removeprefix("payload.")] = release.target
    deployment = {
        "ref": sha,
        "task": TASK,
        "auto_merge": False,
        "required_contexts": [],
        "environment": service.environment,
        "description": cut(f"{operation}: rollback to {release.name}", 140),
        "payload": payload,
    }
    ended: dict[str, Any] = {"state": "success" if well else "failure", "log_url": url}
    if provider.target_from == "environment_url":
        ended["environment_url"] = release.target
    # A failure alone would not say whether it began.
    began = () if well else ({**ended, "state": "in_progress"},)
    return Announcement(deployment, (*began, ended))
