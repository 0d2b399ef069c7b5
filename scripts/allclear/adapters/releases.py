"""What ran in production, read from GitHub's deployments; and what lies between two commits."""

from __future__ import annotations

from collections.abc import Mapping

from allclear.adapters.github import Client
from allclear.core.provider import Provider
from allclear.core.release import Comparison, EnvironmentSeen, Releases
from allclear.core.settings import Settings
from allclear.core.snapshot import Repository


class ReleaseReader:
    """Reads for the services of the settings."""

    def __init__(
        self, client: Client, repository: Repository, settings: Settings, providers: Mapping[str, Provider]
    ) -> None:
        self._client = client
        self._repository = repository
        self._settings = settings
        self._providers = providers

    def releases(self, service: str) -> Releases:
        """The releases of a service, newest first."""
        raise NotImplementedError

    def comparison(self, base: str, head: str) -> Comparison:
        """What a rollback from ``head`` to ``base`` would undo."""
        raise NotImplementedError

    def environment(self, name: str) -> EnvironmentSeen:
        """A GitHub environment and its protection."""
        raise NotImplementedError
