"""The checkpoint: what the panel keeps for the next run, so that it need not read all comments again.

It is a cache, never the truth. The panel's hidden first line says whose it is; its hidden last line holds the
checkpoint, and a sum over the whole comment.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import datetime

from allclear.core.model.frozen import Frozen
from allclear.core.record.entry import Entry

MARKER = "<!-- allclear:panel "
CHECKPOINT = "<!-- allclear:checkpoint "
CLOSING = " -->"
VERSION = 1

LARGEST = 4_000_000
"""Bytes that a packed checkpoint may unpack to: above it, somebody packed a bomb."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the next run need not read again.

    ``entries``: all so far; ``cursor_id`` and ``cursor_at``: up to which comment all is read (UTC);
    ``count``: how many comments that is; ``settings``: the last good settings as canonical JSON.
    """

    entries: tuple[Entry, ...]
    cursor_id: int
    cursor_at: datetime
    count: int
    settings: str


class _Bound(Frozen):
    v: int
    repo: int
    issue: int


class _Tail(Frozen):
    packed: str = ""
    sum: str


class _Packed(Frozen):
    entries: tuple[Entry, ...]
    cursor_id: int
    cursor_at: datetime
    count: int
    settings: str


def first_line(repo: int, issue: int) -> str:
    """The hidden line that says whose panel a comment is."""
    return MARKER + _json({"v": VERSION, "repo": repo, "issue": issue}) + CLOSING


def is_panel(body: str) -> bool:
    """Whether a comment says that it is a panel. Whoever asks also checks who wrote it."""
    return body.startswith(MARKER)


def read_panel(body: str, repo: int, issue: int) -> Checkpoint | None:
    """The checkpoint of this issue's panel; None when anything is wrong: then all is read anew."""
    text = body.replace("\r\n", "\n").rstrip("\n")
    first, last = text.split("\n", 1)[0], text.rsplit("\n", 1)[-1]
    try:
        bound = _Bound.model_validate_json(_inside(first, MARKER))
        tail = _Tail.model_validate_json(_inside(last, CHECKPOINT))
        if bound != _Bound(v=VERSION, repo=repo, issue=issue) or not tail.packed:
            return None
        if sealed(text[: -len(last)], tail.packed) != text:
            return None
        return _unpack(tail.packed)
    except ValueError:  # pydantic's ValidationError and binascii's Error are ValueErrors too
        return None


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _inside(line: str, opening: str) -> str:
    if not line.startswith(opening) or not line.endswith(CLOSING):
        msg = "not a hidden comment of ours"
        raise ValueError(msg)
    return line[len(opening) : -len(CLOSING)]


def sealed(visible: str, packed: str) -> str:
    """The body with its last line: ``sum`` covers the whole of it, itself left out."""
    held = {"packed": packed} if packed else {}
    unsealed = visible + CHECKPOINT + _json(held) + CLOSING
    seal = hashlib.sha256(unsealed.encode()).hexdigest()[:24]
    return visible + CHECKPOINT + _json({**held, "sum": seal}) + CLOSING


def pack(checkpoint: Checkpoint) -> str:
    """Compact JSON, deflated, in base64: that has no hyphen, so nothing in it ends the hidden comment."""
    body = {
        "entries": [entry.compact() for entry in checkpoint.entries],
        "cursor_id": checkpoint.cursor_id,
        "cursor_at": checkpoint.cursor_at.isoformat(),
        "count": checkpoint.count,
        "settings": checkpoint.settings,
    }
    return base64.b64encode(zlib.compress(_json(body).encode(), 9)).decode()


def _unpack(packed: str) -> Checkpoint:
    """Raises ValueError when it is not what pack made."""
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(base64.b64decode(packed, validate=True), LARGEST)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not inflate.eof:
        msg = "cut off, or larger than a checkpoint may be"
        raise ValueError(msg)
    held = _Packed.model_validate_json(text)
    return Checkpoint(held.entries, held.cursor_id, held.cursor_at, held.count, held.settings)
