"""Arguments that name something of the runbook: a severity, a state, steps of its lists, a flag."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

from allclear.core.clock.checklist import open_steps
from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.marks import bare, only_signs
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.view.guidance import named_flags, which_severity


def _severity(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    severity, word, rest = cursor.named(context.runbook.severity_named)
    names = ", ".join(f"`{severity.id}`" for severity in context.runbook.severities)
    if not word:
        listed = which_severity(context.runbook)
        raise MissingArgumentError(f"Which severity? This runbook has:\n{listed}\n\n")
    if severity is None:
        raise UserError(f"{code(word)} is not a severity; this runbook has {names}.")
    return severity.id, rest.undivided()


def _state(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    state, word, rest = cursor.named(context.runbook.state)
    names = ", ".join(f"`{state.id}`" for state in context.runbook.states)
    if not word:
        raise MissingArgumentError(f"Which status? This runbook has {names}.")
    if state is None:
        raise UserError(f"{code(word)} is not a status; this runbook has {names}.")
    return state.id, rest.undivided()


def _steps(cursor: ArgumentCursor, context: CommandContext) -> tuple[tuple[str, ...], ArgumentCursor]:
    words = [bare(word) for word in cursor.line.replace(",", " ").split() if not only_signs(word)]
    names = ", ".join(f"`{name}`" for name in open_steps(context.incident, context.runbook, context.at))
    if not words:
        raise MissingArgumentError(f"Which step? The checklist has {names}.")
    steps = []
    for word in words:
        step = context.runbook.step(word)
        if step is None:
            near = get_close_matches(word.lower(), [one.id for one in context.runbook.boxes], 1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            raise UserError(f"{code(word)} is not a step of the checklist; it has {names}.{meant}")
        steps.append(step.id)
    return tuple(dict.fromkeys(steps)), ArgumentCursor("", cursor.below)


def _flag(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    flags = context.runbook.flags
    found, word, rest = cursor.named(lambda word: word.lower() if word.lower() in flags else "")
    names = named_flags(context.runbook)
    if not word:
        raise MissingArgumentError(f"Which flag? This runbook has {names}.")
    if not found:
        raise UserError(f"{code(word)} is not a flag; this runbook has {names}.")
    return found, rest.undivided()


SeverityWord = Annotated[str, Arg("<severity>", _severity)]
StateWord = Annotated[str, Arg("<status>", _state)]
StepWords = Annotated[tuple[str, ...], Arg("<step>…", _steps)]
FlagWord = Annotated[str, Arg("<flag>", _flag)]
