"""Releases: of the files as they stand here, made by the Python of the tests for itself alone; of an earlier
commit; and of a small checkout. Each is built once, for all processes of pytest.
"""

import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner, Result

from allclear_release.__main__ import main
from allclear_release.archive import written
from allclear_release.build import Release, build
from allclear_release.compiled import Python, python_at
from allclear_release.errors import DownloadError, ReleaseError
from allclear_release.lock import LOCK, pins
from allclear_release.manifest import MANIFEST, hashes, read_manifest
from allclear_release.sources import Sources, of_commit, of_folder
from allclear_release.targets import TARGETS, Target, also
from allclear_release.wheels import wheels_for

ROOT = Path(__file__).resolve().parents[2]
COMMIT, DATE = "0123456789abcdef" * 2 + "01234567", 1_760_000_000
WHEELS = ROOT / "build/wheels"
"""Kept from one run of the tests to the next; each file is held to the lock's hashes each time."""

YESTERDAY = "ff64847fc06e40910302aa53a9000973f92ddb90"
"""The commit of the release before: here the last one whose records were written without msgspec. Whoever
releases writes that commit here (docs/releasing.md).
"""
OWN = (sys.version_info[0], sys.version_info[1])

Once = Callable[[str, Callable[[Path], None]], Path]


def here() -> Python:
    """The Python of the tests."""
    found = python_at(sys.executable)
    assert isinstance(found, Python), found
    return found


@dataclass(frozen=True)
class Workshop:
    """``release``: version 1.2.3 of ``sources``, and ``tree`` the same, written into a folder."""

    sources: Sources
    release: Release
    tree: Path


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """What one of pytest's processes makes for all of them, by its name."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], None]) -> Path:
        place, why = shared / name, shared / f"{name}.missing"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists() and not why.exists():
                part = shared / f"{name}.part"
                try:
                    make(part)
                    part.rename(place)
                except DownloadError as error:
                    why.write_text(str(error))
        if why.exists():
            missing(why.read_text())
        return place

    return made


def missing(why: str, *, required: str = "CI") -> NoReturn:
    """A release cannot be built here; where everything has to be tested, as the variable ``required`` says,
    that is a failure.
    """
    if os.environ.get(required) == "true":
        pytest.fail(f"required in CI: {why}", pytrace=False)
    pytest.skip(why.splitlines()[0])


def built(sources: Sources, pythons: Sequence[Python]) -> Release:
    """Version 1.2.3, for the Python of the tests, compiled by these."""
    target = Target(OWN, platform.machine())
    return build(sources, "1.2.3", pythons=pythons, cache=WHEELS, targets=[target])


@pytest.fixture(scope="session")
def workshop(once: Once) -> Workshop:
    sources = of_folder(ROOT, COMMIT, DATE)
    tree = once("release", lambda place: written(built(sources, [here()]).files, place))
    files = {file.relative_to(tree).as_posix(): file.read_bytes() for file in _files_below(tree)}
    return Workshop(sources, Release(read_manifest(files[MANIFEST]), files), tree)


@pytest.fixture(scope="session")
def again(once: Once, workshop: Workshop) -> Mapping[str, str]:
    """The files of the same release, built a second time: the SHA-256 of each by its path."""
    file = once("again", lambda place: _noted(place, hashes(built(workshop.sources, [here()]).files)))
    found: dict[str, str] = json.loads(file.read_text())
    return found


def _noted(place: Path, said: object) -> None:
    place.write_text(json.dumps(said))


@pytest.fixture(scope="session")
def yesterday(once: Once) -> Path:
    """The tree of the release before, made of its own commit; its first run compiles what it needs."""
    try:
        sources = of_commit(ROOT, YESTERDAY)
    except ReleaseError:
        # Our workflows fetch the whole history; a copy of the sources elsewhere may have none.
        why = f"The commit {YESTERDAY} is not here. Fetch the whole history: git fetch --unshallow"
        missing(why, required="GITHUB_ACTIONS")
    return once("yesterday", lambda place: written(built(sources, []).files, place))


@pytest.fixture
def small(tmp_path: Path, workshop: Workshop) -> Path:
    """A checkout with a commit of a little code and one package, from which releases are quickly built."""
    (pin,) = [one for one in pins(workshop.sources.files[LOCK].decode()) if one.name == "idna"]
    (wheel,) = wheels_for(Target(OWN, platform.machine()), [pin], WHEELS)
    checkout = tmp_path / "small"
    files = {
        "scripts/respond.py": b"import allclear.app\n",
        "scripts/allclear/app.py": b"ANSWER = {'a', 'b', 'c'}\n",
        "scripts/allclear/cli.py": b"",
        "scripts/allclear_lab/hub.py": b"",
        "templates/panel.md.j2": b"panel\n",
        "templates/drills/first.yml": b"",
        "requirements/run.txt": pin.requirement.replace(" ", " \\\n    ").encode(),
        "requirements/dev.txt": b"",
        "action.yml": b"name: x\n",
        "LICENSE": b"as you like\n",
        "tests/test_x.py": b"",
        "pyproject.toml": b'[project]\nversion = "1.2.3"\n',
        ".gitignore": b"/build/\n",
    }
    written(files, checkout)
    git = ["git", "-C", str(checkout), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True, timeout=30)
    for target in {*TARGETS, *also(OWN)}:
        place = checkout / "build/wheels" / target.folder
        place.mkdir(parents=True)
        shutil.copy(WHEELS / Target(OWN, platform.machine()).folder / wheel.file, place)
    return checkout


def release_of(checkout: Path, *words: str) -> Result:
    """What `make release` runs, for a checkout."""
    return CliRunner().invoke(main, ["--checkout", str(checkout), *words], catch_exceptions=False)


def made(checkout: Path) -> bytes:
    """The archive of version 1.2.3 of a checkout, compiled by the Python of the tests."""
    done = release_of(checkout, "--version", "1.2.3", "--pythons", sys.executable)
    assert (done.exit_code, "The commit to pin: " in done.stdout) == (0, True)
    return (checkout / "build/release/allclear-1.2.3.tar.gz").read_bytes()


def _files_below(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())
