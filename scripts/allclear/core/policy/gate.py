"""What must hold before the resolution and before the all-clear, lists apart."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from allclear.core.calendar.period import Period
from allclear.core.model.milestones import Milestone


class Gate(Struct, frozen=True, kw_only=True):
    """What must hold before ``before`` may happen.

    ``reached``: milestones that are set. ``smoke``: the newest smoke run must not have failed. ``severity``:
    somebody named it. ``needs``: milestones that only some severities wait for. ``watch``: so much time since
    the fix has passed, per severity (000-19), by how it was fixed: ``rollback``, or ``fix-forward`` for
    everything else (002-A1). ``recovered``: in that time every number that says so was seen to be as it
    should be. Lists hold by themselves (core.policy.checklists).
    """

    before: Literal["resolve", "all-clear"]
    reached: tuple[Milestone, ...] = ()
    smoke: bool = False
    severity: bool = False
    needs: dict[Milestone, tuple[str, ...]] = field(default_factory=dict)
    watch: dict[Literal["rollback", "fix-forward"], dict[str, Period]] = field(default_factory=dict)
    recovered: bool = False

    def window(self, level: str, fixed_by: str) -> Period | None:
        """How long to watch a fix of this severity that came about so; None when there is no window."""
        way: Literal["rollback", "fix-forward"] = "rollback" if fixed_by == "rollback" else "fix-forward"
        return self.watch.get(way, {}).get(level)
