"""What is said of the aims, and that a door is measured doing its work."""

from collections.abc import Sequence

import pytest
from contestants import OURS, door
from delaying_proxy import nobody
from pairs import Played
from peers import CASES, COMMAND, DELAYS, DEPLOY, DISPATCH, Measured, Options, aims, field

FAST = Played(wall=0.4, cpu=0.2, memory=30, requests=5, starting=0.1, waiting=0.2, visible=0.3)
PEER = Played(wall=4.0, cpu=1.0, memory=80, requests=4, starting=0.1, waiting=0.4, visible=0.3)


def measured(ours: Played, peer: Played = PEER, *, without: Sequence[str] = ()) -> list[Measured]:
    return [
        Measured(
            case, delay, {OURS: [ours] * 3} | {one: [peer] * 3 for one in case.against if one not in without}
        )
        for delay in DELAYS
        for case in CASES
    ]


def test_every_aim_that_is_kept_is_said_in_a_line() -> None:
    lines = list(aims(measured(FAST)))
    assert len(lines) == 3 + 7 + 3 + 1
    assert [line for line in lines if not line.startswith("- kept: ")] == []
    assert "- kept: the reply to `/ack` is seen after 300 ms (aim: 500 ms)." in lines
    assert f"- kept: `/sev P1` takes 0.10 of {DEPLOY} (aim: 0.15)." in lines


def test_an_aim_that_is_missed_says_where_the_time_goes() -> None:
    slow = Played(wall=3.6, cpu=0.9, memory=60, requests=9, starting=1.0, waiting=1.5, visible=2.5)
    lines = list(aims(measured(slow)))
    assert [line for line in lines if not line.startswith("- **missed**: ")] == []
    of_it = (
        "1,000 ms until the first request, 1,500 ms waiting for GitHub, 1,100 ms between and after requests"
    )
    assert f"- **missed**: `/ack` takes 0.90 of {COMMAND} (aim: 0.60). Of 3,600 ms: {of_it}." in lines
    assert lines[-1] == "- **missed**: memory is 60 MiB at most, of `/note` (aim: 50 MiB)."


def test_cpu_is_kept_by_either_aim() -> None:
    busy = Played(wall=0.4, cpu=0.5, memory=30, requests=5, starting=0.1, waiting=0.2, visible=0.3)
    said = [line for line in aims(measured(busy)) if "CPU" in line]
    assert len(said) == 3
    assert all(line.startswith("- kept: ") for line in said)


def test_a_peer_that_is_not_there_is_not_compared_with() -> None:
    lines = list(aims(measured(FAST, without=(COMMAND, DISPATCH, DEPLOY))))
    assert not any(peer in line for line in lines for peer in (COMMAND, DISPATCH, DEPLOY))
    assert len(lines) == 3 + 3 + 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_door_of_this_checkout_does_what_each_case_asks_for(case: object) -> None:
    with field() as (ground, _):
        (one,) = [found for found in CASES if found is case]
        run = ground.runs(door(Options.door), one)
    assert (run.visible is not None) == one.asks
    assert (run.requests == 0) == (one.place == "question")


def test_the_stand_in_answers_peers_only() -> None:
    with field() as (ground, _):
        ground.proxy.instead = ground.stand_in
        ground.runs(door(Options.door), CASES[-1])
        assert ground.proxy.instead is nobody
