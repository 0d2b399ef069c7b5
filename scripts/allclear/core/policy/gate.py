"""What must hold before the resolution and before the all-clear, lists apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from allclear.core.calendar.period import Period
from allclear.core.model.frozen import Frozen
from allclear.core.model.milestones import Milestone
from allclear.core.model.times import Duration


class Gate(Frozen):
    """What must hold before ``before`` may happen.

    ``steps``: these checklist steps are done (``all``: every step of the during list that is not optional
    and not in ``except_steps``). ``reached``: milestones that are set. ``elapsed``: so much time since
    ``since`` has passed, per severity (000-19); ``after`` names other times by how it was fixed:
    ``rollback``, or ``fix-forward`` for everything else (002-A1). ``smoke``: the newest smoke run must not
    have failed. ``severity``: somebody named it. ``needs``: milestones that only some severities wait for.
    ``watch``: as ``after``, by the calendar. ``recovered``: in that time every number that says so was seen
    to be as it should be. Lists hold by themselves (core.policy.checklists).
    """

    before: Literal["resolve", "all-clear"]
    item: str = ""
    steps: tuple[str, ...] | Literal["all"] = ()
    except_steps: tuple[str, ...] = ()
    reached: tuple[Milestone, ...] = ()
    since: Milestone = "mitigated"
    elapsed: dict[str, Duration] = Field(default_factory=dict)
    after: dict[Literal["rollback", "fix-forward"], dict[str, Duration]] = Field(default_factory=dict)
    smoke: bool = False
    severity: bool = False
    needs: dict[Milestone, tuple[str, ...]] = Field(default_factory=dict)
    watch: dict[Literal["rollback", "fix-forward"], dict[str, Period]] = Field(default_factory=dict)
    recovered: bool = False

    def window(self, level: str, fixed_by: str) -> timedelta | Period | None:
        """How long to watch a fix of this severity that came about so; None when there is no window."""
        way: Literal["rollback", "fix-forward"] = "rollback" if fixed_by == "rollback" else "fix-forward"
        by_calendar = self.watch.get(way, {}).get(level)
        return by_calendar or self.after.get(way, {}).get(level, self.elapsed.get(level))
