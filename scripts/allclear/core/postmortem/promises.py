"""What the runbook promised by when, and whether it came so: for the front matter, and the numbers of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from allclear.core.clock.anchors import anchors
from allclear.core.model.milestones import Milestone
from allclear.core.policy.deadline import Condition, Deadline
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import CALLED, Incident

Kept = Literal["kept", "missed"]


def promises(incident: Incident, runbook: Runbook) -> dict[str, Kept]:
    """Every promise about which the record can tell, by the milestone or by the deadline's id.

    A promise is a reminder of the runbook that holds for this severity whatever happens: that a milestone is
    reached within a time, or that a voice is heard again within a time until then. What is still to come is
    none yet, and an incident that is written up afterwards was promised nothing.
    """
    if incident.kind == "retro":
        return {}
    return dict(sorted([*_milestones(incident, runbook), *_voices(incident, runbook)]))


def escalations(incident: Incident, runbook: Runbook) -> int:
    """How often somebody further up was called: by a deadline that passed, or by hand."""
    climbing = {deadline.id for deadline in runbook.deadlines if deadline.action == "escalate"} | {CALLED}
    return sum(timer.partition("/")[0] in climbing for timer in incident.progress.fired)


def _unconditional(incident: Incident, runbook: Runbook) -> Iterator[Deadline]:
    for deadline in runbook.deadlines:
        if deadline.action != "remind" or incident.severity not in deadline.within:
            continue
        if deadline.when == Condition() and not (deadline.role or deadline.checklist or deadline.quiet):
            yield deadline


def _milestones(incident: Incident, runbook: Runbook) -> Iterator[tuple[str, Kept]]:
    """Of several reminders of one milestone, the last is the promise: those before it only remind."""
    due: dict[Milestone, datetime] = {}
    for deadline in _unconditional(incident, runbook):
        if deadline.until is None or deadline.voice:
            continue
        for anchor in anchors(incident, deadline, runbook):
            end = deadline.within[incident.severity].after(anchor.at, runbook.times)
            due[deadline.until] = max(end, due.get(deadline.until, end))
    for milestone, end in due.items():
        reached = incident.reached(milestone)
        if reached is not None:
            yield milestone, "kept" if reached <= end else "missed"
        elif incident.last is not None and incident.last > end:
            yield milestone, "missed"


def _voices(incident: Incident, runbook: Runbook) -> Iterator[tuple[str, Kept]]:
    """A voice kept its promise when nobody had to be reminded to speak."""
    if incident.reached("resolved") is None:
        return
    reminded = {timer.partition("/")[0] for timer in incident.progress.fired}
    for deadline in _unconditional(incident, runbook):
        if deadline.start == "voice":
            yield deadline.id, "missed" if deadline.id in reminded else "kept"
