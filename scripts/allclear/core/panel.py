"""The panel: the bot's one status comment. A view for people, and a checkpoint for the next run.

It is a cache. Deleted, edited or stale: it is rebuilt from the entries, to the byte: nothing in it depends on
when it is written. Hidden first line: whose panel it is. Hidden last line: checkpoint, and a sum over all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from allclear.core.entry import Entry
from allclear.core.frozen import Frozen
from allclear.core.incident import Incident
from allclear.core.render import Renderer
from allclear.core.reply import ROOM, SEPARATOR, size
from allclear.core.runbook import Runbook
from allclear.core.settings import Settings
from allclear.core.snapshot import Repository
from allclear.core.view import CUTS, alerts, view

MARKER = "<!-- allclear:panel "
CHECKPOINT = "<!-- allclear:checkpoint "
CLOSING = " -->"
VERSION = 1

LARGEST = 4_000_000
"""Bytes that a packed checkpoint may unpack to: above it, somebody packed a bomb."""

_BOX = re.compile(
    r"^[ \t]{0,3}[-*+] \[([ xX])\] .{0,2000}\(`([a-z][a-z0-9-]{0,40})`\)[ \t]{0,3}\r?$", re.MULTILINE
)
_GAP = re.compile(r"\n{3,}")


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


def render_panel(  # noqa: PLR0913 - everything the panel shows is an argument, so that it can be rebuilt
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    checkpoint: Checkpoint,
    *,
    renderer: Renderer,
    zone: ZoneInfo,
    repository: Repository,
    issue_url: str,
    trouble: Sequence[str],
    waiting: Sequence[str],
    broken: Sequence[str],
) -> str:
    """The panel's whole body, at most 60,000 UTF-16 units.

    ``trouble`` (settings), ``waiting`` (commands that wait for GitHub), ``broken`` (edited entries): lines of
    neutral Markdown. Too long: first the packed entries go (every run then reads all comments), then the
    visible parts, least needed first (I3).
    """
    first = MARKER + _json({"v": VERSION, "repo": repository.id, "issue": incident.number}) + CLOSING
    values = view(incident, runbook, settings, zone, repository)
    values |= {"alerts": alerts(broken, trouble, waiting), "issue_url": issue_url, "shortened": False}
    visible = _visible(first, values, renderer)
    body = _sealed(visible, _pack(checkpoint))
    if size(body) > ROOM:
        body = _sealed(visible, "")
    cuts = iter(CUTS.items())
    while size(body) > ROOM and (cut := next(cuts, None)) is not None:
        values |= {cut[0]: cut[1], "shortened": True}
        body = _sealed(_visible(first, values, renderer), "")
    return body


def _visible(first: str, values: dict[str, object], renderer: Renderer) -> str:
    return f"{first}\n{_GAP.sub(SEPARATOR, renderer.file('panel.md.j2', values)).strip()}{SEPARATOR}"


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
        if _sealed(text[: -len(last)], tail.packed) != text:
            return None
        return _unpack(tail.packed)
    except ValueError:  # pydantic's ValidationError and binascii's Error are ValueErrors too
        return None


def boxes(body: str) -> dict[str, bool]:
    """Step id -> ticked, read by the (`step-id`) at the end of an item, never by its position."""
    return {step: tick != " " for tick, step in _BOX.findall(body)}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _inside(line: str, opening: str) -> str:
    if not line.startswith(opening) or not line.endswith(CLOSING):
        msg = "not a hidden comment of ours"
        raise ValueError(msg)
    return line[len(opening) : -len(CLOSING)]


def _sealed(visible: str, packed: str) -> str:
    """The body with its last line: ``sum`` covers the whole of it, itself left out."""
    held = {"packed": packed} if packed else {}
    unsealed = visible + CHECKPOINT + _json(held) + CLOSING
    seal = hashlib.sha256(unsealed.encode()).hexdigest()[:24]
    return visible + CHECKPOINT + _json({**held, "sum": seal}) + CLOSING


def _pack(checkpoint: Checkpoint) -> str:
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
    """Raises ValueError when it is not what _pack made."""
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
