"""The map in `allclear/__init__.py` and the tree in the README name the same rooms as the folders."""

import re
from pathlib import Path

import pytest

import allclear

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"


def folders(top: Path) -> set[str]:
    """Every package below `top`, by its name there."""
    return {str(init.parent.relative_to(top)) for init in top.glob("*/**/__init__.py")}


def indented(lines: list[str], step: int) -> set[str]:
    """The folders of a tree that is drawn by indentation: lines that begin with `name/`."""
    found, above = set(), list[str]()
    for line in lines:
        match = re.match(r"( *)([a-z_]+)/(?:\s|$)", line)
        if match:
            above = [*above[: len(match[1]) // step], match[2]]
            found.add("/".join(above))
    return found


PRODUCT = folders(SCRIPTS / "allclear")
# The services of the embedded GitHub are its own business.
LAB = {name for name in folders(SCRIPTS / "allclear_lab") if "/" not in name}


def test_the_map_in_the_package_shows_the_rooms() -> None:
    drawn = [line.removeprefix("    ") for line in (allclear.__doc__ or "").split("\n") if line[:4] == "    "]
    assert indented(drawn, 4) == PRODUCT


@pytest.mark.parametrize(("package", "rooms"), [("allclear", PRODUCT), ("allclear_lab", LAB)])
def test_the_tree_in_the_readme_shows_the_rooms(package: str, rooms: set[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = readme.split(f"scripts/{package}/", 1)[1].split("\n", 1)[1].split("```", 1)[0].split("\n")
    below = [line[2:] for line in tree[: next(i for i, line in enumerate([*tree, "x"]) if line[:1] != " ")]]
    assert indented(below, 2) == rooms


@pytest.mark.parametrize("room", sorted(PRODUCT - {"core", "adapters", "adapters/notify"}))
def test_the_tests_mirror_the_rooms(room: str) -> None:
    assert list((ROOT / "tests" / room).glob("test_*.py"))
