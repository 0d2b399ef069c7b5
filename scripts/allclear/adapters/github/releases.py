"""The releases of a service, what lies between two commits, and who guards an environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from allclear.adapters.github.client import Client
from allclear.adapters.github.deployments import DeploymentReader
from allclear.adapters.github.errors import (
    ForbiddenError,
    GoneError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.release import Change, Comparison, EnvironmentSeen, Releases
from allclear.core.model.snapshot import Repository
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider, source_of_targets
from allclear.core.policy.settings import Settings
from allclear.core.policy.sharing import not_told_apart, sharers
from allclear.core.production.attribution import attribute
from allclear.core.production.deployments import releases_of

MOST_PATHS = 300
"""Changed paths that GitHub lists of a comparison at most:
https://docs.github.com/en/rest/commits/commits#compare-two-commits
"""

_COMMIT = lazy_regex(r"[0-9a-f]{40}|[0-9a-f]{64}")


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
        mixed = not_told_apart(service, self._settings)
        if mixed:
            return Releases(current=None, earlier=(), mixed=mixed)
        reader = DeploymentReader(self._client, self._repository)
        shared = bool(sharers(service, self._settings))
        try:
            seen = reader.read(found.environment, self._workflows(service), shared=shared)
        except (ForbiddenError, UnavailableError):
            return Releases(current=None, earlier=(), known=False)
        whose = attribute(service, self._settings, seen)
        made = releases_of(whose.own, provider, self._repository.url, self._client.now, others=whose.others)
        return replace(made, mixed=whose.mixed)

    def _workflows(self, service: str) -> frozenset[str]:
        """The workflows that the filters of its environment name."""
        services = self._settings.services
        names = (service, *sharers(service, self._settings))
        filters = [services[name].deployments for name in names]
        return frozenset(one.workflow for one in filters if one.workflow)

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


def _change(commit: Mapping[str, Any]) -> Change:
    """The author's login, else the name that git has."""
    written = commit.get("commit") or {}
    author = (commit.get("author") or {}).get("login") or (written.get("author") or {}).get("name") or "ghost"
    return Change(sha=commit["sha"], author=author, subject=(written.get("message") or "").partition("\n")[0])
