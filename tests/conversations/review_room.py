"""A post-mortem in its pull request, with nothing left that holds it: where conversations about it begin."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from allclear.core.postmortem.verdict import CONTEXT, MARK
from conversations.room import ROOT, SETTINGS, Room, minutes, open_room
from core.postmortem.mending import mended

PATH = "reports/incidents/2025-10-19-login-is-broken.md"
GREEN = ("success", "Nothing holds the publication.")


@contextmanager
def green_room(
    folder: Path, settings: str = SETTINGS, files: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Room]:
    """An incident that is over; bob wrote what only people know into its post-mortem. ``files``: what the
    checkout has besides.
    """
    with open_room(folder, settings) as room:
        if files:
            (room.root / "templates").unlink()
            shutil.copytree(ROOT / "templates", room.root / "templates")
        for path, text in files.items():
            (room.root / path).write_text(text, encoding="utf-8")
        room.opens("ann", "[INCIDENT P3] Login is broken", labels=("incident", "P3"))
        for text in ("/ack", "/finding the pool is too small", "/status monitoring larger pool"):
            room.says("bob", text)
        room.says("ann", "/check verification")
        room.says("bob", "/resolve larger pool", after=minutes(45))
        room.says("ann", "/all-clear")
        room.says("ann", "/postmortem")
        push(room, mended(text_of(room), room.runbook))
        yield room


def branch(room: Room) -> str:
    return room.incident.postmortem.branch


def pull(room: Room) -> int:
    number = room.incident.postmortem.pull
    assert number is not None
    return number


def head(room: Room) -> str:
    return room.repo.branches()[branch(room)]


def text_of(room: Room) -> str:
    return room.repo.file(PATH, branch(room)) or ""


def push(room: Room, text: str) -> None:
    room.clock.advance(minutes(5))
    room.people["bob"].push_file(branch(room), PATH, text)
    room.deliver()


def status(room: Room) -> tuple[str, str]:
    found = room.repo.statuses(head(room))[CONTEXT]
    return found.state, found.description or ""


def comment(room: Room) -> str:
    """The one comment of the review, as it is read."""
    said = [one.body for one in room.repo.issue(pull(room)).comments if one.body.startswith(MARK)]
    assert len(said) == 1
    return said[0].replace("\\", "").replace("\u2060", "").replace("`", "")
