"""Releases: what ran in production and could run there again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Literal

from msgspec import Struct

from allclear.core.model.embedded import Embedded
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace

Good = Literal["good", "bad", "unknown"]

State = Literal["success", "failed", "in progress", "unclear", "waiting", "not begun"]
"""How far a deployment came. The first three began, so that they changed production, wholly or in part:
``failed`` half-way, ``in progress`` still. ``unclear``: GitHub's statuses do not say whether it began.
``waiting`` (for reviewers, a runner, or in a queue) and ``not begun`` (rejected or cancelled before)
touched nothing.
"""

_COMMIT = lazy_regex(r"[0-9a-f]{7,40}")
"""A commit or the beginning of one, as people copy it: https://git-scm.com/docs/gitrevisions."""

SHOWN = 10
"""Releases that a refusal lists."""


class Release(Embedded, frozen=True):
    """``target`` is what the provider is given, empty where a deployment does not say; ``name`` what people
    read and type (``v41``, seven digits of a commit). ``deployed``: it once was successfully deployed.
    ``smoke``: what its smoke run said, where one is known. ``sha``: its commit, where one is known. ``url``:
    where people can look at it. ``state``: how far the deployment that is meant came, ``at``: when, ``log``:
    the link to its log, ``id``: GitHub's number of it, 0 where the deploy system keeps the list.

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
    state: State = "success"
    log: str = ""
    id: int = 0
    run: int = 0
    origin: str = ""
    left: bool = False

    @property
    def identity(self) -> str:
        """What two deployments of the same release have in common."""
        return self.target or self.sha


class Releases(Struct, frozen=True):
    """Newest first. ``current`` is the one that runs now, or may run: its ``state`` says how sure that is.
    None when it is not known.

    ``deploying``: what has begun and not ended; ``idle``: what touched nothing yet, and would overwrite a
    rollback if it went on; ``gone``: what came after the current one and was taken down again. ``mixed``: why
    the service's own deployments cannot be told from others', a sentence for people that says the way out;
    empty when they can. ``known`` False: GitHub could not be asked this time.
    """

    current: Release | None
    earlier: tuple[Release, ...]
    known: bool = True
    deploying: tuple[Release, ...] = ()
    idle: tuple[Release, ...] = ()
    gone: tuple[Release, ...] = ()
    mixed: str = ""

    @property
    def newest(self) -> tuple[Release, ...]:
        """What touched production last: what runs, what came in that second, what was taken down since."""
        current = self.current
        since = current.at if current is not None else None
        same = [one for one in self.earlier if since is not None and one.at is not None and one.at >= since]
        return (*([current] if current is not None else []), *same, *self.gone)

    @property
    def may_run(self) -> tuple[Release, ...]:
        """What may run: the current one; where its deployment did not succeed, those before it as well, down
        to the newest that did: a deploy system may have left that as it was.
        """
        there = [*([self.current] if self.current is not None else []), *self.earlier]
        tried = len(list(takewhile(lambda one: one.state != "success", there)))
        return tuple(there[: tried + 1])


class Change(Struct, frozen=True):
    """One commit that a rollback would undo. ``subject`` is raw text: neutralise before showing."""

    sha: str
    author: str
    subject: str


class Comparison(Struct, frozen=True):
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


class EnvironmentSeen(Struct, frozen=True):
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
    A release whose deployment did not succeed this time may be put back as it was before. One that was bad
    the last time it ran is not good because it had run well before.
    ``avoid``: names or targets that this incident already went back from, for deploy systems that number the
    same release anew.
    """
    current = releases.current
    if current is None:
        return None
    same = [n for n, one in enumerate(releases.earlier) if one.deployed and one.identity == current.identity]
    start = same[-1] + (current.state == "success") if same else 0
    latest = {one.target: one for one in reversed(releases.earlier) if one.deployed}
    bad = {one.target for one in latest.values() if one.smoke == "bad"}
    for release in releases.earlier[start:]:
        worked = release.target and release.deployed and not release.left and release.target not in bad
        if worked and not {release.name, release.target} & set(avoid):
            return release
    return None


def unclear(releases: Releases) -> tuple[Release, ...]:
    """The newest deployments, of which it is not known whether they began: those at the head of the list."""
    there = [*([releases.current] if releases.current else []), *releases.earlier]
    return tuple(takewhile(lambda one: one.state == "unclear", there))


def not_begun(releases: Releases) -> Releases:
    """The other reading of what runs: what is unclear at the head of the list did not begin."""
    there = [*([releases.current] if releases.current else []), *releases.earlier]
    at = len(unclear(releases))
    return replace(releases, current=there[at] if at < len(there) else None, earlier=tuple(there[at + 1 :]))


def readings(releases: Releases, avoid: Collection[str] = ()) -> tuple[tuple[Releases, Release | None], ...]:
    """What may run, and where to go back to from there: two readings when it is unclear whether the newest
    deployment began and that makes a difference, else one.
    """
    began = (releases, last_known_good(releases, avoid))
    if releases.current is None or releases.current.state != "unclear":
        return (began,)
    other = not_begun(releases)
    good = last_known_good(other, avoid)
    if began[1] is not None and good is not None and began[1].target == good.target:
        return (began,)
    return began, (other, good)


ALL_THE_SAME = "ask for it again with `--while-deploying`"


def check_target(
    releases: Releases, target: str, *, while_deploying: bool = False, anyway: str = ALL_THE_SAME
) -> None:
    """Whether a rollback may go to ``target``: the one judgement for the command, the claim and the
    execution. ``anyway``: how to go on although something is being deployed. Raises UserError.
    """
    if releases.mixed:
        raise UserError(releases.mixed, "mixed")
    there = _known(releases)
    meant = [one for one in there if target and one.target == target]
    named = code(meant[0].name if meant else target or "An empty target")
    current = releases.current
    if current is not None and current in meant and current.state == "success":
        raise UserError(f"{named} is already running, so there is nothing to roll back.", "current")
    if not any(one.deployed for one in meant):
        said = "was never deployed successfully" if meant else "is not among the releases that ran here"
        raise UserError(f"{named} {said}.", "unknown-target")
    if releases.deploying and not while_deploying:
        raise UserError(_under_way(releases.deploying, anyway), "deploying")


def _under_way(deploying: Sequence[Release], anyway: str) -> str:
    named = " and ".join(linked(one) for one in deploying[:SHOWN])
    verb = "is" if len(deploying) == 1 else "are"
    return (
        f"{named} {verb} being deployed right now, and that would overwrite the rollback. Wait until it has "
        f"ended, or cancel it, and ask again. To roll back all the same, {anyway}."
    )


def linked(release: Release) -> str:
    """Its name, with the link to the log of its deployment. Neutral Markdown."""
    return f"[{code(release.name)}]({release.log})" if release.log else code(release.name)


def find(releases: Releases, word: str) -> Release:
    """The release that ``word`` names: its name, its target, or the beginning of its commit.

    The current one can be found, too; of several deployments of one target the newest that succeeded counts.
    Raises UserError, with what there is, when no release is called so or several are.
    """
    there = sorted(_known(releases), key=lambda one: not one.deployed)
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


def _known(releases: Releases) -> list[Release]:
    """All that people could mean, the likeliest first."""
    current = [releases.current] if releases.current else []
    return [*current, *releases.earlier, *releases.gone, *releases.idle]


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
