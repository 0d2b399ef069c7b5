"""What is done to a service: the deploy system's list, its rollback and its checks, and the commands that
they are: words, no shell, the variables they may see, and no secret in the log.
"""

from __future__ import annotations

import contextlib
import shlex
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from allclear.adapters.github.errors import GitHubError
from allclear.adapters.production.deploy_runs import DeployError, DeployRuns
from allclear.adapters.production.processes import Finished, run_command
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import cut
from allclear.core.model.operation import Ending, Operation
from allclear.core.model.release import Release, Releases, check_target, find, last_known_good
from allclear.core.model.times import spell
from allclear.core.policy.provider import Listing, Provider
from allclear.core.policy.service import Service, Vector
from allclear.core.production.clearance import refusal_of
from allclear.core.production.listing import (
    LARGEST,
    FillingError,
    ListingError,
    fill,
    filled,
    read_listing,
    values_of,
)
from allclear.core.production.rollback import left_behind
from allclear.core.production.scrub import Scrubber, scrubber, secret_values
from allclear.core.record.incident import Incident
from allclear.jobs.operation_job import OperationJob, log

LONGEST = timedelta(minutes=20)
"""A job ends after 30 minutes; what it does must have ended, and be written down, before."""

SHOWN = 300
"""Characters of a command's last line that the record keeps."""


class ExecutionError(Exception):
    """It did not go well. ``outcome``: failed; refused, when nothing was begun; unknown when nobody can say
    what it did. The message is one plain line.
    """

    def __init__(self, message: str, outcome: Ending = "failed") -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs commands in the checkout of this job. ``clean`` takes the job's secrets out of what they print."""

    job: OperationJob
    clean: Scrubber

    @classmethod
    def of(cls, job: OperationJob, listed: Iterable[str]) -> Commands:
        """``listed``: variables that are secrets because a command asks for them."""
        return cls(job, scrubber(secret_values(job.run.env, [*listed, "GITHUB_TOKEN"])))

    def run(
        self, vector: Vector, values: Mapping[str, str], timeout: timedelta, env: Sequence[str]
    ) -> Finished:
        """Run it, and print what it printed. Raises ExecutionError when a placeholder has no value."""
        try:
            words = filled(vector, values)
        except FillingError as error:
            raise ExecutionError(f"a command is not complete: {error}", "refused") from error
        log(self.job, self.clean.clean(f"$ {shlex.join(words)}"))
        with _given(self.job.run.env, env) as given:
            done = run_command(
                words, timeout=min(timeout, LONGEST), env=given, cwd=self.job.run.root, most=LARGEST
            )
        for line in self.clean.clean(done.output).splitlines():
            log(self.job, line)
        return done

    def expect(self, done: Finished, what: str) -> None:
        """Raises ExecutionError unless the command passed; after a time-out nobody knows what it did."""
        if not done.passed:
            raise ExecutionError(
                f"{what} failed: {self.why(done)}", "unknown" if done.timed_out else "failed"
            )

    def why(self, done: Finished) -> str:
        """One raw line: how it ended, and the last thing it said."""
        lines = [line.strip() for line in self.clean.clean(done.output).splitlines() if line.strip()]
        last = lines[-1] if lines else ""
        if done.missing:
            return cut(last or "the program is not installed", SHOWN)
        how = f"stopped after {spell(timedelta(seconds=done.seconds))}" if done.timed_out else ""
        return cut(": ".join(filter(None, [how or f"exit {done.code}", last])), SHOWN)


@contextlib.contextmanager
def _given(env: Mapping[str, str], names: Sequence[str]) -> Iterator[dict[str, str]]:
    """The variables a command may see. Where ``KUBECONFIG_DATA`` is listed beside ``KUBECONFIG``, it gets the
    path of a file with that text, readable by nobody else, and gone afterwards.
    """
    given = {name: env[name] for name in names if env.get(name)}
    with tempfile.TemporaryDirectory(prefix="allclear-") as folder:
        for name in names:
            data = given.get(f"{name}_DATA")
            if data and name not in given:
                path = Path(folder) / name.lower()
                path.touch(mode=0o600)
                path.write_text(data, encoding="utf-8")
                given[name] = str(path)
        yield given


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
                    raise ExecutionError("the deploy system lists no earlier release that worked", "refused")
                chosen = good
            check_target(
                releases, chosen.target, while_deploying=operation.while_deploying or operation.dry_run
            )
        except UserError as error:
            raise ExecutionError(refusal_of(error).line, "refused") from error
        if not self.provider.accepts(chosen.target):
            raise ExecutionError(
                f"{cut(chosen.target, 80)} is not a target that the provider accepts", "refused"
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
            log(self.job, f"Waiting {spell(wait)} before production is checked.")
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
                raise ExecutionError("the provider does not say how to roll back")
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
