"""Two people in the same second, one in the middle of the other, at every request (C3, C6): one execution.

The groups of the workflows keep most of these apart; here nothing does. Jobs of one operation, and of two
incidents, are interleaved in tests/executor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from allclear_lab.github import Delivery
from conversations.room import Room
from production.stage import SERVICES, Production, open_production
from proof.rollback_story import settle
from proof.story import panels
from proof.test_two_at_once import MANY, meanwhile
from sampling import Proof

OURS = "    provider: ours\n"
SECOND_PERSON = SERVICES.replace(OURS, OURS + "    rollback: {{ approval: second-person }}\n")


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Production]:
    with open_production(tmp_path) as opened:
        opened.opens()
        yield opened


def comments(production: Production, *said: tuple[str, str]) -> list[Delivery]:
    """Comments of one second, whose runs the test plays."""
    known = len(production.hub.deliveries)
    for who, text in said:
        production.room.people[who].comment(production.room.number, text)
    production.hosted.ignore()
    return production.hub.deliveries[known:]


def responds(delivery: Delivery, room: Room) -> None:
    """The run of respond for a comment, beside all others."""
    assert room.receive(delivery) == 0, room.printed[-1]


def in_each_other(
    production: Production,
    one: Callable[[Room], object],
    other: Callable[[Room], object],
    proof: Proof,
    every: int = 1,
) -> Iterator[int]:
    """Before each request of one (or ``every`` second, third), from beginning to end the other; then
    everything that follows, with reviewers who approve all that waits.
    """
    before = production.mark()
    with meanwhile(production.room, MANY, other) as seen:
        one(production.room)
    for at in proof(range(0, seen[0], every), 4):
        production.back(before)
        with meanwhile(production.room, at, other):
            one(production.room)
        production.run_everything()
        settle(production)
        yield at


def executed_once(production: Production) -> None:
    """One execution, by one of the operations, and every operation has its end in the record, once."""
    room = production.room
    starts = Counter(one.operation for one in production.target.executions())
    assert list(starts.values()) == [1]
    assert [one.id for one in production.operations("rollback") if one.outcome == "done"] == list(starts)
    assert {one.outcome for one in production.operations("rollback")} <= {
        "done",
        "refused",
        "failed",
        "cancelled",
    }
    entries = [entry.key for entry in room.journal.entries]
    assert len(entries) == len(set(entries))
    assert len(panels(room)) == 1
    assert room.hub.violations == []


def test_two_people_ask_for_the_same_rollback(production: Production, proof: Proof) -> None:
    first, second = comments(production, ("mia", "/rollback web"), ("ann", "/rollback web"))
    answered, asked, boundaries = 0, set(), 0
    for _ in in_each_other(production, partial(responds, first), partial(responds, second), proof):
        boundaries += 1
        executed_once(production)
        asked.add(len(production.operations("rollback")))
        told = "\n".join(reply.body for reply in production.room.replies)
        answered += "is already" in told or "under way" in told
    # Most often the record shows the second one what the first did; where it could not, the claim did.
    assert not proof.whole or (boundaries > 10 and 1 in asked and answered > 0)


def test_two_incidents_ask_for_one_service(production: Production) -> None:
    """Jobs of both take turns. The one that comes later takes the service from the one that waits, which is
    told so in its own incident.
    """
    numbers = [production.room.number, production.opens()]
    for number, who in zip(numbers, ("mia", "ann"), strict=True):
        production.room.number = number
        production.room.people[who].comment(number, "/rollback web")
    production.run_everything()
    (run,) = production.waiting()
    production.room.people["mia"].approve(run)
    production.run_everything()
    settle(production)
    assert production.executions() == 1
    ends = {}
    for number in numbers:
        production.room.number = number
        ends[production.operation().outcome] = production.operation()
    assert ends.keys() == {"done", "cancelled"}
    done, cancelled = ends["done"], ends["cancelled"]
    assert done.run == run
    assert cancelled.text.startswith(f"{done.id} of incident ")
    assert cancelled.text.endswith("took its place")


def test_one_comments_while_another_starts_the_workflow_by_hand(production: Production, proof: Proof) -> None:
    """000-14, at every second request of the claim."""
    (comment,) = comments(production, ("mia", "/rollback web"))
    by_hand = production.room.people["ann"].dispatch("rollback-production.yml")
    both = set()

    def starts(_: Room) -> None:
        production.hosted.play(by_hand)

    for _ in in_each_other(production, starts, partial(responds, comment), proof, every=2):
        executed_once(production)
        both.add(len(production.operations("rollback")))
    assert not proof.whole or 2 in both


def test_one_starts_the_workflow_by_hand_while_another_comments(production: Production, proof: Proof) -> None:
    """The other way round, at every third request of the answer to the comment."""
    (comment,) = comments(production, ("mia", "/rollback web"))
    by_hand = production.room.people["ann"].dispatch("rollback-production.yml")

    def starts(_: Room) -> None:
        production.hosted.play(by_hand)

    for _ in in_each_other(production, partial(responds, comment), starts, proof, every=3):
        executed_once(production)


def test_a_second_person_clicks_twice(tmp_path: Path, proof: Proof) -> None:
    """Two runs may both start what was approved; one of them claims it (P14)."""
    with open_production(tmp_path, services=SECOND_PERSON) as production:
        production.opens()
        production.says("mia", "/rollback web")
        first, second = comments(production, ("ann", "/approve"), ("ann", "/approve"))
        started = set()
        for _ in in_each_other(production, partial(responds, first), partial(responds, second), proof):
            executed_once(production)
            started.add(len(production.runs_of()))
        assert not proof.whole or started == {1, 2}
