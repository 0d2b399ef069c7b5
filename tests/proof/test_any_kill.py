"""The runner may die before or after any request (C1, C2): one clean run, and all is as if it had not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.room import open_room
from proof.story import SCRIPT, Mark, Stage, notices, outcome

ALL = range(len(SCRIPT))


@dataclass(frozen=True)
class Step:
    """A deed before its run, which of the run's requests write, and what is there after a clean run."""

    before: Mark
    writes: tuple[bool, ...]
    wanted: dict[str, Any]
    notices: list[str]


@dataclass(frozen=True)
class Played:
    """The whole incident in good weather."""

    stage: Stage
    steps: tuple[Step, ...]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with open_room(tmp_path_factory.mktemp("good")) as room:
        stage, steps, requests = Stage(room), [], room.hub.requests
        for deed in ALL:
            stage.act()
            before, known = stage.mark(), len(requests)
            stage.run(deed)
            ran = len(requests)
            stage.clean_run()
            writes = tuple(request.mutating for request in requests[known:ran])
            assert not any(request.mutating for request in requests[ran:])
            steps.append(Step(before, writes, outcome(room), notices(room)))
        yield Played(stage, tuple(steps))


def kill(stage: Stage, deed: int, after: int, *, applied: bool) -> None:
    """A run of the deed that dies at its request `after`."""
    stage.room.hub.faults.kill(after, applied=applied)
    stage.run(deed)
    stage.room.hub.faults.clear()
    stage.room.pending = []


@pytest.mark.parametrize("deed", ALL, ids=[deed.name for deed in SCRIPT])
def test_a_kill_at_any_request_is_made_up_for_by_one_clean_run(played: Played, deed: int) -> None:
    stage, step = played.stage, played.steps[deed]
    for after, writes in enumerate(step.writes):
        # That a request which only reads was answered changes nothing, so it is killed once.
        for applied in (False, True) if writes else (False,):
            stage.back(step.before)
            kill(stage, deed, after, applied=applied)
            stage.clean_run()
            assert outcome(stage.room) == step.wanted, (after, applied)
            assert notices(stage.room) == step.notices, (after, applied)


def test_every_write_of_an_incident_was_killed(played: Played) -> None:
    """The loop above loops: these are the requests it went through."""
    written = sum(sum(step.writes) for step in played.steps)
    assert (written > 70, sum(len(step.writes) for step in played.steps) > 150) == (True, True)


KILLS = st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 12), st.booleans())


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(deed=st.sampled_from(ALL), kills=KILLS)
def test_two_kills_in_a_row_and_the_rest_of_the_incident_end_the_same(
    played: Played, deed: int, kills: tuple[int, bool, int, bool]
) -> None:
    stage = played.stage
    stage.back(played.steps[deed].before)
    kill(stage, deed, kills[0], applied=kills[1])
    kill(stage, deed, kills[2], applied=kills[3])
    for following in ALL[deed + 1 :]:
        stage.act()
        stage.run(following)
    stage.clean_run()
    assert outcome(stage.room) == played.steps[-1].wanted
