"""The room that conversations happen in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear_lab.github import HubSnapshot
from conftest import find_tool
from conversations.review_room import green_room
from conversations.room import Room, open_room
from fidelity.faithful import assert_faithful


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened
    if find_tool("openapi"):  # tests/fidelity fails in CI when it is missing
        assert_faithful(opened.hub)


@pytest.fixture(scope="module")
def _green(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Room, HubSnapshot]]:
    with green_room(tmp_path_factory.mktemp("green")) as opened:
        yield opened, opened.hub.snapshot()


@pytest.fixture
def green(_green: tuple[Room, HubSnapshot]) -> Iterator[Room]:
    """A room whose post-mortem is green, as if no other test had been there before."""
    opened, begin = _green
    opened.hub.restore(begin)
    opened.hub.faults.clear()
    opened.delivered, opened.pending, opened.number, opened.permissions = len(begin.deliveries), [], 1, {}
    opened.printed.clear()
    opened.codes.clear()
    yield opened
    if find_tool("openapi"):  # tests/fidelity fails in CI when it is missing
        assert_faithful(opened.hub)
