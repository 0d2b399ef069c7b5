"""Entries: the accepted facts, and how they stand in the first line of a bot reply.

Adding the entries up is the incident. An entry holds the outcome (severity is now P1), never the request, so
that a later edit of a comment, of somebody's rights or of this code cannot rewrite history.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from allclear.core.model.patterns import lazy_regex
from allclear.core.model.stored import Stored, as_read, json_of, read_json
from allclear.core.model.structs import replace
from allclear.core.model.times import stamp
from allclear.core.record.facts import Fact
from allclear.core.record.header import EntryHeader
from allclear.core.record.seal import SIGNATURE, Keyring

OPENING = "<!-- allclear:entries "
CLOSING = " -->"

FORMAT = 2
"""The format of a block. 1, or no number at all: what was written before there were signatures."""

_COMMAND = lazy_regex(r"c([1-9][0-9]{0,18})\.([0-9]{1,3})")
_SIGNED = lazy_regex(rf"(\{{.+),\"sig\":\"([0-9a-f]{{{SIGNATURE}}})\"\}}")


class Entry(EntryHeader, frozen=True, kw_only=True):
    """One answered request or one fired deadline.

    ``key`` names its cause for ever: ``c<comment id>.<place>`` for a command, ``c<comment id>.form`` for a
    form without one, ``hint:<command>`` for a hint at it, ``l<event id>`` for a label or state changed by
    hand, ``b<comment id>.<step>...`` for a box, ``t:<timer>`` for a deadline, ``declare`` for the start.
    ``at`` is when it was said (UTC), ``prev`` the hash of the entry before it, ``hash`` this entry's own.
    """

    facts: tuple[Fact, ...]
    prev: str = ""
    hash: str = ""

    def compact(self) -> dict[str, Any]:
        """The entry as JSON values, defaults left out: a fact that later gains a field keeps its old hash."""
        body = json_of(self)
        body["facts"] = body.pop("facts")  # where they always stood: behind the rest
        return body

    def digest(self) -> str:
        """The first 24 hex digits of the SHA-256 of everything but ``hash``."""
        body = self.compact()
        body.pop("hash", None)
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:24]

    def chained(self, prev: str) -> Entry:
        """This entry, following the one whose hash is ``prev``."""
        linked = as_read(replace(self, prev=prev, hash=""))
        return replace(linked, hash=linked.digest())


class Recorded(Struct, frozen=True):
    """How far the record of an issue is: ``head`` is the hash that the next entry follows, ``count`` how many
    there are.
    """

    head: str = ""
    count: int = 0


def command_key(comment: int, place: int | str) -> str:
    """The key of the entry that answers a command of a comment: the ``place``th bare one, from 0, or one that
    stands otherwise, by a name that begins with a letter.
    """
    return f"c{comment}.{place}"


def form_key(comment: int) -> str:
    """The key of the entry that answers a comment which is a filled-in form."""
    return f"c{comment}.form"


def command_of(key: str) -> tuple[int, int] | None:
    """The comment and the ordinal that a key names; None for a key of another kind."""
    found = _COMMAND.fullmatch(key)
    return (int(found[1]), int(found[2])) if found else None


class Block(Stored, frozen=True, kw_only=True):
    """What stands in line one of a reply: entries, bound to one issue of one repository, in format ``v``.

    ``at``: when it was signed (UTC).
    """

    v: Annotated[int, Meta(ge=1, le=FORMAT)] = 1
    repo: int
    issue: int
    at: datetime | None = None
    entries: tuple[Entry, ...]


class NewerFormatError(Exception):
    """A reply is written in a format that this version does not know. The message says what to do."""

    def __init__(self, version: int, url: str) -> None:
        super().__init__(
            f"{url} holds a record in format {version}, and this version of Allclear knows formats up to "
            f"{FORMAT}. Nothing was written. Use the version that wrote it, or a newer one; if none was ever "
            "in use here, somebody else wrote that comment, and it can be deleted."
        )


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


def encode(block: Block, keys: Keyring | None = None) -> str:
    """Line one of a reply: the hidden comment that holds the entries, signed when there are keys.

    What is signed is the text as it stands there, so that a later version can check it before it reads it.
    """
    body: dict[str, Any] = {"v": FORMAT, "repo": block.repo, "issue": block.issue}
    if block.at is not None:
        body["at"] = stamp(block.at)
    body["entries"] = [entry.compact() for entry in block.entries]
    text = hidden(json.dumps(body, separators=(",", ":"), ensure_ascii=True))
    if keys is not None:
        signature = keys.sign("entries", block.repo, block.issue, text)
        text = f'{text[:-1]},"sig":"{signature}"}}'
    return f"{OPENING}{text}{CLOSING}"


class FirstLine(Struct, frozen=True):
    """Line one of a reply as it was found. ``block`` None: it is in a newer format, ``version``.

    ``text`` is what ``signature`` was made of; both are empty when there is no signature.
    """

    repo: int
    issue: int
    version: int
    block: Block | None
    text: str = ""
    signature: str = ""

    def signer(self, keys: Keyring) -> int | None:
        """The place of the key that signed it; None when none of them did."""
        return keys.signer("entries", self.repo, self.issue, self.text, self.signature)


def read_first_line(body: str) -> FirstLine | None:
    """Line one of a reply, or None when it holds no entries.

    Raises ValueError when line one says that it holds entries and they cannot be read: somebody edited it.
    """
    line = body.split("\n", 1)[0].rstrip("\r")
    if not line.startswith(OPENING):
        return None
    if not line.endswith(CLOSING):
        msg = "the entries do not end on the first line"
        raise ValueError(msg)
    text, signature = line[len(OPENING) : -len(CLOSING)], ""
    if signed := _SIGNED.fullmatch(text):
        text, signature = f"{signed[1]}}}", signed[2]
    try:
        block = read_json(Block, text)
    except ValueError as error:
        newer = _newer(text)
        if newer is None:
            msg = "the entries cannot be read"
            raise ValueError(msg) from error
        found = FirstLine(newer.repo, newer.issue, newer.v, None)
    else:
        found = FirstLine(block.repo, block.issue, block.v, block)
    return replace(found, text=text, signature=signature) if signature else found


class _NewerBlock(Struct, frozen=True):
    """What a block of any format says of itself."""

    v: Annotated[int, Meta(gt=FORMAT)]
    repo: int
    issue: int


def _newer(text: str) -> _NewerBlock | None:
    try:
        return read_json(_NewerBlock, text)
    except ValueError:
        return None


def decode(body: str) -> Block | None:
    """The entries in line one of a reply, or None when there are none that this version knows.

    Raises ValueError when line one says that it holds entries and they cannot be read: somebody edited it.
    """
    line = read_first_line(body)
    return line.block if line is not None else None
