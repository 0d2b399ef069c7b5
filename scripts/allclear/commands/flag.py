from __future__ import annotations

from allclear.core.clock.deadlines import outlook
from allclear.core.conversation.arguments import Text
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.naming import FlagWords
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.progress import Flagged, Noted


@command("flag", least=Rights.TRIAGE, examples=("/flag {flag|security}",), reversible=True)
def flag(context: CommandContext, names: FlagWords, text: Text = "") -> Answer:
    """Raises a flag, such as security: a condition that the runbook's rules can depend on.

    Several may stand on the line. The text behind them is a note in the timeline.
    """
    words = (Noted(at=context.at, text=text),) if text else ()
    left = " Your words are in the timeline." if text else ""
    raised = [name for name in names if name in context.incident.progress.flags]
    facts = tuple(Flagged(flag=name) for name in names if name not in raised)
    said = [f"The flag {code(name)} is raised already." for name in raised]
    if not facts:
        return Answer(words or (Helped(),), f"{' '.join(said)}{left or ' Nothing changes.'}")
    for fact in facts:
        title = context.runbook.flag_titles.get(fact.flag)
        said.append(f"The flag {code(fact.flag)} is raised{f': {inline(title)}' if title else ''}.")
    told = f"{' '.join(said)}{left}"
    new = {fact.flag for fact in facts}
    if any(new.intersection(deadline.when.flag) for deadline in context.runbook.deadlines):
        told += f"\n{outlook(context.after(*facts), context.runbook, context.now, context.zone)}"
    return Answer((*facts, *words), told)
