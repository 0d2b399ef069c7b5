"""What a command costs does not grow with the incident: requests, and bytes sent, after 100 to 5,000 entries.

The record is signed; where it is not, one request more asks who last edited the panel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import NamedTuple

import pytest

from allclear import app
from allclear.core.model.people import Person
from allclear.core.record.entry import Block, Entry, encode
from allclear.core.record.progress import Noted
from allclear.core.record.seal import parse_keys
from conversations.room import KEY, Room, open_room

BATCH = 4
"""Commands in a comment, and entries in the reply to it."""

PACE = 20
"""Seconds between two comments."""

SIZES = (100, 1_000, 5_000)
REQUESTS = 5
"""The issue with its panel, the new comments, the author's rights; the reply, and the panel."""

SENT = 10_000
"""Bytes: the reply, and the panel with its checkpoint."""


class Price(NamedTuple):
    """Requests of one run, the bytes of their bodies, and the processor's milliseconds."""

    requests: int
    sent: int
    cpu: float


@contextmanager
def long_incident(count: int) -> Iterator[Room]:
    """An incident with so many entries, whose panel is up to date."""
    with TemporaryDirectory() as folder, open_room(Path(folder)) as room:
        room.key = KEY
        room.opens("ann")
        room.says("bob", "/ack")
        head, bob = room.journal.head, Person(id=room.people["bob"].id, login="bob")
        for first in range(0, count, BATCH):
            room.clock.advance(PACE)
            numbers = range(first, min(first + BATCH, count))
            texts = {number: f"seen {number * 2654435761 % 2**32:x}" for number in numbers}
            comment = room.writes("bob", "\n".join(f"/note {text}" for text in texts.values()))
            entries, now = [], room.clock.now()
            for ordinal, text in enumerate(texts.values()):
                fact = Noted(at=now, text=text)
                key = f"c{comment}.{ordinal}"
                entry = Entry(key=key, what="note", by=bob, at=now, source=comment, facts=(fact,))
                entries.append(entry.chained(head))
                head = entries[-1].hash
            room.clock.advance(1)
            block = Block(repo=room.repo.id, issue=room.number, at=now, entries=tuple(entries))
            room.bot_says(encode(block, parse_keys(KEY)))
        room.delivered = len(room.hub.deliveries)
        for _ in range(2):
            room.run()
        yield room


def price(room: Room, who: str, text: str) -> Price:
    """What the run of a command costs."""
    room.clock.advance(PACE)
    room.people[who].comment(room.number, text)
    event = room.hub.deliveries[-1]
    room.delivered = len(room.hub.deliveries)
    known, begun = len(room.hub.requests), process_time()
    assert room.door(app.respond, event.event, event.payload) == 0
    spent = 1000 * (process_time() - begun)
    asked = room.hub.requests[known:]
    sent = sum(
        len(json.dumps(one.body, ensure_ascii=False).encode()) for one in asked if one.body is not None
    )
    return Price(len(asked), sent, spent)


@pytest.fixture(scope="module", params=SIZES)
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    with long_incident(request.param) as found:
        yield found


@pytest.mark.parametrize(("who", "text", "more"), [("bob", "/note seen", 0), ("cat", "/ack", 1)])
def test_a_command_costs_the_same_however_long_the_incident_is(
    room: Room, who: str, text: str, more: int
) -> None:
    """Whoever responds is assigned: one request more."""
    replies = len(room.replies)
    found = price(room, who, text)
    assert len(room.replies) == replies + 1
    assert found.requests <= REQUESTS + more
    assert found.sent < SENT
