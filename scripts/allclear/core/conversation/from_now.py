"""Times that count from now: ``30 minutes ago``, ``-30m``, ``in 2 hours``, ``now``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from allclear.core.model.patterns import lazy_regex
from allclear.core.model.times import utc

_FLAGS = re.IGNORECASE | re.ASCII
_WHOLE_NUMBER = r"\d{1,4}|an?|one|two|three|four|five|ten|half an|half a"
_AMOUNT = lazy_regex(
    rf"(?P<count>{_WHOLE_NUMBER})\s?(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)"
    r"(?![a-z])\.?",
    _FLAGS,
)
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "half": 0.5}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BACK = lazy_regex(r"[-\u2212](?=\d{1,4}\s?(?:m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z]))", _FLAGS)
_JOIN = lazy_regex(r"\s?(?:and\s)?", re.IGNORECASE)
_AGO = lazy_regex(r"\s{0,2}ago\b", re.IGNORECASE)
_AHEAD = lazy_regex(r"in\s(?=\d|an?\s)", re.IGNORECASE)
_NOW = lazy_regex(r"(?:just |right )?now(?![\w'-])", re.IGNORECASE)
AFTER = lazy_regex(r"$|[\s:,;|>)\]*_`\"'=\u2013\u2014\u2192-]|\.(?!\d)")
"""What stands behind a time that ends there."""
TAIL = " \t.*_`)]\"'"
"""Signs behind a time that say nothing."""


def from_now(text: str, start: int, now: datetime, *, coming: bool) -> tuple[datetime, int] | None:
    """``30 minutes ago``, ``-30m`` and ``now``; ``in 2 hours`` of what comes: the time (UTC), to the minute,
    as times are shown, and where it ends.
    """
    said = _NOW.match(text, start)
    if said and not text[said.end() :].strip(TAIL):
        return utc(now), said.end()
    lead = _BACK.match(text, start) or (_AHEAD.match(text, start) if coming else None)
    span, end = _amounts(text, lead.end() if lead else start)
    ago = _AGO.match(text, end) if lead is None else None
    if span is None or (lead is None and ago is None):
        return None
    end = ago.end() if ago else end
    if not AFTER.match(text, end):
        return None
    back = ago or (lead and lead[0] in "-\u2212")
    return utc(now - span if back else now + span).replace(second=0), end


def _amounts(text: str, start: int) -> tuple[timedelta | None, int]:
    """``1h 30m`` and where it ends; None when there is no length of time."""
    seconds, end, begin = 0.0, start, start
    for _ in range(3):
        found = _AMOUNT.match(text, begin)
        if found is None:
            break
        word = found["count"].lower().split()[0]
        count = int(word) if word.isdigit() else _COUNTS.get(word, 1)
        seconds += count * _SECONDS[found["unit"][0].lower()]
        end = found.end()
        begin = end + len(_JOIN.match(text, end)[0])  # type: ignore[index]  # it matches nothing too
    return (timedelta(seconds=seconds) if end > start else None), end
