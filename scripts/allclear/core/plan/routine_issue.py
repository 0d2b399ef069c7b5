"""The issue of a routine, as the next run finds it again: its label, and a marker in its first line.

Whoever may edit the issue may edit the marker, and whoever may run a workflow here writes as our account. So
a marker decides nothing but when the next issue is opened, and one that cannot be true does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct, field, json

from allclear.core.model.marker import marker_in, marker_line
from allclear.core.model.snapshot import Issue
from allclear.core.model.stored import Stored, whole_json_of

KIND = "routine"
LONGEST = 20_000
"""Characters of a marker that is read."""
OLDEST = timedelta(days=3653)
"""How long ago a routine may have begun."""
MOST = 50
"""Routines that a marker remembers."""


class Turn(Stored, frozen=True):
    """When a routine was due last, and when it began. Times are UTC."""

    due: datetime
    since: datetime

    def credible(self, now: datetime) -> bool:
        """Whether it may be true. Markers can be edited; what comes of a wild date is not worked out."""
        try:
            return now - OLDEST <= self.since <= self.due <= now
        except TypeError:
            return False  # a time without its zone


class RoutineMarker(Stored, frozen=True):
    """Which routine the issue is of, and its turn; of an incident's, which came between the turns, the number
    of the incident. ``others``: the last turns of the other routines, so that the newest issue tells all of
    them.
    """

    name: str
    turn: Turn
    incident: int | None = None
    others: Annotated[dict[str, Turn], Meta(max_length=MOST)] = field(default_factory=dict)


class RoutineIssue(Struct, frozen=True):
    """An issue of a routine: ours, and with a marker. ``title`` is raw."""

    number: int
    title: str
    url: str
    open: bool
    marker: RoutineMarker


class RoutineMemory(Struct, frozen=True):
    """What the issues tell: those with a marker, and the last turn of each routine by its id."""

    issues: tuple[RoutineIssue, ...] = ()
    turns: Mapping[str, Turn] = field(default_factory=dict)


def first_line(marker: RoutineMarker) -> str:
    """The marker as the first line of an issue."""
    shown = {name: value for name, value in whole_json_of(marker).items() if value is not None}
    return marker_line(KIND, json.encode(shown).decode())


def marker_of(body: str) -> RoutineMarker | None:
    """The marker of an issue's text; None when there is none that can be read."""
    return marker_in(body, KIND, RoutineMarker, LONGEST)


def remembered(found: Iterable[Issue], bots: Iterable[int], now: datetime) -> RoutineMemory:
    """What these issues tell, each once. A marker of anybody but ``bots`` is none."""
    ours, issues = frozenset(bots), dict[int, RoutineIssue]()
    turns = dict[str, Turn]()
    for one in found:
        marker = marker_of(one.body) if one.author and one.author.id in ours and not one.is_pull else None
        if marker is None or not marker.turn.credible(now):
            continue
        issues[one.number] = RoutineIssue(one.number, one.title, one.url, one.state == "open", marker)
        told = marker.others if marker.incident else {**marker.others, marker.name: marker.turn}
        for name, turn in told.items():
            if turn.credible(now) and (name not in turns or turns[name].due < turn.due):
                turns[name] = turn
    return RoutineMemory(tuple(issues.values()), turns)
