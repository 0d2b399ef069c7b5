"""The runner may die before or after any request of a rollback (C1, C7), and then everything comes again: the
same dispatch, the re-run button, the sweep. It is executed once at most, and how it ended is never lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from allclear_lab.github.routing import GitHubRefusal
from allclear_lab.runner.job_runner import RunnerLoss
from production.stage import Mark, Production, open_production
from sampling import Proof

STEPS = {
    "Claim": "claim",
    "Look": "execute",
    "Act": "execute",
    "Prepare": "smoke",
    "Smoke": "smoke",
    "Report": "report",
}
"""The steps that open a door, and their jobs."""


@dataclass(frozen=True)
class Played:
    """A rollback in good weather: the moment before each job, and which of its requests write."""

    production: Production
    run: int
    before: dict[str, Mark]
    writes: dict[str, tuple[bool, ...]]


def play(production: Production) -> Played:
    production.opens()
    production.asks("mia", "/rollback web")
    run = production.run_of()
    before = {"claim": production.mark()}
    production.hosted.play(run)
    production.room.people["ann"].approve(run)
    writes = {}
    for job in dict.fromkeys(STEPS.values()):
        before.setdefault(job, production.mark())
        step(production, run, job)
        for done in production.hosted.ran:
            if (done.run_id, done.job) == (run, job):
                assert done.code == 0, done.output
                writes[done.step] = done.asked
    production.run_everything()
    assert (production.operation().outcome, production.executions()) == ("done", 1)
    return Played(production, run, before, writes)


def step(production: Production, run: int, job: str) -> None:
    """Play the run until that job is over."""
    while not any((one.run_id, one.job) == (run, job) for one in production.hosted.ran):
        assert production.hosted.step() is not None


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with open_production(tmp_path_factory.mktemp("kills")) as production:
        yield play(production)


def everything_comes_again(production: Production, run: int) -> None:
    """The same dispatch twice, the button, reviewers who approve all they see, and the sweep."""
    mia = production.room.people["mia"]
    inputs = dict(production.room.repo.run(run).inputs)
    production.run_everything()
    mia.dispatch("rollback-production.yml", inputs)
    production.run_everything()
    approve(production)
    try:
        mia.rerun(run)
    except GitHubRefusal:
        assert production.room.repo.run(run).status != "completed"
        production.room.repo.finish_run(run, "failure")  # GitHub gives up on a runner that is silent
    production.run_everything()
    mia.dispatch("rollback-production.yml", inputs)
    production.run_everything()
    approve(production)
    production.sweep()
    approve(production)
    production.sweep()


def approve(production: Production) -> None:
    for run in production.waiting():
        production.room.people["ann"].approve(run)
    production.run_everything()


@pytest.mark.parametrize("name", STEPS)
def test_a_kill_at_any_request_executes_once_at_most_and_loses_no_result(
    played: Played, name: str, proof: Proof
) -> None:
    """The job fails, and those that run always go on. Runs that fall silent or are cancelled: tests/proof.

    A step that runs commands makes no request: its runner is lost before it, and when it did all it does.
    """
    production, job = played.production, STEPS[name]
    losses: list[tuple[int | None, bool]] = [(None, False), (None, True)]
    losses += [(number, False) for number in range(len(played.writes[name]))]
    losses += [(number, True) for number, writes in enumerate(played.writes[name]) if writes]
    for number, applied in proof(losses, 5):
        production.back(played.before[job])
        loss = RunnerLoss(
            job, name, request=number, applied=applied, end=number is None and applied, then="failure"
        )
        production.hosted.play(played.run, loss)
        assert production.hosted.runner.struck
        everything_comes_again(production, played.run)
        ended, executed = production.operation(), production.executions()
        told = (number, applied, ended.outcome, ended.text, executed)
        assert not ended.open, told
        assert executed <= 1, told
        wanted = ("done", "unknown") if executed else ("failed", "unknown", "cancelled")
        assert ended.outcome in wanted, told
        if name in ("Claim", "Look"):
            # Nothing was begun: that is certain, and said.
            assert ended.outcome != "unknown", told
