"""Saving: what waits while what GitHub lets us ask and write is nearly used up, so that pages go out.

No run sees what the others write. What it knows is the rest of the hour's requests, which GitHub tells with
every answer, and the times of our own comments among those it read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from allclear.core.model.budget import KEPT, Budget
from allclear.core.model.effects import (
    AddLabels,
    CreateLabel,
    DeleteComment,
    Effect,
    PutPanel,
    React,
    RemoveLabel,
)
from allclear.core.model.snapshot import Snapshot

WRITES = ((timedelta(minutes=1), 80), (timedelta(hours=1), 500))
"""What one identity may write. GitHub counts all of it together, and shows none of it.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
"""

COMFORTS = (AddLabels, CreateLabel, DeleteComment, React, RemoveLabel)
"""What is compared anew in each pass, so that one which leaves it undone loses nothing."""

LONGEST_HOLD = timedelta(minutes=3)
"""So long does a run keep its turn at most: a comment waits no longer for its answer."""


def scarce(snapshot: Snapshot, bots: Iterable[int]) -> bool:
    """Whether the part of the hour that is kept for pages and answers is all that is left."""
    if snapshot.budget is not None and snapshot.budget.scarce:
        return True
    ours = frozenset(bots)
    ages = [
        snapshot.now - one.created_at
        for one in snapshot.comments
        if one.author is not None and one.author.id in ours
    ]
    return any(sum(age < span for age in ages) * KEPT >= most * (KEPT - 1) for span, most in WRITES)


def spared(effects: Iterable[Effect], *, news: bool) -> tuple[Effect, ...]:
    """The effects that do not wait. ``news``: there is something new for the panel, so that it goes too."""
    return tuple(
        effect
        for effect in effects
        if not isinstance(effect, COMFORTS)
        and (news or not isinstance(effect, PutPanel) or effect.comment is None)
    )


def hold(budget: Budget | None, used: int, now: datetime) -> timedelta:
    """How long a run that asked ``used`` times keeps its turn when it is done, so that the next ones of its
    incident make what is left last until the hour ends. Not at all unless little is left.
    """
    if budget is None or not budget.scarce:
        return timedelta()
    runs = max(1, budget.remaining // max(1, used))
    return min(LONGEST_HOLD, max(timedelta(), budget.reset - now) / runs)
