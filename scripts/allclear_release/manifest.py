"""What a release says of itself: `manifest.json`, at the top of the tree."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from allclear_release.errors import ReleaseError

MANIFEST = "manifest.json"
LARGEST = 8 * 1024 * 1024
"""Bytes of a manifest."""

Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]+$", max_length=64)]
Word = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]+$", max_length=200)]
Version = Annotated[
    str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+([a-z0-9.+-]{0,40})$", max_length=80)
]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interpreter(_Said):
    """A Python that compiled the code. ``magic``: what its compiled files begin with, in hexadecimal
    (https://peps.python.org/pep-3147/); ``tag``: what stands in their names.
    """

    implementation: Word
    version: Word
    build: Word
    compiler: Word
    magic: Hex
    tag: Annotated[str, StringConstraints(pattern=r"^[a-z]+-[0-9]+$")]
    python: tuple[int, int]

    @property
    def name(self) -> str:
        """As people say it."""
        return f"{self.implementation} {self.version}"


class Manifest(_Said):
    """``files``: the SHA-256 of every other file, by path; ``date``: of the commit, seconds since 1970."""

    format: Literal[1] = 1
    version: Version
    commit: Annotated[Hex, StringConstraints(min_length=40)]
    date: int
    targets: tuple[Word, ...]
    interpreters: tuple[Interpreter, ...]
    files: Mapping[str, Hex]

    @property
    def text(self) -> bytes:
        """As it is written."""
        return (self.model_dump_json(indent=1) + "\n").encode()


def read_manifest(content: bytes) -> Manifest:
    """Raises ReleaseError."""
    try:
        return Manifest.model_validate_json(content[:LARGEST])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][:2])
        raise ReleaseError(
            f"Its {MANIFEST} is not that of a release: {where or 'the file'}: {first['msg']}"
        ) from None


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """The SHA-256 of each file, by path, in order."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
