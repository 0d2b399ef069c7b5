"""A settings file or a runbook as bytes, of which no more is read than a person writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

LARGEST = 256 * 1024
"""Bytes of such a file (faults E17)."""

Earlier = Callable[[str], Iterable[tuple[str, bytes]]]
"""Of a file of the repository, its earlier versions, the newest first: what to call each, and its bytes."""


def nothing_earlier(_path: str) -> Iterable[tuple[str, bytes]]:
    """For a folder that no repository stands behind."""
    return ()


class FileTooLargeError(ValueError):
    """The file has more than LARGEST bytes."""

    def __init__(self) -> None:
        super().__init__(f"larger than {LARGEST // 1024} KiB")


def whole_file(path: Path) -> bytes:
    """All that the file says. Raises OSError and FileTooLargeError."""
    raw = _begun(path, LARGEST + 1)
    if len(raw) > LARGEST:
        raise FileTooLargeError
    return raw


def beginning(path: Path) -> bytes | None:
    """As much of the file as is read of one that is too large; None when it cannot be read."""
    try:
        return _begun(path, LARGEST)
    except OSError:
        return None


def _begun(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)
