"""What runs now, as the deploy system itself says: before a rollback, whether anything changed since it was
asked for; after it, whether it is what was wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from allclear.core.model.release import Release, Releases
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider
from allclear.core.production.listing import ListedRelease, is_called, marked, releases_of

STALE = timedelta(hours=1)
"""A deployment that says for longer that it is under way is one that nobody ended."""

UNASKED = "the deploy system cannot be asked what runs now"
SILENT = "the deploy system does not say what runs now"


class WhatRuns(Struct, frozen=True):
    """What the deploy system says. ``listed``: its releases, newest first. ``running``: a release for each
    machine or slot that runs one; None when it cannot be asked.
    """

    listed: tuple[ListedRelease, ...] = ()
    running: tuple[Release, ...] | None = None

    @property
    def names(self) -> str:
        """``v41 and v42``: what runs, each once."""
        return " and ".join(dict.fromkeys(one.name for one in self.running or ()))


def what_runs(
    provider: Provider, listed: Sequence[ListedRelease], said: Sequence[ListedRelease] | None
) -> WhatRuns:
    """``said``: what the provider's ``current`` printed; None where it has none, or could not be asked."""
    rows = tuple(listed)
    if said is not None:
        return WhatRuns(
            rows, tuple(_named(provider, one.release, rows) for one in said if one.release.deployed)
        )
    if provider.current is None and provider.list is not None and provider.list.tells_current:
        return WhatRuns(rows, tuple(one.release for one in rows if one.current))
    return WhatRuns(rows)


def _named(provider: Provider, release: Release, listed: Sequence[ListedRelease]) -> Release:
    """A release that runs, as the list has it."""
    for one in listed:
        if provider.alike(one.release.target, release.target):
            return replace(one.release, at=release.at or one.release.at)
    return release


def releases(provider: Provider, seen: WhatRuns, now: datetime) -> Releases:
    """The releases that a rollback chooses from. Where different ones run, the newest of them is what runs: a
    deployment that ended half-way is what has to be undone.

    Where the deploy system cannot be asked, the newest one that works is taken for the current one.
    """
    return replace(_releases(provider, seen), deploying=_deploying(seen, now))


def _deploying(seen: WhatRuns, now: datetime) -> tuple[Release, ...]:
    """What is being deployed: at the head of the list, and not left over from long ago."""
    return tuple(
        replace(row.release, state="in progress", deployed=False)
        for row in seen.listed[:1]
        if row.under_way and (row.release.at is None or now - row.release.at < STALE)
    )


def _releases(provider: Provider, seen: WhatRuns) -> Releases:
    if seen.running is None:
        return releases_of(seen.listed, marked(seen.listed))
    targets = [one.target for one in seen.running]
    at = next(
        (
            n
            for n, row in enumerate(seen.listed)
            if any(provider.alike(row.release.target, target) for target in targets)
        ),
        None,
    )
    found = releases_of(seen.listed, at)
    if at is None:
        return replace(found, current=next(iter(seen.running), None))
    return found


class Verdict(Struct, frozen=True):
    """Whether the target is what runs: ``yes``, ``no``, or ``unknown`` when nobody can say.

    ``text``: why not, one raw line.
    """

    verified: Literal["yes", "no", "unknown"]
    text: str = ""


def verdict(provider: Provider, target: Release, seen: WhatRuns) -> Verdict:
    """Whether ``target`` is what runs, on every machine. A release that repeats it is as good."""
    if seen.running is None:
        return Verdict("unknown", UNASKED)
    if not seen.running:
        return Verdict("unknown", SILENT)
    others = [one for one in seen.running if not repeats(provider, one, target)]
    if not others:
        return Verdict("yes")
    told = WhatRuns(running=tuple(others)).names
    if len(others) < len(seen.running):
        return Verdict("no", f"{len(others)} of {len(seen.running)} still run {told}")
    return Verdict("no", f"{told} is what runs")


def repeats(provider: Provider, release: Release, target: Release) -> bool:
    """Whether ``release`` is ``target``, or was made from it under a new number."""
    return provider.alike(release.target, target.target) or (
        release.origin != "" and is_called(target, release.origin)
    )


def changed_since(asked: datetime, undone: Sequence[Release], seen: WhatRuns, provider: Provider) -> str:
    """What changed the service after somebody asked for its rollback, as far as the deploy system tells;
    empty when nothing did. One raw line.

    ``undone``: what may run by the request, what it undoes first; empty where it does not say.
    """
    newer = [one.release for one in seen.listed if one.release.at is not None and one.release.at > asked]
    newer += [one for one in seen.running or () if one.at is not None and one.at > asked]
    if newer and newer[0].at is not None:
        return (
            f"{newer[0].name} came at {newer[0].at:%H:%M UTC}, after this was asked for at {asked:%H:%M UTC}"
        )
    if not undone or not seen.running:
        return ""
    if any(
        repeats(provider, one, that) or is_called(one, that.name) for one in seen.running for that in undone
    ):
        return ""
    return f"{seen.names} is what runs now, and {undone[0].name} was to be undone"
