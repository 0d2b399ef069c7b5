"""The checkpoint: what the panel keeps for the next run, so that it need not read all comments again.

It is a cache, never the truth, and no larger however long the incident is (core.record.state). The panel's
hidden first line says whose it is; its hidden last line holds the checkpoint, and a sum over the whole
comment.
"""

from __future__ import annotations

import base64
import json
import zlib
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from allclear.core.model.stored import Stored, read_json
from allclear.core.record.checkpoint_words import AGAINST_WORDS, WORDS, unpacked
from allclear.core.record.panel_text import CHECKPOINT, MARKER, VERSION, inside, last_line, said, total
from allclear.core.record.seal import Keyring
from allclear.core.record.state import RecordState, dump, load, shape


class Checkpoint(Struct, frozen=True):
    """What the next run need not read again.

    ``state``: what all entries so far add up to; None where it had no room, or another version of us folded
    it, so that all has to be read. ``cursor_id`` and ``cursor_at``: up to which comment all is read (UTC);
    ``count``: how many comments that is; ``settings``: the last good settings as canonical JSON; ``word``:
    when somebody at work on the incident last said something in them, where that is after all entries;
    ``review``: for what the review of the post-mortem was looked at last, as core.plan.review_progress marks
    it. Without it, that is looked at once more. ``again_at``: from when on comments are read again, where
    many were written (core.record.cursor).
    """

    state: RecordState | None
    cursor_id: int
    cursor_at: datetime
    count: int
    settings: str
    word: datetime | None = None
    review: str = ""
    again_at: datetime | None = None


class _Bound(Stored, frozen=True, kw_only=True):
    v: int
    repo: int
    issue: int


class _Tail(Stored, frozen=True, kw_only=True):
    packed: str = ""
    sum: str
    sig: str = ""


class _Packed(Stored, frozen=True, kw_only=True):
    """``entries``: of panels that held all of them; those are read from the comments once."""

    entries: Any = None
    shape: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    cursor_id: int
    cursor_at: datetime
    count: int
    settings: str
    word: datetime | None = None
    review: str = ""
    again_at: datetime | None = None


def is_panel(body: str) -> bool:
    """Whether a comment says that it is a panel. Whoever asks also checks who wrote it."""
    return body.startswith(MARKER)


def read_panel(body: str, repo: int, issue: int, keys: Keyring | None = None) -> Checkpoint | None:
    """The checkpoint of this issue's panel; None when anything is wrong: then all is read anew.

    With keys, the first of them has to have signed the panel: a run that signs with another one takes the
    record over, and reads all of it for that.
    """
    text = body.replace("\r\n", "\n").rstrip("\n")
    first, last = text.split("\n", 1)[0], text.rsplit("\n", 1)[-1]
    try:
        bound = read_json(_Bound, inside(first, MARKER))
        tail = read_json(_Tail, inside(last, CHECKPOINT))
        if bound != _Bound(v=VERSION, repo=repo, issue=issue) or not tail.packed:
            return None
        visible = text[: -len(last)]
        if last != last_line(tail.packed, tail.sum, tail.sig) or tail.sum != total(visible, tail.packed):
            return None
        if keys is not None and keys.signer("panel", repo, issue, said(visible, tail.packed), tail.sig) != 0:
            return None
        return _unpack(tail.packed)
    except ValueError:  # msgspec's ValidationError and binascii's Error are ValueErrors too
        return None


def intact(body: str) -> bool:
    """Whether a panel is as it was written, whoever wrote it: a click on a box is an edit."""
    text = body.replace("\r\n", "\n").rstrip("\n")
    last = text.rsplit("\n", 1)[-1]
    try:
        tail = read_json(_Tail, inside(last, CHECKPOINT))
    except ValueError:
        return False
    return tail.sum == total(text[: -len(last)], tail.packed)


def sealed(visible: str, packed: str, repo: int, issue: int, keys: Keyring | None = None) -> str:
    """The body with its last line: ``sum`` covers the whole of it but itself, and so does the signature that
    stands there when there are keys.
    """
    signature = keys.sign("panel", repo, issue, said(visible, packed)) if keys is not None else ""
    return visible + last_line(packed, total(visible, packed), signature)


def pack(checkpoint: Checkpoint) -> str:
    """Compact JSON, deflated against words that all have in common, in base64: that has no hyphen, so nothing
    in it ends the hidden comment.
    """
    state = checkpoint.state
    body = {
        "cursor_id": checkpoint.cursor_id,
        "cursor_at": checkpoint.cursor_at.isoformat(),
        "count": checkpoint.count,
        "settings": checkpoint.settings,
    }
    if checkpoint.word is not None:
        body["word"] = checkpoint.word.isoformat()
    if checkpoint.review:
        body["review"] = checkpoint.review
    if checkpoint.again_at is not None:
        body["again_at"] = checkpoint.again_at.isoformat()
    held = {"shape": shape(), "state": dump(state)} if state is not None else {}
    text = json.dumps(held | body, separators=(",", ":"), ensure_ascii=False)
    deflate = zlib.compressobj(9, zdict=WORDS)
    packed = deflate.compress(text.encode(errors="surrogatepass")) + deflate.flush()
    return AGAINST_WORDS + base64.b64encode(packed).decode()


def _unpack(packed: str) -> Checkpoint:
    """Raises ValueError when it is not what pack made."""
    held = read_json(_Packed, unpacked(packed).decode())
    state = load(held.state) if held.shape == shape() else None
    return Checkpoint(
        state,
        held.cursor_id,
        held.cursor_at,
        held.count,
        held.settings,
        held.word,
        held.review,
        held.again_at,
    )
