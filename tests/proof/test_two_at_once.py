"""Two runs for one issue, one in the middle of the other, at every request (C3). The workflows' concurrency
group keeps respond apart from itself; a sweep, or a run on somebody's laptop, may still come in between.

What holds: while both are under way an answer may be posted twice, as two replies with the same entries. The
record counts each entry once, the state is that of one run, and the next run leaves one panel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from allclear_lab.github.front import RawReply, RawRequest
from conversations.room import Room, minutes
from proof.story import outcome, panels
from sampling import Proof

Act = Callable[[Room], object]

MANY = 10_000
"""More requests than any run makes: nobody comes in between."""


@contextmanager
def meanwhile(room: Room, at: int, act: Act) -> Iterator[list[int]]:
    """Before request `at` of what follows, somebody does `act` from beginning to end. Yields the count."""
    front = room.hub.front
    answer, seen = front.answer, [0]

    def slow(raw: RawRequest) -> RawReply:
        seen[0] += 1
        if seen[0] == at + 1:
            front.answer = answer  # type: ignore[method-assign]  # the way in, as one waits at it
            room.clock.advance(2)
            act(room)
            room.clock.advance(2)
            front.answer = slow  # type: ignore[method-assign]  # the way in, as one waits at it
        return answer(raw)

    front.answer = slow  # type: ignore[method-assign]  # the way in, as one waits at it
    try:
        yield seen
    finally:
        front.answer = answer  # type: ignore[method-assign]  # the way in as it was


def declared(room: Room) -> None:
    room.people["ann"].open_issue("[INCIDENT P0] Production down", "", ("incident", "P0"))
    room.number = 1
    room.delivered = len(room.hub.deliveries)


def commanded(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/ack\n/sev P1 only some\n/note seen")


def overdue(room: Room) -> None:
    room.opens("ann")
    room.clock.advance(minutes(6))


def ended(room: Room) -> None:
    room.opens("ann", labels=("incident", "P3"))
    for text in ("/ack", "/finding a typo", "/status monitoring", "/check verification", "/resolve reworded"):
        room.says("bob", text)
    room.writes("bob", "/all-clear\n/postmortem")


CASES: dict[str, Act] = {
    "a declaration": declared,
    "three commands": commanded,
    "a deadline": overdue,
    "an all-clear with its post-mortem": ended,
}


@pytest.mark.parametrize("other", [Room.run, Room.sweep], ids=["another run", "a sweep"])
@pytest.mark.parametrize("case", CASES)
def test_two_runs_at_once_end_like_one(room: Room, case: str, other: Act, proof: Proof) -> None:
    CASES[case](room)
    before = room.hub.snapshot()
    with meanwhile(room, MANY, other) as seen:
        assert room.run() == 0
    requests = seen[0]
    room.run()
    wanted = outcome(room) | {"doubles": ()}
    doubled = 0
    for at in proof(range(1, requests), 4):
        room.hub.restore(before)
        room.pending = []
        with meanwhile(room, at, other):
            room.run()
        room.run()
        found = outcome(room)
        doubled += bool(found["doubles"])
        assert found | {"doubles": ()} == wanted, at
        entries = [entry.key for entry in room.journal.entries]
        assert len(entries) == len(set(entries))
        assert len(panels(room)) == 1
        assert len(room.repo.pulls()) == len(wanted["pulls"])
    assert set(room.codes) == {0}
    # Some of the runs did come between another's reading and its writing.
    assert not proof.whole or 0 < doubled < requests
