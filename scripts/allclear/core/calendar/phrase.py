"""The base of everything that a runbook says about time in words: read once, printed as it is written."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Sequence
from datetime import time
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Self

from msgspec import Struct

CALENDAR = r"[a-z][a-z0-9-]*"
CLOCK = r"\d{1,2}:\d\d"


class Phrase(Struct, frozen=True):
    """A frozen value that is written as text. ``str`` gives text that reads as the same value.

    Subclasses can be the type of a pydantic field: it takes the text or the value, and is stored as text.
    """

    called: ClassVar[str]
    """What such a text says, such as ``a length of time``."""
    examples: ClassVar[tuple[str, ...]]

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Read the text, which has single blanks. Raises ValueError that says what to write instead."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """The value, or what the text says. Raises ValueError on anything else."""
        if isinstance(value, cls):
            return value
        return cls.parse(words_of(value, cls.examples))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return AsText(cls.read, cls.called, cls.examples).__get_pydantic_core_schema__(source, handler)


class AsText(Struct, frozen=True):
    """Makes a field of a pydantic model one that is written as text: ``read`` takes the text or the value,
    and raises ValueError; it is stored as it is written. ``called``: what it says, such as ``a length of
    time``.
    """

    read: Callable[[Any], Any]
    called: str
    examples: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _source: Any, handler: Any) -> Any:
        from pydantic import PlainSerializer, PlainValidator, WithJsonSchema  # noqa: PLC0415 - only who makes a model needs it

        schema = {"type": "string", "$comment": self.called, "examples": [str(one) for one in self.examples]}
        as_text = PlainSerializer(str, return_type=str)
        reading = Annotated[Any, PlainValidator(self.read), as_text, WithJsonSchema(schema)]
        return handler.generate_schema(reading)


def words_of(value: Any, examples: tuple[str, ...]) -> str:
    """The text with single blanks. Raises ValueError on what is no text, such as ``15`` or ``09:00``."""
    if isinstance(value, str) and value.strip():
        return " ".join(value.split())
    raise ValueError(f"{value!r} is no text; write {one_of(examples)}")


def one_of(examples: Sequence[str]) -> str:
    """``15m, 3d or 2h office``."""
    *most, last = examples
    return f"{', '.join(most)} or {last}" if most else last


def clock_of(text: str) -> time:
    """Read ``09:00``. Raises ValueError."""
    hour, _, minute = text.partition(":")
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f"{text!r} is no time of day; write 09:00") from None


def instead(wanted: str, known: Collection[str]) -> str:
    """``did you mean 'office'?``, or what there is."""
    near = get_close_matches(wanted, known, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
