"""Regular expressions as this Python made them before.

`re` makes of a pattern, in Python, the numbers that its engine runs: for the 220 patterns of a command, half
of them of the libraries under it, that takes 15 % of the run's CPU. A release is made with the numbers
(regexes_to_keep); a run hands them to the engine where it has them, and makes all others as always.

That takes the place of a function inside `re` that nobody promises. So it is done by a door alone, which
answers once and is over; where the engine is not the very same, or the file is damaged, nothing is taken;
and what the engine does not accept is made as always.
https://github.com/python/cpython/blob/3.14/Lib/re/_compiler.py

Standard library only, and of it what `re` has loaded, and zlib, which the libraries need: whatever else this
imported would be waited for.
"""

from __future__ import annotations

import marshal
import os
import re
import sys
from functools import partial
from zlib import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Key = tuple[str | bytes, int]
    """A pattern, and the flags that it is compiled with."""
    Made = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
    """What the engine is given for it: flags, numbers, how many groups, and their names."""

FILE = f"{os.path.dirname(__file__)}/__pycache__/regexes.{sys.implementation.cache_tag}.kept"  # noqa: PTH120 - pathlib is slow to import
"""Where they stand for this Python."""

COMPILER: Any = getattr(re, "_compiler", None)
ENGINE: Any = getattr(COMPILER, "_sre", None)
"""What makes numbers of a pattern, and what runs them; None in a Python that has them elsewhere."""

MADE_FOR = (
    *sys.version_info[:2],
    getattr(ENGINE, "MAGIC", None),
    getattr(ENGINE, "CODESIZE", None),
    sys.byteorder,
)
"""What has to be the same for the numbers to mean the same. ``MAGIC`` changes with what they mean."""

SUM = 4
"""Bytes before the rest of the file, which are its sum."""

_WRONG = (EOFError, OSError, OverflowError, RuntimeError, TypeError, ValueError)
"""What becomes of a file that is not there or none of ours, and of numbers that the engine refuses."""


def use_kept(path: str = FILE) -> None:
    """Make no pattern again, in this process, that was kept. Without such a file all is as always."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            total, content = file.read(SUM), file.read()
        if crc32(content) != int.from_bytes(total, "big"):
            return
        made_for, known = marshal.loads(content)  # noqa: S302 - it came with the code: who can change the one can change the other
    except _WRONG:
        return
    if made_for == MADE_FOR and isinstance(known, dict) and not isinstance(COMPILER.compile, partial):
        COMPILER.compile = partial(_taken, known, COMPILER.compile)


def _taken(known: Mapping[Key, Made], anew: Callable[..., Any], pattern: Any, flags: int = 0) -> Any:
    """The compiled pattern: of what was kept, else anew."""
    made = known.get((pattern, flags)) if isinstance(pattern, str | bytes) else None
    if made is not None:
        try:
            told, numbers, *groups = made
            return ENGINE.compile(pattern, told, memoryview(numbers).cast("I").tolist(), *groups)
        except _WRONG:
            pass
    return anew(pattern, flags)
