"""A room for adapters that are tested against the embedded GitHub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path, http=True) as opened:
        yield opened
