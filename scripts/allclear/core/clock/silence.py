"""No open incident is forgotten: when nobody has said a word for too long, the commander is asked, then the
first responder, then one level of the chain after the other.
"""

from __future__ import annotations

from collections.abc import Mapping

from allclear.core.calendar.period import Period
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.policy.deadline import Aim, Deadline
from allclear.core.policy.runbook import Runbook

TEXT = (
    "Nobody has said anything here for {{ within }} or more, and this {{ severity }} incident is still open. "
    "Write where it stands (`/update <text>`), or end it (`/resolve`, then `/all-clear`)."
)

STEPS: tuple[tuple[str, Aim], ...] = (("silence-1", ""), ("silence-2", "first"), ("silence-3", "next"))
"""Whom each further silence is for, beside the commander."""


def longest(runbook: Runbook) -> Mapping[str, Period]:
    """The longest silence by severity; one that is not there has none."""
    return {level: span for level, span in runbook.silence.items() if not span.empty}


def watch_for_silence(runbook: Runbook) -> tuple[Deadline, ...]:
    """The deadlines that a word of a person restarts, until the incident is closed."""
    within = dict(longest(runbook))
    rhythms = {level: Rhythm.of(span) for level, span in within.items()}
    commander = next((role.title for role in runbook.roles if role.id == "ic"), "ic")
    return tuple(
        Deadline(
            id=name,
            title="Nobody has said anything",
            start="word",
            until="closed",
            within=within,
            repeat=rhythms,
            first=number,
            last=number if number + 1 < len(STEPS) else None,
            to=(commander,),
            aim=aim,
            ladder="silence",
            level=number,
            quiet=True,
            text=TEXT,
        )
        for number, (name, aim) in enumerate(STEPS)
    )
