"""Who is told when, once more and differently: minute by minute, without periods, keys or timers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from written import small

CHAINS = {"on-call": ("A", "B", "C"), "managers": ("M", "N"), "solo": ("M",)}
"""Titles by level."""

FOR = {"on-call": ("SEV1", "SEV2", "SEV3"), "managers": ("SEV1",), "solo": ("SEV2",)}
RESPONSE = {"SEV1": 6, "SEV2": 20, "SEV3": 50}
ESCALATE = {"SEV1": (0, 5), "SEV2": (20,), "SEV3": ()}
"""Minutes; the last is repeated. SEV3 escalates by hand."""

RULES = {
    "guard": (("security",), 3, "G"),
    "help": (("down", "security"), 0, ""),
    "quiet": (("down",), 8, "B"),
}
"""Flags, minutes after which, whom; nobody means the next level of the first chain."""

BOOK = small(
    severities={
        "SEV1": {"response": "6m", "escalate": "0m, then 5m", "silence": "none", "watch": "none"},
        "SEV2": {"response": "20m", "silence": "none", "watch": "none"},
        "SEV3": {"response": "50m", "escalate": "by hand", "silence": "none", "watch": "none"},
    },
    flags={"down": "Everything is down"},
    chains={name: {"levels": list(titles), "for": list(FOR[name])} for name, titles in CHAINS.items()},
    rules={
        "gravest": "none",
        **{
            name: {"when": {"flag": list(flags)}, "after": f"{after}m"}
            | ({"tell": [whom]} if whom else {"escalate": "on-call"})
            for name, (flags, after, whom) in RULES.items()
        },
    },
)
"""The same in the language of runbooks."""

Pending = tuple[int, str, int]
"""When it is due, the id of what is due, and the level in its chain."""


@dataclass
class Oracle:
    """``told`` are the titles that were told of anything; ``said`` is what was said, and when."""

    severity: str
    over: bool = False
    acknowledged: bool = False
    told: set[str] = field(default_factory=set)
    said: dict[str, int] = field(default_factory=dict)
    raised: dict[str, tuple[int, int]] = field(default_factory=dict)
    raisings: int = 0
    called: list[tuple[int, str]] = field(default_factory=list)

    def acknowledge(self) -> None:
        self.acknowledged = self.over = True

    def fix(self) -> None:
        self.over = True

    def flag(self, name: str, minute: int) -> None:
        self.raisings += 1
        self.raised.setdefault(name, (self.raisings, minute))

    def unflag(self, name: str) -> None:
        self.raised.pop(name, None)

    def call(self, minute: int) -> None:
        title = self._next()
        self.told.add(title)
        self.called.append((minute, title))

    def look(self, now: int) -> list[list[str]]:
        """Whom each notice of a pass at this minute is for, in no order that matters."""
        groups: list[tuple[list[Pending], str]] = []
        for chain, levels in FOR.items():
            pending = sorted(self._pending(chain, now)) if self.severity in levels else []
            groups.append((pending, chain))
        groups += [(sorted(self._raised(rule, now)), rule) for rule in RULES]
        groups += [([(minute, "called", 0)], title) for minute, title in self.called if minute <= now]
        self.called = [one for one in self.called if one[0] > now]
        found = []
        for pending, name in sorted((one for one in groups if one[0]), key=lambda one: one[0][0][:2]):
            found.append(sorted(set(self._titles(name, pending, now))))
        return sorted(found)

    def _pending(self, chain: str, now: int) -> Iterator[Pending]:
        titles = CHAINS[chain]
        heard = titles[0] in (self.told if self.acknowledged else self._called_for_worse())
        if f"{chain}-1" not in self.said and not heard:
            yield 0, f"{chain}-1", 1
        if self.over:
            return
        if chain == "on-call" and "response" not in self.said and RESPONSE[self.severity] <= now:
            yield RESPONSE[self.severity], "response", 1
        times = list(self._times(now))
        for level in range(2, len(titles)):
            if f"{chain}-{level}" not in self.said and len(times) > level - 2:
                yield times[level - 2], f"{chain}-{level}", level
        last = max(2, len(titles))
        again = times[last - 2 :]
        name = f"{chain}-{len(titles)}" if len(titles) > 1 else f"{chain}-again"
        if again and self.said.get(name, -1) < again[-1]:
            yield again[-1], name, len(titles)

    def _called_for_worse(self) -> set[str]:
        """Whom a chain has told that is for worse only: nobody calls them for less."""
        found = set[str]()
        for chain, levels in FOR.items():
            if max(levels) < self.severity:
                found |= {one for n, one in enumerate(CHAINS[chain], 1) if f"{chain}-{n}" in self.said}
        return found

    def _times(self, now: int) -> Iterator[int]:
        steps = list(ESCALATE[self.severity])
        at = 0
        while steps:
            at += steps[0]
            if at > now:
                return
            yield at
            steps = steps[1:] or steps

    def _raised(self, rule: str, now: int) -> Iterator[Pending]:
        flags, after, _ = RULES[rule]
        for flag, (number, minute) in self.raised.items():
            if flag in flags and minute + after <= now and f"{rule}/{number}" not in self.said:
                yield minute + after, rule, number

    def _titles(self, name: str, pending: list[Pending], now: int) -> Iterator[str]:
        """Those of every level that is due, the lowest first: who was skipped is told too."""
        for _, what, level in sorted(pending, key=lambda one: (one[2], one[0], one[1])):
            if what == "called":
                yield name
                continue
            self.said[f"{what}/{level}" if what in RULES else what] = now
            if what in RULES:
                found = {RULES[what][2] or self._next()}
            elif what == "response":
                found = {title for title in CHAINS[name] if title in self.told} or {CHAINS[name][0]}
            else:
                found = {CHAINS[name][level - 1]}
            self.told |= found
            yield from found

    def _next(self) -> str:
        return next((title for title in CHAINS["on-call"] if title not in self.told), "C")
