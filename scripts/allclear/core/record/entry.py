"""Entries: the accepted facts, and how they stand in the first line of a bot reply.

Adding the entries up is the incident. An entry holds the outcome (severity is now P1), never the request, so
that a later edit of a comment, of somebody's rights or of this code cannot rewrite history.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from allclear.core.model.frozen import Frozen
from allclear.core.record.facts import Fact
from allclear.core.record.header import EntryHeader

OPENING = "<!-- allclear:entries "
CLOSING = " -->"


class Entry(EntryHeader):
    """One answered request or one fired deadline.

    ``key`` names its cause for ever: ``c<comment id>.<ordinal>`` for a command, ``l<event id>`` for a label
    or state changed by hand, ``b<comment id>.<step>...`` for a box, ``t:<timer>`` for a deadline,
    ``declare`` for the start. ``at`` is when it was said (UTC), ``prev`` the hash of the entry before it,
    ``hash`` this entry's own.
    """

    facts: tuple[Fact, ...]
    prev: str = ""
    hash: str = ""

    def compact(self) -> dict[str, Any]:
        """The entry as JSON values, defaults left out: a fact that later gains a field keeps its old hash."""
        body = self.model_dump(mode="json", exclude_defaults=True, exclude={"facts"})
        body["facts"] = [
            {"t": fact.t} | fact.model_dump(mode="json", exclude_defaults=True) for fact in self.facts
        ]
        return body

    def digest(self) -> str:
        """The first 24 hex digits of the SHA-256 of everything but ``hash``."""
        body = self.compact()
        body.pop("hash", None)
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:24]

    def chained(self, prev: str) -> Entry:
        """This entry, following the one whose hash is ``prev``."""
        linked = self.model_copy(update={"prev": prev, "hash": ""})
        return linked.model_copy(update={"hash": linked.digest()})

    def after(self, entries: Sequence[Entry], repo: int, issue: int) -> Entry:
        """This entry, the next in the record of the issue that holds ``entries`` so far."""
        return self.chained(entries[-1].hash if entries else genesis(repo, issue))


class Block(Frozen):
    """What stands in line one of a reply: entries, bound to one issue of one repository."""

    repo: int
    issue: int
    entries: tuple[Entry, ...]


def genesis(repo: int, issue: int) -> str:
    """The ``prev`` of the first entry of an issue:
    binds the chain to the repository id and the issue number.
    """
    return hashlib.sha256(f"allclear:{repo}#{issue}".encode()).hexdigest()[:24]


def hidden(value: str) -> str:
    """JSON text that can stand in an HTML comment:
    nothing in it ends the comment, mentions or refers to anybody.
    """
    for sign in "<>&@#":
        value = value.replace(sign, f"\\u{ord(sign):04x}")
    return value


def encode(block: Block) -> str:
    """Line one of a reply: the hidden comment that holds the entries."""
    body = {"repo": block.repo, "issue": block.issue, "entries": [entry.compact() for entry in block.entries]}
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=True)
    return f"{OPENING}{hidden(text)}{CLOSING}"


def decode(body: str) -> Block | None:
    """The entries in line one of a reply, or None when there are none.

    Raises ValueError when line one says that it holds entries and they cannot be read: somebody edited it.
    """
    line = body.split("\n", 1)[0].rstrip("\r")
    if not line.startswith(OPENING):
        return None
    if not line.endswith(CLOSING):
        msg = "the entries do not end on the first line"
        raise ValueError(msg)
    try:
        return Block.model_validate_json(line[len(OPENING) : -len(CLOSING)])
    except ValidationError as error:
        msg = "the entries cannot be read"
        raise ValueError(msg) from error
