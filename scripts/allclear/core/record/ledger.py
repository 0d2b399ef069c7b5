"""The ledger: what has to be known of the entries beside the incident that they add up to.

Kept for ever it would grow with every entry, so a checkpoint holds the newest of everything, and whether that
is all. Asked for what it may have left out, it does not guess: HistoryNeededError has the comments read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace
from allclear.core.record.audit import Helped, Refused
from allclear.core.record.entry import Entry
from allclear.core.record.life import Declared, SeveritySet

KeyKind = Literal["comment", "event", "once", "other"]
"""What an entry is about: a comment, an event of the issue, something that is told once and looked up for
ever, anything else.
"""

MOST_KEYS: Mapping[KeyKind, int] = {"comment": 320, "event": 64, "once": 64, "other": 64}
"""So many keys of a kind a checkpoint remembers, the newest."""

MOST_SPEAKERS = 256
"""So many people a checkpoint remembers, those who spoke last."""

MOST_LEVELS = 32
"""So many severities a checkpoint remembers; a runbook has four."""

ONCE = ("declare", "published:", "hotfix-merged:", "w:withheld/", "hint:")
TAMPERED = "tampered:"
_COMMENT = lazy_regex(
    rf"c([1-9][0-9]{{0,18}})\.|j[0-9]+\.([1-9][0-9]{{0,18}})$|{TAMPERED}[a-z]+:([1-9][0-9]{{0,18}})(?::|$)"
)


class Speaker(Struct, frozen=True):
    """When somebody's newest entry was said, and whether a command or deed of theirs was refused, or only
    answered.
    """

    at: datetime
    told: bool = False


class Ledger(Struct, frozen=True):
    """``count``: entries so far; ``begun``: when the first of them was said; ``severity_at``: when the
    severity was last spoken of, ``levels`` which there were. ``keys``: by kind, each with the comment that it
    is about (0: none), in the order of the entries. ``speakers``: by numeric id, who spoke longest ago first.

    ``forgotten``: kinds of keys that are not all in here; ``behind``: the newest comment that a forgotten
    entry was about; ``crowded``: not all who spoke are in here.
    """

    count: int = 0
    begun: datetime | None = None
    severity_at: datetime | None = None
    levels: tuple[str, ...] = ()
    keys: Mapping[KeyKind, Mapping[str, int]] = field(default_factory=dict)
    speakers: Mapping[int, Speaker] = field(default_factory=dict)
    forgotten: frozenset[KeyKind] = frozenset()
    behind: int = 0
    crowded: bool = False

    def extended(self, entries: Iterable[Entry]) -> Ledger:
        """This ledger with these entries in it, which follow those that it knows."""
        keys = {kind: dict(known) for kind, known in self.keys.items()}
        speakers, levels = dict(self.speakers), dict.fromkeys(self.levels)
        count, begun, severity_at = self.count, self.begun, self.severity_at
        for entry in entries:
            count += 1
            begun = entry.at if begun is None else min(begun, entry.at)
            keys.setdefault(kind_of(entry.key), {})[entry.key] = about(entry.key)
            for fact in entry.facts:
                if isinstance(fact, Declared | SeveritySet):
                    severity_at = entry.at if severity_at is None else max(severity_at, entry.at)
                    levels[fact.severity if isinstance(fact, Declared) else fact.to] = None
            if entry.by is not None:
                before = speakers.pop(entry.by.id, None)
                if before is None and self.crowded:
                    raise HistoryNeededError
                told = _tells(entry) or (before is not None and before.told)
                speakers[entry.by.id] = Speaker(entry.at, told)
        return replace(
            self,
            count=count,
            begun=begun,
            severity_at=severity_at,
            levels=tuple(levels),
            keys=keys,
            speakers=speakers,
        )

    def bounded(self) -> Ledger | None:
        """What of it a checkpoint keeps; None when that would not do: more severities than anybody has."""
        if len(self.levels) > MOST_LEVELS:
            return None
        keys: dict[KeyKind, Mapping[str, int]] = {}
        forgotten, behind = set(self.forgotten), self.behind
        for kind, most in MOST_KEYS.items():
            known = list(self.keys.get(kind, {}).items())
            keys[kind] = dict(known[-most:])
            if len(known) > most:
                forgotten.add(kind)
                behind = max(behind, *(comment for _, comment in known[:-most]))
        return replace(
            self,
            keys=keys,
            speakers=dict(list(self.speakers.items())[-MOST_SPEAKERS:]),
            forgotten=frozenset(forgotten),
            behind=behind,
            crowded=self.crowded or len(self.speakers) > MOST_SPEAKERS,
        )

    def has(self, key: str) -> bool:
        """Whether there is an entry with this key."""
        kind, comment = kind_of(key), about(key)
        if key in self.keys.get(kind, {}):
            return True
        if kind in self.forgotten and (kind != "comment" or comment <= self.behind):
            raise HistoryNeededError
        return False

    def touched(self, comment: int, *, commands: bool = False) -> bool:
        """Whether an entry has its cause in this comment; ``commands``: a command in it, that is."""
        return any(key.startswith("c" if commands else ("c", "j")) for key in self._about(comment))

    def named(self, comment: int) -> tuple[str, ...]:
        """The keys of the entries that say what is wrong with this comment."""
        return tuple(key for key in self._about(comment) if key.startswith(TAMPERED))

    def _about(self, comment: int) -> tuple[str, ...]:
        if "comment" in self.forgotten and comment <= self.behind:
            raise HistoryNeededError
        return tuple(key for key, number in self.keys.get("comment", {}).items() if number == comment)

    def speaker(self, person: int) -> Speaker | None:
        """What is known of somebody who spoke; None for who did not."""
        if person not in self.speakers and self.crowded:
            raise HistoryNeededError
        return self.speakers.get(person)


def about(key: str) -> int:
    """The comment that an entry with this key is about: its cause stands there, or it says that the comment
    is no record; 0: none.
    """
    found = _COMMENT.match(key)
    return int(found[1] or found[2] or found[3]) if found else 0


def kind_of(key: str) -> KeyKind:
    """What an entry with this key is about."""
    if about(key):
        return "comment"
    if key.startswith(ONCE):
        return "once"
    return "event" if key.startswith("l") else "other"


def _tells(entry: Entry) -> bool:
    """Whether a command or a deed by hand was refused, or only answered."""
    return entry.key[:1] in {"c", "l"} and any(isinstance(fact, Refused | Helped) for fact in entry.facts)
