"""The runner may be lost at any request and any step of a rollback (C1, C2, C7, P8, P14), and then everything
may come again: the event, the dispatch, the buttons (P3, C8). It is executed once at most, its result is
never lost, and what nobody can know is shown as unknown.

Many points leave the very same world behind, as reads do; what comes after is played once for each.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice, product
from pathlib import Path

import pytest

from allclear.adapters.files.event import Env
from allclear_lab.drill.repository import DOORS
from allclear_lab.runner.job_runner import RunnerLoss, RunnerSetup
from allclear_lab.runner.workflow_runner import WorkflowRunner
from conversations.room import ROOT
from production.stage import Production, open_production
from proof.rollback_story import (
    Story,
    afters,
    approves,
    check,
    goes_silent,
    passed,
    play,
    says,
    settle,
)
from sampling import Proof

NAMES = ("respond.1", "claim", "respond.2", "look", "act", "prepare", "smoke", "report", "respond.3")
ENDS: dict[str, set[tuple[str, int]]] = {
    "respond.1": {("done", 1)},
    "claim": {("failed", 0), ("cancelled", 0), ("done", 1)},
    "respond.2": {("done", 1)},
    "look": {("failed", 0), ("cancelled", 0)},
    "act": {("failed", 0), ("cancelled", 0), ("unknown", 1)},
    "prepare": {("done", 1)},
    "smoke": {("done", 1)},
    "report": {("done", 1)},
    "respond.3": {("done", 1)},
}
"""How it ended, and how often the deploy program was started, wherever in the job the runner was lost."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with open_production(tmp_path_factory.mktemp("kills")) as production:
        production.opens()
        played = play(production, [says("mia", "/rollback web"), approves("ann")])
        check(played)
        yield played


def test_the_story_is_a_whole_rollback_that_went_well(story: Story) -> None:
    assert tuple(door.name for door in story.doors) == NAMES
    assert sum(len(door.writes) for door in story.doors) > 80
    assert sum(sum(door.writes) for door in story.doors) > 20


@pytest.mark.parametrize("place", range(len(NAMES)), ids=NAMES)
def test_lost_anywhere_and_delivered_again_it_is_executed_once_at_most(
    story: Story, place: int, proof: Proof
) -> None:
    door, production = story.doors[place], story.production
    ends, known = set(), story.points
    worlds = story.worlds(door)
    assert story.points - known > len(door.writes)
    assert 1 < len(worlds) <= story.points - known
    for lost, after in proof(product(worlds, afters(story, door)), 6):
        production.back(lost.after)
        after(story, lost)
        settle(production)
        try:
            ends.add(check(story))
        except AssertionError as error:
            error.add_note(f"{lost.point}, then {after.__name__}")
            raise
    assert ends == ENDS[door.name] or (not proof.whole and ends < ENDS[door.name])


@pytest.mark.parametrize("name", ["act", "smoke"])
def test_two_runners_in_a_row_are_lost(story: Story, name: str, proof: Proof) -> None:
    """C2: the job, and then the report that should tell of it, or the sweep that should tell instead."""
    production = story.production
    report, look = story.doors[NAMES.index("report")], story.doors[NAMES.index("respond.3")]
    losses = [(report, number, True) for number, writes in enumerate(report.writes) if writes]
    losses += [(report, 0, False)]
    losses += [(look, number, True) for number, writes in enumerate(look.writes) if writes]
    worlds = story.worlds(story.doors[NAMES.index(name)])
    rounds = max(len(worlds), len(losses))
    pairs = zip(islice(cycle(worlds), rounds), cycle(losses), strict=False)
    for lost, (door, request, applied) in proof(pairs, 6):
        production.back(lost.after)
        second = RunnerLoss(door.job, door.step, request, applied, then="nothing")
        production.hosted.notice(lost.run)
        if door is report:
            production.hosted.play(lost.run, second)
            if production.hosted.runner.struck:
                production.hosted.notice(lost.run, rest=False)
        else:
            production.hosted.play(lost.run)
            production.hosted.hear()
            (run,) = [one.id for one in production.hosted.attempts if one.begun]
            production.hosted.play(run, second)
            if production.hosted.runner.struck:
                production.hosted.notice(run, rest=False)
        settle(production)
        check(story)


