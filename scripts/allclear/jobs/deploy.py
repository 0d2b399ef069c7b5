"""A service put back by commands: the deploy system's list, its rollback and its checks. No GitHub in reach;
what GitHub's API does instead of a command stands in redeploy.py.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from allclear.core.model.release import Release
from allclear.core.model.times import spell
from allclear.core.policy.provider import Listing, Provider
from allclear.core.policy.service import PLACEHOLDER, Service
from allclear.core.policy.variables import rollback_names
from allclear.core.production.listing import ListedRelease, ListingError, read_rows, values_of
from allclear.core.production.what_runs import UNASKED, Verdict, WhatRuns, verdict, what_runs
from allclear.jobs.commands import LONGEST, Commands, ExecutionError
from allclear.jobs.run import LocalStep

AGAIN: tuple[float | None, ...] = (5.0, 20.0, None)
"""Seconds before a list is asked for again; at last not any more."""

POLL = (2.0, 5.0, 10.0)
"""Seconds between two looks at what runs; the last one for as long as it takes."""


class Deploys(Struct, frozen=True):
    """The deploy system of a service, as commands reach it."""

    service: Service
    provider: Provider
    commands: Commands

    @classmethod
    def of(cls, step: LocalStep, service: Service, provider: Provider) -> Deploys:
        """With the secrets that its commands ask for known."""
        return cls(service, provider, Commands.of(step, rollback_names(service, provider)))

    def look(self) -> WhatRuns:
        """What the deploy system lists, and says that runs. Raises ExecutionError when it cannot say."""
        listed = self._rows(self.provider.list, "its releases could not be listed")
        said = None
        if self.provider.current is not None and self._askable(self.provider.current):
            said = self._rows(self.provider.current, "what runs now could not be asked")
        return what_runs(self.provider, listed, said)

    def _askable(self, listing: Listing) -> bool:
        """Whether the service has a value for each placeholder: some are optional."""
        return all(name in self.service.values for word in listing.run for name in PLACEHOLDER.findall(word))

    def _rows(self, listing: Listing | None, wrong: str) -> tuple[ListedRelease, ...]:
        """What a list prints. Asking changes nothing, so a deploy system that is busy is asked again."""
        if listing is None:
            return ()
        values = values_of(self.provider, self.service.values, None)
        for pause in AGAIN:
            done = self.commands.run(listing.run, values, listing.timeout, self.provider.env)
            if done.passed or done.missing or pause is None:
                break
            self.commands.step.pause(pause)
        if not done.passed:
            raise ExecutionError(f"{wrong}: {self.commands.why(done)}")
        try:
            return read_rows(listing, done.printed, values)
        except ListingError as error:
            raise ExecutionError(f"{wrong}: {error}") from error

    def roll_back(self, release: Release) -> None:
        """Put ``release`` into production, and wait until it is there. Raises ExecutionError."""
        if self.provider.rollback is None:
            raise ExecutionError("the provider has no command that rolls back", "refused")
        values = values_of(self.provider, self.service.values, release)
        timeout = min(self.service.rollback.timeout, LONGEST)
        done = self.commands.run(self.provider.rollback, values, timeout, self.provider.env)
        self.commands.expect(done, "the rollback")

    def verify(self, release: Release) -> str:
        """The provider's own checks, what the service wants to happen after, and what the deploy system says
        runs now: why that is not known, empty when it is the release. Raises ExecutionError when it is not.
        """
        values = values_of(self.provider, self.service.values, release)
        for command in (*self.provider.verify, *self.service.rollback.after):
            env = (*self.provider.env, *command.env)
            done = self.commands.run(command.run, values, command.timeout, env)
            if not done.passed:
                raise ExecutionError(f"it went through, but {command.name} failed: {self.commands.why(done)}")
        unverified = self._confirmed(release)
        wait = max(self.provider.settle, self.service.rollback.settle)
        if wait:
            self.commands.log(f"Waiting {spell(wait)} before production is checked.")
            self.commands.step.pause(min(wait, LONGEST / 5).total_seconds())
        return unverified

    def _confirmed(self, release: Release) -> str:
        """Asked until it is the release everywhere, or the provider's ``lag`` is over."""
        asked = self.provider.asked_what_runs
        if asked is None or not self._askable(asked):
            return UNASKED
        left = min(self.provider.lag, LONGEST / 4)
        pauses = iter(POLL)
        while True:
            try:
                found = verdict(self.provider, release, self.look())
            except ExecutionError as error:
                found = Verdict("unknown", str(error))
            if found.verified == "yes":
                return ""
            if left <= timedelta():
                break
            pause = min(next(pauses, POLL[-1]), left.total_seconds())
            self.commands.step.pause(pause)
            left -= timedelta(seconds=pause)
        if found.verified == "no":
            raise ExecutionError(f"it went through, but {found.text}")
        return found.text
