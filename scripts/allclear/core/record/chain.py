"""The journal: the entries of an issue, read from the bot's replies and checked.

With keys, what one of them signed counts, and what was written before there was a key counts where an entry
that they signed takes it over (``Adopted``). Without keys, what follows the entry before it counts: that
shows a careless tamper, and stops nobody who can make the bot's account speak (SECURITY.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec import Struct, field

from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.snapshot import Comment, LastEdit, Repository, Snapshot
from allclear.core.record.audit import Adopted, Tampered, TamperKind
from allclear.core.record.checkpoint import Checkpoint, read_panel
from allclear.core.record.entry import (
    Entry,
    NewerFormatError,
    genesis,
    read_first_line,
)
from allclear.core.record.ledger import Ledger, about
from allclear.core.record.seal import Trust
from allclear.core.record.state import MOST_LINKS, RecordState

RACE = timedelta(minutes=15)
"""Two runs may answer at once, and then follow the same entry. A job ends after so long at the latest."""

NAMED = "tampered:"
FOREIGN = (f"{NAMED}edited:", f"{NAMED}unsigned:", f"{NAMED}stray:")
"""How the keys of the entries begin that say a comment is no record; its id follows."""


class Break(Struct, frozen=True):
    """A comment that is no record: ``key`` of the entry that will say so."""

    key: str
    fact: Tampered

    @classmethod
    def of(cls, comment: Comment, what: TamperKind, entry: str = "") -> Break:
        """What is wrong with a comment, or with one entry in it."""
        key = f"{NAMED}{what}:{comment.id}" + (f":{entry}" if entry else "")
        return cls(key, Tampered(what=what, url=comment.url, entry=entry))


class Journal(Struct, frozen=True):
    """``entries`` in order, from the first on or those that follow ``base``: the state that the panel kept,
    None when all was read. ``head`` is the hash the next one follows, ``links`` the newest hashes of the
    chain and ``linked`` how many there are; ``known`` the keys of the entries that the panel has already
    seen.

    ``broken``: what is wrong with the chain and not in the record yet. ``sources``: the comments that hold
    the entries that no earlier run has looked at, by hash. ``replies``: the id of the comment that shows an
    entry, by the entry's key; 0 for one that is older than what was read. ``adopt``: what has to be taken
    over by the first key.
    """

    entries: tuple[Entry, ...]
    head: str
    known: frozenset[str]
    broken: tuple[Break, ...]
    checkpoint: Checkpoint | None
    sources: Mapping[str, Comment] = field(default_factory=dict)
    replies: Mapping[str, int] = field(default_factory=dict)
    adopt: Adopted | None = None
    base: RecordState | None = None
    links: tuple[str, ...] = ()
    linked: int = 0

    @property
    def ledger(self) -> Ledger:
        """What has to be known of all entries beside what they add up to."""
        return (self.base.ledger if self.base else Ledger()).extended(self.entries)


def holds_for(panel: Comment, number: int, body: str) -> bool:
    """Whether what another answer tells of the comment ``number`` with this ``body`` holds for the panel that
    the issue showed: only with the very same text, for somebody may have written to it between the two.
    """
    return (number, body) == (panel.id, panel.body)


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


class _Found(Struct, frozen=True):
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
    """Read and check the entries of a snapshot: all, or those that follow what the panel kept.

    Raises NewerFormatError when there are some that this version does not know, and HistoryNeededError when
    what the panel kept does not tell what a comment is.
    """
    kept = checkpoint_of(snapshot, trust)
    found, broken = _found(snapshot, trust)
    state = kept.state if kept else None
    seen = _behind_links(state, found, sound=True)
    base = None if state is None or snapshot.whole or len(seen) == state.linked else state
    if base is not None:
        remembered = base.ledger.keys.get("comment", {})
        named = {number for key, number in remembered.items() if key.startswith(FOREIGN)}
        found = [one for one in found if one.comment.id not in named]
    kept_from = (kept, base, seen)
    reading = _ReplyReader(snapshot, trust, kept_from, found)
    foreign = {about(entry.key) for entry in reading.entries if entry.key.startswith(FOREIGN)}
    void = {fact.entry for entry in reading.entries for fact in entry.facts if isinstance(fact, Tampered)}
    ours = [one for one in found if one.comment.id not in foreign]
    if len(ours) < len(found) or void & reading.hashes:
        # What the record itself says is none of it stays so, also for a job that is not given the key.
        reading = _ReplyReader(snapshot, trust, kept_from, ours, frozenset(void))
    named = {about(entry.key) for entry in reading.entries if entry.key.startswith(NAMED)}
    every = [*broken, *reading.broken]
    fresh = {
        one.key: one
        for one in every
        if (number := about(one.key)) not in named and not (base and base.ledger.named(number))
    }
    shown = {entry.hash: one.comment.id for one in reversed(ours) for entry in one.entries}
    older = [one.source for one in base.incident.production.operations.values()] if base else []
    told = [entry for one in reversed(ours) for entry in one.entries if reading.knows(entry)]
    there = {entry.key: shown[entry.hash] for entry in told}
    return Journal(
        tuple(reading.entries),
        reading.head,
        frozenset(entry.key for entry in reading.entries if entry.hash in seen),
        tuple(fresh.values()),
        kept,
        reading.sources,
        dict.fromkeys(older, 0) | there,
        reading.to_adopt(),
        base,
        tuple(reading.links)[-MOST_LINKS:],
        reading.linked,
    )


def _behind_links(state: RecordState | None, found: Iterable[_Found], *, sound: bool) -> frozenset[str]:
    """The hashes of the entries in these comments that are in the state: the newest of its chain, and what
    stands before them. ``sound``: only as far as no comment was changed since.
    """
    before = {
        entry.hash: entry.prev
        for one in found
        for entry in one.entries
        if state is not None and (not sound or entry.digest() == entry.hash)
    }
    ahead = list(state.links) if state is not None else []
    known = set[str]()
    while ahead:
        here = ahead.pop()
        if here in before and here not in known:
            known.add(here)
            ahead.append(before[here])
    return frozenset(known)


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
        kept: tuple[Checkpoint | None, RecordState | None, frozenset[str]],
        found: Sequence[_Found],
        void: frozenset[str] = frozenset(),
    ) -> None:
        checkpoint, base, self._seen = kept
        self._base = base
        self._cursor = checkpoint.cursor_id if checkpoint else 0
        self.entries = list[Entry]()
        self.head = base.head if base else genesis(snapshot.repository.id, snapshot.issue.number)
        self.links = dict.fromkeys(base.links if base else ())
        self.linked = base.linked if base else 0
        self._old = {*self.links, *_behind_links(base, found, sound=False)}
        self.hashes = {genesis(snapshot.repository.id, snapshot.issue.number), self.head, *self._old}
        self.hashes |= {entry.prev for one in found for entry in one.entries if entry.hash in self._old}
        self.broken: list[Break] = []
        self.sources: dict[str, Comment] = {}
        self._keys, self._counted = set[str](), set[str]()
        self._trust = trust
        self._void = void
        self._signers: dict[str, int | None] = {}
        self._before = {entry.hash: entry.prev for one in found for entry in one.entries}
        self._confirmed = {one.entries[0].prev for one in found}
        self._told = {entry.key for one in found for entry in one.entries if entry.key.startswith(NAMED)}
        self._followed: dict[str, datetime] = {}
        self._signed = checkpoint is not None or any(one.signer is not None for one in found)
        vouching = [entry for one in found if one.signer is not None for entry in one.entries]
        self._vouched = self._behind(vouching)
        self._newest = max((one.comment.id for one in found if self._is_known(one)), default=0)
        for one in found:
            if self._is_known(one):
                self._follow(one)
        for one in found:
            self._take(one)

    def _is_known(self, one: _Found) -> bool:
        """Whether what the panel kept has it."""
        return all(entry.hash in self._old for entry in one.entries)

    def knows(self, entry: Entry) -> bool:
        """Whether an entry counts."""
        return entry.hash in self._old or entry.hash in self._counted

    def _follow(self, one: _Found) -> None:
        """When the entries before these were followed, for the first time."""
        for entry in one.entries:
            self._followed.setdefault(entry.prev, one.comment.created_at)

    def _take(self, one: _Found) -> None:
        if all(entry.hash in self.hashes for entry in one.entries) or self._is_doubled(one):
            return
        what = None if all(entry.hash in self._seen for entry in one.entries) else self._wrong(one)
        self._be_certain(one, what)
        if what is not None:
            self.broken.append(Break.of(one.comment, what))
            return
        self._follow(one)
        for entry in one.entries:
            if entry.prev not in self.hashes:
                self.broken.append(Break.of(one.comment, "gap"))
            self.hashes.add(entry.hash)
            if entry.hash not in self.links:
                self.links[entry.hash] = None
                self.linked += 1
            self._signers[entry.hash] = one.signer
            if entry.hash in self._void:
                self.head = entry.hash
            elif not self._has(entry.key):
                self._add(one, entry)

    def _be_certain(self, one: _Found, what: TamperKind | None) -> None:
        """Have all comments read where what the panel kept does not tell whether this one counts: it is older
        than what is read of them, or follows what is.
        """
        if self._base is None or what == "edited":
            return
        old = one.comment.id < max(self._newest, self._cursor + 1)
        taken_over = what == "unsigned" and self._is_early(one)
        after = what is None and one.entries[0].prev not in self.hashes
        if old or taken_over or after:
            raise HistoryNeededError

    def _has(self, key: str) -> bool:
        return key in self._keys or (self._base is not None and self._base.ledger.has(key))

    def _add(self, one: _Found, entry: Entry) -> None:
        self.head = entry.hash
        self._keys.add(entry.key)
        self._counted.add(entry.hash)
        self.entries.append(entry)
        if entry.hash not in self._seen:
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
        return all(self._has(entry.key) for entry in one.entries)

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
