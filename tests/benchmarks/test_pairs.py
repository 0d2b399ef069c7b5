"""Pairs of runs: their order, their ratios, and where the time of a run went."""

import pytest
from delaying_proxy import Asked
from pairs import covered, in_turn, played, ratio
from stopwatch import Lap


def lap(begun: float, ended: float, cpu: float = 0.1, memory: float = 40) -> Lap:
    return Lap(begun, ended, cpu, memory)


def asked(received: float, answered: float, method: str = "GET") -> Asked:
    return Asked(method, "/", 200, received, answered)


def test_programs_run_there_and_back() -> None:
    assert [in_turn("abc", number) for number in range(3)] == [list("abc"), list("cba"), list("abc")]


def test_the_ratio_is_that_of_pairs_and_not_of_medians() -> None:
    ours, theirs = [1.0, 20.0, 6.0], [2.0, 40.0, 6.0]
    assert ratio(ours, theirs) == 0.5
    assert sorted(ours)[1] / sorted(theirs)[1] == 1.0


def test_one_slow_moment_does_not_move_the_ratio() -> None:
    assert ratio([1, 1, 50], [2, 2, 100]) == 0.5


def test_a_run_without_its_pair_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio([1, 2], [1])
    with pytest.raises(ValueError, match="no median"):
        ratio([], [])


@pytest.mark.parametrize(
    ("spans", "seconds"),
    [
        ([], 0),
        ([(1, 2), (3, 5)], 3),
        ([(1, 4), (2, 3)], 3),
        ([(2, 5), (1, 3)], 4),
        ([(1, 2), (2, 3)], 2),
    ],
    ids=["none", "one after the other", "one within the other", "overlapping", "touching"],
)
def test_time_that_several_requests_wait_is_counted_once(
    spans: list[tuple[float, float]], seconds: float
) -> None:
    assert covered(spans) == seconds


def test_a_run_is_its_start_its_waiting_and_its_work() -> None:
    reply = asked(12, 13, "POST")
    run = played([lap(10, 20)], [asked(11, 12), asked(11, 12.5), reply], [reply])
    assert (run.starting, run.waiting, run.working) == (1, 2, 7)
    assert (run.wall, run.requests, run.visible) == (10, 3, 3)


def test_two_steps_are_added_without_the_time_between_them() -> None:
    heard, done = asked(11, 12, "POST"), asked(101, 102, "POST")
    run = played([lap(10, 14, 0.2, 30), lap(100, 103, 0.3, 70)], [heard, done], [heard, done])
    assert (run.wall, run.memory, run.starting, run.waiting) == (7, 70, 2, 2)
    assert run.cpu == pytest.approx(0.5)
    assert run.visible == 2


def test_a_sign_of_the_second_step_is_seen_after_the_first_one() -> None:
    done = asked(101, 102, "POST")
    assert played([lap(10, 14), lap(100, 103)], [done], [done]).visible == 6


def test_a_run_that_asks_nothing_only_starts() -> None:
    run = played([lap(10, 10.5)], [], [])
    assert (run.starting, run.waiting, run.working, run.visible) == (0.5, 0, 0, None)
