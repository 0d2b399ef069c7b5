"""What one part of a runbook says that another contradicts, with its path in the file."""

from __future__ import annotations

Where = tuple[int | str, ...]


class MisplacedError(ValueError):
    """A contradiction. ``where`` is its path in the file, ``others`` are those after it."""

    def __init__(self, message: str, where: Where, others: tuple[MisplacedError, ...] = ()) -> None:
        super().__init__(message)
        self.where = where
        self.others = others


def misplaced(error: object) -> Where:
    """The path of what is wrong, below what was checked as a whole."""
    return error.where if isinstance(error, MisplacedError) else ()
