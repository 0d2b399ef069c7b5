"""How far a closing comment goes: to the all-clear, or to the resolution when the fix is still watched."""

from __future__ import annotations

from collections.abc import Sequence

from allclear.core.clock.gates import ALL_CLEAR, RESOLVE, Hold, holds, holds_the_end
from allclear.core.conversation.ask import Ask
from allclear.core.conversation.case import Case
from allclear.core.model.milestones import Milestone
from allclear.core.model.structs import replace
from allclear.core.record.incident import Incident

_RESOLVED: Milestone = "resolved"


def only_unresolved(incident: Incident, waiting: Sequence[Hold]) -> bool:
    """Whether nothing holds the end but that nobody has called the incident resolved: who ends it does both
    (000-20).
    """
    unresolved = incident.reached(_RESOLVED) is None and bool(waiting)
    return unresolved and all(_RESOLVED in (hold.id, hold.waits) for hold in waiting)


def ending(case: Case) -> Ask:
    """The ask, with the command that the closing form is now: the all-clear is meant, and nothing is lost
    where only the resolution is possible yet.
    """
    ask, incident, policy = case.ask, case.incident, case.policy
    if ask.call.word != ALL_CLEAR or incident.reached(_RESOLVED) is not None:
        return ask
    now, zone = ask.call.at, policy.zone
    waiting = holds_the_end(incident, policy.runbook, now, zone)
    if (
        not waiting
        or only_unresolved(incident, waiting)
        or holds(incident, policy.runbook, RESOLVE, now, zone)
    ):
        return ask
    return replace(ask, call=replace(ask.call, word=RESOLVE))
