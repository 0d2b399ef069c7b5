from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.naming import FlagWord
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.progress import Flagged


@command("flag", least=Rights.TRIAGE, examples=("/flag security",), reversible=True)
def flag(context: CommandContext, name: FlagWord) -> Answer:
    """Raises a flag, such as security: a condition that the runbook's rules can depend on."""
    if name in context.incident.progress.flags:
        return Answer((Helped(),), f"The flag {code(name)} is raised already. Nothing changes.")
    fact = Flagged(flag=name)
    title = context.runbook.flag_titles.get(name)
    said = f"The flag {code(name)} is raised{f': {inline(title)}' if title else ''}."
    if any(name in deadline.when.flag for deadline in context.runbook.deadlines):
        said += f"\n{outlook(context.after(fact), context.runbook, context.now, context.zone)}"
    return Answer((fact,), said)
