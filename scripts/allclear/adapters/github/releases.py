"""What ran in production, read from GitHub's deployments; and what lies between two commits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
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
from allclear.core.model.release import Change, Comparison, EnvironmentSeen, Good, Release, Releases
from allclear.core.model.snapshot import Repository
from allclear.core.policy.provider import Provider, source_of_targets
from allclear.core.policy.settings import Settings

QUERY = Path(__file__).with_name("deployments.graphql")

MOST_PATHS = 300
"""Changed paths that GitHub lists of a comparison at most:
https://docs.github.com/en/rest/commits/commits#compare-two-commits
"""

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_UNDER_WAY = frozenset({"QUEUED", "PENDING", "IN_PROGRESS", "WAITING"})
_FAILED = frozenset({"FAILURE", "ERROR"})
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
        owner, _, name = self._repository.name.partition("/")
        asked = {"owner": owner, "name": name, "environment": found.environment}
        try:
            seen = self._client.graphql(QUERY.read_text(encoding="utf-8"), asked).get("repository")
        except (ForbiddenError, UnavailableError):
            seen = None
        if not isinstance(seen, dict):
            return Releases(current=None, earlier=(), known=False)
        rows = [row for row in seen["deployments"]["nodes"] if row and _deploys(row.get("task"))]
        return releases_of([_deployment(row) for row in rows], provider, self._repository.url)

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


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment as GitHub tells of it. ``verdict`` is the newest state that is not under way: SUCCESS,
    INACTIVE, FAILURE, ERROR, or empty. ``successes``: when it was reported as successful, oldest first.
    ``url``: the environment's address that it reported, or empty.
    """

    id: int
    sha: str
    created: datetime
    verdict: str
    successes: tuple[datetime, ...]
    url: str
    payload: Mapping[str, Any]
    smoke: Good

    @property
    def runs(self) -> bool:
        """Whether it succeeded and nothing has replaced it, as far as it says itself.

        One that was reported as failed after it had succeeded is still what runs.
        """
        return bool(self.successes) and self.verdict != "INACTIVE"


def releases_of(deployments: Sequence[Deployment], provider: Provider, repository: str) -> Releases:
    """The releases that these deployments made. ``repository`` is its page.

    An older deployment is INACTIVE by now, or still SUCCESS: in production environments GitHub leaves it so
    (https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status, ``auto_inactive``). So
    what runs is the one that succeeded last, among those that were not taken down.
    """
    runs = [(at, one.id, release) for one in deployments for at, release in _made(one, provider, repository)]
    runs.sort(key=lambda run: run[:2], reverse=True)
    running = {one.id for one in deployments if one.runs}
    at = next((n for n, (_, number, _) in enumerate(runs) if number in running), None)
    if at is None:
        return Releases(current=None, earlier=_once([release for *_, release in runs]))
    current, *earlier = _once([release for *_, release in runs[at:]])
    return Releases(current=current, earlier=tuple(earlier))


def _once(releases: Sequence[Release]) -> tuple[Release, ...]:
    """Of the same release deployed several times in a row, the newest."""
    groups = groupby(releases, key=lambda release: (release.target, release.deployed))
    return tuple(next(group) for _, group in groups)


def _made(one: Deployment, provider: Provider, repository: str) -> Iterator[tuple[datetime, Release]]:
    """A release each time it was reported as successful: something old may be put back like that.
    One that never was is told of, too, as not deployed.
    """
    target, name = _target(one, provider)
    if not target:
        return
    for at in one.successes or (one.created,):
        yield (
            at,
            Release(
                target=target,
                name=name,
                sha=one.sha,
                at=at,
                deployed=bool(one.successes),
                smoke="bad" if one.successes and one.verdict in _FAILED else one.smoke,
                url=f"{repository}/commit/{one.sha}",
            ),
        )


def _target(one: Deployment, provider: Provider) -> tuple[str, str]:
    """What the deploy system is given, and what people call it; empty when the deployment does not say."""
    if provider.target_from == "sha":
        return one.sha, one.sha[:7]
    if provider.target_from == "environment_url":
        return one.url, one.sha[:7]
    value = one.payload.get(provider.target_from.removeprefix("payload."))
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text, text


def _deploys(task: object) -> bool:
    """Whether the deployment is one of ours to read: ``deploy`` or ``deploy:migrations``, the usual words."""
    return isinstance(task, str) and task.partition(":")[0] == "deploy"


def _deployment(row: Mapping[str, Any]) -> Deployment:
    statuses = [status for status in (row.get("statuses") or {}).get("nodes") or () if status]
    statuses.sort(key=lambda status: moment(status["createdAt"]))
    newest = row.get("latestStatus")
    if newest is not None:
        # Statuses of one second have no order of their own; GitHub names the last one.
        statuses = [*(status for status in statuses if status != newest), newest]
    ended = [status for status in statuses if status["state"] not in _UNDER_WAY]
    good = [status for status in ended if status["state"] == "SUCCESS"]
    said = ((row.get("commit") or {}).get("status") or {}).get("context") or {}
    return Deployment(
        id=row.get("databaseId") or 0,
        sha=row["commitOid"],
        created=moment(row["createdAt"]),
        verdict=ended[-1]["state"] if ended else "",
        successes=tuple(dict.fromkeys(moment(status["createdAt"]) for status in good)),
        url=next((status["environmentUrl"] for status in reversed(good) if status.get("environmentUrl")), ""),
        payload=_payload(row.get("payload")),
        smoke=_SMOKE.get(said.get("state", ""), "unknown"),
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
