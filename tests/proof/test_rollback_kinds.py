"""What holds for a rollback (tests/proof/test_rollback_any_kill.py) holds for a second person's yes and for
actions; and a smoke run that was lost opens no gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest

from allclear_lab.drill.production_server import Version
from production.stage import SERVICES, Production, open_production
from proof.rollback_story import (
    Deed,
    Story,
    afters,
    approves,
    check,
    failed_again,
    goes_on,
    goes_silent,
    passed,
    play,
    replayed,
    says,
    settle,
    told_twice,
    verified,
)
from sampling import Proof

End = tuple[str, int]

OURS = "    provider: ours\n"
SECOND_PERSON = SERVICES.replace(OURS, OURS + "    rollback: {{ approval: second-person }}\n")
ACTIONS = (
    SERVICES
    + """\
actions:
  switch:
    title: Switch the release
    service: web
    run: [python3, "{program}", "{address}", "{{target}}"]
    env: [ALLCLEAR_OPERATION]
    parameters: {{ target: {{ pattern: "[0-9a-f]{{40}}" }} }}
"""
)


BEFORE: set[End] = {("failed", 0), ("done", 1)}
"""How it ends when the runner of a job before the deploy program is lost."""

ENDS: set[End] = {("failed", 0), ("unknown", 1)}
"""How it ends when the runner of the deploy program is lost, or the step before it."""


def lost_everywhere(story: Story, names: Sequence[str], most: int, proof: Proof) -> set[End]:
    """Lose the runner at every point of these doors; up to so many ways to go on for each. How it ended."""
    production, ends = story.production, set[End]()
    for door in story.doors:
        wanted = (goes_silent, told_twice, failed_again, replayed, goes_on)
        follows = [one for one in wanted if one in afters(story, door)][:most]
        worlds = story.worlds(door) if door.name in names else ()
        for lost, after in proof(product(worlds, follows), 4):
            production.back(lost.after)
            after(story, lost)
            settle(production)
            ends.add(check(story))
    return ends


def test_what_a_second_person_approves_is_executed_once_wherever_a_runner_is_lost(
    tmp_path: Path, proof: Proof
) -> None:
    """The approval's events come twice, and so does its dispatch."""
    with open_production(tmp_path, services=SECOND_PERSON) as production:
        production.opens()
        production.says("mia", "/rollback web")
        story = play(production, [says("ann", "/approve {name}")])
        check(story)
        assert [door.name for door in story.doors][:2] == ["respond.1", "claim"]
        assert lost_everywhere(story, ["respond.1"], 3, proof) == {("done", 1)}
        ends = lost_everywhere(story, ["look", "act"], 1, proof)
        assert ends == ENDS or (not proof.whole and ends < ENDS)


def test_an_action_is_executed_once_wherever_its_runner_is_lost(tmp_path: Path, proof: Proof) -> None:
    with open_production(tmp_path, services=ACTIONS) as production:
        production.opens()
        target = production.releases["v41"]
        deeds: list[Deed] = [says("mia", f"/run switch target={target} it is broken"), approves("ann")]
        story = play(production, deeds, "action")
        check(story)
        assert (production.target.version, production.executions()) == ("v41", 1)
        ends = lost_everywhere(story, ["claim", "respond.2"], 1, proof)
        assert ends == BEFORE or (not proof.whole and ends < BEFORE)
        ends = lost_everywhere(story, ["look", "act"], 2, proof)
        assert ends == ENDS or (not proof.whole and ends < ENDS)


@pytest.fixture
def well(tmp_path: Path) -> Iterator[Production]:
    with open_production(tmp_path, releases=(Version("v40"), Version("v41"))) as opened:
        opened.opens()
        yield opened


def test_a_lost_smoke_run_opens_no_gate(well: Production, proof: Proof) -> None:
    """What the window asks for by itself: ticked is what a run saw and wrote down."""
    for text in ("/ack", "/finding a full disk"):
        well.says("mia", text)
    story = play(well, [says("mia", "/status monitoring more disk")], "smoke")
    assert [door.name for door in story.doors] == [
        "respond.1",
        "claim",
        "prepare",
        "smoke",
        "report",
        "respond.2",
    ]
    assert verified(well)
    closed = 0
    for door in story.doors[1:]:
        for lost, after in proof(product(story.worlds(door), (goes_on, goes_silent)), 3):
            well.back(lost.after)
            after(story, lost)
            settle(well)
            incident = well.room.incident
            smoke = list(incident.production.operations.values())[-1]
            assert not smoke.open
            assert smoke.outcome == ("done" if smoke.smoke is not None else "failed")
            assert verified(well) is passed(incident)
            assert well.executions() == 0
            if not passed(incident):
                closed += 1
                assert "Verification completed: a `/smoke` run that passes" in well.asks(
                    "mia", "/resolve more disk"
                )
    assert not proof.whole or closed > 5
