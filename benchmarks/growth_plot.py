"""Small plots side by side, on logarithmic scales, as one SVG. Lines differ in dashes and marks as well as in
colour, and the colours follow the reader's light or dark scheme.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

Points = Sequence[tuple[float, float]]
"""Size, and cost in costs of the smallest size."""

LEFT, TOP, WIDTH, HEIGHT, GAP, BELOW = 40, 34, 150, 120, 34, 62
COLUMNS = 4
MOST = 10_000
"""The top of every plot; 1 is its bottom, and so are the left edges: sizes begin at 1 as well."""
TICKS = {1: "1", 10: "10", 100: "100", 1_000: "1k", 10_000: "10k"}
STYLE = """
svg { background: #fff; font: 11px sans-serif; fill: #1f2328; stroke-width: 1.6; }
.grid { stroke: #d1d9e0; stroke-width: 1; } .even { stroke: #818b98; stroke-width: 1; }
.a { stroke: #0550ae; } .b { stroke: #953800; } .c { stroke: #1a7f37; }
.line { fill: none; } .mark { fill: #fff; }
.b.line { stroke-dasharray: 6 3; } .c.line { stroke-dasharray: 2 2; }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; fill: #f0f6fc; } .mark { fill: #0d1117; }
  .grid { stroke: #3d444d; } .even { stroke: #9198a1; }
  .a { stroke: #79c0ff; } .b { stroke: #ffa657; } .c { stroke: #7ee787; }
}
"""
KINDS = "abc"


def plot(series: Mapping[str, Mapping[str, Points]]) -> str:
    """A plot a series, a line a measure of it, and a key in the place after the last."""
    rows = math.ceil((len(series) + 1) / COLUMNS)
    width, height = COLUMNS * (LEFT + WIDTH) + GAP, rows * (TOP + HEIGHT + BELOW)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">'
        ),
        f"<style>{STYLE}</style>",
    ]
    for at, (name, measures) in enumerate(series.items()):
        parts += _moved(at, _one(name, measures))
    names = next(iter(series.values()), {})
    parts += _moved(len(series), _key(tuple(names)))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _moved(at: int, parts: Iterator[str]) -> Iterator[str]:
    row, column = divmod(at, COLUMNS)
    yield f'<g transform="translate({LEFT + column * (LEFT + WIDTH)} {TOP + row * (TOP + HEIGHT + BELOW)})">'
    yield from parts
    yield "</g>"


def _one(name: str, measures: Mapping[str, Points]) -> Iterator[str]:
    for begin, end in pairwise(_halves(name)):
        yield f'<text x="0" y="{begin[1]}">{end[0]}</text>'
    for value, text in TICKS.items():
        x, y = _along(value), _up(value)
        yield f'<path class="grid" d="M0 {y:.1f}h{WIDTH}M{x:.1f} 0v{HEIGHT}"/>'
        yield f'<text x="-5" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
        yield f'<text x="{x:.1f}" y="{HEIGHT + 15}" text-anchor="middle">{text}</text>'
    first = min(size for points in measures.values() for size, _ in points)
    last = max(size for points in measures.values() for size, _ in points)
    yield (
        f'<path class="even" d="M{_along(first):.1f} {_up(1):.1f}'
        f'L{_along(last):.1f} {_up(last / first):.1f}"/>'
    )
    for kind, points in zip(KINDS, measures.values(), strict=True):
        line = " ".join(f"{_along(size):.1f},{_up(cost):.1f}" for size, cost in points)
        yield f'<polyline class="{kind} line" points="{line}"/>'
        yield from (_mark(kind, _along(size), _up(cost)) for size, cost in points)


def _halves(name: str) -> list[tuple[str, int]]:
    """The name in one or two lines, each with its height."""
    first, comma, second = name.partition(": ")
    return [("", -8), (name, 0)] if not comma else [("", -20), (first, -8), (second, 0)]


def _mark(kind: str, x: float, y: float) -> str:
    shape = {
        "a": f"M{x - 3:.1f} {y:.1f}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0",
        "b": f"M{x - 3:.1f} {y - 3:.1f}h6v6h-6z",
        "c": f"M{x:.1f} {y - 4:.1f}l4 7h-8z",
    }[kind]
    return f'<path class="{kind} mark" d="{shape}"/>'


def _key(names: Sequence[str]) -> Iterator[str]:
    for row, (kind, name) in enumerate(zip(KINDS, names, strict=True)):
        y = 14 + 22 * row
        yield f'<path class="{kind} line" d="M0 {y}h40"/>'
        yield _mark(kind, 20, y)
        yield f'<text x="50" y="{y + 4}">{name}</text>'
    y = 14 + 22 * len(names)
    yield f'<path class="even" d="M0 {y}h40"/>'
    yield f'<text x="50" y="{y + 4}">in proportion</text>'
    yield f'<text x="0" y="{y + 30}">across: the size</text>'
    yield f'<text x="0" y="{y + 46}">up: cost of the smallest = 1</text>'


def _along(size: float) -> float:
    return WIDTH * math.log(max(1, min(size, MOST))) / math.log(MOST)


def _up(cost: float) -> float:
    return HEIGHT * (1 - math.log(max(1, min(cost, MOST))) / math.log(MOST))
