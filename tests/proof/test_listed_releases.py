"""Lists of a deploy system: what runs, and the last known good release, against a small oracle that knows
what really happened. Each history is printed as the deploy system's CLI would, and read as any answer is.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allclear.adapters.files.settings import read_provider
from allclear.core.model.release import last_known_good
from allclear.core.policy.provider import Listing
from allclear.core.production.listing import read_rows
from allclear.core.production.what_runs import changed_since, releases, what_runs
from sampling import Proof

ROOT = Path(__file__).resolve().parents[2]
HEROKU, FLY, KUBERNETES = (read_provider(ROOT, name) for name in ("heroku", "fly", "kubernetes"))
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


def _rows(listing: Listing | None, printed: str) -> Any:
    assert listing is not None
    return read_rows(listing, printed, {"app": "web", "name": "web"})


@pytest.mark.parametrize("name", ["heroku", "fly"])
def test_a_list_is_read_as_what_happened(name: str, proof: Proof) -> None:
    provider, printing = {"heroku": (HEROKU, heroku), "fly": (FLY, fly)}[name]
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
            assert found.current.name in (same if name == "fly" else {f"v{runs}"}), seed
            chosen = last_known_good(found)
            builds = {f"v{one.version}": one.build for one in happened}
            assert (builds[chosen.name] if chosen else None) == (
                happened[good - 1].build if good else None
            ), seed
            # Whoever asked before the newest release is told of it, and nobody is told of nothing.
            before, after = happened[-1].at - timedelta(seconds=1), happened[-1].at + timedelta(seconds=1)
            assert changed_since(before, found.may_run, seen, provider), seed
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
