"""The last word about an incident: all is done that was asked for after it."""

from __future__ import annotations

from allclear.core.clock.learning import learning
from allclear.core.plan.passing import Pass
from allclear.core.record.entry import Entry
from allclear.core.record.postmortem import Learned
from allclear.core.view.reply import engine_part


def learn(current: Pass) -> None:
    """Say once that it is learned; anew when something was to be done once more."""
    incident = current.incident
    if incident.postmortem.learned is not None or not learning(incident, current.policy.runbook).complete:
        return
    key = f"learned:{current.ledger.count}"
    entry = Entry(key=key, what="learned", at=current.snapshot.now, facts=(Learned(),))
    say = (
        "The incident is **learned**: all that was to do after it is done, or it says why nobody will do it."
    )
    current.add(engine_part(entry, say, "done"))
