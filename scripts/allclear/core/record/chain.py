"""The journal: the entries of an issue, read from the bot's replies and checked.

With keys, what one of them signed counts, and what was written before there was a key counts where an entry
that they signed takes it over (``Adopted``). Without keys, what follows the entry before it counts: that
shows a careless tamper, and stops nobody who can make the bot's account speak (SECURITY.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from allclear.core.model.snapshot import Comment, LastEdit, Repository, Snapshot
from allclear.core.record.audit import Adopted, Tampered, TamperKind
from allclear.core.record.checkpoint import Checkpoint, is_panel, read_panel
from allclear.core.record.entry import (
    Entry,
    NewerFormatError,
    genesis,
    read_first_line,
)
from allclear.core.record.seal import Trust

STRIDE = 50
"""The cursor moves on in steps of so many comments, so that it can
be computed again from the comments alone.
"""

OVERLAP = timedelta(minutes=5)
"""Read again so far back behind the cursor: a replica of GitHub may show a comment late (fault A19)."""

SHORT_OVERLAP = timedelta(minutes=1)
"""The same while little is left of the hour: of a flood, five minutes are many pages."""

RACE = timedelta(minutes=15)
"""Two runs may answer at once, and then follow the same entry. A job ends after so long at the latest."""

NAMED = "tampered:"
FOREIGN = (f"{NAMED}edited:", f"{NAMED}unsigned:", f"{NAMED}stray:")
"""How the keys of the entries begin that say a comment is no record; its id follows."""


@dataclass(frozen=True, slots=True)
class Break:
    """A comment that is no record: ``key`` of the entry that will say so."""

    key: str
    fact: Tampered

    @classmethod
    def of(cls, comment: Comment, what: TamperKind, entry: str = "") -> Break:
        """What is wrong with a comment, or with one entry in it."""
        key = f"{NAMED}{what}:{comment.id}" + (f":{entry}" if entry else "")
        return cls(key, Tampered(what=what, url=comment.url, entry=entry))


@dataclass(frozen=True, slots=True)
class Journal:
    """``entries`` in order, ``head`` the hash the next one follows, ``known`` the keys that the panel has
    already seen.

    ``broken``: what is wrong with the chain and not in the record yet. ``sources``: the comments that hold
    the entries that were read just now, by hash. ``replies``: the id of the comment that shows an entry, by
    the entry's key; 0 for one that is older than what was read. ``adopt``: what has to be taken over by the
    first key.
    """

    entries: tuple[Entry, ...]
    head: str
    known: frozenset[str]
    broken: tuple[Break, ...]
    checkpoint: Checkpoint | None
    sources: Mapping[str, Comment] = field(default_factory=dict)
    replies: Mapping[str, int] = field(default_factory=dict)
    adopt: Adopted | None = None


@dataclass(frozen=True, slots=True)
class ReadUpTo:
    """The ``count``-th comment of the issue (panel not counted), its id and when it was written."""

    count: int
    id: int
    at: datetime


def checkpoint(
    panel: Comment | None,
    edit: LastEdit | None,
    repository: Repository,
    issue: int,
    trust: Trust,
) -> Checkpoint | None:
    """The panel's checkpoint when the panel is ours and untouched: signed by the first key; without keys,
    last edited by nobody but the bot, as ``edit`` has it.
    """
    if panel is None or panel.author is None or panel.author.id not in trust.bots:
        return None
    if trust.keys is None:
        by = edit.editor if edit is not None and edit.known else None
        if by is None or by.id not in trust.bots:
            return None
    return read_panel(panel.body, repository.id, issue, trust.keys)


def checkpoint_of(snapshot: Snapshot, trust: Trust) -> Checkpoint | None:
    """The checkpoint of the snapshot's panel. Without keys only a pinned panel has one: whatever else speaks
    as the bot can write what looks like a panel, and does not pin it.
    """
    panel = snapshot.panel
    if trust.keys is None and panel is not None and snapshot.issue.pinned_comment != panel.id:
        return None
    return checkpoint(panel, snapshot.panel_edit, snapshot.repository, snapshot.issue.number, trust)


@dataclass(frozen=True, slots=True)
class _Found:
    """A comment of ours that holds entries. ``signer``: the place of the key that signed it; ``at``: when it
    was signed.
    """

    comment: Comment
    entries: tuple[Entry, ...]
    signer: int | None
    at: datetime | None

    @property
    def fresh(self) -> bool:
        """Whether the comment was written when it was signed, and is not an old reply written once more."""
        return self.at is not None and abs(self.comment.created_at - self.at) <= RACE


def read(snapshot: Snapshot, trust: Trust) -> Journal:
    """Read and check the entries of a snapshot. Raises NewerFormatError when there are some that this version
    does not know.
    """
    kept = checkpoint_of(snapshot, trust)
    found, broken = _found(snapshot, trust)
    reading = _ReplyReader(snapshot, trust, kept, found)
    foreign = {entry.key.split(":")[2] for entry in reading.entries if entry.key.startswith(FOREIGN)}
    void = {fact.entry for entry in reading.entries for fact in entry.facts if isinstance(fact, Tampered)}
    ours = [one for one in found if str(one.comment.id) not in foreign]
    if len(ours) < len(found) or void & reading.hashes:
        # What the record itself says is none of it stays so, also for a job that is not given the key.
        reading = _ReplyReader(snapshot, trust, kept, ours, frozenset(void))
    named = {entry.key.split(":")[2] for entry in reading.entries if entry.key.startswith(NAMED)}
    every = [*broken, *reading.broken]
    fresh = {one.key: one for one in every if one.key.split(":")[2] not in named}
    known = frozenset(entry.key for entry in kept.entries) if kept else frozenset[str]()
    shown = {entry.hash: one.comment.id for one in reversed(ours) for entry in one.entries}
    return Journal(
        tuple(reading.entries),
        reading.head,
        known,
        tuple(fresh.values()),
        kept,
        reading.sources,
        {entry.key: shown.get(entry.hash, 0) for entry in reading.entries},
        reading.to_adopt(),
    )


def _found(snapshot: Snapshot, trust: Trust) -> tuple[list[_Found], list[Break]]:
    found: list[_Found] = []
    broken: list[Break] = []
    for comment in snapshot.comments:
        if comment.author is None or comment.author.id not in trust.bots:
            continue
        try:
            line = read_first_line(comment.body)
        except ValueError:
            broken.append(Break.of(comment, "edited"))
            continue
        if line is None or (line.repo, line.issue) != (snapshot.repository.id, snapshot.issue.number):
            continue
        signer = line.signer(trust.keys) if trust.keys is not None else None
        if line.block is not None:
            if line.block.entries:
                found.append(_Found(comment, line.block.entries, signer, line.block.at))
        elif trust.keys is None or signer is not None:
            raise NewerFormatError(line.version, comment.url)
        else:
            broken.append(Break.of(comment, "unsigned"))
    return found, broken


class _ReplyReader:
    """The replies read one after the other. ``void``: hashes of entries that turned out to be untrue; they
    keep their places in the chain, and what they said does not count.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        trust: Trust,
        kept: Checkpoint | None,
        found: Sequence[_Found],
        void: frozenset[str] = frozenset(),
    ) -> None:
        self.entries = list(kept.entries) if kept else list[Entry]()
        self.head = genesis(snapshot.repository.id, snapshot.issue.number)
        self.hashes = {self.head, *(entry.hash for entry in self.entries)}
        if self.entries:
            self.head = self.entries[-1].hash
        self.broken: list[Break] = []
        self.sources: dict[str, Comment] = {}
        self._keys = {entry.key for entry in self.entries}
        self._trust = trust
        self._void = void
        self._signers: dict[str, int | None] = {}
        self._before = {entry.hash: entry.prev for one in found for entry in one.entries}
        self._confirmed = {one.entries[0].prev for one in found}
        self._told = {entry.key for one in found for entry in one.entries if entry.key.startswith(NAMED)}
        self._followed: dict[str, datetime] = {}
        self._signed = kept is not None or any(one.signer is not None for one in found)
        vouching = [entry for one in found if one.signer is not None for entry in one.entries]
        self._vouched = self._behind((*self.entries, *vouching))
        for one in found:
            if self._is_known(one):
                self._follow(one)
        for one in found:
            self._take(one)

    def _is_known(self, one: _Found) -> bool:
        return all(entry.hash in self.hashes for entry in one.entries)

    def _follow(self, one: _Found) -> None:
        """When the entries before these were followed, for the first time."""
        for entry in one.entries:
            self._followed.setdefault(entry.prev, one.comment.created_at)

    def _take(self, one: _Found) -> None:
        if self._is_known(one) or self._is_doubled(one):
            return
        what = self._wrong(one)
        if what is not None:
            self.broken.append(Break.of(one.comment, what))
            return
        self._follow(one)
        for entry in one.entries:
            if entry.prev not in self.hashes:
                self.broken.append(Break.of(one.comment, "gap"))
            self.hashes.add(entry.hash)
            self._signers[entry.hash] = one.signer
            if entry.hash in self._void:
                self.head = entry.hash
            elif entry.key not in self._keys:
                self._add(one, entry)

    def _add(self, one: _Found, entry: Entry) -> None:
        self.head = entry.hash
        self._keys.add(entry.key)
        self.entries.append(entry)
        self.sources[entry.hash] = one.comment

    def _is_early(self, one: _Found) -> bool:
        """Whether it was written before the keys came into use, and left alone."""
        keys = self._trust.keys
        return keys is not None and not one.comment.edited and one.comment.created_at < keys.horizon

    def _is_doubled(self, one: _Found) -> bool:
        """Whether it says once more what counts already: the other of two runs at once, before there was a
        key.
        """
        return self._signed and one.signer is None and self._is_early(one) and self._says_nothing_new(one)

    def _says_nothing_new(self, one: _Found) -> bool:
        return all(entry.key in self._keys for entry in one.entries)

    def _wrong(self, one: _Found) -> TamperKind | None:
        """What is wrong with a reply, so that it is no record."""
        if any(entry.digest() != entry.hash for entry in one.entries):
            return "edited"
        if one.signer is not None:
            return None if one.fresh else "stray"
        if all(entry.hash in self._vouched for entry in one.entries):
            return None
        if self._trust.keys is not None and (self._signed or not self._is_early(one)):
            return "unsigned"
        if one.comment.edited and one.entries[-1].hash not in self._confirmed:
            return "edited"
        return None if self._in_line(one) else "stray"

    def _in_line(self, one: _Found) -> bool:
        """Whether a reply that nobody signed follows what was written before it: the newest entry, one that
        another run followed at the same time, or a gap that the record itself tells of.
        """
        first = one.entries[0].prev
        if any(after.prev != entry.hash for entry, after in pairwise(one.entries)):
            return False
        other = self._followed.get(first)
        raced = other is not None and abs(one.comment.created_at - other) <= RACE
        gap = first not in self.hashes and f"{NAMED}gap:{one.comment.id}" in self._told
        return first == self.head or raced or gap

    def _behind(self, entries: Iterable[Entry]) -> frozenset[str]:
        """The hashes of what these entries take over: the heads that they name, and all before those."""
        adopted = (fact for entry in entries for fact in entry.facts if isinstance(fact, Adopted))
        ahead = [head for fact in adopted for head in fact.heads]
        covered = set[str]()
        while ahead:
            here = ahead.pop()
            if here in self._before and here not in covered:
                covered.add(here)
                ahead.append(self._before[here])
        return frozenset(covered)

    def to_adopt(self) -> Adopted | None:
        """What counts though the first key neither signed it nor took it over yet; None when there is
        nothing.
        """
        if self._trust.keys is None:
            return None
        ours = [entry for entry in self.entries if self._signers.get(entry.hash, 0) == 0]
        taken = self._behind(ours) | {entry.hash for entry in ours}
        loose = [entry for entry in self.entries if entry.hash not in taken]
        if not loose:
            return None
        followed = {entry.prev for entry in self.entries}
        heads = tuple(entry.hash for entry in self.entries if entry.hash not in followed)
        return Adopted(heads=heads, count=len(loose))


def advance(snapshot: Snapshot, journal: Journal, waiting: Iterable[int]) -> ReadUpTo:
    """Where the next pass may begin to read: the newest stride, never past a command that still waits."""
    start = journal.checkpoint
    cursor = (
        ReadUpTo(start.count, start.cursor_id, start.cursor_at)
        if start
        else ReadUpTo(0, 0, snapshot.issue.created_at)
    )
    stop = min(waiting, default=None)
    newer = [
        comment
        for comment in snapshot.comments
        if comment.id > cursor.id and not is_panel(comment.body) and (stop is None or comment.id < stop)
    ]
    steps = len(newer) // STRIDE * STRIDE
    if not steps:
        return cursor
    return ReadUpTo(cursor.count + steps, newer[steps - 1].id, newer[steps - 1].created_at)
