"""The cursor: up to which comment all is read, so that the next run need not read it again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from allclear.core.model.snapshot import Snapshot
from allclear.core.record.chain import Journal
from allclear.core.record.checkpoint import is_panel
from allclear.core.record.read_again import OVERLAP, STRIDE


class ReadUpTo(Struct, frozen=True):
    """The ``count``-th comment of the issue (panel not counted), its id and when it was written.

    ``again_at``: when the one a stride before it was written, where that is less than ``OVERLAP`` ago.
    """

    count: int
    id: int
    at: datetime
    again_at: datetime | None = None


def advance(snapshot: Snapshot, journal: Journal, waiting: Iterable[int]) -> ReadUpTo:
    """Where the next pass may begin to read: the newest stride, never past a command that still waits."""
    start = journal.checkpoint
    cursor = (
        ReadUpTo(start.count, start.cursor_id, start.cursor_at, start.again_at)
        if start
        else ReadUpTo(0, 0, snapshot.issue.created_at)
    )
    stop = min(waiting, default=None)
    newer = [
        comment
        for comment in snapshot.comments
        if comment.id > cursor.id and not is_panel(comment.body) and (stop is None or comment.id < stop)
    ]
    steps = len(newer) // STRIDE * STRIDE
    if not steps:
        return cursor
    last = newer[steps - 1]
    again = newer[steps - 1 - STRIDE].created_at if steps > STRIDE else cursor.at
    crowded = last.created_at - again < OVERLAP
    return ReadUpTo(cursor.count + steps, last.id, last.created_at, again if crowded else None)
