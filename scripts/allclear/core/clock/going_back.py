"""Which reasons to go back at once hold, as far as the record shows them (004-26)."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.clock.condition import holding
from allclear.core.policy.guidance import RollbackReason
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident


class Holding(Struct, frozen=True):
    """A reason that holds. ``cause`` is its name for ever, anew each time that its condition comes true."""

    reason: RollbackReason
    cause: str


def going_back(incident: Incident, runbook: Runbook) -> tuple[Holding, ...]:
    """The reasons that are seen to hold now, in the order of the runbook. That an incident is of a severity
    is no reason to go back.
    """
    found = []
    for number, reason in enumerate(runbook.reversal.reasons):
        if not reason.seen or not reason.counts(incident.severity):
            continue
        marks = holding(incident, reason.when)
        if marks:
            found.append(Holding(reason, f"rollback:{number}/{incident.interval}/{marks[-1][0]}"))
    return tuple(found)
