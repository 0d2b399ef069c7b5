"""A deadline: what has to happen by when, who hears of it when it does not, and on what condition it runs."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from allclear.core.calendar.period import Period
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.model.milestones import Milestone


class Condition(Struct, frozen=True, kw_only=True):
    """All that it names hold; it always holds when it names nothing.

    ``flag``: any of these is up. ``fix``: the newest fix is of that kind, where a hotfix is a fix forward
    too. ``measured``: at least so much was reported.
    """

    flag: tuple[str, ...] = ()
    fix: Literal["", "rollback", "fix-forward", "hotfix"] = ""
    measured: dict[str, float] = field(default_factory=dict)


class Chain(Struct, frozen=True, kw_only=True):
    """Who is told when the one before does not answer: titles that are told together, level by level.

    ``severities``: those that it climbs for by itself.
    """

    id: str
    levels: tuple[tuple[str, ...], ...]
    severities: tuple[str, ...] = ()


Start = Milestone | Literal["window-end", "word", "voice", "draft"]
"""Where a clock starts. ``window-end``: the end of the monitoring window; ``word``: the last word of a
person; ``voice``: the last word of a voice, or the declaration while it said nothing; ``draft``: when a
voice's draft was asked for.
"""


Aim = Literal["", "first", "told", "next"]
"""Which level of a chain a deadline is for, beside its titles."""


class Deadline(Struct, frozen=True, kw_only=True):
    """From a milestone until a milestone, within a limit per severity, then an action; it may repeat.

    ``within`` names only the severities it exists for. ``repeat`` is how often it is said again until
    ``until`` is reached; ``first`` and ``last`` are the repetitions that are this deadline's, 0 being the one
    that is due after ``within``. ``ladder`` groups levels of one escalation, for all severities or for each
    its own: of several due at once only the highest ``level`` speaks.

    ``checklist``: until all steps of that list that are asked for are done.

    ``when``: only while that holds; each raising of a flag is told anew, and the clock starts then, or where
    ``from_start`` says so, at the start. ``text`` is Jinja over the neutralised values of
    core.conversation.notices.values.

    It is for ``to``, and by ``aim`` for the first level of a ``chain`` (or, without one, of the severity's
    own), for the levels of it that were told so far, or for the lowest that was not. ``quiet``: it is in no
    list of what comes next. ``earlier``: what the same deadline was called in earlier runbooks; what was said
    under that name is not said again. ``role``: it runs only while nobody has the role of that id.
    """

    id: str
    title: str
    start: Start
    checklist: str = ""
    until: Milestone | None = None
    within: dict[str, Period]
    repeat: dict[str, Rhythm] = field(default_factory=dict)
    first: int = 0
    last: int | None = None
    action: Literal["remind", "escalate", "notify"] = "remind"
    to: tuple[str, ...] = ()
    aim: Aim = ""
    chain: str = ""
    ladder: str | dict[str, str] = ""
    level: int = 0
    voice: str = ""
    when: Condition = Condition()
    from_start: bool = False
    earlier: tuple[str, ...] = ()
    quiet: bool = False
    role: str = ""
    text: str

    def ladder_at(self, level: str) -> str:
        """The escalation that it is a level of, for a severity; its own id when it is none."""
        ladder = self.ladder if isinstance(self.ladder, str) else self.ladder.get(level, "")
        return ladder or self.id
