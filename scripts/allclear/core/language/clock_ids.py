"""What the engine calls the clocks that it makes of a runbook: neither a rule nor a chain may be called
so.
"""

from __future__ import annotations

from collections.abc import Iterator

from allclear.core.language.document import RunbookFile

CLIMBS = frozenset({"silence", "called", "action-due"})
"""What the engine calls escalations of its own: no chain may be called so."""


def clock_ids(file: RunbookFile) -> frozenset[str]:
    """The ids of all clocks but those of rules, whether this runbook needs each of them or not."""
    return frozenset(_ids(file))


def _ids(file: RunbookFile) -> Iterator[str]:
    yield from ("response", "target", "monitoring-over", "review-reminder", "review-due")
    yield from ("called", "action-due", "silence-1", "silence-2", "silence-3")
    for name, chain in file.chains.items():
        yield f"{name}-again"
        yield from (f"{name}-{level}" for level in range(1, len(chain.levels) + 1))
    yield from (f"{name}-filled" for name in file.roles)
    yield from (f"{name}-list" for name in file.lists)
    for name in file.voices:
        yield from (f"{name}-update", f"{name}-draft")
