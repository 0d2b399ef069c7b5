"""What operations and hotfixes need to know of the world, looked up when plan() asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allclear.adapters.github.client import Client
from allclear.adapters.github.deploy_runs import deploy_run
from allclear.adapters.github.executions import Executions
from allclear.adapters.github.pulls import closer_of, recent_pulls
from allclear.adapters.github.refs import tip
from allclear.adapters.github.releases import ReleaseReader
from allclear.adapters.github.visibility import visibility_of
from allclear.core.conversation.command import Policy
from allclear.core.model.snapshot import Repository, Snapshot, Wants


@dataclass(frozen=True, slots=True)
class Lookups:
    """Looks things up in one repository."""

    client: Client
    repository: Repository
    policy: Policy

    def fill(self, snapshot: Snapshot, wants: Wants) -> Snapshot:
        """The snapshot with what operations and hotfixes wanted to know."""
        if wants.operations or wants.by_hand:
            seen = Executions(self.client, self.repository).sightings(snapshot.issue.number, wants.operations)
            snapshot = replace(snapshot, operations=seen)
        if wants.recent_pulls:
            snapshot = replace(snapshot, recent_pulls=recent_pulls(self.client, self.repository))
        if wants.closer:
            closer = closer_of(self.client, self.repository, snapshot.issue.number)
            snapshot = replace(snapshot, closer=closer)
        if wants.visibility:
            snapshot = replace(snapshot, visibility=visibility_of(self.client, self.repository))
        if wants.branches:
            git = f"/repos/{self.repository.name}/git"
            there = {name: tip(self.client, git, f"refs/heads/{name}") for name in sorted(wants.branches)}
            found = {name: sha is not None for name, sha in there.items()}
            snapshot = replace(snapshot, branches={**snapshot.branches, **found})
        if not (wants.releases or wants.comparisons or wants.environments or wants.deploy_runs):
            return snapshot
        base = f"/repos/{self.repository.name}"
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
            deploy_runs={
                **snapshot.deploy_runs,
                **{run: deploy_run(self.client, base, run) for run in sorted(wants.deploy_runs)},
            },
        )
