from __future__ import annotations

from allclear.core.conversation.arguments import Text
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.naming import FlagWords
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.progress import Noted, Unflagged


@command("unflag", least=Rights.TRIAGE, examples=("/unflag {flag|security}",), reversible=True)
def unflag(context: CommandContext, names: FlagWords, text: Text = "") -> Answer:
    """Lowers a flag, or several; the deadlines that depend on it stop. The text behind them is a note."""
    words = (Noted(at=context.at, text=text),) if text else ()
    left = " Your words are in the timeline." if text else ""
    lowered = tuple(name for name in names if name in context.incident.progress.flags)
    said = [f"The flag {code(name)} is {'lowered' if name in lowered else 'not raised'}." for name in names]
    if not lowered:
        return Answer(words or (Helped(),), f"{' '.join(said)}{left or ' Nothing changes.'}")
    return Answer((*(Unflagged(flag=name) for name in lowered), *words), f"{' '.join(said)}{left}")
