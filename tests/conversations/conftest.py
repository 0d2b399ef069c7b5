"""The room that conversations happen in."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conftest import find_tool
from conversations.beginnings import Beginnings, beginning
from conversations.review_room import write_green
from conversations.room import Room, open_room
from fidelity.faithful import assert_faithful


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened
    if find_tool("openapi"):  # tests/fidelity fails in CI when it is missing
        assert_faithful(opened.hub)


@pytest.fixture(scope="session")
def beginnings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beginnings]:
    with ExitStack() as rooms:
        yield Beginnings(tmp_path_factory, rooms)


green = beginning(write_green)
