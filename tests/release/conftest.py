"""A release of the files as they stand here, made by the Python of the tests for itself alone."""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from allclear_release.archive import written
from allclear_release.build import Release, build
from allclear_release.compiled import Python, python_at
from allclear_release.errors import ReleaseError
from allclear_release.sources import Sources, of_folder
from allclear_release.targets import Target

ROOT = Path(__file__).resolve().parents[2]
COMMIT, DATE = "0123456789abcdef" * 2 + "01234567", 1_760_000_000
WHEELS = ROOT / "build/wheels"
"""Kept from one run of the tests to the next; each file is held to the lock's hashes each time."""


def here() -> Python:
    """The Python of the tests."""
    found = python_at(sys.executable)
    assert isinstance(found, Python), found
    return found


@dataclass(frozen=True)
class Workshop:
    """Builds releases; `release` is one of version 1.2.3, `tree` the same, written into a folder."""

    sources: Sources
    release: Release
    packed: bytes
    tree: Path

    def build(self, sources: Sources | None = None, version: str = "1.2.3") -> Release:
        return _built(sources or self.sources, version)


def _built(sources: Sources, version: str) -> Release:
    target = Target((sys.version_info[0], sys.version_info[1]), platform.machine())
    return build(sources, version, pythons=[here()], cache=WHEELS, targets=[target])


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    sources = of_folder(ROOT, COMMIT, DATE)
    try:
        release = _built(sources, "1.2.3")
    except ReleaseError as error:
        if "Is the package index reachable?" in str(error):
            pytest.skip(f"the wheels of the lock are not here: {error}")
        raise
    tree = tmp_path_factory.mktemp("release") / "tree"
    written(release.files, tree)
    return Workshop(sources, release, release.packed(), tree)
