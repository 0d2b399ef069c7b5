"""Imports point one way: doors -> single_run -> app -> jobs -> {adapters, commands} -> core, room by room."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
PACKAGES = ("allclear", "allclear_lab", "allclear_release")
FILES = sorted(SCRIPTS.rglob("*.py"))
PURE = [file for file in FILES if file.relative_to(SCRIPTS).parts[1:2] in {("core",), ("commands",)}]

# The rooms of core, the lowest first: each uses only those before it.
CORE = (
    "model",
    "calendar",
    "policy",
    "language",
    "record",
    "clock",
    "view",
    "conversation",
    "postmortem",
    "metrics",
    "production",
    "plan",
)
ALL_CORE = {f"core.{room}" for room in CORE}
ADAPTERS = {f"adapters.{room}" for room in ("files", "github", "production", "notify")}
LAB = {"lab.github", "lab.runner", "lab.drill", "lab.server"}
PRODUCT = ALL_CORE | ADAPTERS | {"commands", "jobs", "app"}
CLI = {"cli_init", "cli_report", "cli_review", "cli_runbook"}

# room -> the rooms it may import, beside itself. A new room is a decision that belongs here.
MAY_IMPORT = {
    **{f"core.{room}": {f"core.{below}" for below in CORE[:floor]} for floor, room in enumerate(CORE)},
    "commands": ALL_CORE,
    "adapters.github": ALL_CORE,
    "adapters.production": ALL_CORE | {"adapters.github"},
    "adapters.files": ALL_CORE,
    "adapters.notify": ALL_CORE,
    "jobs": ALL_CORE | ADAPTERS | {"commands"},
    "app": ALL_CORE | ADAPTERS | {"commands", "jobs"},
    "single_run": {"app"},
    "cli": PRODUCT | LAB | CLI | {"cli_release", "cli_terminal"},
    **{name: PRODUCT | {"cli_terminal"} for name in CLI},
    "cli_release": {"release", "cli_terminal"},
    "cli_terminal": set[str](),
    "__main__": {"cli"},
    "launcher": set[str](),
    "__init__": set[str](),
    "lab.github": set[str](),
    "lab.runner": {"lab.github"},
    "lab.drill": PRODUCT | {"lab.github", "lab.runner"},
    "lab.server": PRODUCT | {"lab.github", "lab.runner", "lab.drill"},
    "lab.__init__": set[str](),
    "release": {"adapters.files"},  # what makes templates and runbooks ready, in the tree that is built
}

# What a module that only decides may not touch: network, files, clock, environment, randomness, processes.
OUTSIDE_WORLD = {
    "asyncio",
    "click",
    "github",
    "glob",
    "http",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "requests",
    "rich",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
}
IN_MEMORY = ("io.StringIO.", "urllib.parse.")
"""What of it only works with text that it is given: addresses take more rules than one line of ours has, and
a csv writer needs something to write to.
"""
IMPURE_CALL = re.compile(
    r"\b(?:open|input|print|exec|eval|__import__)$|(?:datetime|date)\.(?:now|today|utcnow)$|\.(?:read|write)_(?:text|bytes)$"
)
SUPPRESSION = re.compile(r"#\s*(?:type:\s*ignore|noqa|pragma:\s*no cover)(?P<rest>.*)$")


@cache
def imports(file: Path) -> frozenset[str]:
    """Every module a file imports, by its full name, wherever in the file."""
    return frozenset(_imports(file))


def _imports(file: Path) -> Iterator[str]:
    package = file.relative_to(SCRIPTS).parent.parts
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            packages = {*PACKAGES, "allclear.core", "allclear.adapters", "."}
            yield from (f"{module}.{name.name}" for name in node.names if module in packages)


def names_of(file: Path) -> Iterator[str]:
    """The same, and of ``from io import StringIO`` the name behind it: ``io.StringIO``."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room_of(name: str) -> str | None:
    """The room of a module's or a symbol's full name; None for what is not ours."""
    package, *parts = name.split(".")
    if package not in PACKAGES or not parts:
        return None
    if package == "allclear_lab":
        return f"lab.{parts[0]}"
    if package == "allclear_release":
        return "release"
    return ".".join(parts[:2]) if parts[0] in {"core", "adapters"} else parts[0]


def room(file: Path) -> str | None:
    return room_of(".".join(file.relative_to(SCRIPTS).with_suffix("").parts))


