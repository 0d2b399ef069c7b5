from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.arguments import a_word, whole_as
from allclear.core.conversation.command import Answer, Arg, CommandContext, command
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants
from allclear.core.production.action import ask, flag_action, wants

FlagName = Annotated[str, Arg("<name>", a_word)]


def _wants(context: CommandContext) -> Wants:
    found = [action for action in context.settings.actions.values() if action.flag]
    return wants(context, found[0]) if len(found) == 1 else Wants()


@command(
    "flag-off",
    least=Rights.WRITE,
    floor=Rights.WRITE,
    examples=("/flag-off stripe-payments the provider is down",),
    aliases=("disable-flag", "feature-off"),
    wants=_wants,
    unedited=True,
)
def flag_off(
    context: CommandContext, flag: FlagName, text: Annotated[str, whole_as("<name=value … why>")] = ""
) -> Answer:
    """Turns a feature flag off, with the action that the settings have for it.

    It needs the access and the approval of that action, as `/run` does.
    """
    name, action = flag_action(context.settings)
    return ask(context, name, action, {"flag": flag.strip("`")}, text)
