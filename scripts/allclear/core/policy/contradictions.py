"""What one part of a runbook says that another contradicts, with its path in the file."""

from __future__ import annotations

Where = tuple[int | str, ...]


class MisplacedError(ValueError):
    """A contradiction. ``where`` is its path in the file."""

    def __init__(self, message: str, where: Where) -> None:
        super().__init__(message)
        self.where = where


def misplaced(error: object) -> Where:
    """The path of what is wrong, below what was checked as a whole."""
    return error.where if isinstance(error, MisplacedError) else ()
