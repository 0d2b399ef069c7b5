"""A service put back by commands: the deploy system's list, its rollback and its checks. No GitHub in reach;
what GitHub's API does instead of a command stands in redeploy.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from allclear.core.model.release import Release, Releases
from allclear.core.model.times import spell
from allclear.core.policy.provider import Listing, Provider
from allclear.core.policy.service import Service
from allclear.core.policy.variables import rollback_names
from allclear.core.production.listing import ListingError, read_listing, values_of
from allclear.jobs.commands import LONGEST, Commands, ExecutionError
from allclear.jobs.run import LocalStep


@dataclass(frozen=True, slots=True)
class Deploys:
    """The deploy system of a service, as commands reach it."""

    service: Service
    provider: Provider
    commands: Commands

    @classmethod
    def of(cls, step: LocalStep, service: Service, provider: Provider) -> Deploys:
        """With the secrets that its commands ask for known."""
        return cls(service, provider, Commands.of(step, rollback_names(service, provider)))

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

    def roll_back(self, release: Release) -> None:
        """Put ``release`` into production, and wait until it is there. Raises ExecutionError."""
        if self.provider.rollback is None:
            raise ExecutionError("the provider has no command that rolls back", "refused")
        values = values_of(self.provider, self.service.values, release)
        timeout = min(self.service.rollback.timeout, LONGEST)
        done = self.commands.run(self.provider.rollback, values, timeout, self.provider.env)
        self.commands.expect(done, "the rollback")

    def verify(self, release: Release) -> None:
        """The provider's own checks, and what the service wants to happen after. Raises ExecutionError."""
        values = values_of(self.provider, self.service.values, release)
        for command in (*self.provider.verify, *self.service.rollback.after):
            env = (*self.provider.env, *command.env)
            done = self.commands.run(command.run, values, command.timeout, env)
            if not done.passed:
                raise ExecutionError(f"it went through, but {command.name} failed: {self.commands.why(done)}")
        wait = max(self.provider.settle, self.service.rollback.settle)
        if wait:
            self.commands.log(f"Waiting {spell(wait)} before production is checked.")
            self.commands.step.pause(min(wait, LONGEST / 5).total_seconds())
