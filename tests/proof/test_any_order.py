"""Runs may start late, twice, out of order or never (P1 to P6): one clean run, and all is as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.room import Room, open_room
from proof.story import SCRIPT, Stage, outcome
from sampling import examples

Runs = Callable[[int], Iterable[int]]
"""After deed n, the runs that start: each for the events of an earlier deed, or of this one."""

LAST = len(SCRIPT) - 1


def play(runs: Runs, last: Callable[[Room], int] = Room.run) -> dict[str, Any]:
    with TemporaryDirectory() as folder, open_room(Path(folder)) as room:
        stage = Stage(room)
        for n in range(len(SCRIPT)):
            stage.act()
            for deed in runs(n):
                stage.run(deed)
        last(room)
        assert set(room.codes) == {0}
        return outcome(room)


@cache
def wanted() -> dict[str, Any]:
    """The same incident with every run at once, in order."""
    return play(lambda n: (n,))


def test_the_script_tells_a_whole_incident() -> None:
    told = wanted()
    incident = told["incident 1"]
    assert (incident.stage, incident.severity, told["state 1"]) == ("closed", "P0", ("closed", "completed"))
    assert [title for title, *_ in told["pulls"]] == ["Post-mortem: Production down (#1)"]
    assert told["doubles"] == []
    refused = [f.code for _, _, facts in told["told 1"] for f in facts if f.t == "refused"]
    assert refused == ["unknown", "not-allowed", "gate", "gate", "gate"]


ORDERS: dict[str, Runs] = {
    "every run is lost": lambda _: (),
    "only the declaration's run happens": lambda n: (0,) if n == 0 else (),
    "every run but the declaration's happens twice": lambda n: (n, n) if n else (),
    "every run comes one deed late": lambda n: (n - 1,) if n else (),
    "all runs start at the end, the last first": lambda n: range(LAST, -1, -1) if n == LAST else (),
    "every second run is lost": lambda n: (n,) if n % 2 else (),
}


@pytest.mark.parametrize("order", ORDERS)
def test_the_end_is_the_same(order: str) -> None:
    assert play(ORDERS[order]) == wanted()


def test_a_sweep_makes_up_for_every_lost_event_as_well() -> None:
    assert play(lambda n: () if n else (0,), Room.sweep) == wanted()


def test_a_sweep_finds_what_was_closed_by_hand_when_nobody_heard_of_it(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/ack")
    room.people["bob"].close(room.number)
    room.clock.advance(60)
    assert room.sweep() == 0
    assert room.issue.state == "open"
    assert room.issue.assignees == ("bob",)
    assert "Closing the issue does not end the incident" in room.replies[-1].body
    known = len(room.replies)
    room.sweep()
    assert len(room.replies) == known


def test_a_sweep_leaves_alone_what_was_closed_before_it_was_ever_an_incident_of_ours(room: Room) -> None:
    room.number = room.people["ann"].open_issue("An outage of last year", "", ("incident", "P0"))
    room.people["ann"].close(room.number)
    assert room.sweep() == 0
    assert (room.issue.state, room.comments) == ("closed", ())


STARTS = st.tuples(*(st.lists(st.integers(0, n), max_size=1) for n in range(len(SCRIPT))))


@pytest.mark.usefixtures("proof")
@settings(
    max_examples=examples(5, 80),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(starts=STARTS)
def test_the_end_is_the_same_in_any_order_with_any_loss_and_any_double(starts: tuple[list[int], ...]) -> None:
    assert play(lambda n: starts[n]) == wanted()
