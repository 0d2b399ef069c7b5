"""What a benchmark hands over: tables of figures, as Markdown and as people read them in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figures:
    """One table. ``note`` says how it was measured and what to make of it; ``after`` stands below.

    ``skipped``: why nothing was measured; then there are no rows.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    after: str = ""
    skipped: str = ""

    def markdown(self) -> str:
        """The first column is text, the others are figures and stand to the right."""
        widths = [max(len(row[n]) for row in (self.head, *self.rows)) for n in range(len(self.head))]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        lines = [_line(cells, widths) for cells in (self.head, rule, *self.rows)]
        before, after = ([self.note, ""] if self.note else []), (["", self.after] if self.after else [])
        return "\n".join([f"## {self.title}", "", *before, *lines, *after])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *more = zip(cells, widths, strict=True)
    return f"| {' | '.join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in more)])} |"


def spread(seconds: Sequence[float]) -> str:
    """``median (smallest to largest)`` in milliseconds."""
    low, middle, high = (1000 * one for one in (min(seconds), median(seconds), max(seconds)))
    return f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"
