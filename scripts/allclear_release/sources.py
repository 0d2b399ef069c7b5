"""What of a checkout goes into a release."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from allclear_release.errors import ReleaseError

SHIPPED = ("action.yml", "LICENSE", "requirements/run.txt", "scripts", "templates")
"""Files and folders of the checkout."""

LEFT_OUT = frozenset({"allclear_lab", "allclear_release", "drills", "__pycache__", "__main__.py"})
"""Names in them that are for people: what only `allclear` on their machines needs."""


@dataclass(frozen=True, slots=True)
class Sources:
    """``files``: what is shipped, by path; ``commit``: the commit that they are of; ``date``: its time, in
    seconds since 1970, which every file of the release bears.
    """

    files: Mapping[str, bytes]
    commit: str
    date: int


def of_commit(checkout: Path, name: str = "HEAD") -> Sources:
    """The files of a commit, whatever stands in the checkout beside it. Raises ReleaseError."""
    commit = (
        _git(checkout, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").decode().strip()
    )
    date = int(_git(checkout, "show", "--no-patch", "--format=%ct", commit))
    with tarfile.open(
        fileobj=io.BytesIO(_git(checkout, "archive", "--format=tar", commit, "--", *SHIPPED))
    ) as tar:
        found = {one.name: file.read() for one in tar if one.isfile() and (file := tar.extractfile(one))}
    return Sources(_shipped(found.items()), commit, date)


def version_of(checkout: Path, name: str = "HEAD") -> str:
    """The version that a commit's pyproject.toml names. Raises ReleaseError."""
    written = tomllib.loads(_git(checkout, "show", f"{name}:pyproject.toml").decode())
    return str(written["project"]["version"])


def of_folder(checkout: Path, commit: str, date: int) -> Sources:
    """The files as they stand in a folder, which is said to be that commit."""
    places = [checkout / name for name in SHIPPED]
    files = [
        file for one in places for file in ([one] if one.is_file() else one.rglob("*")) if file.is_file()
    ]
    named = ((file.relative_to(checkout).as_posix(), file) for file in files)
    return Sources(_shipped((name, file.read_bytes()) for name, file in named if _ships(name)), commit, date)


def changed(checkout: Path) -> tuple[str, ...]:
    """The shipped files that differ from the last commit: they are not in a release."""
    lines = _git(checkout, "status", "--porcelain", "--", *SHIPPED).decode().splitlines()
    return tuple(line[3:] for line in lines if _ships(line[3:]))


def _shipped(files: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    return dict(sorted((name, content) for name, content in files if _ships(name)))


def _ships(name: str) -> bool:
    path = PurePosixPath(name)
    return not LEFT_OUT & set(path.parts) and not (path.suffix == ".py" and path.stem.split("_")[0] == "cli")


def _git(checkout: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - git, with words of ours
            ["git", "-C", str(checkout), *words],  # noqa: S607 - the git of whoever builds
            capture_output=True,
            timeout=60,
            check=False,
        )
    except FileNotFoundError:
        raise ReleaseError("A release is built from a commit, and git is not installed here") from None
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip()
        raise ReleaseError(
            f"git {words[0]} failed in {checkout}. Is it a checkout of Allclear? It says: {why}"
        )
    return done.stdout
