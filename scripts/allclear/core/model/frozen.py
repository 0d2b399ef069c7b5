"""The base of everything that is parsed at a door: immutable, and unknown keys are errors, not silence."""

from collections.abc import Callable
from typing import Annotated, Any, Self, cast

from msgspec import Struct, convert, to_builtins
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
)


class Frozen(BaseModel):
    """An immutable value that refuses unknown keys (https://docs.pydantic.dev/latest/api/config/)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    @classmethod
    def initial(cls) -> Self:
        """The value with all its defaults, for a field of another model that is left out. Nothing is checked,
        so that what checks it is not built as soon as the other model is imported.
        """
        return cast("Self", cls.model_construct())


class Short(Struct, frozen=True):
    """A short form of a field: ``convert`` makes the long one of it, and leaves that alone; ``form`` is
    the JSON Schema of the short one.
    """

    convert: Callable[[Any], Any]
    form: Callable[[], dict[str, Any]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return BeforeValidator(self.convert).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [self.form(), handler(core)]}


class Embedded(Struct, frozen=True):
    """A struct that may stand in a field of a model: it is read from its fields, and written as them."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> Any:
        return handler.generate_schema(
            Annotated[Any, PlainValidator(cls._read), PlainSerializer(to_builtins)]
        )

    @classmethod
    def _read(cls, value: Any) -> Self:
        return value if isinstance(value, cls) else convert(value, cls)


def one_or_more(value: Any) -> Any:
    """A single text stands for a list of one; what is neither text nor list is left for the schema."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_more)]
"""One text, or a list of them."""
