from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.arguments import text_as
from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.conversation.services import bare
from allclear.core.model.errors import MissingArgumentError
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants
from allclear.core.production.action import action_named, action_word, ask, listed, wants
from allclear.core.production.list_run import list_named, run_next, to_run
from allclear.core.record.audit import Helped


def _action(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    word, rest = action_word(cursor, context.settings, context.runbook)
    if not word:
        raise MissingArgumentError("Which action?")
    return word, rest


ActionWord = Annotated[str, Arg("<action>", _action)]


def _wants(context: CommandContext) -> Wants:
    word, _ = action_word(ArgumentCursor(context.call.line, ""), context.settings, context.runbook)
    name = bare(word).lower()
    one = list_named(context.runbook, word) if name not in context.settings.actions else None
    if one is not None:
        name = next((item.step.run for item in to_run(one, context.incident, context.runbook)), "")
    action = context.settings.actions.get(name)
    return wants(context, action) if action else Wants()


@command(
    "run",
    least=Rights.WRITE,
    floor=Rights.WRITE,
    examples=("/run restart", "/run scale count=4 the queue is filling up"),
    wants=_wants,
    unedited=True,
    bare=True,
)
def run(
    context: CommandContext, action: ActionWord = "", text: Annotated[str, text_as("<name=value … why>")] = ""
) -> Answer:
    """Runs an action that the settings allow: restart, scale, change the configuration.

    The name of a checklist runs the next action of it, in its order, one at a time. `/run` alone lists
    the actions, with the parameters and the access that each one needs. An action is approved like a
    rollback and starts once. Its result is written here.
    """
    if not action:
        return Answer((Helped(),), listed(context))
    one = list_named(context.runbook, action)
    if one is not None and bare(action).lower() not in context.settings.actions:
        return run_next(context, one, text)
    name, found = action_named(context.settings, action)
    return ask(context, name, found, {}, text)
