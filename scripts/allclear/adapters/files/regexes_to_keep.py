"""Makes the regular expressions that a release brings along: see kept_regexes, which takes them.

Its module is loaded where a release is made, and nowhere else.
"""

from __future__ import annotations

import marshal
import pkgutil
import re
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

import allclear
from allclear.adapters.files.kept_regexes import COMPILER, ENGINE, FILE, MADE_FOR, SUM
from allclear.core.model.patterns import LazyRegex

if TYPE_CHECKING:
    from allclear.adapters.files.kept_regexes import Key, Made


class Listening:
    """Stands between `re` and its engine while it is entered. ``made``: what the engine was given, and can be
    kept.
    """

    def __init__(self) -> None:
        self.made: dict[Key, Made] = {}
        self._given: Made | None = None
        self._compile = COMPILER.compile

    def __enter__(self) -> Self:
        vars(COMPILER).update(_sre=self, compile=self._compiled)
        return self

    def __exit__(self, *_: object) -> None:
        vars(COMPILER).update(_sre=ENGINE, compile=self._compile)

    def __getattr__(self, name: str) -> Any:
        return getattr(ENGINE, name)

    def compile(self, pattern: Any, told: int, numbers: list[int], *groups: Any) -> Any:
        """As the engine's own."""
        count, names, order = groups
        packed = b"".join(number.to_bytes(4, sys.byteorder) for number in numbers)
        self._given = (told, packed, count, dict(names), order)
        return ENGINE.compile(pattern, told, numbers, *groups)

    def _compiled(self, pattern: Any, flags: int = 0) -> Any:
        compiled = self._compile(pattern, flags)
        # What `re.LOCALE` means depends on where it runs, and `re.DEBUG` is to print something.
        if self._given is not None and not (compiled.flags | flags) & (re.LOCALE | re.DEBUG):
            self.made[pattern, int(flags)] = self._given
        self._given = None
        return compiled


def write_kept(path: Path = Path(FILE)) -> Path:
    """Keep the patterns of all modules of ours, and of what these load, for this Python. Returns the file."""
    with Listening() as heard:
        for found in pkgutil.walk_packages(allclear.__path__, "allclear."):
            if not found.name.endswith("__"):
                _compile(import_module(found.name))
    path.write_bytes(written(heard.made))
    return path


def _compile(module: ModuleType) -> None:
    """Those of its patterns that wait for their first use."""
    for value in list(vars(module).values()):
        if isinstance(value, LazyRegex):
            re.compile(value.pattern, value.options)


def written(made: Mapping[Key, Made]) -> bytes:
    """The file of these."""
    ordered = {key: made[key] for key in sorted(made, key=repr)}
    # With this version, the bytes depend on the values alone, and not on who else refers to them.
    return summed(marshal.dumps((MADE_FOR, ordered), 2))


def summed(content: bytes) -> bytes:
    """This behind its sum, by which a run knows that the file is whole."""
    return crc32(content).to_bytes(SUM, "big") + content
