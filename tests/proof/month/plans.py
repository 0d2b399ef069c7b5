"""Thirty days of two hundred incidents, made up from a seed: when sweeps and runs come, what people do.

GitHub is as late as it was seen to be in 2026. A cron every ten minutes comes 5 to 30 minutes late on good
days, and most of its runs never come; on bad days it fires six to nine times, hours late; on the worst it is
up to 12 hours late. For 11 hours no run happens at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from math import lcm
from random import Random
from typing import Any

from allclear.core.language.merging import with_defaults
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from written import ENGINE, SHIPPED, raw, runbook_of

DAYS = 30
INCIDENTS = 200
MONTHS = {
    "spring": datetime(2026, 3, 7, tzinfo=UTC),
    "autumn": datetime(2025, 10, 4, tzinfo=UTC),
}
"""When they begin. In spring clocks go forward in the north, first in America (8 March), then in Europe (29
March), and back in the south (5 April); in autumn the other way round (5 and 26 October, 2 November).
"""

OUTAGE = timedelta(hours=11)
RUNBOOKS = sorted(file.stem for file in SHIPPED.glob("*.yml"))
ZONES = (
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Halifax",
    "America/Santiago",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Lisbon",
    "Africa/Johannesburg",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)
"""Both hemispheres, zones of a half and a three-quarter hour, one that moves by half an hour, some that never
move.
"""

GOOD, BAD, WORST = "good", "bad", "worst"
DROPPED = {GOOD: 0.8, BAD: 0.95, WORST: 0.985}
"""How many of a day's 144 sweeps never come."""
DELAY = {GOOD: (5, 30), BAD: (30, 390), WORST: (300, 720)}
"""How many minutes the others come late, at least and at most."""

STORMY = 10
"""Of so many incidents one has every flag raised that a rule of its runbook asks for."""
ABROAD = 5
"""The team of each so manieth incident reads its times in another zone than its runbook counts in."""
NAMELESS = 0.12
"""Of the titles that no chain begins with, how many have no login."""


@dataclass(frozen=True)
class Weather:
    """When GitHub runs anything: its sweeps, and the hours in which it does nothing."""

    begin: datetime
    sweeps: tuple[datetime, ...]
    outage: tuple[datetime, datetime]

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(days=DAYS)

    def runs_at(self, moment: datetime) -> bool:
        return not self.outage[0] <= moment < self.outage[1]


@cache
def weather(month: str) -> Weather:
    """The month's, always the same."""
    chance, begin = Random(month), MONTHS[month]
    down = begin + timedelta(minutes=chance.randrange(10 * 1440, 20 * 1440))
    sweeps = set()
    for day in range(DAYS):
        (kind,) = chance.choices((GOOD, BAD, WORST), (5, 4, 1))
        for tick in range(144):
            meant = begin + timedelta(days=day, minutes=7 + 10 * tick)
            if chance.random() >= DROPPED[kind]:
                low, high = DELAY[kind]
                sweeps.add(meant + timedelta(seconds=chance.randrange(60 * low, 60 * high)))
    found = Weather(begin, (), (down, down + OUTAGE))
    there = tuple(sorted(one for one in sweeps if found.runs_at(one) and one < found.end))
    return Weather(begin, there, found.outage)


@dataclass(frozen=True)
class Act:
    """Somebody writes something, and a run comes for it, or not."""

    at: datetime
    who: str
    text: str
    run: datetime | None


@dataclass(frozen=True)
class Made:
    """One incident of the month. ``file``: its runbook as it was written, in its zone, with the defaults."""

    month: str
    number: int
    name: str
    zone: str
    severity: str
    opened: datetime
    declared: datetime | None
    acts: tuple[Act, ...] = field(repr=False)
    merges: tuple[datetime, ...] = field(repr=False)
    settings: Settings = field(repr=False)

    @property
    def file(self) -> dict[str, Any]:
        return written_in(self.name, self.zone)

    @property
    def runbook(self) -> Runbook:
        return compiled_in(self.name, self.zone)


