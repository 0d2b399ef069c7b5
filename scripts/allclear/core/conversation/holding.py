"""What a command may not do yet: a list of the runbook holds a moment or a state."""

from __future__ import annotations

from datetime import datetime

from allclear.core.clock.gates import held_by_lists, listed, still_open
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import inline
from allclear.core.policy.checklists import MOMENTS, milestone
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident


def refuse_held(before: Incident, after: Incident, runbook: Runbook, at: datetime) -> None:
    """Raise UserError where a list holds a moment or a state that the incident reaches from ``before`` to
    ``after``.
    """
    reached = [
        one for one in MOMENTS if before.reached(milestone(one)) is None and after.reached(milestone(one))
    ]
    entered = [after.status] if after.status != before.status else []
    for moment in dict.fromkeys((*entered, *reached)):
        waiting = tuple(held_by_lists(before, runbook, moment, at))
        if waiting:
            yet = f"The incident is not {_title(moment, runbook)} yet. {still_open(waiting)}"
            raise UserError(f"{yet}\n{listed(waiting)}", "gate")


def _title(moment: str, runbook: Runbook) -> str:
    state = runbook.state(moment)
    return inline(state.title).lower() if state else moment
