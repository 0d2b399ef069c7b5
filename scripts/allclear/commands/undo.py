from __future__ import annotations

from itertools import dropwhile
from typing import Annotated

from allclear.core.conversation.command import (
    Answer,
    Arg,
    ArgumentCursor,
    Command,
    CommandContext,
    command,
)
from allclear.core.conversation.marks import QUESTION, begins_with_question, only_signs
from allclear.core.conversation.words import once_meant
from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped, Refused, Undone
from allclear.core.record.entry import Entry
from allclear.core.record.life import Cleared, Declared, Dismissed, Duplicated, Reopened

TURNS = (Declared, Dismissed, Duplicated, Cleared, Reopened)
"""What opens or ends an incident. Nothing said before the last of them can be taken back: it is history."""

_SMALL = frozenset({"my", "the", "that", "this", "last", "latest", "previous", "command", "please", "of"})
_SMALL |= {"a", "it", "change"}
"""Words in front of a command's name that name none, as in ``/undo my last /ack``."""


def _named(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """The word of the command that the line names, as it was typed. Any other text says nothing."""
    words = dropwhile(
        lambda one: one.lower() in _SMALL or only_signs(one.strip(QUESTION)), cursor.line.split()
    )
    word = next(words, "").strip(".,:;!?\uff1f`\"'")
    if once_meant(word.lstrip("/"), context.runbook, context.commands) is None:
        raise MissingArgumentError("Which command?")
    return word, ArgumentCursor("", "")


@command("undo", least=Rights.TRIAGE, examples=("/undo", "/undo ack"), late=True, asks=True)
def undo(context: CommandContext, named: Annotated[str, Arg("<command>", _named, names=True)] = "") -> Answer:
    """Takes your last command back. The record keeps both.

    Where you name a command, your last one has to be that.
    It takes back only your own commands, and only those whose help says so. `/reopen` undoes an all-clear or
    a duplicate. Several `/undo` go back step by step. `/undo?` only says what it would take back.
    """
    found = _last(context)
    if found is None:
        raise UserError(
            "There is no command of yours to take back since the incident was last opened or closed.", "state"
        )
    last, its = found
    meant = once_meant(named.lstrip("/"), context.runbook, context.commands) if named else its
    if meant is None or meant.name != its.name:
        raise UserError(
            f"Your last command that can be taken back is {code(last.what)}, so {code(named)} is not. "
            "`/undo` alone takes that back, and one more the one before it.",
            "unclear",
        )
    least = context.settings.least(its.name, its.least, its.floor)
    if context.rights < least:
        raise UserError(
            f"`/{its.name}` needs `{least.word}` access, and so does taking it back.", "not-allowed"
        )
    words = context.call.line.split()
    if words and (begins_with_question(words[0]) or words[-1][-1] in QUESTION):
        return Answer(
            (Helped(),),
            f"A question changes nothing. `/undo` takes back {code(last.what)}, your last command.",
        )
    return Answer((Undone(key=last.key, what=last.what),), f"{code(last.what)} was taken back.")


def _last(context: CommandContext) -> tuple[Entry, Command] | None:
    if context.entries is None:
        raise HistoryNeededError
    undone = {fact.key for entry in context.entries for fact in entry.facts if isinstance(fact, Undone)}
    for entry in reversed(context.entries):
        if any(isinstance(fact, TURNS) for fact in entry.facts):
            return None
        its = _command_of(entry, context)
        mine = entry.by is not None and entry.by.id == context.by.id
        if mine and entry.key not in undone and its is not None and its.reversible:
            return entry, its
    return None


def _command_of(entry: Entry, context: CommandContext) -> Command | None:
    """The command whose accepted outcome an entry holds;
    None for refusals, questions and what the engine did.
    """
    if any(isinstance(fact, Refused | Helped) for fact in entry.facts):
        return None
    word = entry.what.split(None, 1)[0] if entry.what.strip() else ""
    return once_meant(word, context.runbook, context.commands)
