"""A settings file or a runbook as bytes, of which no more is read than a person writes."""

from __future__ import annotations

from pathlib import Path

LARGEST = 256 * 1024
"""Bytes of such a file (faults E17)."""


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
