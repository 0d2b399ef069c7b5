"""Values that only we make are structs (https://jcristharif.com/msgspec/structs.html), no dataclasses.

They are the same to those who use them: named, typed, frozen, compared by their fields. A run defines some
three hundred of them, and each run is a new process: a struct takes 9 us of it, a dataclass 325.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from msgspec import Struct, structs

StructT = TypeVar("StructT", bound=Struct)


def replace(value: StructT, /, **changes: Any) -> StructT:
    """The value with these fields instead; mypy knows them by `tests/project/mypy_structs.py`."""
    return structs.replace(value, **changes)


class PartlyCompared(Struct, frozen=True, eq=False):
    """A struct whose fields in ``aside`` do not count when it is compared."""

    aside: ClassVar[frozenset[str]] = frozenset()

    def _compared(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name not in self.aside)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())
