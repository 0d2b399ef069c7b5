"""The cursor: up to which comment all is read, so that the next run need not read it again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from allclear.core.model.snapshot import Snapshot
from allclear.core.record.chain import Journal
from allclear.core.record.checkpoint import Checkpoint, is_panel

STRIDE = 50
"""The cursor moves on in steps of so many comments, so that it can
be computed again from the comments alone.
"""

OVERLAP = timedelta(minutes=5)
"""Read again so far back behind the cursor: a replica of GitHub may show a comment late (fault A19)."""

SHORT_OVERLAP = timedelta(minutes=1)
"""The same while little is left of the hour: of a flood, five minutes are many pages."""


class ReadUpTo(Struct, frozen=True):
    """The ``count``-th comment of the issue (panel not counted), its id and when it was written.

    ``again_at``: when the one a stride before it was written, where that is less than ``OVERLAP`` ago.
    """

    count: int
    id: int
    at: datetime
    again_at: datetime | None = None


def read_again_from(kept: Checkpoint, overlap: timedelta) -> datetime:
    """From when on the next run reads comments, those that it knows included: ``overlap`` before the cursor,
    but no more than a stride of them. Of a flood, more would be many pages in each run of it.
    """
    wide = kept.cursor_at - overlap
    return wide if kept.again_at is None else max(wide, kept.again_at)


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
