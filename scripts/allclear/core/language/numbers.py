"""The numbers of a severity: those it names, and the engine's for the others."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from allclear.core.calendar.period import NumberName, OfficeDays, Period, Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenSeverity
from allclear.core.language.fields import LimitBySeverity, NotAtAll
from allclear.core.language.selection import NONE, Levels
from allclear.core.model.frozen import Frozen


class Numbers(Frozen):
    """By severity, as in a runbook: how long a fix is watched, how long nobody may be silent, when the
    post-mortem is due.
    """

    watch: LimitBySeverity
    silence: LimitBySeverity
    review: LimitBySeverity


class LevelNumbers(Struct, frozen=True):
    """What one severity goes by; None: it has no such number.

    ``watch``: after a fix forward; ``watch_rollback``: after a rollback.
    """

    response: Period
    escalate: Rhythm
    update: Rhythm | None
    watch: Period | None
    watch_rollback: Period | None
    silence: Period | None
    target: Period | None
    evidence: Period | None
    review: Period | None

    def period(self, limit: Period | NumberName | NotAtAll | None) -> Period | None:
        """A length of time as it stands in the file; the name of a number is this severity's own."""
        if isinstance(limit, NumberName):
            if limit is NumberName.UPDATE:
                return next((step.period for step in self.update.steps[-1:]), None) if self.update else None
            found = getattr(self, str(limit))
            return found if isinstance(found, Period) else None
        return limit if isinstance(limit, Period) else None

    def rhythm(self, cadence: Rhythm | NumberName | NotAtAll | None) -> Rhythm | None:
        """How often, as it stands in the file; None for ``by hand`` too."""
        if cadence is NumberName.UPDATE:
            return self.update
        if isinstance(cadence, NumberName):
            period = self.period(cadence)
            return Rhythm.of(period) if period else None
        return cadence if isinstance(cadence, Rhythm) and cadence.steps else None


def numbers_of(file: RunbookFile, level: str, numbers: Numbers) -> LevelNumbers:
    """The numbers of this severity."""
    one = file.severities[level]
    watch, rollback = (one.watch.fix_forward, one.watch.rollback) if one.watch else (None, None)
    update = one.update if isinstance(one.update, Rhythm) and one.update.steps else None
    return LevelNumbers(
        response=one.response,
        escalate=Rhythm.of(one.response) if one.escalate is None else one.escalate,
        update=update,
        watch=_own(watch, numbers.watch, file, level),
        watch_rollback=_own(rollback, numbers.watch, file, level),
        silence=_silence(_own(one.silence, numbers.silence, file, level), one, update),
        target=one.target if isinstance(one.target, Period) else None,
        evidence=one.evidence if isinstance(one.evidence, Period) else None,
        review=_own(one.review, numbers.review, file, level),
    )


def _silence(found: Period | None, one: WrittenSeverity, update: Rhythm | None) -> Period | None:
    """Where the runbook names no silence, nobody has to speak more often than updates are owed."""
    owed = update.steps[-1].period if update is not None and one.silence is None else None
    if isinstance(found, Span) and isinstance(owed, Span) and _about(owed) > _about(found):
        return owed
    return found


def _about(span: Span) -> timedelta:
    return span.elapse + timedelta(days=span.days + 30 * span.months)


def _own(
    said: Period | NotAtAll | None, default: LimitBySeverity, file: RunbookFile, level: str
) -> Period | None:
    """What the severity says, else the engine's number: in plain days where its calendar is not there."""
    if said is not None:
        return None if said == NONE else said
    found = Levels(tuple(file.severities)).chosen(default, level)
    if isinstance(found, OfficeDays) and found.calendar not in file.calendars:
        return Span(days=found.number)
    return found if isinstance(found, Period) else None
