"""From when on comments are read again. Standard library only: it is asked before the record is loaded."""

from __future__ import annotations

from datetime import datetime, timedelta

STRIDE = 50
"""The cursor moves on in steps of so many comments, so that it can
be computed again from the comments alone.
"""

OVERLAP = timedelta(minutes=5)
"""Read again so far back behind the cursor: a replica of GitHub may show a comment late (fault A19)."""

SHORT_OVERLAP = timedelta(minutes=1)
"""The same while little is left of the hour: of a flood, five minutes are many pages."""


def read_again_from(cursor_at: datetime, again_at: datetime | None, overlap: timedelta) -> datetime:
    """From when on the next run reads comments, those that it knows included: ``overlap`` before the cursor,
    but no more than a stride of them, which begins at ``again_at``. Of a flood, more would be many pages in
    each run of it.
    """
    wide = cursor_at - overlap
    return wide if again_at is None else max(wide, again_at)
