from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.arguments import whole_as
from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.model.errors import MissingArgumentError
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants
from allclear.core.production.action import ask, flag_action, flag_word, wants


def _flag(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    word, rest = flag_word(cursor, context.settings)
    if not word:
        raise MissingArgumentError("A word is missing.")
    return word, rest


FlagName = Annotated[str, Arg("<name>", _flag)]


def _wants(context: CommandContext) -> Wants:
    found = [action for action in context.settings.actions.values() if action.flag]
    return wants(context, found[0]) if len(found) == 1 else Wants()


@command(
    "flag-off",
    least=Rights.WRITE,
    floor=Rights.WRITE,
    examples=("/flag-off stripe-payments the provider is down",),
    wants=_wants,
    unedited=True,
    bare=True,
)
def flag_off(
    context: CommandContext, flag: FlagName, text: Annotated[str, whole_as("<name=value … why>")] = ""
) -> Answer:
    """Turns a feature flag off, with the action that the settings have for it.

    It needs the access and the approval of that action, as `/run` does.
    """
    name, action = flag_action(context.settings)
    return ask(context, name, action, {"flag": flag}, text)
