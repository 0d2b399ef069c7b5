"""What changed before the start, as people read it: a line each, and the command that takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from allclear.core.model.neutral import code, inline
from allclear.core.model.recent_change import RecentChange
from allclear.core.model.release import State
from allclear.core.model.times import clock_time, in_minutes

TITLE = 100
"""Characters of a title that are shown."""

_DEPLOYED: Mapping[State, str] = {
    "success": "was deployed to",
    "failed": "was deployed in part, and failed, to",
    "in progress": "is still being deployed to",
}


def changes_told(changes: Sequence[RecentChange], until: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Neutral Markdown that mentions nobody."""
    if not changes:
        when = clock_time(until, zone, near=now)
        return f"Nothing is known to have changed before {when}, the corrected start."
    lines = ["**What changed before it began**, the likeliest cause first. None of it is proven to be one.\n"]
    for change in changes:
        lines.append(
            f"- {_told(change)}, **{in_minutes(until - change.at)} before the start**{_more(change)}"
        )
        if change.undo:
            lines.append(f"  To go back, write {code(change.undo, 200)}")
    return "\n".join(lines)


def _told(change: RecentChange) -> str:
    name = _linked(change.name, change.url)
    match change.kind:
        case "deployment":
            of = f" ({code(change.service)})" if change.service else ""
            deployed = _DEPLOYED.get(change.state, "may have been deployed to")
            return f"{name}{of} {deployed} {inline(change.where)}"
        case "run":
            return f"{name} failed on {code(change.where)}"
        case "settings":
            return f"{name} changed {', '.join(code(path) for path in change.where.split(', '))}"
        case "pull":
            return f"{name} was merged"
        case _:
            assert_never(change.kind)


def _more(change: RecentChange) -> str:
    by = f", by {inline(change.by, 60)}" if change.by else ""
    return by + (f": {inline(change.text, TITLE)}" if change.text.strip() else "")


def _linked(name: str, url: str) -> str:
    shown = code(name, 80)
    return f"[{shown}]({url})" if url.startswith("https://") and not set(url) & set(" ()<>\n") else shown
