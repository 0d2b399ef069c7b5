"""Lists of a deploy system: what runs, and the last known good release, against a small oracle that knows
what really happened. Each history is printed as the deploy system's CLI would, and read as any answer is.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from allclear.adapters.files.settings import read_provider
from allclear.core.model.authored import read_authored
from allclear.core.model.release import Release, Releases, last_known_good
from allclear.core.policy.provider import Listing, Provider
from allclear.core.policy.service import Service
from allclear.core.production.announcement import announcement
from allclear.core.production.binding import bound_rollback
from allclear.core.production.deployments import Deployment, DeploymentStatus, releases_of
from allclear.core.production.listing import read_rows
from allclear.core.production.request import Request
from allclear.core.production.rollback import Aim
from allclear.core.production.what_runs import WhatRuns, changed_since, releases, verdict, what_runs
from production.deploy_systems import tsx, vercel
from sampling import Proof

ROOT = Path(__file__).resolve().parents[2]
HEROKU, FLY, KUBERNETES, SCRIPT = (
    read_provider(ROOT, name) for name in ("heroku", "fly", "kubernetes", "script")
)
PAGE = "https://github.com/acme/shop"


def _with_its_examples() -> Provider:
    """The provider `command`, with the lists that its comments show."""
    text = (ROOT / "templates/providers/command.yml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^# (?=(list|current|verify|settle):|  )", "", text)
    said = yaml.safe_load(text) | {"targets": "provider"}
    said.pop("target_from")
    return read_authored(Provider, said)


COMMAND = _with_its_examples()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BLOCKS = range(100)
"""A hundred histories each."""


@dataclass(frozen=True)
class Happened:
    """One release. ``build``: what it holds; ``back``: the release that somebody went back to, or 0."""

    version: int
    build: int
    worked: bool
    back: int = 0

    @property
    def at(self) -> datetime:
        """When it came."""
        return NOON + timedelta(minutes=self.version)


def history(chance: random.Random) -> list[Happened]:
    """Deploys that work or fail, and rollbacks to anything that once worked."""
    found = [Happened(1, 1, worked=True)]
    for version in range(2, chance.randint(2, 9)):
        good = [one for one in found if one.worked]
        kind = chance.random()
        if kind < 0.5 or len(good) < 2:
            found.append(Happened(version, version, worked=chance.random() < 0.75))
        else:
            old = chance.choice(good[:-1])
            found.append(Happened(version, old.build, worked=True, back=old.version))
    return found


def truth(happened: list[Happened]) -> tuple[int, int | None]:
    """What runs, and the newest that worked before what runs was there for the first time."""
    runs = [one for one in happened if one.worked][-1]
    first = next(one for one in happened if one.build == runs.build)
    before = [one.version for one in happened if one.worked and one.version < first.version]
    return runs.version, before[-1] if before else None


def heroku(happened: list[Happened]) -> tuple[str, str]:
    """``heroku releases --json``; its list says what runs."""
    runs = truth(happened)[0]
    rows = [
        {
            "version": one.version,
            "status": "succeeded" if one.worked else "failed",
            "current": one.version == runs,
            "created_at": one.at.isoformat(),
            "description": f"Rollback to v{one.back}" if one.back else f"Deploy {one.build}",
        }
        for one in reversed(happened)
    ]
    return json.dumps(rows), ""


def fly(happened: list[Happened]) -> tuple[str, str]:
    """``flyctl releases --json`` and ``flyctl machine list --json``: going back deploys an old image."""
    runs = next(one for one in happened if one.version == truth(happened)[0])
    rows = [
        {
            "Version": one.version,
            "Status": "complete" if one.worked else "failed",
            "ImageRef": _image(one),
            "CreatedAt": one.at.isoformat(),
        }
        for one in reversed(happened)
    ]
    made = {"image": _image(runs), "metadata": {"fly_release_version": str(runs.version)}}
    return json.dumps(rows), json.dumps([{"id": "1", "config": made}, {"id": "2", "config": made}])


def _image(one: Happened) -> str:
    return f"registry.fly.io/web:deployment-{one.build:04d}"


def command(happened: list[Happened]) -> tuple[str, str]:
    """What scripts of one's own print, in the lines that `command.yml` shows."""
    runs = next(one for one in happened if one.version == truth(happened)[0])
    rows = [
        f"v{one.version} {one.build:040x} {'ok' if one.worked else 'failed'} by ann"
        for one in reversed(happened)
    ]
    return "\n".join(rows), f"v{runs.version} {runs.build:040x} since {runs.at:%Y-%m-%dT%H:%M:%SZ}"


def _rows(listing: Listing | None, printed: str) -> Any:
    assert listing is not None
    return read_rows(listing, printed, {"app": "web", "name": "web"})


