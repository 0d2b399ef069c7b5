"""Markdown that is put together line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from allclear.core.model.patterns import lazy_regex

_TICKS = lazy_regex("`+")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table without its empty columns and rows; nothing when there is no row."""
    cells = [[_cell(one) for one in row] for row in rows]
    cells = [row for row in cells if any(row)]
    kept = [at for at in range(len(head)) if any(row[at] for row in cells)]
    if not cells:
        return []
    lines = [[head[at] for at in kept], ["---"] * len(kept), *([row[at] for at in kept] for row in cells)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _cell(value: object) -> str:
    text = "<br>".join(map(str, value)) if isinstance(value, tuple | list) else str(value or "")
    return text.strip().replace("|", "\\|").replace("\n", "<br>")


def small(items: Sequence[str]) -> str:
    """Numbers, small, behind what they stand for."""
    return f" <sub>{', '.join(items)}</sub>" if items else ""


def bullets(lines: Iterable[str], indent: str = "") -> list[str]:
    """A list of one line each."""
    return [f"{indent}- {flat(line)}" for line in lines]


def flat(text: str) -> str:
    """In one line."""
    return " ".join(text.split())


def fenced(text: str) -> list[str]:
    """As it stands, with a fence that nothing in it ends."""
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, *text.strip().split("\n"), fence]


def without_doubles(lines: Iterable[str]) -> Iterator[str]:
    """Of several empty lines one."""
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line
