"""Execution records in git: claimed by creating a ref, continued by moving it forward."""

from __future__ import annotations

from collections.abc import Mapping

from allclear.adapters.github import Client
from allclear.core.snapshot import Repository, Sighting


class Executions:
    """The records of one repository."""

    def __init__(self, client: Client, repository: Repository) -> None:
        self._client = client
        self._repository = repository

    def sightings(self, issue: int, wanted: frozenset[str]) -> Mapping[str, Sighting]:
        """Every operation that the issue has a record of, and those of ``wanted``."""
        raise NotImplementedError