@pytest.mark.parametrize("name", ["heroku", "fly", "command"])
def test_a_list_is_read_as_what_happened(name: str, proof: Proof) -> None:
    printers = {"heroku": (HEROKU, heroku), "fly": (FLY, fly), "command": (COMMAND, command)}
    provider, printing = printers[name]
    for block in proof(BLOCKS, 5):
        for number in range(100):
            seed = f"{name} {block} {number}"
            happened = history(random.Random(seed))
            listed, current = printing(happened)
            said = _rows(provider.current, current) if current else None
            seen = what_runs(provider, _rows(provider.list, listed), said)
            found = releases(provider, seen, NOON + timedelta(days=1))
            runs, good = truth(happened)
            assert found.current is not None, seed
            same = {f"v{one.version}" for one in happened if one.build == happened[runs - 1].build}
            assert found.current.name in ({f"v{runs}"} if name == "heroku" else same), seed
            chosen = last_known_good(found)
            builds = {f"v{one.version}": one.build for one in happened}
            assert (builds[chosen.name] if chosen else None) == (
                happened[good - 1].build if good else None
            ), seed
            # Whoever asked before the newest release is told of it, and nobody is told of nothing.
            before, after = happened[-1].at - timedelta(seconds=1), happened[-1].at + timedelta(seconds=1)
            # A list without times tells of no deployment that failed: it changed nothing that runs.
            tells = happened[-1].worked or name != "command"
            assert bool(changed_since(before, found.may_run, seen, provider)) == tells, seed
            assert not changed_since(after, found.may_run, seen, provider), seed


def kubectl(happened: list[Happened]) -> tuple[str, str]:
    """The replica sets, one a build: going back gives an old one the newest number."""
    ran: dict[int, list[int]] = {}
    for one in happened:
        ran.setdefault(one.build, []).append(one.version)
    sets = [(own[-1], ",".join(map(str, own[:-1])) or "<none>") for own in ran.values()]
    listed = "\n".join(f"web   {number}   {earlier}" for number, earlier in sorted(sets, reverse=True))
    return listed, f"{happened[-1].version}   {happened[-1].at:%Y-%m-%dT%H:%M:%SZ}"


def test_a_replica_set_that_was_left_behind_is_never_gone_back_to(proof: Proof) -> None:
    for block in proof(BLOCKS, 5):
        for number in range(100):
            seed = f"kubernetes {block} {number}"
            happened = [one for one in history(random.Random(seed)) if one.worked]
            listed, current = kubectl(happened)
            rows = _rows(KUBERNETES.list, listed)
            seen = what_runs(KUBERNETES, rows, _rows(KUBERNETES.current, current))
            found = releases(KUBERNETES, seen, NOON + timedelta(days=1))
            assert found.current is not None, seed
            assert found.current.name == str(happened[-1].version), seed
            chosen = last_known_good(found)
            first = next(one.version for one in happened if one.build == happened[-1].build)
            before = {str(one.version) for one in happened if one.version < first}
            # The newest set that ran last before what runs was there for the first time.
            last = {one.build: str(one.version) for one in happened}
            good = [one for one in sorted(last.values(), key=int) if one in before]
            assert (chosen.name if chosen else None) == (good[-1] if good else None), seed


# -- Vercel: GitHub has the list, and the domain shows what runs


@dataclass
class Site:
    """A site at Vercel, and what GitHub knows of it."""

    provider: Provider
    command: str
    service: Service
    state: dict[str, Any]
    now: datetime = NOON
    recorded: list[Deployment] = field(default_factory=list)

    def happens(self, chance: random.Random) -> None:
        """A push that builds, or not; somebody goes back or promotes in Vercel's own pages; we go back."""
        self.now += timedelta(minutes=1)
        kind = chance.random()
        urls = self.state["deployments"]
        if kind < 0.45 or not urls:
            url = f"https://shop-{len(self.recorded):09x}-acme.vercel.app"
            vercel.deployed(self.state, url)
            self._record(f"{len(self.recorded):040x}", "pending success", url)
        elif kind < 0.6:
            states = chance.choice(["pending failure", "pending error", "in_progress failure", "failure"])
            self._record(f"{len(self.recorded):040x}", states)
        elif kind < 0.8:
            vercel.moved(self.state, chance.choice(["rollback", "promote"]), chance.choice(urls))
        else:
            self._roll_back(chance.choice(urls))

    def _roll_back(self, url: str) -> None:
        """By us: GitHub is told as the job `report` tells it."""
        vercel.moved(self.state, self.command, url)
        sha = next(one.sha for one in self.recorded if one.statuses[-1].url == url)
        said = announcement(
            "rollback-00000001",
            "web",
            self.service,
            self.provider,
            Release(url, sha[:7], sha),
            url=f"{PAGE}/actions/runs/1",
            well=True,
        )
        assert said is not None
        self._record(sha, " ".join(str(one["state"]) for one in said.statuses), url)

    def _record(self, sha: str, states: str, url: str = "") -> None:
        told = tuple(
            DeploymentStatus(state, self.now, url=url if state == "success" else "")
            for state in states.split()
        )
        self.recorded.append(
            Deployment(id=len(self.recorded) + 1, sha=sha, created=self.now, statuses=told, newest=told[-1])
        )

    def releases(self) -> Releases:
        """What GitHub knows."""
        return releases_of(self.recorded, self.provider, PAGE, self.now)

    def seen(self) -> WhatRuns:
        """What Vercel says when it is asked."""
        return what_runs(self.provider, (), _rows(self.provider.current, vercel.shown(self.state)))

    def digest(self) -> str:
        """What is bound to the approval, but for the target."""
        found = self.releases()
        aimed = Aim("web", self.service, self.provider, current=found.current, word="x", touched=found.newest)
        return bound_rollback(aimed, None, Request("web"), dry_run=False).digest


