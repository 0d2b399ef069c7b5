"""Releases: what ran in production and could run there again."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code

Good = Literal["good", "bad", "unknown"]

_COMMIT = re.compile(r"[0-9a-f]{7,40}")
"""A commit or the beginning of one, as people copy it: https://git-scm.com/docs/gitrevisions."""

SHOWN = 10
"""Releases that a refusal lists."""


@dataclass(frozen=True, slots=True)
class Release:
    """``target`` is what the provider is given, ``name`` what people read and type (``v41``, seven digits of
    a commit). ``deployed``: it once was successfully deployed. ``smoke``: what its smoke run said, where one
    is known. ``sha``: its commit, where one is known. ``url``: where people can look at it.

    ``run``: the workflow run of this repository that deployed it, as its deployment says; 0 when it does not.
    ``origin``: the name of the release that it repeats, where the deploy system numbered that anew. ``left``:
    what runs now repeats an older release, so this one was left behind already.
    """

    target: str
    name: str
    sha: str = ""
    at: datetime | None = None
    deployed: bool = True
    smoke: Good = "unknown"
    url: str = ""
    run: int = 0
    origin: str = ""
    left: bool = False


@dataclass(frozen=True, slots=True)
class Releases:
    """Newest first. ``current`` is the one that runs now; None when that is not known.

    ``known`` False: GitHub could not be asked this time.
    """

    current: Release | None
    earlier: tuple[Release, ...]
    known: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One commit that a rollback would undo. ``subject`` is raw text: neutralise before showing."""

    sha: str
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What lies between two commits: ``commits`` oldest first, ``paths`` that changed.

    ``total`` may be more than the list has. ``complete`` False: GitHub did not list every path, so that a
    migration may be among the others. ``known`` False: it could not be asked, or one of the commits is gone.
    ``ahead`` False: the base is not an ancestor of the head.
    """

    commits: tuple[Change, ...] = ()
    paths: tuple[str, ...] = ()
    total: int = 0
    complete: bool = True
    known: bool = True
    ahead: bool = True


@dataclass(frozen=True, slots=True)
class EnvironmentSeen:
    """A GitHub environment. ``reviewers``: required reviewers are set. ``self_review``: who starts a run may
    approve it as well. ``branches``: only protected or named branches may use it. ``known`` False: GitHub did
    not say.

    https://docs.github.com/en/rest/deployments/environments#get-an-environment
    """

    exists: bool
    reviewers: bool = False
    self_review: bool = True
    branches: bool = False
    known: bool = True


def last_known_good(releases: Releases, avoid: Collection[str] = ()) -> Release | None:
    """Where to go back to when nobody names it; None when nothing is known to be good.

    000-A10: the last successful deployment before the current one whose smoke run did not fail. What runs now
    may have run before: then everything since was left behind once, and only what lies further back counts.
    ``avoid``: names or targets that this incident already went back from, for deploy systems that number the
    same release anew.
    """
    current = releases.current
    if current is None:
        return None
    same = [n for n, one in enumerate(releases.earlier) if one.deployed and one.target == current.target]
    for release in releases.earlier[same[-1] + 1 if same else 0 :]:
        worked = release.deployed and not release.left and release.smoke != "bad"
        if worked and not {release.name, release.target} & set(avoid):
            return release
    return None


def find(releases: Releases, word: str) -> Release:
    """The release that ``word`` names: its name, its target, or the beginning of its commit.

    The current one can be found, too; of several deployments of one target the newest counts. Raises
    UserError, with what there is, when no release is called so or several are.
    """
    there = [*([releases.current] if releases.current else []), *releases.earlier]
    hits = [one for one in there if word in (one.target, one.name)]
    hits = hits or [one for one in there if _plain(word) == _plain(one.name)]
    if not hits and _COMMIT.fullmatch(word.lower()):
        hits = [one for one in there if one.sha.startswith(word.lower())]
    found = {one.target: one for one in reversed(hits)}
    if not found:
        raise UserError(
            f"{code(word)} is not among the releases that ran here. {_listed(there)}", "unknown-target"
        )
    if len(found) > 1:
        several = sorted(found.values(), key=there.index)
        raise UserError(
            f"{code(word)} could be more than one release: {_names(several)}. Write more of it.",
            "unknown-target",
        )
    return next(iter(found.values()))


def _plain(name: str) -> str:
    """``41`` and ``V41`` are what people type for ``v41``."""
    return name.lower().removeprefix("v")


def _names(releases: list[Release]) -> str:
    """Each once, with the target where the name alone would not tell them apart."""
    names = [one.name for one in releases]
    shown = [one.name if names.count(one.name) == 1 else one.target for one in releases]
    return ", ".join(code(name) for name in list(dict.fromkeys(shown))[:SHOWN])


def _listed(releases: list[Release]) -> str:
    newest = {one.target: one for one in reversed(releases) if one.deployed}
    ran = sorted(newest.values(), key=releases.index)
    return f"There are {_names(ran)}." if ran else "None ran here yet, as far as GitHub knows."
