"""The pydantic model of what owners write: it finds every mistake of a bad file, and makes JSON Schemas.

Made of the struct, so that nothing is written twice. A run with good settings does not load this.
"""

from __future__ import annotations

from functools import cache
from types import GenericAlias, UnionType
from typing import Annotated, Any, ClassVar, Literal, Self, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Meta
from msgspec.structs import FieldInfo, fields
from pydantic import (
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    SerializationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
    model_validator,
)

from allclear.core.model.authored import Authored, AuthoredT, written
from allclear.core.model.frozen import Frozen


class AuthoredModel(Frozen):
    """The model of ``kind``, with its fields."""

    kind: ClassVar[type[Authored]] = Authored

    @model_validator(mode="after")
    def _whole(self) -> Self:
        self.authored(self.kind)
        return self

    def authored(self, kind: type[AuthoredT]) -> AuthoredT:
        """The struct, which is of that ``kind``. Raises ValueError where its fields contradict each other."""
        return kind(**{name: getattr(self, name) for name in type(self).model_fields})


@cache
def model_of(kind: type[Authored]) -> type[AuthoredModel]:
    """The model of a struct: the same fields, defaults, constraints and docstring."""
    hints = get_type_hints(kind, include_extras=True)
    each: dict[str, Any] = {one.name: (_translated(hints[one.name]), _field(one)) for one in fields(kind)}
    made = create_model(
        kind.__name__, __base__=AuthoredModel, __module__=kind.__module__, __doc__=kind.__doc__, **each
    )
    made.kind = kind
    return made


def validated(kind: type[AuthoredT], value: Any) -> AuthoredT:
    """The value as pydantic reads it. Raises pydantic.ValidationError."""
    return model_of(kind).model_validate(value).authored(kind)


def embedded(kind: type[Authored], handler: GetCoreSchemaHandler) -> Any:
    """What a field of a model holds that is this struct: it is read as its model, and written as its file."""

    def as_struct(value: Any, inner: ValidatorFunctionWrapHandler) -> Authored:
        return value if isinstance(value, kind) else inner(value).authored(kind)

    def as_file(value: Any, info: SerializationInfo) -> dict[str, Any]:
        return written(value, changed=info.exclude_defaults)

    return handler.generate_schema(
        Annotated[model_of(kind), WrapValidator(as_struct), PlainSerializer(as_file)]
    )


def _field(one: FieldInfo) -> Any:
    alias = one.encode_name if one.encode_name != one.name else None
    if one.default_factory is not NODEFAULT:
        return Field(default_factory=one.default_factory, alias=alias)
    return Field(alias=alias) if one.default is NODEFAULT else Field(default=one.default, alias=alias)


def _translated(hint: Any) -> Any:
    """The annotation with msgspec's constraints as those of pydantic."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        held, *more = arguments
        return Annotated[
            _translated(held), *(_constraint(one) if isinstance(one, Meta) else one for one in more)
        ]
    if origin in (Union, UnionType):
        return Union[tuple(_translated(one) for one in arguments)]  # noqa: UP007 - made of what is not known here
    if origin is None or origin is Literal:
        return hint
    return GenericAlias(origin, tuple(_translated(one) for one in arguments))


def _constraint(meta: Meta) -> Any:
    pattern = meta.pattern and meta.pattern.replace(r"\Z", "$")
    return Field(
        pattern=pattern, min_length=meta.min_length, max_length=meta.max_length, ge=meta.ge, le=meta.le
    )
