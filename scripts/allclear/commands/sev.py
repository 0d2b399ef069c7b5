from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.arguments import Why
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.severity_argument import SeverityWord
from allclear.core.model.neutral import inline
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.life import SeveritySet


@command(
    "sev",
    least=Rights.TRIAGE,
    examples=("/sev {severity|P1} checkout fails for everybody", "/{severity|P1}"),
    reversible=True,
)
def sev(context: CommandContext, to: SeverityWord, why: Why = "") -> Answer:
    """Sets the severity; the deadlines follow it.

    The clocks keep their start and get the durations of the new severity. When it is raised, notices that are
    overdue by then are sent at once. When it is lowered, notices that were still to come are dropped.
    """
    was = context.incident.severity
    if to == was and not context.incident.severity_asked:
        return Answer((Helped(),), f"The severity is {to} already. Nothing changes.")
    fact = SeveritySet(to=to, why=why)
    known = {severity.id for severity in context.runbook.severities}
    if to == was:
        said = f"The severity is confirmed: {to}."
    elif was not in known:
        # The runbook changed during the incident, and its levels cannot be compared with the old one's.
        said = f"The severity is changed from {inline(was)} to **{to}**."
    elif context.runbook.rank(to) < context.runbook.rank(was):
        said = f"The severity is raised from {was} to **{to}**."
    else:
        said = f"The severity is lowered from {was} to **{to}**."
    return Answer(
        (fact,), f"{said}\n{outlook(context.after(fact), context.runbook, context.now, context.zone)}"
    )