def test_only_a_person_starts_it_anew_and_can(story: Story, proof: Proof) -> None:
    """What a lost runner held is not held for ever, and what was done twice was asked for twice."""
    production = story.production
    for lost in proof(story.worlds(story.doors[NAMES.index("act")]), 4):
        production.back(lost.after)
        goes_silent(story, lost)
        settle(production)
        first, executed = story.operation(), production.executions()
        production.says("mia", "/rollback web")
        production.approve("ann")
        second = production.operation()
        assert (second.outcome, production.executions()) == ("done", executed + 1)
        assert [one.operation for one in production.target.executions()][executed:] == [second.id]
        assert second.id != first.id


PROGRAM = """\
import json, os, sys, time, urllib.request
parent = os.getppid()
with open({log!r}, "a", encoding="utf-8") as log:
    log.write(json.dumps({{"target": sys.argv[2], "operation": os.environ["ALLCLEAR_OPERATION"]}}) + "\\n")
for _ in range(200):
    if os.getppid() != parent:
        break
    time.sleep(0.05)
"""
"""A deploy program that says that it began, and does not end before its runner does."""


def dies_in_it(
    production: Production, env: Env, *, sleep: object, out: Callable[[str], None], transport: None
) -> int:
    """The door as a process of its own, which is killed while the deploy program works."""
    door = [sys.executable, str(ROOT / "scripts" / "rollback.py")]
    with subprocess.Popen(door, env=dict(env), stdout=subprocess.PIPE, text=True) as process:
        if env.get("ALLCLEAR_STEP") == "act":
            for _ in range(600):
                if production.executions() or process.poll() is not None:
                    break
                time.sleep(0.05)
            os.kill(process.pid, signal.SIGKILL)
        printed, _ = process.communicate(timeout=60)
    out(printed)
    return process.returncode


def test_a_runner_killed_by_signal_9_in_the_middle_of_the_deploy_program_leaves_unknown(
    tmp_path: Path,
) -> None:
    with open_production(tmp_path, http=True) as production:
        log = str(production.target.program.with_suffix(".log"))
        production.target.program.write_text(PROGRAM.format(log=log), encoding="utf-8")
        room = production.room
        doors = {**DOORS, "rollback": partial(dies_in_it, production)}
        production.hosted = WorkflowRunner(
            room.hub, room.repo, RunnerSetup(doors, room.root, room.folder, room.sleep)
        )
        production.hosted.ignore()
        production.opens()
        played = play(production, [says("mia", "/rollback web"), approves("ann")])
        settle(production)
        check(played)
        assert (played.operation().outcome, production.executions()) == ("unknown", 1)


def test_a_lost_smoke_run_of_a_rollback_leaves_the_gate_closed(story: Story, proof: Proof) -> None:
    """It is done, and nobody has seen that production is well."""
    production = story.production
    closed = 0
    for lost in proof(story.worlds(story.doors[NAMES.index("smoke")]), 4):
        production.back(lost.after)
        production.hosted.notice(lost.run)
        production.hosted.play(lost.run)
        for text in ("/ack", "/finding a bad release"):
            production.hosted.ignore()  # no other run comes, not even the window's own smoke run
            production.hosted.attempts.clear()
            production.asks("mia", text)
        said = production.asks("mia", "/resolve rolled back")
        incident = production.room.incident
        assert incident.production.operations[story.operation().id].outcome == "done"
        assert ("Verification completed: a `/smoke` run that passes" in said) is not passed(incident)
        assert (incident.reached("resolved") is not None) is passed(incident)
        closed += not passed(incident)
    assert not proof.whole or closed > 0
