"""The runner may die before or after any request (C1, C2): one clean run, and all is as if it had not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allclear.adapters.github.at_once import in_turn
from conversations.room import open_room
from conversations.stages import Rounds
from proof.story import SCRIPT, TURNS, Mark, Stage, notices, outcome
from sampling import Proof, examples

SCRIPTS = {"a whole incident": SCRIPT, "every turn": TURNS}
DEEDS = [(name, deed) for name, script in SCRIPTS.items() for deed in range(len(script))]


@dataclass(frozen=True)
class Step:
    """A deed before its run, which of the run's requests write, and what is there after a clean run."""

    before: Mark
    writes: tuple[bool, ...]
    wanted: dict[str, Any]
    notices: list[str]


@dataclass(frozen=True)
class Played:
    """A script in good weather."""

    stage: Stage
    steps: tuple[Step, ...]


def play(stage: Stage) -> Played:
    steps, requests = [], stage.room.hub.requests
    for deed in range(len(stage.script)):
        stage.act()
        before, known = stage.mark(), len(requests)
        stage.run(deed)
        ran = len(requests)
        stage.clean_run()
        writes = tuple(request.mutating for request in requests[known:ran])
        assert not any(request.mutating for request in requests[ran:])
        steps.append(Step(before, writes, outcome(stage.room), notices(stage.room)))
    return Played(stage, tuple(steps))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Played]]:
    with ExitStack() as rooms:
        stages = {
            name: Stage(rooms.enter_context(open_room(tmp_path_factory.mktemp("good"))), script)
            for name, script in SCRIPTS.items()
        }
        yield {name: play(stage) for name, stage in stages.items()}


def kill(stage: Stage, deed: int, after: int, *, applied: bool, backwards: bool = False) -> None:
    """A run of the deed that dies at its request `after`. ``backwards``: what goes out at once reaches GitHub
    the other way round, the panel before what was done beside it.
    """
    stage.room.at_once = Rounds(stage.room.hub, backwards=backwards)
    stage.room.hub.faults.kill(after, applied=applied)
    stage.run(deed)
    stage.room.hub.faults.clear()
    stage.room.at_once = in_turn
    stage.room.pending = []


@pytest.mark.parametrize(("name", "deed"), DEEDS, ids=[SCRIPTS[name][deed].name for name, deed in DEEDS])
def test_a_kill_at_any_request_is_made_up_for_by_one_clean_run(
    played: dict[str, Played], name: str, deed: int, proof: Proof
) -> None:
    stage, step = played[name].stage, played[name].steps[deed]
    requests = stage.room.hub.requests
    # That a request which only reads was answered changes nothing, so it is killed once.
    kills = [(after, False, False) for after in range(len(step.writes))]
    kills += [(after, True, False) for after, writes in enumerate(step.writes) if writes]
    replied = step.writes.index(True) + 1 if any(step.writes) else len(step.writes)
    kills += [(after, False, True) for after in range(replied, len(step.writes))]
    for after, applied, backwards in proof(kills, 6):
        stage.back(step.before)
        known = len(requests)
        kill(stage, deed, after, applied=applied, backwards=backwards)
        if after and not any(request.mutating and request.applied for request in requests[known:]):
            continue  # Nothing was done yet: the same as the kill at the first request.
        stage.clean_run()
        assert outcome(stage.room) == step.wanted, (after, applied, backwards)
        assert notices(stage.room) == step.notices, (after, applied, backwards)


def test_every_write_of_the_incidents_was_killed(played: dict[str, Played]) -> None:
    """The loop above loops: these are the requests it went through."""
    steps = [step for one in played.values() for step in one.steps]
    assert sum(sum(step.writes) for step in steps) > 140
    assert sum(len(step.writes) for step in steps) > 280


KILLS = st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 12), st.booleans())


@pytest.mark.usefixtures("proof")
@settings(
    max_examples=examples(4, 60),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(where=st.sampled_from(DEEDS), kills=KILLS)
def test_two_kills_in_a_row_and_the_rest_of_the_incident_end_the_same(
    played: dict[str, Played], where: tuple[str, int], kills: tuple[int, bool, int, bool]
) -> None:
    name, deed = where
    stage = played[name].stage
    stage.back(played[name].steps[deed].before)
    kill(stage, deed, kills[0], applied=kills[1])
    kill(stage, deed, kills[2], applied=kills[3])
    for following in range(deed + 1, len(stage.script)):
        stage.act()
        stage.run(following)
    stage.clean_run()
    assert outcome(stage.room) == played[name].steps[-1].wanted
