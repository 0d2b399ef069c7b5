"""Reads requirements/run.txt: the packages of a run, each by its version and the hashes of its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from allclear_release.errors import ReleaseError

LOCK = "requirements/run.txt"
UNSHIPPED = frozenset({"cffi", "cryptography", "pycparser", "pyjwt", "pynacl"})
"""Packages that PyGithub asks for and no job needs: `allclear/adapters/github/light_import.py` says why."""

_PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? \\")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """A package of the lock. ``hashes``: SHA-256 of its files, in hexadecimal; one of them is downloaded."""

    name: str
    version: str
    hashes: frozenset[str]

    @property
    def requirement(self) -> str:
        """The line as pip reads it."""
        return " ".join(
            [f"{self.name}=={self.version}", *(f"--hash=sha256:{one}" for one in sorted(self.hashes))]
        )


def pins(text: str) -> tuple[Pin, ...]:
    """The packages that a release ships, of the text of a lock. Raises ReleaseError."""
    return tuple(_pins(text))


def _pins(text: str) -> Iterator[Pin]:
    for block in re.split(r"\n(?=\S)", text.strip()):
        found = _PIN.match(block)
        hashes = frozenset(_HASH.findall(block))
        if found is None or not hashes:
            raise ReleaseError(f"{LOCK} has a line that is no package with hashes: {block.splitlines()[0]}")
        if found["name"] in UNSHIPPED:
            continue
        if found["marker"]:
            # pip would answer for the Python that builds, and not for the one that is built for.
            raise ReleaseError(
                f"{LOCK} says {found['name']} only where {found['marker']}. A release is the same for all "
                "its Pythons, so say in allclear_release/lock.py whether it ships"
            )
        yield Pin(found["name"], found["version"], hashes)
