"""The numbers as diagrams that GitHub draws. One series each, so that no colour tells one from another.

`xychart-beta` is the spelling that every version of Mermaid with this diagram reads; later ones read
`xychart` as well (https://mermaid.js.org/syntax/xyChart).
"""

from __future__ import annotations

from collections.abc import Sequence

from allclear.core.metrics.numbers import Month

SHOWN = 12
"""Months in a diagram: more do not fit below it."""


def charts(months: Sequence[Month]) -> str:
    """How many incidents there were in each of the last months, and how long they took at the median.

    A month without a known duration is not among the durations, for it has none. Empty without months.
    """
    last = months[-SHOWN:]
    counts = [(month.name, month.numbers.incidents) for month in last]
    spent = [
        (month.name, month.numbers.resolution.median)
        for month in last
        if month.numbers.resolution.median is not None
    ]
    drawn = [_chart("Incidents by month", "Incidents", counts)] if counts else []
    drawn += [_chart("Minutes to resolve by month, median", "Minutes", spent)] if spent else []
    return "\n\n".join(drawn)


def _chart(title: str, axis: str, points: Sequence[tuple[str, int]]) -> str:
    names = ", ".join(f'"{name}"' for name, _ in points)
    highest = max(1, *(value for _, value in points))
    return "\n".join(
        [
            "```mermaid",
            "xychart-beta",
            f'    title "{title}"',
            f"    x-axis [{names}]",
            f'    y-axis "{axis}" 0 --> {highest}',
            f"    bar [{', '.join(str(value) for _, value in points)}]",
            "```",
        ]
    )
