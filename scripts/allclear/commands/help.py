from __future__ import annotations

from collections.abc import Mapping
from itertools import dropwhile
from typing import Annotated

from allclear.core.conversation.arguments import a_word
from allclear.core.conversation.command import (
    Answer,
    Arg,
    ArgumentCursor,
    Command,
    CommandContext,
    command,
)
from allclear.core.conversation.words import nearest, once_meant
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped

_SMALL = frozenset({"me", "us", "please", "with", "for", "on", "about", "the", "command", "to", "use", "all"})
"""Words in front of a command's name that name none, as in ``/help me with /sev``."""


def _name(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    words = cursor.line.split()
    named = list(dropwhile(lambda word: word.lower() in _SMALL, words))
    return a_word(ArgumentCursor(" ".join(named or words), cursor.below), context)


CommandWord = Annotated[str, Arg("<command>", _name, names=True)]


@command(
    "help",
    least=Rights.NONE,
    examples=("/help", "/help sev"),
    early=True,
    late=True,
)
def help(context: CommandContext, name: CommandWord = "") -> Answer:  # noqa: A001 - the command's name; the builtin is not used here
    """Shows all commands, or one: how to write it, who may use it, and an example."""
    if not name:
        table = command_table(context.commands, context.settings, context.runbook)
        return Answer(
            (Helped(),),
            f"{table}\n\n`/help <command>` tells more. A command begins its line, and a comment may hold "
            "many.",
        )
    name = name.rstrip(".,:;!?") or name
    found = once_meant(name, context.runbook, context.commands)
    if found is None:
        near = nearest(name, context.runbook, context.commands)
        raise UserError(
            f"There is no command {code(name)}."
            + (f" Did you mean `/{near}`?" if near else " `/help` lists them all."),
            "unknown",
        )
    return Answer((Helped(),), page(found, context.settings, context.runbook))


def who_may(one: Command, settings: Settings) -> str:
    """The least role of a command for people: ``triage``, or anyone who can comment."""
    least = settings.least(one.name, one.least, one.floor)
    return "anyone who can comment" if least == Rights.NONE else least.word


def _access(one: Command, settings: Settings) -> str:
    who = who_may(one, settings)
    return who if " " in who else f"whoever has `{who}` access or more"


def _examples(one: Command, settings: Settings, runbook: Runbook | None) -> tuple[str, ...]:
    return one.examples_here(runbook, settings) if runbook else one.examples


def page(one: Command, settings: Settings, runbook: Runbook | None = None) -> str:
    """Everything about one command, as Markdown."""
    lines = [f"`{one.usage}`", one.summary, one.details, f"Who may use it: {_access(one, settings)}."]
    lines.append(f"For example: {', '.join(map(code, _examples(one, settings, runbook)))}.")
    if one.aliases:
        lines.append(f"It can also be written {', '.join(f'`/{alias}`' for alias in one.aliases)}.")
    if one.reversible:
        lines.append("`/undo` takes it back.")
    return "\n\n".join(line for line in lines if line)


def command_table(
    commands: Mapping[str, Command], settings: Settings | None = None, runbook: Runbook | None = None
) -> str:
    """All commands as a Markdown table, for /help and for the README
    (there with the roles that the code asks for, and examples of no runbook in particular).
    """
    rows = ["| command | does | least role | for example |", "|---|---|---|---|"]
    rules = settings or Settings()
    for one in commands.values():
        examples = _examples(one, rules, runbook)
        rows.append(f"| `{one.usage}` | {one.summary} | {who_may(one, rules)} | {code(examples[0])} |")
    return "\n".join(rows)
