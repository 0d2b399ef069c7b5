"""Which operation somebody means: its id, the beginning of it, or nothing when only one can be meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from allclear.core.command import Arg, Cursor, Room
from allclear.core.errors import MissingArgumentError, UserError
from allclear.core.neutral import code
from allclear.core.operation import Operation

MOST = 10
"""Operations that a refusal lists."""


def _word(cursor: Cursor, _room: Room) -> tuple[str, Cursor]:
    word, rest = cursor.word()
    if not word:
        raise MissingArgumentError("Which operation?")
    return word.strip("`").lower(), rest


OperationWord = Annotated[str, Arg("<operation>", _word)]


def named(word: str, operations: Mapping[str, Operation], waiting: Iterable[Operation]) -> Operation | None:
    """The operation that ``word`` names, of all there are; without a word the only one of ``waiting``.

    None when nothing is named and nothing waits. Raises UserError when it could be several, or none is called
    so.
    """
    if not word:
        left = tuple(waiting)
        if len(left) > 1:
            raise UserError(f"Which one? There are {_listed(left)}.")
        return left[0] if left else None
    if word in operations:
        return operations[word]
    hits = tuple(one for name, one in operations.items() if name.startswith(word))
    if len(hits) > 1:
        raise UserError(f"{code(word)} could be {_listed(hits)}. Write more of it.")
    if not hits:
        there = tuple(one for one in operations.values() if one.open)
        hint = f"open are {_listed(there)}" if there else "none is open here"
        raise UserError(f"{code(word)} is not an operation of this incident; {hint}.", "missing")
    return hits[0]


def _listed(operations: tuple[Operation, ...]) -> str:
    # The newest are what people mean.
    return ", ".join(code(one.id) for one in operations[-MOST:])
