"""Voices: what is said to one audience, at which moments, and how often a word is owed."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from allclear.core.calendar.rhythm import Rhythm
from allclear.core.policy.deadline import Condition

UPDATE = "update"
"""What a voice says beside its moments: somebody's words, again and again."""

ENDINGS = ("resolved", "all-clear", "published")
"""Moments at which a voice says that it is over: it does when it has spoken before."""


class SpokenText(Struct, frozen=True, kw_only=True):
    """A text with values such as ``{{ status }}``."""

    subject: str = ""
    text: str


class Voice(Struct, frozen=True, kw_only=True):
    """Words for one audience.

    ``severities``: in which it speaks, while ``when`` holds. ``to``: channels; ``speaker`` and ``approve``:
    roles. ``public``: what it says is a draft until somebody publishes it. ``cadence``: by severity, how
    often its readers can expect a word. ``at``: the texts by moment, and under ``update``.
    """

    id: str
    severities: tuple[str, ...]
    when: Condition = Condition()
    to: tuple[str, ...] = ()
    speaker: str = ""
    public: bool = False
    approve: str = ""
    clock: Literal["24h", "12h"] = "24h"
    cadence: dict[str, Rhythm] = field(default_factory=dict)
    at: dict[str, SpokenText] = field(default_factory=dict)

    @property
    def opens(self) -> bool:
        """Whether it has words before the end: one that had nothing to say then says nothing at the end."""
        return any(moment not in ENDINGS and moment != UPDATE for moment in self.at)
