"""What is stored: in a comment, in a ref, in a file between two jobs. Closed structs, read from JSON.

A fact that later gains a field keeps its hash, since what is as it is by default is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from msgspec import NODEFAULT, Struct, convert, json, to_builtins
from msgspec.structs import fields

from allclear.core.model.embedded import Embedded


class Stored(Embedded, frozen=True, forbid_unknown_fields=True):
    """An immutable value that refuses unknown keys when it is read. ``t`` names its kind where there are
    several, such as facts.
    """

    @property
    def t(self) -> str:
        """The kind, as it is stored; empty where there is one."""
        return str(self.__struct_config__.tag or "")


StoredT = TypeVar("StoredT", bound=Struct)


def read_json(kind: type[StoredT], text: str) -> StoredT:
    """What the JSON says. Raises ValueError when it is not of this kind."""
    try:
        return json.decode(text, type=kind)
    except RecursionError as error:
        msg = "nested too deep"
        raise ValueError(msg) from error


def read_values(kind: type[StoredT], values: Mapping[str, Any]) -> StoredT:
    """The same of JSON values, or of Python's own. Raises ValueError."""
    return convert(values, kind)


def as_read(value: StoredT) -> StoredT:
    """The value as it will be read: 3 where a float stands is 3.0. Raises ValueError when it could not be."""
    return read_json(type(value), json.encode(value).decode())


def fields_of(kind: type[Struct], value: Struct) -> dict[str, Any]:
    """The fields of ``kind`` as ``value`` has them, for another struct that has them too."""
    return {name: getattr(value, name) for name in kind.__struct_fields__}


def json_of(value: Struct) -> dict[str, Any]:
    """The value as JSON values. What is as it is by default is left out."""
    config, initial = value.__struct_config__, defaults(type(value))
    body: dict[str, Any] = {config.tag_field: config.tag} if config.tag_field else {}
    for name in value.__struct_fields__:
        held = getattr(value, name)
        if name not in initial or held != initial[name]:
            body[name] = _plain(held)
    return body


def json_text(value: Struct) -> str:
    """The same as text, in one line."""
    return json.encode(json_of(value)).decode()


def whole_json_of(value: Struct) -> dict[str, Any]:
    """The value as JSON values, with what is as by default."""
    body: dict[str, Any] = json.decode(json.encode(value))
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        return json_of(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return to_builtins(value)


@cache
def defaults(kind: type[Struct]) -> Mapping[str, Any]:
    """The fields of a struct that have a default, with it."""
    found: dict[str, Any] = {}
    for field in fields(kind):
        if field.default_factory is not NODEFAULT:
            found[field.name] = field.default_factory()
        elif field.default is not NODEFAULT:
            found[field.name] = field.default
    return found