def month_of(number: int) -> str:
    """The first half of the incidents live in the first month."""
    return list(MONTHS)[number * len(MONTHS) // INCIDENTS]


read = cache(raw)


@cache
def written_in(name: str, zone: str) -> dict[str, Any]:
    """The runbook in another zone, with the engine's defaults."""
    return with_defaults(read(name) | {"zone": zone}, ENGINE)


@cache
def compiled_in(name: str, zone: str) -> Runbook:
    """What the engine makes of it."""
    return runbook_of(read(name) | {"zone": zone})


@cache
def made(month: str, number: int) -> Made:
    """The incident of that number."""
    chance, sky = Random(f"{month}/{number}"), weather(month)
    name = RUNBOOKS[number % len(RUNBOOKS)]
    zone = ZONES[(number + number // lcm(len(RUNBOOKS), len(ZONES))) % len(ZONES)]
    file = written_in(name, zone)
    severities = list(file["severities"])
    (severity,) = chance.choices(severities, range(len(severities), 0, -1))
    opened = sky.begin + timedelta(seconds=chance.randrange(26 * 86400))
    elsewhere = ZONES[(7 * number + 3) % len(ZONES)] if number % ABROAD == 0 else ""
    settings = replace(_settings(file, chance), zone=elsewhere)
    acts: list[Act] = []
    merges: list[datetime] = []
    storm = _flags(file, opened, Random(f"flags/{number}")) if number % STORMY == 6 else ()
    for at, who, text in sorted([*_life(file, settings, severity, opened, chance), *storm]):
        if text == MERGE:
            merges.append(at)
        elif at < sky.end:
            acts.append(Act(at, who, text, _run(at, sky, chance)))
    return Made(
        month,
        number,
        name,
        zone,
        severity,
        opened,
        _run(opened, sky, chance),
        tuple(acts),
        tuple(merges),
        settings,
    )


def _run(at: datetime, sky: Weather, chance: Random) -> datetime | None:
    """When the run for something comes; None when it is lost."""
    (seconds,) = chance.choices(
        (chance.randrange(11, 83), chance.randrange(12 * 60, 40 * 60), None), (85, 10, 5)
    )
    run = None if seconds is None else at + timedelta(seconds=seconds)
    return run if run is not None and sky.runs_at(at) and sky.runs_at(run) else None


def _titles(file: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Every title of a runbook, and whether a chain begins with it."""
    for written in file["chains"].values():
        levels = written["levels"] if isinstance(written, dict) else written
        for number, level in enumerate(levels):
            yield from ((title, number == 0) for title in ([level] if isinstance(level, str) else level))
    for role in file["roles"].values():
        yield from ((title, False) for key in ("primary", "backup") if (title := role.get(key)))
    for rule in file["rules"].values():
        yield from ((title, False) for title in rule.get("tell", ()) if title != "All hands")
    yield from ((title, False) for title in file.get("contacts", {}))


def _settings(file: dict[str, Any], chance: Random) -> Settings:
    people: dict[str, tuple[str, ...]] = {}
    first = {title for title, begins in _titles(file) if begins}
    for title, _ in _titles(file):
        login = re.sub(r"[^a-z]+", "-", title.lower()).strip("-")
        if title not in people and (title in first or chance.random() >= NAMELESS):
            people[title] = (login, f"{login}-2") if chance.random() < 0.25 else (login,)
    return Settings(people=people)


MERGE = "merged"
PAUSES = (1, 3, 4, 7, 12, 16, 26, 55, 130, 600, 1500)
"""Minutes until somebody acknowledges."""


Line = tuple[datetime, str, str]
"""When somebody writes something: moment, login, text."""


def _life(
    file: dict[str, Any], settings: Settings, severity: str, opened: datetime, chance: Random
) -> Iterator[Line]:
    """What people write in the life of one incident, in no order."""
    begin, rounds = opened, 1 + (chance.random() < 0.2)
    for _ in range(rounds):
        length = timedelta(minutes=chance.choice((90, 240, 600, 1440, 3 * 1440, 6 * 1440)))
        one = _Interval(file, settings, chance, begin, length)
        yield from one.answered()
        yield from one.changing()
        yield from one.talk()
        yield from one.roles()
        fixed = one.later(5)
        yield from one.fixing(fixed)
        cleared = one.later(1450, 3000, fixed)
        yield from one.ending(fixed, cleared)
        begin = one.later(10, 3 * 1440, cleared)
        if rounds > 1:
            yield begin, "bob", "/reopen it is back"


def _flags(file: dict[str, Any], opened: datetime, chance: Random) -> Iterator[Line]:
    """Each flag of a rule is raised, one after the other, and some are taken back."""
    asked = [rule["when"]["flag"] for rule in file["rules"].values() if "flag" in rule.get("when", {})]
    for flag in dict.fromkeys(
        one for flags in asked for one in ([flags] if isinstance(flags, str) else flags)
    ):
        raised = opened + timedelta(seconds=chance.randrange(60, 3 * 3600))
        yield raised, "bob", f"/flag {flag}"
        if chance.random() < 0.2:
            yield raised + timedelta(minutes=chance.randrange(5, 300)), "bob", f"/unflag {flag}"


@dataclass(frozen=True)
class _Interval:
    """From the opening, or a reopening, to the all-clear."""

    file: dict[str, Any]
    settings: Settings
    chance: Random
    begin: datetime
    length: timedelta

    def later(self, least: int, most: int = 0, since: datetime | None = None) -> datetime:
        """So many minutes later, within the length of the incident where nothing else is said."""
        last = 60 * most or int(self.length.total_seconds())
        return (since or self.begin) + timedelta(seconds=self.chance.randrange(60 * least, last))

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def somebody(self) -> str:
        return self.chance.choice(["bob", "cat", *self.settings.named])

    def times(self, *counts: int) -> range:
        return range(self.chance.choice(counts))

    def answered(self) -> Iterator[Line]:
        """Somebody acknowledges, late or never, and calls others."""
        pause = timedelta(minutes=self.chance.choice(PAUSES), seconds=self.chance.randrange(60))
        if self.maybe(0.85):
            yield self.begin + pause, self.somebody(), "/ack"
        for _ in self.times(0, 0, 0, 1, 2):
            whom = self.chance.choice(["", *self.settings.people, *self.file["chains"]])
            yield self.later(1), self.somebody(), f"/escalate {whom}"

    def changing(self) -> Iterator[Line]:
        """The severity changes, flags are raised, taken back and raised again."""
        for _ in self.times(0, 0, 0, 1, 1, 2):
            yield self.later(2), "bob", f"/sev {self.chance.choice(list(self.file['severities']))} it changed"
        for _ in self.times(0, 0, 1, 2):
            flag, raised = self.chance.choice(list(self.file["flags"])), self.later(1)
            yield raised, "bob", f"/flag {flag}"
            if self.maybe(0.5):
                yield self.later(1, since=raised), "bob", f"/unflag {flag}"
                if self.maybe(0.5):
                    yield self.later(1, since=raised) + self.length, "bob", f"/flag {flag}"

    def talk(self) -> Iterator[Line]:
        """Updates, and words without a command, of some a whole log."""
        for _ in self.times(0, 1, 2, 4, 8):
            yield self.later(1), self.somebody(), "/update still looking into it"
        for _ in self.times(0, 1, 3, 6):
            yield self.later(1), self.chance.choice(["ada", self.somebody()]), "the graphs look odd"
        if self.maybe(0.06):
            log = self.later(1)
            yield from ((log + timedelta(seconds=20 * n), "ada", f"line {n} of the log") for n in range(70))

    def roles(self) -> Iterator[Line]:
        for role in self.file["roles"]:
            if self.maybe(0.25):
                text = self.chance.choice((f"/take {role}", f"/role {role} @bob"))
                yield self.later(1), self.somebody(), text

    def fixing(self, fixed: datetime) -> Iterator[Line]:
        """The cause is found, the fix is there, and sometimes it was none."""
        if self.maybe(0.5):
            yield self.later(3), "cat", "/finding a lock on the table"
        if self.maybe(0.3):
            yield self.later(3), "bob", "/status mitigating"
        if self.maybe(0.85):
            yield fixed, "bob", "/status monitoring"
        if self.maybe(0.12):
            back = self.later(10, 200, fixed)
            yield back, "bob", "/status investigating it is back"
            yield self.later(10, 400, back), "bob", "/status monitoring"

    def ending(self, fixed: datetime, cleared: datetime) -> Iterator[Line]:
        """Boxes are ticked: all that hold the resolution, where people are tidy, and some others. Then it is
        resolved, ended against open gates if need be, and its post-mortem merged; each of it or not.
        """
        tidy = self.maybe(0.6)
        for one in self.file["lists"].values():
            for step in one["steps"]:
                if (tidy and one.get("before") == "resolved") or self.maybe(0.15):
                    yield fixed - timedelta(seconds=self.chance.randrange(1, 200)), "bob", f"/check {step}"
        if self.maybe(0.7):
            yield self.later(1, 90, fixed), "bob", "/resolve rolled back"
        if self.maybe(0.4):
            yield self.later(90, 1440, fixed), "bob", "/resolve rolled back"
        if self.maybe(0.85):
            yield cleared, "ada", '/all-clear --override "it is over"'
            if self.maybe(0.7):
                yield self.later(60, 9 * 1440, cleared), "", MERGE
