"""A title that is changed after the declaration so that it names another severity. Nothing is taken from it,
as from what is written into the text later: a severity is changed by a command. But it is answered.
"""

from __future__ import annotations

from allclear.core.conversation.titles import read_title
from allclear.core.model.asking import Asking
from allclear.core.model.neutral import code, inline
from allclear.core.model.snapshot import Wants
from allclear.core.plan.passing import Pass
from allclear.core.policy.runbook import Severity
from allclear.core.record.audit import Helped
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Stage
from allclear.core.view.reply import engine_part


def tell_what_the_title_names(current: Pass) -> Asking[None]:
    """Say of a severity, once, that the title names it since it was changed, and which command takes it.
    GitHub is asked about that only where it names a severity that the incident never had.
    """
    incident, runbook = current.incident, current.policy.runbook
    declared = incident.reached("declared")
    named = read_title(current.snapshot.issue.title, runbook).levels
    worst = min(named, key=lambda one: runbook.rank(one.id), default=None)
    if worst is None or worst.id in current.ledger.levels or current.ledger.has(_key(worst)):
        return
    if incident.stage != Stage.OPEN or declared is None or current.scarce:
        return
    yield from current.known.learn(Wants(events=True))
    renamed = [one for one in current.snapshot.events or () if one.kind == "renamed" and one.at > declared]
    for event in renamed[-1:]:
        called = inline(worst.shown or worst.id)
        say = (
            f"The title was changed and names {called} now, but the incident stays "
            f"{inline(incident.severity)}: a severity is changed by a command. {code('/sev ' + worst.id)} "
            f"makes it {called}."
        )
        entry = Entry(key=_key(worst), what="title", by=event.actor, at=event.at, facts=(Helped(),))
        current.add(engine_part(entry, say, "helped", to=event.actor))


def _key(level: Severity) -> str:
    return f"title:{level.id}"
