"""The state of a record: what its entries add up to, for a run that goes on from there with the rest.

Written and read by the types alone, so that a field that is added to the incident is in it. What a state was
folded with (the shape of these types, the code of the fold, the runbook) stands beside it: a run that would
fold otherwise reads all comments instead, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_args

from msgspec import Struct, convert

from allclear.core.model import operation, recent_change
from allclear.core.model import people as model_people
from allclear.core.model.stored import Stored, defaults, json_of
from allclear.core.record import (
    action_item,
    audit,
    changes,
    findings,
    fold,
    incident,
    lean,
    ledger,
    life,
    observations,
    observed,
    people,
    postmortem,
    postmortem_state,
    production,
    progress,
    step,
    voices,
)
from allclear.core.record.incident import Incident
from allclear.core.record.ledger import Ledger

FOLDING = (
    fold,
    action_item,
    life,
    people,
    findings,
    observed,
    observations,
    progress,
    step,
    production,
    voices,
    postmortem,
    audit,
    changes,
    lean,
    ledger,
)
"""What decides on what entries add up to, and on what of that is kept."""

HOLDING = (
    operation,
    model_people,
    recent_change,
    action_item,
    incident,
    ledger,
    observations,
    postmortem_state,
    step,
)
"""Where the structs are defined that a state is made of; a test finds one that is elsewhere."""

MOST_LINKS = 64
"""So many hashes of the chain a state remembers, the newest."""


class RecordState(Struct, frozen=True):
    """``incident`` and ``ledger``: what the entries add up to. ``head``: the hash that the next entry
    follows; ``links``: the newest hashes of the chain, ``linked`` how many there are in all, those that do
    not count among them. ``runbook``: the hash of the runbook that it was folded with.
    """

    incident: Incident
    ledger: Ledger
    head: str
    links: tuple[str, ...]
    linked: int
    runbook: str

    def bounded(self) -> RecordState | None:
        """What of it a checkpoint keeps; None when that would not do."""
        kept = self.ledger.bounded()
        if kept is None:
            return None
        return RecordState(
            lean.lean(self.incident), kept, self.head, self.links[-MOST_LINKS:], self.linked, self.runbook
        )


def dump(state: RecordState) -> dict[str, Any]:
    """The state as JSON values, the same for the same state; what is as it is by default is left out."""
    dumped: dict[str, Any] = _plain(state)
    return dumped


def load(held: object) -> RecordState:
    """Raises ValueError when it is no state."""
    return convert(held, RecordState, str_keys=True)


def _plain(value: object) -> Any:
    if isinstance(value, Stored):
        return json_of(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Struct):
        initial = defaults(type(value))
        held = {name: getattr(value, name) for name in value.__struct_fields__}
        return {
            name: _plain(one) for name, one in held.items() if name not in initial or one != initial[name]
        }
    return value


@cache
def shape() -> str:
    """Stands for the types that a state is made of and the code that folded and cut it: another version of us
    has another, and another version of Python may have.
    """
    told = [*sorted(lean.LEFT_OUT), repr(sorted(lean.LONGEST.items())), repr(sorted(lean.MOST.items()))]
    told += [one for module in FOLDING for one in _functions(module)]
    told += [f"RecordState: {RecordState.__annotations__}"]
    told += [one for module in HOLDING for one in types_in(module)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _functions(owner: ModuleType | type) -> Iterator[str]:
    """The code of the functions that are defined in a module, and in its classes."""
    module = owner.__module__ if isinstance(owner, type) else owner.__name__
    for _, value in sorted(vars(owner).items()):
        if isinstance(value, FunctionType) and value.__module__ == module:
            yield from _code(value.__code__)
        elif isinstance(value, type) and value.__module__ == module:
            yield from _functions(value)


def _code(code: CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        else:
            yield repr(sorted(constant, key=repr) if isinstance(constant, frozenset) else constant)


def types_in(module: ModuleType) -> Iterator[str]:
    """The fields of the structs that are defined in a module, as they are written: to find out what each name
    in them means takes 7 ms of a run. What a name such as Milestone stands for is told beside them.
    """
    for name, value in sorted(vars(module).items()):
        if isinstance(value, type) and issubclass(value, Struct) and value.__module__ == module.__name__:
            yield f"{module.__name__}.{name}: {value.__annotations__}"
        elif get_args(value):
            yield f"{module.__name__}.{name}: {value}"
