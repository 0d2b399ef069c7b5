"""Whether a line would be understood here, before anybody has typed it: so an answer knows whether it shows
something to type.
"""

from __future__ import annotations

from itertools import islice

from allclear.core.conversation.command import ArgumentCursor, Command, CommandContext
from allclear.core.conversation.words import understood
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace

WITH_EXAMPLE = frozenset({"malformed", "missing", "unknown-service", "unknown-target"})
"""The codes of refusals that another spelling of the same command puts right."""

MOST = 20
"""Lines of an answer that are looked at."""
_SPAN = lazy_regex(r"`/([^`\s<\u2026]{1,40})([^`<\u2026]{0,200})`")


def with_example(refusal: UserError, command: Command, context: CommandContext) -> str:
    """What is refused, with a line to type, of this runbook, where it shows none."""
    if refusal.code not in WITH_EXAMPLE or shows_a_line(refusal.message, context):
        return refusal.message
    examples = command.examples_here(context.runbook, context.settings)
    # The last example of what is dangerous is the most careful one.
    shown = examples[-1] if command.bare else next((one for one in examples if " " in one), examples[0])
    return f"{refusal.message} For example: {code(shown, 200)}."


def shows_a_line(text: str, context: CommandContext) -> bool:
    """Whether a text shows, in backticks, a line that can be typed here as it stands."""
    return any(
        _typable(found[1], found[2], context)
        for found in islice(_SPAN.finditer(text.replace("\u2060", "")), MOST)
    )


def _typable(word: str, rest: str, context: CommandContext) -> bool:
    named = understood(word, rest, context.runbook, context.commands)
    if named is None:
        return False
    call = replace(context.call, word=word, line=named[1], below="")
    return arguments_read(named[0], replace(context, call=call)) is not None


def arguments_read(command: Command, context: CommandContext) -> tuple[bool, str] | None:
    """Whether an argument stands there that is no text, and the text that follows; None where what the
    command needs is not there, or cannot be understood.
    """
    cursor = ArgumentCursor(context.call.line, context.call.below)
    certain = False
    for parameter in command.parameters:
        if parameter.arg.text:
            return None if parameter.required and not cursor.text else (certain, cursor.text)
        try:
            _, cursor = parameter.arg.read(cursor, context)
        except MissingArgumentError:
            if parameter.required:
                return None
        except UserError as error:
            if error.code == "malformed":
                return None
            return True, ""  # It was understood, and is not possible now.
        else:
            certain = True
    return certain, cursor.text
