"""What owners write in a file, as structs: immutable, and unknown keys are errors, not silence.

A good file is read by msgspec alone. Of all others, and of the few that only look odd, pydantic judges, by a
model that is made of the struct (`authored_model`): it says what is wrong at which place. A run with good
settings does without it, and so without a fifth of what it would take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from msgspec import Meta, Struct, convert, json

from allclear.core.model.patterns import lazy_regex
from allclear.core.model.stored import defaults
from allclear.core.model.times import Duration, compact, parse_duration

_DOUBTFUL = lazy_regex(r'(?i)"(?:null|-0+|-?[0-9.]+e[-+]?[0-9]+|-?[0-9]{15,}\.[0-9]*)"')
"""Texts of which msgspec makes nothing or a number where pydantic does not, or another number."""


class Short(Struct, frozen=True):
    """A short form of a field: ``convert`` makes the long one of it, and leaves that alone; ``form`` is
    the JSON Schema of the short one. A struct makes the long one in `Authored.at_length`.
    """

    convert: Callable[[Any], Any]
    form: Callable[[], dict[str, Any]]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic import BeforeValidator  # noqa: PLC0415 - only who makes a model needs it

        return BeforeValidator(self.convert).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [self.form(), handler(core)]}


class Check(Struct, frozen=True):
    """What a value has to be: ``refuse`` raises ValueError, which is told of the very place; ``first``:
    before its type is looked at. A struct asks the same in its ``__post_init__``.
    """

    refuse: Callable[[Any], object]
    first: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic import AfterValidator, BeforeValidator  # noqa: PLC0415 - only who makes a model needs it

        kind = BeforeValidator if self.first else AfterValidator
        return kind(self._passed).__get_pydantic_core_schema__(source, handler)

    def _passed(self, value: Any) -> Any:
        self.refuse(value)
        return value


def sign(pattern: str, *, longest: int | None = None) -> Meta:
    """What a text has to be like, and how long at most. ``$`` is the very end, as it is for pydantic, and not
    the place before a last line break as well.
    """
    return Meta(pattern=pattern.replace("$", r"\Z"), max_length=longest)


class Authored(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in a file, or a part of it. `read_authored` makes it; who calls the class checks no field.

    ``__post_init__`` holds it to what more than one field says together. It raises ValueError. A module of
    such structs does without ``from __future__ import annotations``: to evaluate them later, one by one, took
    msgspec 6 ms of each run.
    """

    @classmethod
    def at_length(cls, value: Any) -> Any:
        """The value with the long form of what may be short."""
        return value

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: Any) -> Any:
        from allclear.core.model.authored_model import embedded  # noqa: PLC0415 - only who makes a model needs it

        return embedded(cls, handler)


AuthoredT = TypeVar("AuthoredT", bound=Authored)


def read_authored(kind: type[AuthoredT], value: Any) -> AuthoredT:
    """What the file says: ``value``, of texts, lists and mappings. Raises pydantic.ValidationError, which is
    a ValueError.
    """
    found = read_directly(kind, value)
    if found is None:
        from allclear.core.model.authored_model import validated  # noqa: PLC0415 - a good file does without pydantic

        found = validated(kind, value)
    return found


def read_directly(kind: type[AuthoredT], value: Any) -> AuthoredT | None:
    """The same by msgspec; None where only pydantic knows whether it is right. What it reads is what pydantic
    would make of it.
    """
    try:
        # Who writes it as JSON knows that every text of it is one, and has all of it in one piece.
        if _DOUBTFUL.search(json.encode(value).decode()):
            return None
        return convert(kind.at_length(value), kind, strict=False, dec_hook=_length)
    except (ValueError, TypeError, RecursionError):
        return None


def _length(kind: type, value: Any) -> timedelta:
    """A length of time of its text. Raises ValueError for all else."""
    if kind is not Duration or not isinstance(value, str):
        raise ValueError("no text that says a length of time")
    length: timedelta = parse_duration(value)
    return length


def written(value: Authored, *, changed: bool = False) -> dict[str, Any]:
    """The value as JSON values, as it would stand in its file; with ``changed`` without what is as it is by
    default.
    """
    initial = defaults(type(value)) if changed else {}
    body: dict[str, Any] = {}
    for name, shown in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
        held = getattr(value, name)
        if name not in initial or held != initial[name]:
            body[shown] = _plain(held, changed=changed)
    return body


def _plain(value: Any, *, changed: bool) -> Any:
    if isinstance(value, Authored):
        return written(value, changed=changed)
    if isinstance(value, timedelta):
        return compact(value)
    if isinstance(value, Mapping):
        return {name: _plain(one, changed=changed) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one, changed=changed) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def written_json(value: Authored) -> str:
    """All of it as one line of JSON."""
    return json.encode(written(value)).decode()
