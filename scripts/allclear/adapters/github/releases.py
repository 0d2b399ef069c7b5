"""What ran in production, read from GitHub's deployments; and what lies between two commits."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import (
    ForbiddenError,
    GoneError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from allclear.adapters.github.read import moment
from allclear.core.model.release import Change, Comparison, EnvironmentSeen, Good, Releases
from allclear.core.model.snapshot import Repository
from allclear.core.policy.provider import Provider, source_of_targets
from allclear.core.policy.settings import Settings
from allclear.core.production.announcement import TASK
from allclear.core.production.deployments import (
    ORDER,
    Deployment,
    DeploymentStatus,
    ordered,
    releases_of,
)

QUERY = Path(__file__).with_name("deployments.graphql")

MOST_PATHS = 300
"""Changed paths that GitHub lists of a comparison at most:
https://docs.github.com/en/rest/commits/commits#compare-two-commits
"""

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SMOKE: Mapping[str, Good] = {"SUCCESS": "good", "FAILURE": "bad", "ERROR": "bad"}


class ReleaseReader:
    """Reads for the services of the settings."""

    def __init__(
        self, client: Client, repository: Repository, settings: Settings, providers: Mapping[str, Provider]
    ) -> None:
        self._client = client
        self._repository = repository
        self._settings = settings
        self._providers = providers

    @property
    def _base(self) -> str:
        return f"/repos/{self._repository.name}"

    def releases(self, service: str) -> Releases:
        """The releases of a service, newest first, from the deployments of its environment.

        Empty without a request where the deploy system itself has the list: only the executor may ask it.
        """
        found = self._settings.services.get(service)
        provider = self._providers.get(found.provider) if found else None
        if found is None or provider is None or source_of_targets(found, provider) == "provider":
            return Releases(current=None, earlier=())
        made = self._deployments(found.environment)
        if made is None:
            return Releases(current=None, earlier=(), known=False)
        return releases_of(made, provider, self._repository.url, self._client.now)

    def deployed_since(self, environment: str, sha: str, since: datetime) -> bool | None:
        """Whether somebody but us reported since then that the commit was deployed to the environment; None
        when GitHub could not be asked.
        """
        made = self._deployments(environment)
        if made is None:
            return None
        return any(
            status.state == "success" and status.at >= since
            for one in made
            if one.sha == sha and one.task != TASK
            for status in ordered(one)
        )

    def _deployments(self, environment: str) -> list[Deployment] | None:
        """The newest deployments to an environment; None when GitHub could not be asked."""
        owner, _, name = self._repository.name.partition("/")
        asked = {"owner": owner, "name": name, "environment": environment}
        try:
            seen = self._client.graphql(QUERY.read_text(encoding="utf-8"), asked).get("repository")
        except (ForbiddenError, UnavailableError):
            seen = None
        if not isinstance(seen, dict):
            return None
        rows = [row for row in seen["deployments"]["nodes"] if row and _deploys(row.get("task"))]
        return [_deployment(row) for row in rows]

    def comparison(self, base: str, head: str) -> Comparison:
        """What a rollback from ``head`` to ``base`` would undo.

        The newest 250 commits are listed, as GitHub does when no page is asked for, and the first 300 changed
        paths, the old names of renamed files included.
        https://docs.github.com/en/rest/commits/commits#compare-two-commits
        """
        if not (_COMMIT.fullmatch(base) and _COMMIT.fullmatch(head)):
            return Comparison(known=False)
        try:
            data = self._client.get(f"{self._base}/compare/{base}...{head}").data
        except (ForbiddenError, GoneError, InvalidError, NotFoundError, UnavailableError):
            return Comparison(known=False)
        files = data.get("files") or ()
        paths = [file[key] for file in files for key in ("filename", "previous_filename") if file.get(key)]
        return Comparison(
            commits=tuple(_change(commit) for commit in data["commits"]),
            paths=tuple(dict.fromkeys(paths)),
            total=data["total_commits"],
            complete=len(files) < MOST_PATHS,
            ahead=data["status"] in ("ahead", "identical"),
        )

    def environment(self, name: str) -> EnvironmentSeen:
        """A GitHub environment and its protection.

        https://docs.github.com/en/rest/deployments/environments#get-an-environment
        """
        try:
            data = self._client.get(f"{self._base}/environments/{quote(name, safe='')}").data
        except NotFoundError:
            return EnvironmentSeen(exists=False)
        except (ForbiddenError, UnavailableError):
            return EnvironmentSeen(exists=False, known=False)
        return environment_of(data)


def environment_of(data: Mapping[str, Any]) -> EnvironmentSeen:
    """An environment of the API. A rule whose reviewers are all gone guards nothing that can be relied on."""
    rules = [rule for rule in data.get("protection_rules") or () if rule.get("type") == "required_reviewers"]
    rules = [rule for rule in rules if rule.get("reviewers")]
    return EnvironmentSeen(
        exists=True,
        reviewers=bool(rules),
        self_review=not any(rule.get("prevent_self_review") for rule in rules),
        branches=bool(data.get("deployment_branch_policy")),
    )


def _deploys(task: object) -> bool:
    """Whether the deployment is one of ours to read: ``deploy`` or ``deploy:migrations``, the usual words."""
    return isinstance(task, str) and task.partition(":")[0] == "deploy"


def _deployment(row: Mapping[str, Any]) -> Deployment:
    shown = row.get("statuses") or {}
    rows = [status for status in shown.get("nodes") or () if status]
    newest = row.get("latestStatus")
    known = [status for status in rows if status["state"].lower() in ORDER]
    said = ((row.get("commit") or {}).get("status") or {}).get("context") or {}
    return Deployment(
        id=row.get("databaseId") or 0,
        sha=row["commitOid"],
        created=moment(row["createdAt"]),
        statuses=tuple(_status(status) for status in known),
        newest=_status(newest) if newest and newest["state"].lower() in ORDER else None,
        # A state that is not known to us says as little as one that is not shown.
        cut=bool((shown.get("pageInfo") or {}).get("hasNextPage")) or len(known) < len(rows),
        task=row.get("task") or "",
        payload=_payload(row.get("payload")),
        smoke=_SMOKE.get(said.get("state", ""), "unknown"),
    )


def _status(row: Mapping[str, Any]) -> DeploymentStatus:
    return DeploymentStatus(
        state=row["state"].lower(),
        at=moment(row["createdAt"]),
        url=row.get("environmentUrl") or "",
        log=row.get("logUrl") or "",
    )


def _payload(text: object) -> Mapping[str, Any]:
    """The deployment's own data. It comes as JSON text, which some tools put into JSON text once more."""
    value = text
    for _ in range(2):
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return {}
    return value if isinstance(value, dict) else {}


def _change(commit: Mapping[str, Any]) -> Change:
    """The author's login, else the name that git has."""
    written = commit.get("commit") or {}
    author = (commit.get("author") or {}).get("login") or (written.get("author") or {}).get("name") or "ghost"
    return Change(sha=commit["sha"], author=author, subject=(written.get("message") or "").partition("\n")[0])
