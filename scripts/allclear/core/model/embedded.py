"""Structs that may stand in a field of a pydantic model. Who only makes and compares them needs no pydantic,
which is a fifth of what a cold run takes: it is loaded by who makes a model with such a field.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from msgspec import Struct, convert, to_builtins


class Embedded(Struct, frozen=True):
    """A struct that may stand in a field of a model: it is read from its fields, and written as them."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: Any) -> Any:
        from pydantic import PlainSerializer, PlainValidator  # noqa: PLC0415 - only who makes a model needs it

        return handler.generate_schema(
            Annotated[Any, PlainValidator(cls._read), PlainSerializer(to_builtins)]
        )

    @classmethod
    def _read(cls, value: Any) -> Self:
        return value if isinstance(value, cls) else convert(value, cls)
