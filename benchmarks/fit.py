"""How a cost grows with the size of what it is for: the exponent of a power."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

NOISE = 0.05
"""Growth below this share of the constant part is not told from the machine's noise."""


@dataclass(frozen=True)
class Growth:
    """``exponent``: 1 is in proportion; None where fewer than three sizes cost noticeably more than the
    smallest. ``times``: what the largest size costs, in costs of the smallest.
    """

    exponent: float | None
    times: float

    def __str__(self) -> str:
        if self.exponent is not None:
            return f"{self.exponent:.2f}"
        return "flat" if self.times <= 1 + NOISE else f"{self.times:.2f} times at the largest"


def growth(sizes: Sequence[float], costs: Sequence[float], share: float = NOISE, grain: float = 0) -> Growth:
    """Fit ``cost - constant`` to a power of ``size - smallest size``.

    The constant part is what the smallest size costs: it is taken off all others, and the smallest size off
    theirs, so that ``a + b * size`` has the exponent 1 whatever ``a`` is. Sizes that cost less
    than that ``share`` of it more, or no more than ``grain``, are left out. The line is that of least squares
    on logarithms. Raises ValueError without sizes, or where sizes do not rise.
    """
    if not sizes or any(later <= one for one, later in pairwise(sizes)):
        raise ValueError("sizes have to rise")
    constant = costs[0]
    beyond = [
        (math.log(size - sizes[0]), math.log(cost - constant))
        for size, cost in zip(sizes[1:], costs[1:], strict=True)
        if cost - constant > max(share * constant, grain)
    ]
    times = costs[-1] / constant if constant else math.inf
    return Growth(_slope(beyond) if len(beyond) >= 3 else None, times)


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the straight line that is nearest to the points."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    across = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / across
