"""What stands for the version of a kept state."""

from datetime import datetime
from types import ModuleType
from typing import Any, Literal, get_args, get_type_hints

from msgspec import Struct, defstruct

from allclear.core.record.state import HOLDING, RecordState, types_in


def structs(kind: Any, seen: frozenset[type[Struct]] = frozenset()) -> frozenset[type[Struct]]:
    """The structs in an annotation, however deep."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        if kind in seen:
            return seen
        seen |= {kind}
        inside = tuple(get_type_hints(kind).values())
    else:
        inside = get_args(kind)
    for one in inside:
        seen = structs(one, seen)
    return seen


def test_every_struct_of_a_state_counts_for_its_shape() -> None:
    held = {kind.__module__ for kind in structs(RecordState)}
    assert held == {module.__name__ for module in HOLDING} | {RecordState.__module__}


def shape_of(words: Any, *fields: tuple[str, type]) -> tuple[str, ...]:
    module = ModuleType("kept")
    vars(module).update(Tick=defstruct("Tick", fields, module="kept"), Word=words, At=datetime, most=64)
    return tuple(types_in(module))


def test_a_field_more_or_a_word_more_is_another_shape() -> None:
    one = shape_of(Literal["one"], ("by", str))
    assert one == shape_of(Literal["one"], ("by", str))
    assert one != shape_of(Literal["one"], ("by", str), ("at", int))
    assert one != shape_of(Literal["one", "two"], ("by", str))
