"""The patterns that a release brings along: all of ours, those of the libraries, each as Python makes it."""

import importlib
import marshal
import pkgutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import allclear
from allclear.adapters.files.kept_regexes import COMPILER, ENGINE, SUM
from allclear.core.model.patterns import LazyRegex
from conversations.room import KEY, open_room
from release import tree_doors
from release.conftest import Workshop
from release.tree_doors import PATIENCE, opens_doors_of

FEW = 40
"""Patterns that a command makes itself, of 220: those of what asks early, and tells whether it is talk,
before it is known that there is anything to do.
"""

COUNTING = """
import os, re, runpy, sys
launcher, told, *words = sys.argv[1:]
parser, ending = re._compiler._parser, os._exit
parse = parser.parse
def telling(pattern, *more):
    with open(told, "a") as file:
        file.write(repr(pattern) + chr(10))
    return parse(pattern, *more)
parser.parse = telling
sys.argv = [launcher, *words]
sys.path[0] = os.path.dirname(launcher)
runpy.run_path(launcher, run_name="__main__")
"""
"""Opens a door, and writes down each pattern that `re` makes itself."""


def patterns_of_ours() -> Iterator[LazyRegex]:
    """Those that wait for their first use, of all modules that a release has."""
    for found in pkgutil.walk_packages(allclear.__path__, "allclear."):
        last = found.name.rpartition(".")[2]
        if not last.startswith(("cli", "__")):
            values = vars(importlib.import_module(found.name)).values()
            yield from (value for value in values if isinstance(value, LazyRegex))


def test_each_of_them_is_the_one_that_python_makes(workshop: Workshop) -> None:
    name = f"regexes.{sys.implementation.cache_tag}.kept"
    kept = workshop.tree / "scripts/allclear/adapters/files/__pycache__" / name
    _, known = marshal.loads(kept.read_bytes()[SUM:])  # noqa: S302 - what this test's own build wrote
    ours = {(lazy.pattern, int(lazy.options)) for lazy in patterns_of_ours()}
    assert len(ours) > 250
    assert known.keys() > ours
    for (pattern, flags), (told, numbers, *groups) in known.items():
        compiled = COMPILER.compile(pattern, flags)
        code = memoryview(numbers).cast("I").tolist()
        assert ENGINE.compile(pattern, told, code, *groups) == compiled
        assert (told, groups[0], groups[1]) == (compiled.flags, compiled.groups, dict(compiled.groupindex))


def test_a_command_makes_hardly_a_pattern_itself(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"

    def counting(
        tree: Path, *words: str, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        launcher = str(tree / "scripts/allclear/launcher.py")
        return subprocess.run(
            [sys.executable, "-S", "-c", COUNTING, launcher, str(told), *words],
            env=dict(env or {}),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    monkeypatch.setattr(tree_doors, "python", counting)
    with open_room(tmp_path / "room", http=True) as room:
        (room.root / "templates").unlink()
        room.key = KEY
        room.opens("ann")
        room.door = opens_doors_of(workshop.tree, room)  # type: ignore[method-assign]  # as a job of this release
        assert "bob" in room.says("bob", "/ack")
    made = told.read_text().splitlines()
    assert 0 < len(made) <= FEW, made
