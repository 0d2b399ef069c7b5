"""How often something is said: ``15m``, ``0m, then 5m``, ``5m, then 20m, then 1h after 2h``, ``by hand``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from msgspec import Struct
from typing_extensions import override

from allclear.core.calendar.calendar import Calendars, NeverOpensError
from allclear.core.calendar.period import NumberName, Period, Span
from allclear.core.calendar.phrase import AsText, Phrase
from allclear.core.model.patterns import lazy_regex

_BY_HAND = "by hand"
_THEN = lazy_regex(r", ?then ", re.IGNORECASE)
_MANY = 2**40
_AFTER = lazy_regex(r" after ", re.IGNORECASE)


class RhythmStep(Struct, frozen=True):
    """One period of a rhythm. ``after``: it begins once so much has passed since the start of the clock."""

    period: Period
    after: Span | None = None

    def __str__(self) -> str:
        return f"{self.period} after {self.after}" if self.after else str(self.period)


class Rhythm(Phrase, frozen=True):
    """Periods one after the other; the last is repeated, and so is one that a step with ``after`` follows.

    No steps: ``by hand``, never by itself. The repetitions are numbered from 1, and found without counting
    them one by one, so an anchor years ago costs no more than one of today.
    """

    steps: tuple[RhythmStep, ...] = ()
    called: ClassVar[str] = "how often"
    examples: ClassVar[tuple[str, ...]] = ("15m", "0m, then 5m", "5m, then 20m, then 1h after 2h", _BY_HAND)

    @classmethod
    @override
    def parse(cls, text: str) -> Self:
        if text.lower() == _BY_HAND:
            return cls()
        if re.search(r"(?<!,) then\b|,(?! ?then )|\bthen$", text, re.IGNORECASE):
            raise ValueError(f"{text!r}: write 5m, then 20m")
        steps = tuple(_step(part, text) for part in _THEN.split(text))
        if steps[0].after:
            raise ValueError(f"{text!r}: write first how often until then, such as 20m, then {steps[0]}")
        found = cls(steps)
        if any(step.period.empty and found.repeats(at) for at, step in enumerate(steps)):
            raise ValueError(f"{text!r} would be due again at once for ever; write 0m, then 5m")
        return found

    @classmethod
    def of(cls, period: Period) -> Self:
        """Again and again after that period."""
        return cls((RhythmStep(period),))

    def __str__(self) -> str:
        return ", then ".join(str(step) for step in self.steps) or _BY_HAND

    def due(
        self, number: int, anchor: datetime, calendars: Calendars, start: datetime | None = None
    ) -> datetime | None:
        """When the repetition of that number (from 1) is due, in UTC. None for ``by hand``.

        ``start`` is what ``after 2h`` counts from; it is ``anchor`` unless the clock began earlier.
        """
        left = number
        for period, begin, most in self._runs(anchor, calendars, start or anchor):
            if most is None or left <= most:
                return period.after(begin, calendars, left)
            left -= most
        return None

    def number_at(
        self, now: datetime, anchor: datetime, calendars: Calendars, start: datetime | None = None
    ) -> int:
        """The number of the last repetition that is due at ``now``; 0 when none is."""
        total = 0
        for period, begin, most in self._runs(anchor, calendars, start or anchor):
            passed = _largest(_until(period, begin, calendars, now), most)
            total += passed
            if passed != most:
                break
        return total

    def next_after(
        self, now: datetime, anchor: datetime, calendars: Calendars, start: datetime | None = None
    ) -> datetime | None:
        """The first repetition that is due later than ``now``. None for ``by hand``."""
        return self.due(self.number_at(now, anchor, calendars, start) + 1, anchor, calendars, start)

    def since(self, said: int) -> Rhythm:
        """What is left after so many were said: the first periods, if they are not repeated, are over."""
        once = next((at for at in range(len(self.steps)) if self.repeats(at)), 0)
        return Rhythm(self.steps[min(said, once) :])

    def period_at(
        self, now: datetime, anchor: datetime, calendars: Calendars, start: datetime | None = None
    ) -> Period | None:
        """The period that is running at ``now``: how long it is from the last repetition to the next."""
        number = self.number_at(now, anchor, calendars, start) + 1
        for period, _, most in self._runs(anchor, calendars, start or anchor):
            if most is None or number <= most:
                return period
            number -= most
        return None

    def refusal(self, calendars: Calendars) -> str | None:
        """Why a period has no end in these calendars, or None."""
        return next((why for step in self.steps if (why := step.period.refusal(calendars))), None)

    def words(self) -> str:
        """``every 15 minutes``; ``after 5 minutes, then every 20 minutes, then every hour after 2 hours``."""
        parts = list[str]()
        for at, step in enumerate(self.steps):
            if self.repeats(at):
                words = f"every {step.period.cadence()}"
            else:
                words = "at once" if step.period.empty else f"after {step.period.words()}"
            parts.append(f"{words} after {step.after.words()}" if step.after else words)
        return ", then ".join(parts) or _BY_HAND

    def cadence(self) -> str:
        """What is said after "every": of the first period that is repeated; empty for ``by hand``."""
        return next((step.period.cadence() for at, step in enumerate(self.steps) if self.repeats(at)), "")

    def repeats(self, at: int) -> bool:
        """Whether the step of that index comes again and again, and not once."""
        return at + 1 == len(self.steps) or self.steps[at + 1].after is not None

    def _runs(
        self, anchor: datetime, calendars: Calendars, start: datetime
    ) -> Iterator[tuple[Period, datetime, int | None]]:
        """Each period with the moment from which it runs, and how often; None: from then on."""
        begin = anchor
        for at, step in enumerate(self.steps):
            most: int | None = None if at + 1 == len(self.steps) else 1
            if most and (after := self.steps[at + 1].after):
                # The period is the old one as long as it begins before the change, though it may end later.
                change = after.after(start, calendars)
                earlier = _until(step.period, begin, calendars, change, including=False)
                most = 1 + _largest(earlier) if begin < change else 0
            yield step.period, begin, most
            begin = step.period.after(begin, calendars, most) if most else begin


def rhythm_or_number(value: Any) -> Rhythm | NumberName:
    """Read a rhythm, or the name of the severity's own number. Raises ValueError."""
    if isinstance(value, str) and value.strip().lower() in set(NumberName):
        return NumberName(value.strip().lower())
    return Rhythm.read(value)


RhythmOrNumber = Annotated[
    Rhythm | NumberName,
    AsText(rhythm_or_number, f"{Rhythm.called}, or a number's name", (*Rhythm.examples, *NumberName)),
]


def _step(part: str, text: str) -> RhythmStep:
    period, *after = _AFTER.split(part)
    try:
        return RhythmStep(Period.parse(period), Span.parse(after[0]) if after else None)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}" if part != text else str(error)) from None


def _until(
    period: Period, begin: datetime, calendars: Calendars, limit: datetime, *, including: bool = True
) -> Callable[[int], bool]:
    """Whether so many periods from ``begin`` end by the limit."""

    def ends(times: int) -> bool:
        try:
            end = period.after(begin, calendars, times)
        except NeverOpensError:
            return False
        return end < limit or (including and end == limit)

    return ends


def _largest(holds: Callable[[int], bool], most: int | None = None) -> int:
    """The largest number from 0 up to ``most`` that holds, when all below it hold: found by halving."""
    high = 1
    while high <= (_MANY if most is None else most) and holds(high):
        high *= 2
    low, high = high // 2, high if most is None else min(high, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
