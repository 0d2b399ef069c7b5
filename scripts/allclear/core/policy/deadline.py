"""A deadline: what has to happen by when, who hears of it when it does not, and on what condition it runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator

from allclear.core.calendar.period import Period, Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.model.frozen import Frozen
from allclear.core.model.milestones import Milestone
from allclear.core.model.times import compact, parse_duration, spell


def _limit(value: Any) -> Any:
    """A plain duration stays one, as runbooks always had it; anything else is read as a period."""
    if isinstance(value, timedelta | Period):
        return value
    try:
        return parse_duration(value) if isinstance(value, str) else Period.read(value)
    except ValueError as error:
        try:
            return Period.read(value)
        except ValueError:
            raise error from None


def _often(value: Any) -> Any:
    if isinstance(value, timedelta | Rhythm):
        return value
    try:
        return parse_duration(value) if isinstance(value, str) else Rhythm.read(value)
    except ValueError as error:
        try:
            return Rhythm.read(value)
        except ValueError:
            raise error from None


def _written(value: Any) -> str:
    return compact(value) if isinstance(value, timedelta) else str(value)


Limit = Annotated[
    timedelta | Period, PlainValidator(_limit), PlainSerializer(_written, return_type=str, when_used="json")
]
"""How long something may take: a duration that elapses, or a period such as ``5 office days``."""

Often = Annotated[
    timedelta | Rhythm, PlainValidator(_often), PlainSerializer(_written, return_type=str, when_used="json")
]
"""How often something is said again: a duration that elapses, or a rhythm such as ``0m, then 5m``."""


def length(limit: timedelta | Period) -> str:
    """How long it is, for people: ``15 min``, ``5 office days``."""
    return spell(limit) if isinstance(limit, timedelta) else limit.words()


class Condition(Frozen):
    """All that it names hold; it always holds when it names nothing.

    ``flag``: any of these is up. ``fix``: the newest fix is of that kind, where a hotfix is a fix forward
    too. ``measured``: at least so much was reported.
    """

    flag: tuple[str, ...] = ()
    fix: Literal["", "rollback", "fix-forward", "hotfix"] = ""
    measured: dict[str, float] = Field(default_factory=dict)


class Chain(Frozen):
    """Who is told when the one before does not answer: titles that are told together, level by level.

    ``severities``: those that it climbs for by itself.
    """

    id: str
    levels: tuple[tuple[str, ...], ...] = Field(min_length=1)
    severities: tuple[str, ...] = ()


Start = Milestone | Literal["window-end", "word", "voice", "draft"]
"""Where a clock starts. ``window-end``: the end of the monitoring window; ``word``: the last word of a
person; ``voice``: the last word of a voice, or the declaration while it said nothing; ``draft``: when a
voice's draft was asked for.
"""


Aim = Literal["", "first", "told", "next"]
"""Which level of a chain a deadline is for, beside its titles."""


class Deadline(Frozen):
    """From a milestone until a milestone, within a limit per severity, then an action; it may repeat.

    ``within`` names only the severities it exists for. ``repeat`` is how often it is said again until
    ``until`` is reached; ``first`` and ``last`` are the repetitions that are this deadline's, 0 being the one
    that is due after ``within``. ``ladder`` groups levels of one escalation, for all severities or for each
    its own: of several due at once only the highest ``level`` speaks.

    ``checklist``: until all steps of that list that are asked for are done.

    ``flag`` or ``when``: only while that holds; each raising of a flag is told anew, and the clock starts
    then, or where ``from_start`` says so, at the start. ``text`` is Jinja over the neutralised values of
    core.notices.values.

    It is for ``to``, and by ``aim`` for the first level of a ``chain`` (or, without one, of the severity's
    own), for the levels of it that were told so far, or for the lowest that was not. ``quiet``: it is in no
    list of what comes next. ``earlier``: what the same deadline was called in earlier runbooks; what was said
    under that name is not said again. ``role``: it runs only while nobody has the role of that id.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,80}$")
    item: str = ""
    title: str
    start: Start
    checklist: str = ""
    until: Milestone | None = None
    within: dict[str, Limit]
    repeat: dict[str, Often] = Field(default_factory=dict)
    first: int = 0
    last: int | None = None
    action: Literal["remind", "escalate", "notify", "backlog"] = "remind"
    to: tuple[str, ...] = ()
    aim: Aim = ""
    chain: str = ""
    ladder: str | dict[str, str] = ""
    level: int = 0
    voice: str = ""
    flag: str = ""
    when: Condition = Condition()
    from_start: bool = False
    earlier: tuple[str, ...] = ()
    quiet: bool = False
    role: str = ""
    calendar: Literal["always"] = "always"
    text: str

    @property
    def condition(self) -> Condition:
        """On what condition it runs."""
        return Condition(flag=(self.flag,)) if self.flag else self.when

    def ladder_at(self, level: str) -> str:
        """The escalation that it is a level of, for a severity; its own id when it is none."""
        ladder = self.ladder if isinstance(self.ladder, str) else self.ladder.get(level, "")
        return ladder or self.id

    def limit(self, level: str) -> Period:
        """How long until it is due, for a severity that it exists for."""
        within = self.within[level]
        return Span(within) if isinstance(within, timedelta) else within

    def rhythm(self, level: str) -> Rhythm | None:
        """How often it is said again, for a severity; None when it is said once."""
        often = self.repeat.get(level)
        if isinstance(often, timedelta):
            return Rhythm.of(Span(often)) if often else None
        return often


LATER = {
    "voice",
    "checklist",
    "first",
    "last",
    "aim",
    "chain",
    "when",
    "from_start",
    "earlier",
    "quiet",
    "role",
}
"""Fields that only the new language fills: a runbook of the old one keeps the hash it had."""
