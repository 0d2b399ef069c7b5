from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.policy.guidance import Pattern
from allclear.core.record.observed import PatternNamed
from allclear.core.view.guidance import shown_pattern


def _pattern(cursor: ArgumentCursor, context: CommandContext) -> tuple[Pattern, ArgumentCursor]:
    """All that is left names it: its id, or its title."""
    known = context.runbook.patterns
    if not known:
        why = "This runbook knows no kinds of incidents; they stand under its `patterns`."
        raise UserError(why, "state")
    there = "; ".join(f"{code(one.id)}, {inline(one.title)}" for one in known)
    word = cursor.line.strip("` ")
    if not word:
        raise MissingArgumentError(f"Which one? This runbook knows: {there}.")
    found = context.runbook.pattern(word)
    if found is None:
        raise UserError(f"{code(word)} is no known kind of incident; this runbook knows: {there}.")
    return found, ArgumentCursor("", cursor.below)


PatternWord = Annotated[Pattern, Arg("<pattern>", _pattern)]


@command("pattern", least=Rights.TRIAGE, examples=("/pattern {pattern|db-pool}",), reversible=True)
def pattern(context: CommandContext, it: PatternWord) -> Answer:
    """Says which known kind of incident this is, and shows what the runbook knows about it.

    The post-mortem names it, and proposes what is to be done about it as an action item.
    """
    shown = shown_pattern(it, context.settings)
    said = [f"This is a known kind of incident: **{inline(it.title)}**.", *shown]
    return Answer((PatternNamed(pattern=it.id),), "\n".join(said))
