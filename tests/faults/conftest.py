"""The room that bad weather comes over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened
