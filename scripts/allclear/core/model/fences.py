"""Fenced blocks of Markdown: https://github.github.com/gfm/#fenced-code-blocks"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from allclear.core.model.patterns import lazy_regex

_FENCE = lazy_regex(r" {0,3}(`{3,}|~{3,})")

Part = Literal["", "opens", "inside", "closes"]
"""What a line is in a fenced block; empty: it is in none."""


def fenced_parts(lines: Iterable[str]) -> Iterator[tuple[str, Part]]:
    """The lines, each with its part. A block that is not closed goes on to the end."""
    fence = ""
    for line in lines:
        found = _FENCE.match(line)
        if not fence:
            fence = found[1] if found else ""
            yield line, "opens" if fence else ""
        elif found and found[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
            yield line, "closes"
        else:
            yield line, "inside"


def outside_fences(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The lines, each with whether it stands in no fenced block."""
    return ((line, not part) for line, part in fenced_parts(lines))


def is_fenced(block: str) -> bool:
    """Whether a block begins with a fence."""
    return _FENCE.match(block) is not None
