"""Phase 5 is a gate like the others: an incident is learned when all is done that was asked for after it."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.clock.checklist import Item, asked_lists
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident, Stage


class Learning(Struct, frozen=True):
    """What is left until an incident is learned. ``asked``: whether anything was asked for at all;
    ``postmortem``: whether it is owed; ``actions``: how many action items are open.
    """

    asked: bool
    items: tuple[Item, ...] = ()
    postmortem: bool = False
    actions: int = 0

    @property
    def complete(self) -> bool:
        """Whether it is learned: something was asked for, and nothing is left of it."""
        return self.asked and not (self.items or self.postmortem or self.actions)


def learning(incident: Incident, runbook: Runbook) -> Learning:
    """What is left of it. Of what has not ended, and of what is no incident, nothing was asked yet."""
    if incident.stage != Stage.CLOSED:
        return Learning(asked=False)
    lists = [one for one in asked_lists(incident, runbook) if one.checklist.afterwards]
    owed, known = owes_postmortem(incident, runbook), incident.progress
    there = owed or incident.reached("published") is not None
    return Learning(
        asked=there
        or known.planned > 0
        or any(not item.step.optional for one in lists for item in one.items),
        items=tuple(item for one in lists for item in one.left),
        postmortem=owed,
        actions=len(known.open_actions) + known.left_out,
    )


def owes_postmortem(incident: Incident, runbook: Runbook) -> bool:
    """Whether one was asked for, or is required after the close (000-A7), and none is published."""
    if incident.reached("published") is not None:
        return False
    asked = incident.postmortem.asked is not None
    return asked or (incident.stage == Stage.CLOSED and incident.severity in runbook.postmortem.required)
