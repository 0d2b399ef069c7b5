"""What operations need to know of the world, looked up when plan() asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allclear.adapters.github.client import Client
from allclear.adapters.github.executions import Executions
from allclear.adapters.github.releases import ReleaseReader
from allclear.core.conversation.command import Policy
from allclear.core.model.snapshot import Repository, Snapshot, Wants


@dataclass(frozen=True, slots=True)
class Lookups:
    """Looks things up in one repository."""

    client: Client
    repository: Repository
    policy: Policy

    @property
    def worthwhile(self) -> bool:
        """Whether this repository can have operations at all."""
        return bool(self.policy.settings.services or self.policy.settings.actions)

    def operations(self, snapshot: Snapshot, wanted: frozenset[str]) -> Snapshot:
        """The snapshot with the sightings of ``wanted``, and of whatever else the issue has a record of."""
        seen = Executions(self.client, self.repository).sightings(snapshot.issue.number, wanted)
        return replace(snapshot, operations=seen)

    def fill(self, snapshot: Snapshot, wants: Wants) -> Snapshot:
        """The snapshot with what operations wanted to know."""
        if wants.operations:
            snapshot = self.operations(snapshot, wants.operations)
        if not (wants.releases or wants.comparisons or wants.environments):
            return snapshot
        reader = ReleaseReader(self.client, self.repository, self.policy.settings, self.policy.providers)
        return replace(
            snapshot,
            releases={
                **snapshot.releases,
                **{name: reader.releases(name) for name in sorted(wants.releases)},
            },
            comparisons={
                **snapshot.comparisons,
                **{pair: reader.comparison(*pair) for pair in sorted(wants.comparisons)},
            },
            environments={
                **snapshot.environments,
                **{name: reader.environment(name) for name in sorted(wants.environments)},
            },
        )
