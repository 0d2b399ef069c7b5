"""The room that the proofs happen in, without the judge of every request: conversations have that."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened
