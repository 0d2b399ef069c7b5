"""Where conversations begin that have come a long way: played once in a process, and there for each test.

def _closed(room: Room) -> None:
    room.opens("ann", ...)

closed = beginning(_closed)                 # a fixture; `room` is one too, as it is after `_closed`

def test_it_waits_for_an_approval(closed: Room) -> None: ...
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pytest

from allclear_lab.github import HubSnapshot
from conftest import find_tool
from conversations.room import SETTINGS, Room, open_room
from fidelity.faithful import assert_faithful

Play = Callable[[Room], None]
"""What happens before a test begins."""


@dataclass(frozen=True)
class Beginning:
    """A room after what happened in it: its GitHub, and the files that its jobs have."""

    room: Room
    hub: HubSnapshot
    files: Path

    @classmethod
    def of(cls, room: Room, folder: Path) -> Beginning:
        shutil.copytree(room.root, folder, symlinks=True)
        return cls(_copy(room, room.root, room.folder), room.hub.snapshot(), folder)

    def anew(self, folder: Path) -> Room:
        """The room, as if no other test had been there before. There is one at a time."""
        self.room.hub.restore(self.hub)
        self.room.hub.faults.clear()
        root = folder / "checkout"
        shutil.copytree(self.files, root, symlinks=True)
        return _copy(self.room, root, folder)


def _copy(room: Room, root: Path, folder: Path) -> Room:
    """With what tests change of a room for itself."""
    return replace(
        room,
        root=root,
        folder=folder,
        pending=[*room.pending],
        outputs=dict(room.outputs),
        printed=[*room.printed],
        codes=[*room.codes],
        permissions=dict(room.permissions),
    )


class Beginnings:
    """All that were played in this process; their rooms are closed when the last test is over."""

    def __init__(self, factory: pytest.TempPathFactory, rooms: ExitStack) -> None:
        self._factory, self._rooms = factory, rooms
        self._played: dict[tuple[object, ...], Beginning] = {}

    def after(self, play: Play, settings: str, files: Mapping[str, str]) -> Beginning:
        """The room after ``play``, which is played when it is asked for the first time."""
        key = (play, settings, *files.items())
        if key not in self._played:
            folder = self._factory.mktemp("beginning")
            room = self._rooms.enter_context(open_room(folder, settings))
            for path, text in files.items():
                (room.root / path).parent.mkdir(parents=True, exist_ok=True)
                (room.root / path).write_text(text, encoding="utf-8")
            play(room)
            self._played[key] = Beginning.of(room, folder / "kept")
        return self._played[key]


def beginning(
    play: Play, settings: str = SETTINGS, files: Mapping[str, str] = MappingProxyType({})
) -> object:
    """A fixture: the room after ``play``. ``files``: what its checkout has besides."""

    @pytest.fixture
    def begun(beginnings: Beginnings, tmp_path: Path) -> Iterator[Room]:
        room = beginnings.after(play, settings, files).anew(tmp_path)
        yield room
        assert room.hub.violations == []
        if find_tool("openapi"):  # tests/fidelity fails in CI when it is missing
            assert_faithful(room.hub)

    return begun
