"""The journal: the entries of an issue, read from the bot's replies and checked.

Authentic is an entry whose comment is by one of our account ids, that stands on line one, is bound to this
repository and issue, matches its own hash and follows in the chain. The trust line is write access: who can
edit the bot's comments can forge with effort; a careless edit is seen, and said loudly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from allclear.core.model.snapshot import Comment, Repository, Snapshot
from allclear.core.record.audit import Tampered
from allclear.core.record.checkpoint import Checkpoint, is_panel, read_panel
from allclear.core.record.entry import Block, Entry, decode, genesis

STRIDE = 50
"""The cursor moves on in steps of so many comments, so that it can
be computed again from the comments alone.
"""

OVERLAP = timedelta(minutes=5)
"""Read again so far back behind the cursor: a replica of GitHub may show a comment late (fault A19)."""


@dataclass(frozen=True, slots=True)
class Break:
    """A reply that was tampered with: ``key`` of the entry that will say so."""

    key: str
    fact: Tampered


@dataclass(frozen=True, slots=True)
class Journal:
    """``entries`` in order, ``head`` the hash the next one follows, ``known`` the keys that the panel has
    already seen.

    ``broken``: what is wrong with the chain and not in the record yet. ``replies``: the id of the comment
    that shows an entry, by the entry's key; 0 for one that is older than what was read.
    """

    entries: tuple[Entry, ...]
    head: str
    known: frozenset[str]
    broken: tuple[Break, ...]
    checkpoint: Checkpoint | None
    replies: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadUpTo:
    """The ``count``-th comment of the issue (panel not counted), its id and when it was written."""

    count: int
    id: int
    at: datetime


def checkpoint(
    panel: Comment | None, repository: Repository, issue: int, bots: Iterable[int]
) -> Checkpoint | None:
    """The panel's checkpoint when the panel is ours and untouched."""
    if panel is None or panel.author is None or panel.author.id not in set(bots):
        return None
    return read_panel(panel.body, repository.id, issue)


def read(snapshot: Snapshot, bots: Iterable[int]) -> Journal:
    """Read and check the entries of a snapshot."""
    ours = set(bots)
    repo, number = snapshot.repository, snapshot.issue.number
    kept = checkpoint(snapshot.panel, repo, number, ours)
    blocks, broken = _blocks(snapshot.comments, ours, repo, number)
    confirmed = {block.entries[0].prev for _, block in blocks if block.entries}
    head = genesis(repo.id, number)
    hashes = {head}
    entries: list[Entry] = []
    if kept is not None:
        entries = list(kept.entries)
        hashes |= {entry.hash for entry in entries}
        head = entries[-1].hash if entries else head
    keys = {entry.key for entry in entries}
    for comment, block in blocks:
        if all(entry.hash in hashes for entry in block.entries):
            continue
        edited = comment.edited and (not block.entries or block.entries[-1].hash not in confirmed)
        if edited or any(entry.digest() != entry.hash for entry in block.entries):
            broken.append(_break(comment, "edited"))
            continue
        for entry in block.entries:
            if entry.prev not in hashes:
                broken.append(_break(comment, "gap"))
            hashes.add(entry.hash)
            if entry.key not in keys:
                keys.add(entry.key)
                entries.append(entry)
                head = entry.hash
    known = frozenset(entry.key for entry in kept.entries) if kept else frozenset()
    fresh = {found.key: found for found in broken if found.key not in keys}
    shown = {entry.key: comment.id for comment, block in reversed(blocks) for entry in block.entries}
    replies = {key: shown.get(key, 0) for key in keys}
    return Journal(tuple(entries), head, known, tuple(fresh.values()), kept, replies)


def _break(comment: Comment, what: Literal["edited", "gap"]) -> Break:
    return Break(f"tampered:{what}:{comment.id}", Tampered(what=what, url=comment.url))


def _blocks(
    comments: Iterable[Comment], ours: set[int], repo: Repository, number: int
) -> tuple[list[tuple[Comment, Block]], list[Break]]:
    found: list[tuple[Comment, Block]] = []
    broken: list[Break] = []
    for comment in comments:
        if comment.author is None or comment.author.id not in ours:
            continue
        try:
            block = decode(comment.body)
        except ValueError:
            broken.append(_break(comment, "edited"))
            continue
        if block is not None and block.repo == repo.id and block.issue == number:
            found.append((comment, block))
    return found, broken


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
