"""The days of a week and the hours of a day, as a calendar writes them: ``mon-fri``, ``"09:00-17:00"``."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import ClassVar, Self

from typing_extensions import override

from allclear.core.calendar.phrase import CLOCK, Phrase, clock_of
from allclear.core.model.patterns import lazy_regex

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = lazy_regex(rf"({CLOCK}) ?- ?({CLOCK})")
_RANGE = lazy_regex(rf"({'|'.join(NAMES)})(?: ?- ?({'|'.join(NAMES)}))?")
_MIDNIGHT = time()


class Days(Phrase, frozen=True):
    """Days of the week: ``mon-fri``, ``sun``, ``mon, wed``, ``all``. Monday is 0, as in `date.weekday`."""

    numbers: frozenset[int]
    called: ClassVar[str] = "days of the week"
    examples: ClassVar[tuple[str, ...]] = ("mon-fri", "sun", "mon, wed", "all")

    @classmethod
    @override
    def parse(cls, text: str) -> Self:
        if text.lower() == "all":
            return cls(frozenset(range(7)))
        found = set[int]()
        for part in text.lower().split(","):
            match = _RANGE.fullmatch(part.strip())
            if match is None:
                raise ValueError(f"{text!r} are no days; write mon-fri, sun, mon, wed or all")
            first = NAMES.index(match[1])
            length = (NAMES.index(match[2] or match[1]) - first) % 7
            found |= {(first + step) % 7 for step in range(length + 1)}
        return cls(frozenset(found))

    def __str__(self) -> str:
        if len(self.numbers) == 7:
            return "all"
        # A run begins on a day whose eve is not among them, so that fri-mon is one run.
        runs = [self._run(day) for day in sorted(self.numbers) if (day - 1) % 7 not in self.numbers]
        return ", ".join(runs)

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.numbers

    def _run(self, first: int) -> str:
        last = first
        while (last + 1) % 7 in self.numbers:
            last = (last + 1) % 7
        return NAMES[first] if first == last else f"{NAMES[first]}-{NAMES[last]}"


class Hours(Phrase, frozen=True):
    """From one time of day to another: ``09:00-17:00``; ``22:00-06:00`` ends on the next day."""

    opens: time
    closes: time
    called: ClassVar[str] = "hours"
    examples: ClassVar[tuple[str, ...]] = ("09:00-17:00", "22:00-06:00", "00:00-24:00")

    @classmethod
    @override
    def parse(cls, text: str) -> Self:
        match = _HOURS.fullmatch(text)
        if match is None:
            raise ValueError(f'{text!r} are no hours; write them in quotes: "09:00-17:00"')
        opens, closes = clock_of(match[1]), _MIDNIGHT if match[2] == "24:00" else clock_of(match[2])
        if opens == closes and match[2] != "24:00":
            raise ValueError(f'{text!r} ends where it begins; the whole day is "00:00-24:00"')
        return cls(opens, closes)

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{'24:00' if self.closes == _MIDNIGHT else format(self.closes, '%H:%M')}"

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing of that day, as clocks on the wall show them (naive)."""
        end = day if self.closes > self.opens else day + timedelta(days=1)
        return datetime.combine(day, self.opens), datetime.combine(end, self.closes)

    @property
    def length(self) -> timedelta:
        """How long a day is open when no clock is changed."""
        opens, closes = self.on(date.min)
        return closes - opens


WHOLE_DAY = Hours(_MIDNIGHT, _MIDNIGHT)