def _site(name: str) -> Site:
    first = "https://shop-first-acme.vercel.app"
    service = Service(provider=name, values={"domain": "app.hotrodan.com"})
    command = name.partition("-")[2] or "rollback"
    site = Site(read_provider(ROOT, name), command, service, vercel.fresh([first]))
    site._record(f"{0:040x}", "pending success", first)
    return site


@pytest.mark.parametrize("name", ["vercel", "vercel-promote"])
def test_at_vercel_nothing_is_undone_but_what_the_request_named(name: str, proof: Proof) -> None:
    for block in proof(BLOCKS, 5):
        for number in range(100):
            seed = f"{name} {block} {number}"
            chance = random.Random(seed)
            site = _site(name)
            for _ in range(chance.randint(0, 7)):
                site.happens(chance)
            asked, digest = site.now + timedelta(seconds=1), site.digest()
            named = [one.target for one in site.releases().may_run if one.target]
            later = chance.choice([0, 0, 1, 2, 3])
            for _ in range(later):
                site.happens(chance)
            found, seen = site.releases(), site.seen()
            changed = changed_since(asked, found.may_run, seen, site.provider)
            goes = digest == site.digest() and not changed
            assert len(named) == 1, seed
            assert not goes or site.state["current"] == named[0], seed
            # Nothing happened, and GitHub knows what the domain shows: then it goes on.
            good = [one.statuses[-1].url for one in site.recorded if one.statuses[-1].state == "success"]
            if not later and good[-1] == site.state["current"]:
                assert goes, seed
            for url in site.state["deployments"]:
                said = verdict(site.provider, Release(url, "x"), seen).verified
                assert said == ("yes" if url == site.state["current"] else "no"), seed
            if site.recorded[-1].statuses[-1].state == "success":
                first = good.index(good[-1])
                chosen = last_known_good(found)
                assert (chosen.target if chosen else None) == (good[first - 1] if first else None), seed


# -- a script of the repository that restores backups


def test_a_restore_goes_on_only_while_the_backup_is_there_that_a_dry_run_named(proof: Proof) -> None:
    for block in proof(BLOCKS, 5):
        for number in range(100):
            seed = f"script {block} {number}"
            chance = random.Random(seed)
            names = [f"2026-03-{day:02}T04-00" for day in range(1, 10)]
            made = chance.randint(2, 6)
            state = tsx.fresh(names[:made], chance.choice(names[:made]))
            before = _restorable(state)
            asked = before.names
            for _ in range(chance.randint(0, 3)):
                if chance.random() < 0.5 and len(state["backups"]) < len(names):
                    state["backups"].append(names[len(state["backups"])])
                else:
                    state["current"] = chance.choice(state["backups"])
            seen = _restorable(state)
            assert seen.names == state["current"], seed
            undone = (Release(asked, asked),)
            assert bool(changed_since(NOON, undone, seen, SCRIPT)) == (asked != state["current"]), seed
            older = state["backups"][: state["backups"].index(state["current"])]
            good = last_known_good(releases(SCRIPT, seen, NOON))
            assert (good.name if good else None) == (older[-1] if older else None), seed
            for name in state["backups"]:
                said = verdict(SCRIPT, Release(name, name), seen).verified
                assert said == ("yes" if name == state["current"] else "no"), seed
            # A script that marks nothing says nothing, and nobody takes a backup for what runs.
            unmarked = _restorable(state | {"marks": False})
            assert verdict(SCRIPT, Release(asked, asked), unmarked).verified == "unknown", seed
            assert changed_since(NOON, undone, unmarked, SCRIPT) == "", seed


def _restorable(state: dict[str, Any]) -> WhatRuns:
    return what_runs(SCRIPT, _rows(SCRIPT.list, tsx.listed(state)), None)
