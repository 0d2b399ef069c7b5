"""What operations need to know of the world, looked up when plan() asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from allclear.adapters.github.again import known
from allclear.adapters.github.client import Client
from allclear.adapters.github.executions import Executions
from allclear.adapters.github.releases import ReleaseReader
from allclear.core.conversation.command import Policy
from allclear.core.model.release import Comparison, EnvironmentSeen, Releases
from allclear.core.model.snapshot import Repository, Snapshot, Wants


@dataclass(frozen=True, slots=True)
class Lookups:
    """Looks things up in one repository."""

    client: Client
    repository: Repository
    policy: Policy

    def fill(self, snapshot: Snapshot, wants: Wants) -> Snapshot:
        """The snapshot with what operations wanted to know."""
        if wants.operations or wants.by_hand:
            executions, number = Executions(self.client, self.repository), snapshot.issue.number
            seen = known(partial(executions.sightings, number, wants.operations), None)
            unsaid = frozenset[str]() if seen is not None else frozenset({"operations"})
            snapshot = replace(snapshot, operations=seen, unsaid=snapshot.unsaid | unsaid)
        if not (wants.releases or wants.comparisons or wants.environments):
            return snapshot
        reader = ReleaseReader(self.client, self.repository, self.policy.settings, self.policy.providers)
        return replace(
            snapshot,
            releases={
                **snapshot.releases,
                **{
                    name: known(partial(reader.releases, name), Releases(None, (), known=False))
                    for name in sorted(wants.releases)
                },
            },
            comparisons={
                **snapshot.comparisons,
                **{
                    pair: known(partial(reader.comparison, *pair), Comparison(known=False))
                    for pair in sorted(wants.comparisons)
                },
            },
            environments={
                **snapshot.environments,
                **{
                    name: known(partial(reader.environment, name), EnvironmentSeen(exists=False, known=False))
                    for name in sorted(wants.environments)
                },
            },
        )
