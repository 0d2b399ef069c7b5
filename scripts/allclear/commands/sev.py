from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.arguments import SeverityWord, Why
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.neutral import inline
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.life import SeveritySet


@command(
    "sev",
    least=Rights.TRIAGE,
    examples=("/sev P1 checkout fails for everybody", "/critical"),
    aliases=("severity",),
    reversible=True,
)
def sev(context: CommandContext, to: SeverityWord, why: Why = "") -> Answer:
    """Sets the severity; the deadlines are planned anew.

    The clocks keep their start and get the new severity's durations. Raised: what is overdue by them speaks
    at once. Lowered: what was still to come is dropped, what was said stays said.
    """
    was = context.incident.severity
    if to == was and not context.incident.severity_asked:
        return Answer((Helped(),), f"The severity is {to} already. Nothing changes.")
    fact = SeveritySet(to=to, why=why)
    known = {severity.id for severity in context.runbook.severities}
    if to == was:
        said = f"Severity confirmed: {to}."
    elif was not in known:
        # The runbook changed during the incident, and its levels cannot be compared with the old one's.
        said = f"Severity set from {inline(was)} to **{to}**."
    elif context.runbook.rank(to) < context.runbook.rank(was):
        said = f"Severity raised from {was} to **{to}**."
    else:
        said = f"Severity lowered from {was} to **{to}**."
    return Answer(
        (fact,), f"{said}\n{outlook(context.after(fact), context.runbook, context.now, context.zone)}"
    )
