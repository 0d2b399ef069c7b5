"""Checklists: steps under a heading, what each is done by, and the moment or state that they hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast, get_args

from msgspec import Struct, field

from allclear.core.calendar.period import Period
from allclear.core.model.embedded import Embedded
from allclear.core.model.milestones import Milestone
from allclear.core.policy.deadline import Condition

Moment = Literal["declared", "acknowledged", "identified", "mitigated", "resolved", "all-clear", "published"]
State = Literal["investigating", "identified", "mitigating", "monitoring", "resolved"]

MOMENTS: tuple[str, ...] = get_args(Moment)
"""In the order in which an incident reaches them."""

DoneWord = Literal[
    "moment",
    "severity",
    "told",
    "smoke",
    "watched",
    "meeting",
    "actions",
    "post-mortem",
    "role",
    "said",
    "evidence",
]

TIMELESS: frozenset[DoneWord] = frozenset({"severity", "actions", "post-mortem", "role"})
"""What the engine reads off the record without a time of its own."""

_ORDER: dict[str, int] = {
    "declared": 0,
    "investigating": 0,
    "acknowledged": 1,
    "identified": 2,
    "mitigating": 3,
    "monitoring": 4,
    "mitigated": 4,
    "resolved": 5,
    "all-clear": 6,
    "published": 7,
}
"""Moments and states in the order in which an incident comes to them; monitoring is a mitigated one's."""


def milestone(moment: str) -> Milestone:
    """What the record calls this moment."""
    return "closed" if moment == "all-clear" else cast("Milestone", moment)


def same_moment(one: str, other: str) -> bool:
    """Whether both are the same: an incident that is mitigated is monitoring."""
    return _ORDER[one] == _ORDER[other]


def ordered(moments: Iterable[str]) -> list[str]:
    """In the order in which an incident comes to them."""
    return sorted(moments, key=lambda one: (_ORDER[one], one))


class Done(Embedded, frozen=True):
    """What the engine looks at. ``names``: the moment, the title, roles, the voice, or kinds of evidence;
    ``moment``: at which the voice spoke.
    """

    kind: DoneWord
    names: tuple[str, ...] = ()
    moment: str = ""

    @property
    def at(self) -> str:
        """The moment that it waits for, or that its voice speaks at; empty where it waits for none."""
        return self.names[0] if self.kind == "moment" else self.moment

    def follows(self, before: str) -> bool:
        """Whether it is done by that moment or state itself, or by a later one, so that it cannot hold it."""
        return self.at in _ORDER and _ORDER[self.at] >= _ORDER[before]


class Step(Struct, frozen=True, kw_only=True):
    """One box. ``parts``: bullets under it; ``done``: how the engine sees it, and None: people say so.

    ``run``: an action of the settings. ``levels``: the severities it is for. ``optional`` steps hold nothing
    ("if available"). ``role``: who does it, where it is not the list's.
    """

    id: str
    text: str
    parts: tuple[str, ...] = ()
    done: Done | None = None
    run: str = ""
    optional: bool = False
    levels: tuple[str, ...]
    when: Condition = Condition()
    role: str = ""

    @property
    def smoke(self) -> bool:
        """Whether a smoke run that passes does it."""
        return self.done is not None and self.done.kind == "smoke"


class Checklist(Struct, frozen=True, kw_only=True):
    """Steps under a heading. It is shown from ``opens`` on, or since ``when`` holds; for ``levels``.

    ``before``: the moment or state that it holds. ``due``: how long after it opened all of it is to be done,
    by severity. ``role``: who does it.
    """

    id: str
    title: str
    levels: tuple[str, ...]
    when: Condition = Condition()
    role: str = ""
    opens: Moment = "declared"
    before: Moment | State | Literal[""] = ""
    due: dict[str, Period] = field(default_factory=dict)
    steps: tuple[Step, ...]

    @property
    def afterwards(self) -> bool:
        """Whether it is for the time after the resolution."""
        return _ORDER[self.opens] >= _ORDER["resolved"]

    def holds(self, before: str) -> bool:
        """Whether it is this moment or state that it holds."""
        return bool(self.before) and same_moment(self.before, before)
