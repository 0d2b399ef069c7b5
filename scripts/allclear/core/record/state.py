"""The state of a record: what its entries add up to, for a run that goes on from there with the rest.

Written and read by the types alone, so that a field that is added to the incident is in it. What a state was
folded with (the shape of these types, the rules of the fold, the runbook) stands beside it: a run that would
fold otherwise reads all comments instead, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, TypeAdapter

from allclear.core.record.incident import Incident
from allclear.core.record.lean import LEFT_OUT, LONGEST, MOST, lean
from allclear.core.record.ledger import Ledger

FOLD = 1
"""Raised whenever the same entries add up to something else than before (core.record.fold and the topics)."""

MOST_LINKS = 64
"""So many hashes of the chain a state remembers, the newest."""


@dataclass(frozen=True, slots=True)
class RecordState:
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
        ledger = self.ledger.bounded()
        if ledger is None:
            return None
        return RecordState(
            lean(self.incident), ledger, self.head, self.links[-MOST_LINKS:], self.linked, self.runbook
        )


def dump(state: RecordState) -> dict[str, Any]:
    """The state as JSON values, the same for the same state; what is as it is by default is left out."""
    dumped: dict[str, Any] = _plain(state)
    return dumped


def load(held: object) -> RecordState:
    """Raises ValueError when it is no state."""
    return _adapter().validate_python(held)


@cache
def _adapter() -> TypeAdapter[RecordState]:
    return TypeAdapter(RecordState)


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        initial = _initial(type(value))
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        return {
            name: _plain(one) for name, one in held.items() if name not in initial or one != initial[name]
        }
    return value


@cache
def _initial(kind: Any) -> Mapping[str, Any]:
    """The fields of a dataclass that have a default, with it."""
    found: dict[str, Any] = {}
    for field in fields(kind):
        if field.default_factory is not MISSING:
            found[field.name] = field.default_factory()
        elif field.default is not MISSING:
            found[field.name] = field.default
    return found


@cache
def shape() -> str:
    """Stands for the types that a state is made of and the rules that it was folded and cut by."""
    told = [str(FOLD), *sorted(LEFT_OUT), repr(sorted(LONGEST.items())), repr(sorted(MOST.items()))]
    told += sorted(f"{kind.__module__}.{kind.__qualname__}: {_fields(kind)}" for kind in _types(RecordState))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _fields(kind: type) -> list[str]:
    return [f"{name}: {hint}" for name, hint in get_type_hints(kind).items()]


def _types(kind: Any, seen: frozenset[Any] = frozenset()) -> frozenset[Any]:
    """The models and dataclasses in an annotation, however deep."""
    if kind in seen:
        return seen
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, BaseModel)):
        seen |= {kind}
        for hint in get_type_hints(kind).values():
            seen = _types(hint, seen)
        return seen
    for inner in get_args(kind):
        seen = _types(inner, seen)
    return seen
