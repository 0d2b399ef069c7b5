"""The locks say what pyproject.toml asks for, no more and no less, each file by its hash."""

import re
import subprocess
import sys
import tomllib
import zipfile
from functools import cache
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)(?: ; (.+?))? \\$")
LOCKS = ["run", "people", "dev"]


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def group(name: str) -> list[str]:
    found: list[str] = []
    for entry in project()["dependency-groups"][name]:
        found += group(entry["include-group"]) if isinstance(entry, dict) else [entry]
    return found


@cache
def asked(lock: str) -> tuple[Requirement, ...]:
    lines = list(project()["project"]["dependencies"])
    if lock != "run":
        lines += project()["project"]["optional-dependencies"]["people"]
        lines += group("setup" if lock == "people" else "dev")
    return tuple(Requirement(line) for line in lines)


@cache
def locked(lock: str) -> dict[str, str]:
    """Name -> version of what the lock installs on this interpreter."""
    pins = [PIN.match(line) for line in (ROOT / f"requirements/{lock}.txt").read_text().splitlines()]
    return {pin[1]: pin[2] for pin in pins if pin and (pin[3] is None or Marker(pin[3]).evaluate())}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_what_was_asked_for(lock: str) -> None:
    pins = locked(lock)
    wrong = [
        str(r) for r in asked(lock) if not r.specifier.contains(pins.get(canonicalize_name(r.name), "0"))
    ]
    assert wrong == [], "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_all_that_is_needed_and_nothing_else(lock: str) -> None:
    needed: set[str] = set()
    seen: set[str] = set()
    waiting = list(asked(lock))
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        wanted = [Requirement(line) for line in requires(requirement.name) or []]
        extras = {"", *requirement.extras}
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        needed.add(name)
        waiting += [
            next_one
            for next_one in wanted
            if next_one.marker is None or any(next_one.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    assert set(locked(lock)) == needed, "run `make lock`"


def test_what_is_tested_is_what_workflows_install() -> None:
    assert {name: version(name) for name in locked("dev")} == locked("dev")
    assert locked("run").items() <= locked("people").items() <= locked("dev").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_index(lock: str) -> None:
    text = (ROOT / f"requirements/{lock}.txt").read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_workflows_install_nothing_for_people() -> None:
    for_people = {
        canonicalize_name(Requirement(r).name)
        for r in project()["project"]["optional-dependencies"]["people"]
    }
    assert for_people & set(locked("run")) == set()


def test_every_exception_to_the_linter_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    section = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.pydocstyle]")]
    codes = [line for line in section.splitlines() if re.match(r'\s+"[A-Z]+\d*",', line)]
    assert len(codes) > 10
    assert [line for line in codes if not re.search(r"# \S+ \S+", line)] == []


def test_the_wheel_carries_the_code_the_templates_and_the_command(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("allclear-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        commands = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert "allclear = allclear.cli:main" in commands
    assert "allclear/core/record/incident.py" in names
    templates = {str(p.relative_to(ROOT)) for p in (ROOT / "templates").rglob("*") if p.is_file()}
    assert {f"allclear/{name}" for name in templates} <= set(names)
    assert {"allclear/action.yml", "allclear/workflows/respond.yml"} <= set(names)
    assert {name.split("/")[0] for name in names} == {
        "allclear",
        "allclear_lab",
        "allclear_release",
        next(n for n in names if "dist-info" in n).split("/")[0],
    }
