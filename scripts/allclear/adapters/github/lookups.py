"""What operations and hotfixes need to know of the world, looked up when plan() asks for it."""

from __future__ import annotations

from functools import partial

from msgspec import Struct

from allclear.adapters.github.again import known
from allclear.adapters.github.client import Client
from allclear.adapters.github.deploy_runs import deploy_run
from allclear.adapters.github.executions import Executions
from allclear.adapters.github.merged_report import merged_report
from allclear.adapters.github.pull_reviews import pull_reviews
from allclear.adapters.github.pulls import closer_of, recent_pulls
from allclear.adapters.github.read import Reader
from allclear.adapters.github.refs import tip
from allclear.adapters.github.releases import ReleaseReader
from allclear.adapters.github.visibility import visibility_of
from allclear.core.conversation.command import Policy
from allclear.core.model.deploy_run import DeployRun
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.release import Comparison, EnvironmentSeen, Releases
from allclear.core.model.report_seen import ReportSeen
from allclear.core.model.snapshot import Closer, PullSeen, Repository, Snapshot, Visibility, Wants
from allclear.core.model.structs import replace


class Lookups(Struct, frozen=True):
    """Looks things up in one repository."""

    client: Client
    repository: Repository
    policy: Policy

    def fill(self, snapshot: Snapshot, wants: Wants) -> Snapshot:
        """The snapshot with what operations and hotfixes wanted to know."""
        if wants.operations or wants.by_hand:
            executions, number = Executions(self.client, self.repository), snapshot.issue.number
            seen = known(partial(executions.sightings, number, wants.operations), None)
            unsaid = frozenset[str]() if seen is not None else frozenset({"operations"})
            snapshot = replace(snapshot, operations=seen, unsaid=snapshot.unsaid | unsaid)
        if wants.recent_pulls:
            none: tuple[PullSeen, ...] = ()
            pulls = known(partial(recent_pulls, self.client, self.repository), none)
            snapshot = replace(snapshot, recent_pulls=pulls)
        if wants.closer:
            number, unclear = snapshot.issue.number, Closer(known=False)
            closer = known(partial(closer_of, self.client, self.repository, number), unclear)
            snapshot = replace(snapshot, closer=closer)
        if wants.visibility:
            unsure: Visibility = "unknown"
            seen_by = known(partial(visibility_of, self.client, self.repository), unsure)
            snapshot = replace(snapshot, visibility=seen_by)
        if wants.branches:
            git = f"/repos/{self.repository.name}/git"
            there = {
                name: known(partial(tip, self.client, git, f"refs/heads/{name}"), None)
                for name in sorted(wants.branches)
            }
            found = {name: sha is not None for name, sha in there.items()}
            snapshot = replace(snapshot, branches={**snapshot.branches, **found})
        if wants.merged_reports:
            merged = {
                place: known(
                    partial(merged_report, self.client, self.repository, place),
                    ReportSeen(place.path, known=False),
                )
                for place in sorted(wants.merged_reports)
            }
            snapshot = replace(snapshot, merged_reports={**snapshot.merged_reports, **merged})
        if wants.pull_reviews:
            people = Reader(self.client, self.repository, self.policy.trust)
            reviews = {
                pull: known(
                    partial(pull_reviews, self.client, self.repository, people, pull),
                    PullReviews(known=False),
                )
                for pull in sorted(wants.pull_reviews)
            }
            snapshot = replace(snapshot, pull_reviews={**snapshot.pull_reviews, **reviews})
        if not (wants.releases or wants.comparisons or wants.environments or wants.deploy_runs):
            return snapshot
        base = f"/repos/{self.repository.name}"
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
            deploy_runs={
                **snapshot.deploy_runs,
                **{
                    run: known(partial(deploy_run, self.client, base, run), _unclear(run))
                    for run in sorted(wants.deploy_runs)
                },
            },
        )


def _unclear(run: int) -> DeployRun | None:
    return DeployRun(run, known=False)