def shown(files: list[Path]) -> list[str]:
    return [str(file.relative_to(ROOT)) for file in files]


in_package = pytest.mark.parametrize(
    "file", [f for f in FILES if f.parent != SCRIPTS], ids=lambda f: f"{f.parent.name}-{f.stem}"
)


@in_package
def test_a_room_imports_only_what_lies_below_it(file: Path) -> None:
    here = room(file)
    if here in {"core.__init__", "adapters.__init__"}:
        assert imports(file) == set()
        return
    assert here in MAY_IMPORT, f"{here} is a new room: say in MAY_IMPORT what it may import"
    # `from allclear import app` names the package first, which is no room.
    rooms = {room_of(name) for name in imports(file)} & (MAY_IMPORT.keys() | {"core", "adapters"})
    assert rooms - {here} <= MAY_IMPORT[here]


def test_the_product_never_imports_the_lab() -> None:
    users = [
        file
        for file in FILES
        if file.is_relative_to(SCRIPTS / "allclear") and any(room_of(n) in LAB for n in imports(file))
    ]
    assert shown(users) == ["scripts/allclear/cli.py"]
    top = ast.parse((SCRIPTS / "allclear/cli.py").read_text()).body
    loaded = [ast.unparse(node) for node in top if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [line for line in loaded if "allclear_lab" in line] == []


def test_only_its_command_imports_what_builds_releases() -> None:
    users = [
        file
        for file in FILES
        if not file.is_relative_to(SCRIPTS / "allclear_release")
        and any(room_of(name) == "release" for name in imports(file))
    ]
    assert set(shown(users)) <= {"scripts/allclear/cli_release.py"}


@pytest.mark.parametrize("file", PURE, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_what_decides_touches_nothing_outside(file: Path) -> None:
    touched = {name for name in names_of(file) if name.partition(".")[0] in OUTSIDE_WORLD}
    assert {name for name in touched if not f"{name}.".startswith(IN_MEMORY)} == set()
    calls = [
        ast.unparse(node.func) for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)
    ]
    assert [call for call in calls if IMPURE_CALL.search(call)] == []


def test_only_the_github_adapter_knows_pygithub() -> None:
    users = [file for file in FILES if any(name.partition(".")[0] == "github" for name in imports(file))]
    assert [name for name in shown(users) if not name.startswith("scripts/allclear/adapters/github")] == []


def test_only_the_app_catches_broadly() -> None:
    broad = [
        file
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or re.search(r"\b(?:Base)?Exception\b", ast.unparse(node.type)))
    ]
    assert set(shown(broad)) <= {"scripts/allclear/app.py"}
    assert len(broad) <= 1


def test_every_module_says_what_it_is_about() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}
    assert shown([file for file in FILES if file.stem in vague or file.parent.name in vague]) == []


def test_no_file_grows_beyond_one_sitting() -> None:
    long = {
        name: lines for file in FILES for name, lines in [(file.name, len(file.read_text().splitlines()))]
    }
    assert {name: lines for name, lines in long.items() if lines >= 400} == {}


def test_every_suppression_gives_its_reason() -> None:
    bare = []
    for file in [*FILES, *sorted((ROOT / "tests").rglob("*.py"))]:
        for number, line in enumerate(file.read_text().splitlines(), start=1):
            found = SUPPRESSION.search(line)
            # What is left when the rule's codes and the punctuation are taken away must be words.
            reason = re.sub(r"\b[A-Z]+\d+\b|\[[\w, -]*\]|[^\w ]", " ", found["rest"]).split() if found else []
            if found and file != Path(__file__) and len(reason) < 2:
                bare.append(f"{file.relative_to(ROOT)}:{number}")
    assert bare == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
    assert shown([file for file in FILES if later.search(file.read_text())]) == []


DOORS = sorted(SCRIPTS.glob("*.py"))


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.stem)
def test_a_door_only_opens(door: Path) -> None:
    assert set(imports(door)) == {"allclear.single_run"}
    assert len(door.read_text().splitlines()) <= 12


def test_no_door_hides_a_library() -> None:
    """`scripts/` stands first on the path of a door: a scripts/github.py would be imported as PyGithub."""
    imported = {name.partition(".")[0] for file in FILES for name in imports(file)}
    third_party = imported - set(sys.stdlib_module_names) - {"allclear"}
    assert {door.stem for door in DOORS} & (third_party | set(sys.stdlib_module_names)) == set()
