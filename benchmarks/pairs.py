"""Runs of two programs in alternation, and what their pairs say. A machine that others use as well is slower
at one moment than at another: both runs of a pair meet the same moment, more or less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from delaying_proxy import Asked
from stopwatch import Lap


@dataclass(frozen=True)
class Played:
    """One run, from the first step to the last; seconds, and MiB.

    ``visible``: when people saw that they were heard, None when they did not. ``starting``: until the first
    request of each step. ``waiting``: while at least one request was under way.
    """

    wall: float
    cpu: float
    memory: float
    requests: int
    starting: float
    waiting: float
    visible: float | None = None

    @property
    def working(self) -> float:
        """Seconds between requests and after them."""
        return self.wall - self.starting - self.waiting


def played(laps: Sequence[Lap], asked: Sequence[Asked], signs: Sequence[Asked]) -> Played:
    """Put the steps of a run together; the time between two steps is the runner's and not counted.

    ``signs`` are those requests of ``asked`` that people see.
    """
    starting = waiting = before = 0.0
    visible: float | None = None
    for lap in laps:
        within = [one for one in asked if lap.begun <= one.received <= lap.ended]
        starting += (min(one.received for one in within) if within else lap.ended) - lap.begun
        waiting += covered([(one.received, min(one.answered, lap.ended)) for one in within])
        seen = [one.answered for one in signs if one in within]
        if visible is None and seen:
            visible = before + min(seen) - lap.begun
        before += lap.wall
    return Played(
        wall=before,
        cpu=sum(lap.cpu for lap in laps),
        memory=max(lap.memory for lap in laps),
        requests=len(asked),
        starting=starting,
        waiting=waiting,
        visible=visible,
    )


def covered(spans: Sequence[tuple[float, float]]) -> float:
    """How long at least one of the spans lasted."""
    total, until = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def in_turn(names: Sequence[str], round_number: int) -> list[str]:
    """The order of a round: there and back, so that nobody always runs first."""
    return list(names) if round_number % 2 == 0 else list(reversed(names))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the pairs' ratios. Raises ValueError when there is no pair, or one is not whole."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))
