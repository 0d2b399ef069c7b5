"""The packages of the lock for one target: downloaded by their hashes, and unpacked."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from allclear_release.errors import DownloadError, ReleaseError
from allclear_release.lock import Pin
from allclear_release.targets import Target

PATIENCE = 300
"""Seconds for the download of one target's wheels."""

_TESTS = frozenset({"test", "tests"})


@dataclass(frozen=True, slots=True)
class Wheel:
    """A downloaded wheel. ``pure``: it holds nothing for one kind of machine or one Python."""

    pin: Pin
    file: str
    sha256: str
    pure: bool
    content: Mapping[str, bytes]


def wheels_for(target: Target, pins: Sequence[Pin], cache: Path) -> tuple[Wheel, ...]:
    """The wheel of each package for this target, in the lock's order. Raises ReleaseError.

    ``cache``: a folder that keeps downloads. What stands in it is believed as little as the index: each file
    is held to the lock's hashes.
    """
    folder = cache / target.folder
    files = _files_in(folder)
    missing = [pin for pin in pins if not pin.hashes & files.keys()]
    if missing:
        _download(target, missing, folder)
        files = _files_in(folder)
    found = []
    for pin in pins:
        (one, *others) = sorted(pin.hashes & files.keys()) or [""]
        if not one or others:
            raise ReleaseError(
                f"{folder} does not hold exactly one file of {pin.name} {pin.version} that the lock names. "
                "Remove that folder, and build again"
            )
        found.append(_wheel(pin, one, *files[one]))
    return tuple(found)


def _files_in(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Name and content of each wheel, by its SHA-256."""
    found = {}
    for file in folder.glob("*.whl"):
        data = file.read_bytes()
        found[hashlib.sha256(data).hexdigest()] = (file.name, data)
    return found


def _download(target: Target, pins: Sequence[Pin], folder: Path) -> None:
    """Each file appears when it is complete, so that two builds at once do not meet half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        lock, there = Path(name, "lock.txt"), Path(name, "wheels")
        lock.write_text("".join(f"{pin.requirement}\n" for pin in pins), encoding="utf-8")
        pip = (
            *(sys.executable, "-m", "pip", "download"),
            *("--quiet", "--disable-pip-version-check", "--no-input"),
            *("--require-hashes", "--only-binary", ":all:", "--no-deps", *target.pip),
            *("--requirement", str(lock), "--dest", str(there)),
        )
        done = subprocess.run(  # noqa: S603 - this Python's pip, with the lock's own lines
            pip, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        if done.returncode:
            raise DownloadError(
                f"The wheels for {target.folder} could not be downloaded. Is the package index reachable?\n"
                f"{done.stderr.strip()[-2000:]}"
            )
        for file in there.iterdir():
            file.replace(folder / file.name)


def _wheel(pin: Pin, sha256: str, name: str, data: bytes) -> Wheel:
    content = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in sorted(archive.infolist(), key=lambda one: one.filename):
            path = PurePosixPath(info.filename)
            if info.is_dir() or _left_out(path):
                continue
            if path.is_absolute() or ".." in path.parts or "\\" in info.filename:
                raise ReleaseError(f"{name} holds {info.filename!r}, which lies outside of it")
            if path.parts[0].endswith(".data"):
                raise ReleaseError(
                    f"{name} holds {info.filename!r}, which pip would put elsewhere. Say in "
                    "allclear_release/wheels.py where it belongs"
                )
            content[info.filename] = archive.read(info)
    about = next(text for path, text in content.items() if path.endswith(".dist-info/WHEEL"))
    return Wheel(pin, name, sha256, b"Root-Is-Purelib: true" in about, content)


def _left_out(path: PurePosixPath) -> bool:
    """Tests of a package, and what only pip reads of it."""
    if path.parts[0].endswith(".dist-info"):
        return path.name in {"RECORD", "entry_points.txt"}
    return bool(_TESTS & set(path.parts[:-1]))
