from __future__ import annotations

from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.naming import FlagWord
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.progress import Unflagged


@command("unflag", least=Rights.TRIAGE, examples=("/unflag security",), reversible=True)
def unflag(context: CommandContext, name: FlagWord) -> Answer:
    """Lowers a flag; the deadlines that depend on it stop."""
    if name not in context.incident.progress.flags:
        return Answer((Helped(),), f"The flag {code(name)} is not raised. Nothing changes.")
    return Answer((Unflagged(flag=name),), f"The flag {code(name)} is lowered.")
