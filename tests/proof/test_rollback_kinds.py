"""What holds for a rollback (tests/proof/test_rollback_any_kill.py) holds for a second person's yes and for
actions; and a smoke run that was lost opens no gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from allclear_lab.drill.target import Version
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


def lost_everywhere(story: Story, names: Sequence[str], most: int) -> set[End]:
    """Lose the runner at every point of these doors; up to so many ways to go on for each. How it ended."""
    production, ends = story.production, set[End]()
    for door in story.doors:
        for lost in story.worlds(door) if door.name in names else ():
            wanted = (goes_silent, told_twice, failed_again, replayed, goes_on)
            for after in [one for one in wanted if one in afters(story, door)][:most]:
                production.back(lost.after)
                after(story, lost)
                settle(production)
                ends.add(check(story))
    return ends


def test_what_a_second_person_approves_is_executed_once_wherever_a_runner_is_lost(tmp_path: Path) -> None:
    """The approval's events come twice, and so does its dispatch."""
    with open_production(tmp_path, services=SECOND_PERSON) as production:
        production.opens()
        production.says("mia", "/rollback web")
        story = play(production, [says("ann", "/approve {name}")])
        check(story)
        assert [door.name for door in story.doors][:2] == ["respond.1", "claim"]
        assert lost_everywhere(story, ["respond.1"], 3) == {("done", 1)}
        assert lost_everywhere(story, ["execute"], 1) == {
            ("failed", 0),
            ("unknown", 0),
            ("unknown", 1),
            ("done", 1),
        }


def test_an_action_is_executed_once_wherever_its_runner_is_lost(tmp_path: Path) -> None:
    with open_production(tmp_path, services=ACTIONS) as production:
        production.opens()
        target = production.releases["v41"]
        deeds: list[Deed] = [says("mia", f"/run switch target={target} it is broken"), approves("ann")]
        story = play(production, deeds, "action")
        check(story)
        assert (production.target.version, production.executions()) == ("v41", 1)
        assert lost_everywhere(story, ["claim", "respond.2"], 1) == {("failed", 0), ("done", 1)}
        assert lost_everywhere(story, ["execute"], 2) == {
            ("failed", 0),
            ("unknown", 0),
            ("unknown", 1),
            ("done", 1),
        }


@pytest.fixture
def well(tmp_path: Path) -> Iterator[Production]:
    with open_production(tmp_path, releases=(Version("v40"), Version("v41"))) as opened:
        opened.opens()
        yield opened


def test_a_lost_smoke_run_opens_no_gate(well: Production) -> None:
    """What the window asks for by itself: ticked is what a run saw and wrote down."""
    for text in ("/ack", "/finding a full disk"):
        well.says("mia", text)
    story = play(well, [says("mia", "/status monitoring more disk")], "smoke")
    assert [door.name for door in story.doors] == ["respond.1", "claim", "smoke", "report", "respond.2"]
    assert verified(well)
    closed = 0
    for door in story.doors[1:]:
        for lost in story.worlds(door):
            for after in (goes_on, goes_silent):
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
    assert closed > 5
