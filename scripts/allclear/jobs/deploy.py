"""What is done to a service: the deploy system's list, its rollback, its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from allclear.adapters.github.errors import GitHubError
from allclear.adapters.production.deploy_runs import DeployError, DeployRuns
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import cut
from allclear.core.model.operation import Operation
from allclear.core.model.release import Release, Releases, find, last_known_good
from allclear.core.model.times import spell
from allclear.core.policy.provider import Listing, Provider
from allclear.core.policy.service import Service
from allclear.core.production.listing import FillingError, ListingError, fill, read_listing, values_of
from allclear.core.production.rollback import left_behind
from allclear.core.record.incident import Incident
from allclear.jobs.handover import log
from allclear.jobs.run_command import LONGEST, Commands, ExecutionError
from allclear.jobs.scene import OperationJob


@dataclass(frozen=True, slots=True)
class Deploys:
    """The deploy system of a service, as this job reaches it."""

    job: OperationJob
    service: Service
    provider: Provider
    commands: Commands

    @classmethod
    def of(cls, job: OperationJob, service: Service, provider: Provider) -> Deploys:
        """With the secrets that its commands ask for known."""
        after = [name for command in (*provider.verify, *service.rollback.after) for name in command.env]
        return cls(job, service, provider, Commands.of(job, [*provider.env, *after]))

    def releases(self) -> Releases:
        """What the deploy system lists, newest first. Raises ExecutionError when it cannot say."""
        listing = self.provider.list
        if listing is None:
            raise ExecutionError("the provider has no list of releases")
        releases = self._read(listing)
        if self.provider.current is None:
            return releases
        current = self._read(self.provider.current).current
        there = [*([releases.current] if releases.current else []), *releases.earlier]
        at = next((n for n, one in enumerate(there) if current and one.target == current.target), None)
        if at is None:
            return Releases(current=current, earlier=tuple(there))
        return Releases(current=there[at], earlier=tuple(there[at + 1 :]))

    def _read(self, listing: Listing) -> Releases:
        values = values_of(self.provider, self.service.values, None)
        done = self.commands.run(listing.run, values, listing.timeout, self.provider.env)
        if not done.passed:
            raise ExecutionError(f"its releases could not be listed: {self.commands.why(done)}")
        try:
            return read_listing(listing, done.printed)
        except ListingError as error:
            raise ExecutionError(f"its releases could not be listed: {error}") from error

    def choose(self, operation: Operation, incident: Incident | None, releases: Releases) -> Release:
        """The release to go back to: the one that was asked for, which has to be listed; else the last known
        good one. Raises ExecutionError.
        """
        try:
            if operation.target or operation.release:
                chosen = find(releases, operation.target or operation.release)
            else:
                avoid = left_behind(incident, operation.service) if incident else frozenset()
                good = last_known_good(releases, avoid)
                if good is None:
                    raise ExecutionError("the deploy system lists no earlier release that works", "refused")
                chosen = good
        except UserError as error:
            raise ExecutionError(" ".join(error.message.replace("`", "").split()), "refused") from error
        if releases.current is not None and chosen.target == releases.current.target:
            raise ExecutionError(f"{chosen.name} runs already", "refused")
        if not self.provider.accepts(chosen.target):
            raise ExecutionError(
                f"{cut(chosen.target, 80)} is not a target that the provider takes", "refused"
            )
        return chosen

    def roll_back(self, operation: str, release: Release) -> None:
        """Put ``release`` into production, and wait until it is there. Raises ExecutionError."""
        values = values_of(self.provider, self.service.values, release)
        timeout = min(self.service.rollback.timeout, LONGEST)
        if self.provider.rollback is None:
            self._deploy_workflow(operation, release, values, timeout)
            return
        done = self.commands.run(self.provider.rollback, values, timeout, self.provider.env)
        self.commands.expect(done, "the rollback")

    def verify(self, release: Release) -> None:
        """The provider's own checks, and what the service wants to happen after. Raises ExecutionError."""
        values = values_of(self.provider, self.service.values, release)
        wait = max(self.provider.settle, self.service.rollback.settle)
        for command in (*self.provider.verify, *self.service.rollback.after):
            env = (*self.provider.env, *command.env)
            done = self.commands.run(command.run, values, command.timeout, env)
            if not done.passed:
                raise ExecutionError(f"it went through, but {command.name} failed: {self.commands.why(done)}")
        if wait:
            log(self.job, f"Waiting {spell(wait)} before production is looked at.")
            self.job.run.client.pause(min(wait, LONGEST / 5).total_seconds())

    def _deploy_workflow(
        self, operation: str, release: Release, values: Mapping[str, str], timeout: timedelta
    ) -> None:
        runs = DeployRuns(self.job.run.client, self.job.base)
        try:
            if self.provider.rerun is not None:
                run = runs.newest(fill(self.provider.rerun.workflow, self.service.values), release.target)
                attempt = runs.rerun(run)
            elif self.provider.start is not None:
                given = {name: fill(text, values) for name, text in self.provider.start.inputs.items()}
                workflow = fill(self.provider.start.workflow, self.service.values)
                run, attempt = runs.start(workflow, self.job.own.default_branch, given), 1
            else:
                raise ExecutionError("the provider does not say how")
            log(self.job, f"{operation}: deploy run {self.job.run.repository.url}/actions/runs/{run}")
            conclusion = runs.wait(run, attempt, timeout)
        except FillingError as error:
            raise ExecutionError(f"the deploy workflow cannot be named: {error}", "refused") from error
        except DeployError as error:
            raise ExecutionError(str(error), "unknown" if error.begun else "failed") from error
        except GitHubError as error:
            raise ExecutionError(
                f"GitHub did not say how the deploy run went ({error.status})", "unknown"
            ) from error
        if conclusion != "success":
            raise ExecutionError(f"the deploy workflow's run {run} ended with {conclusion}")
