"""Which operation is meant: the argument of a command, and what it names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.operation import Operation
from allclear.core.record.incident import ProductionState

MOST = 10
"""Operations that a refusal lists."""


def _word(cursor: ArgumentCursor, _room: CommandContext) -> tuple[str, ArgumentCursor]:
    word, rest = cursor.word()
    if not word:
        raise MissingArgumentError("Which operation?")
    return word.lower(), rest


OperationWord = Annotated[str, Arg("<operation>", _word)]


def named(word: str, production: ProductionState, waiting: Iterable[Operation]) -> Operation | None:
    """The operation that ``word`` names, of all there are; without a word the only one of ``waiting``.

    None when nothing is named and nothing waits. Raises UserError when it could be several, or none is called
    so.
    """
    operations = production.operations
    if not word:
        left = tuple(waiting)
        if len(left) > 1:
            raise UserError(f"Which one? There are {_listed(left)}.")
        return left[0] if left else None
    if word in operations:
        return operations[word]
    if production.partial:
        raise HistoryNeededError
    hits = tuple(one for name, one in operations.items() if name.startswith(word))
    if len(hits) > 1:
        raise UserError(f"{code(word)} could be {_listed(hits)}. Write more of it.")
    if not hits:
        there = tuple(one for one in operations.values() if one.open)
        hint = f"These are open: {_listed(there)}." if there else "None is open here."
        raise UserError(
            f"{code(word)} is not an operation of this incident. {hint}", "missing" if there else "state"
        )
    return hits[0]


def _listed(operations: tuple[Operation, ...]) -> str:
    # The newest are what people mean.
    return ", ".join(code(one.id) for one in operations[-MOST:])
