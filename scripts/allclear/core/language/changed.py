"""What a runbook that `extends` another one changes of it: place by place, with what stood there before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from allclear.core.language.markdown import flat, table
from allclear.core.language.selection import NONE
from allclear.core.model.neutral import code

LONGEST = 160
"""Characters of a value that the list of changes shows; all of it stands further down."""

_OWN = frozenset({"name", "extends", "item", "items"})
"""Keys that say nothing about what people are asked to do."""


class RunbookChange(Struct, frozen=True):
    """``before`` and ``after``: what stands at that place, raw; None where there is nothing."""

    where: tuple[str, ...]
    before: Any
    after: Any


def changes(base: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[RunbookChange]:
    """What ``own`` changes of ``base``, in the order of its lines; by the rules of `merging.extended`."""
    yield from _changes(base, own, ())


def _changes(
    base: Mapping[str, Any], own: Mapping[str, Any], where: tuple[str, ...]
) -> Iterator[RunbookChange]:
    for key, value in own.items():
        before, place = base.get(key), (*where, str(key))
        if key in _OWN or value == before:
            continue
        if value == NONE and key in base and (len(where) == 1 or isinstance(before, Mapping)):
            yield RunbookChange(place, before, None)
        elif isinstance(value, Mapping) and isinstance(before, Mapping):
            yield from _changes(before, value, place)
        else:
            yield RunbookChange(place, before, value)


def changes_section(found: tuple[RunbookChange, ...], base: str) -> list[str]:
    """The section of the page; nothing where nothing is changed."""
    rows = [(code(".".join(one.where), LONGEST), _shown(one.before), _shown(one.after)) for one in found]
    if not rows:
        return []
    return [f"## What is other than in `{base}`", "", *table(("Where", f"In `{base}`", "Here"), rows)]


def _shown(value: Any) -> str:
    return "-" if value is None else code(flat(_told(value)), LONGEST)


def _told(value: Any) -> str:
    """As it may be written in YAML, on one line."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key}: {_told(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_told, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
