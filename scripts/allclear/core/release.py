"""Releases: what ran in production and could run there again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Good = Literal["good", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Release:
    """``target`` is what the provider is given, ``name`` what people read and type (``v41``, seven digits of
    a commit). ``deployed``: it once was successfully deployed. ``smoke``: what its smoke run said, where one
    is known. ``sha``: its commit, where one is known. ``url``: where people can look at it.
    """

    target: str
    name: str
    sha: str = ""
    at: datetime | None = None
    deployed: bool = True
    smoke: Good = "unknown"
    url: str = ""


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
