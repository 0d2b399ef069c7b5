"""A smoke run as a table, for the incident and the job summary."""

from __future__ import annotations

from allclear.core.neutral import code, inline
from allclear.core.operation import Smoke

SIGNS = {"pass": "✅", "fail": "❌", "error": "⚠️", "skipped": "⚪"}
MOST = 40
"""Lines that are shown one by one; failures first when there are more."""


def smoke_table(smoke: Smoke) -> str:
    """A Markdown table: check, outcome, what was seen, seconds. Empty when nothing was looked at."""
    if not smoke.lines:
        return ""
    lines = smoke.lines
    if len(lines) > MOST:
        lines = tuple(sorted(lines, key=lambda line: line.outcome == "pass"))[:MOST]
    rows = [
        f"| {SIGNS[line.outcome]} | {code(line.name)} | {inline(line.detail, 120) or line.outcome} "
        f"| {line.seconds:.1f} s |"
        for line in lines
    ]
    more = len(smoke.lines) - len(lines)
    rest = [f"| | and {more} more | | |"] if more else []
    return "\n".join(["| | Check | What was seen | Took |", "|---|---|---|---|", *rows, *rest])
