"""Many people at once: what each run reads again of what others have read is bounded, and nothing is lost by
it.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from allclear import app
from allclear_lab.github import Delivery, HubSnapshot
from conversations.room import KEY, Room, minutes, open_room

COMMENTS = 1000
WINDOW = 290
"""Seconds in which all of them are written: less than is read again where comments are few."""

A_RUN = 5
"""Reads of a run: the issue, at most two pages of comments, the rights of whoever said the command, and where
its event is of a time of few comments, one more page of them in vain.
"""

ONCE = 12
"""Reads of the first run beside: the pages with all of the comments."""


@pytest.fixture(scope="module")
def _calm() -> Iterator[tuple[Room, HubSnapshot]]:
    with TemporaryDirectory() as folder, open_room(Path(folder)) as room:
        room.key = KEY
        room.opens("ann")
        room.clock.advance(minutes(10))
        room.run()
        yield room, room.hub.snapshot()


@pytest.fixture
def room(_calm: tuple[Room, HubSnapshot]) -> Room:
    """A room with an incident on which nobody has said anything for a while."""
    opened, begin = _calm
    opened.hub.restore(begin)
    opened.delivered, opened.pending, opened.number = len(opened.hub.deliveries), [], 1
    return opened


def burst(room: Room, commands: int) -> Iterator[Delivery]:
    """People say so many commands among all the comments of others; the events of the commands."""
    people = ("ann", "bob", "cat", "mia")
    for number in range(COMMENTS):
        room.clock.advance((number + 1) * WINDOW // COMMENTS - number * WINDOW // COMMENTS)
        if number % (COMMENTS // commands) or number >= COMMENTS // commands * commands:
            room.writes("rae", "Any news?")
            continue
        room.writes(people[number % len(people)], f"/note number {number}")
        yield room.hub.deliveries[-1]


def reads(room: Room, event: Delivery) -> int:
    """What the run for an event reads."""
    room.clock.advance(5)
    known = len(room.hub.requests)
    assert room.door(app.respond, event.event, event.payload) == 0
    return sum(not one.mutating for one in room.hub.requests[known:])


@pytest.mark.parametrize("commands", [10, 100, 300])
def test_runs_that_come_after_a_burst_do_not_each_read_all_of_it_again(room: Room, commands: int) -> None:
    events = list(burst(room, commands))[:commands]
    asked = [reads(room, event) for event in events]
    assert sum(asked) <= A_RUN * commands + ONCE
    assert len([one for one in room.journal.entries if one.what == "note"]) == commands


@pytest.mark.parametrize("commands", [10, 100])
def test_runs_during_a_burst_do_not_each_read_all_of_it_again(room: Room, commands: int) -> None:
    asked = [reads(room, event) for event in burst(room, commands)]
    assert sum(asked) <= (A_RUN - 1) * commands + ONCE
    assert len([one for one in room.journal.entries if one.what == "note"]) == commands


def crowd(room: Room, count: int) -> None:
    """Others write so many comments, two a second."""
    for number in range(count):
        room.clock.advance(number % 2)
        room.writes("rae", "Any news?")


def test_a_command_that_github_shows_late_is_answered_however_much_was_written_meanwhile(room: Room) -> None:
    """A list without it was read, and the cursor is behind it; its event was lost (fault A19)."""
    late = room.writes("bob", "/ack")
    shown = room.repo.state.issues[room.number].comment_ids
    at = shown.index(late)
    shown.remove(late)
    crowd(room, 200)
    room.says("cat", "/note one")
    shown.insert(at, late)
    assert "cknowledged" in room.says("cat", "/note two")


def test_a_sweep_finds_a_command_written_into_a_comment_that_runs_do_not_read_again(room: Room) -> None:
    """An edit that a list showed late, in a crowd, and its event was lost."""
    comment = room.writes("bob", "Looking.")
    crowd(room, 2)
    room.people["bob"].edit_comment(comment, "/ack")
    held = room.repo.state.comments[comment]
    body, held.body = held.body, "Looking."
    crowd(room, 200)
    room.says("cat", "/note one")
    held.body = body
    room.delivered = len(room.hub.deliveries)
    assert "cknowledged" not in room.says("cat", "/note two")
    room.clock.advance(minutes(2))
    known = {one.id for one in room.comments}
    room.sweep()
    assert "cknowledged" in room.visible(known)
