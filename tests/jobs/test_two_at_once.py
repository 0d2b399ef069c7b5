"""Two runs in the same second, one in the middle of the other, at every request (C6): one execution."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from allclear_lab.github import Job
from conversations.room import Room
from jobs.job import Done, after, alone, job
from production.stage import Production
from proof.test_two_at_once import MANY, meanwhile
from sampling import Proof

Given = Mapping[str, str]


def play(production: Production, step: str, run: int, given: Given, done: list[Done], _: Room) -> None:
    """A whole job in the middle of another."""
    done.append(job(production, step, run, given))


def approved(production: Production, run: int) -> dict[str, str]:
    """Claim, start and approve a run; what the jobs after the claim are given."""
    claimed = job(production, "claim", run)
    assert claimed.outputs["go"] == "true", claimed.printed
    production.room.repo.start_run(run)
    production.room.repo.wait_run(run, "production", deployment=False)
    production.room.people["ann"].approve(run)
    return after(claimed)


def in_each_other(
    production: Production, one: Callable[[], Done], twin: Callable[[list[Done], Room], None], proof: Proof
) -> Iterator[tuple[Done, Done]]:
    """Before each request of one job the other, from beginning to end. How both of them ended."""
    before = production.mark()
    with meanwhile(production.room, MANY, lambda _: None) as seen:
        one()
    assert seen[0] > 10
    for at in proof(range(seen[0]), 5):
        production.back(before)
        other: list[Done] = []
        with meanwhile(production.room, at, partial(twin, other)):
            mine = one()
        yield mine, other[0]


def test_of_two_dispatches_of_one_operation_one_claims_it(production: Production, proof: Proof) -> None:
    production.opens()
    production.asks("mia", "/rollback web")
    first = production.run_of()
    second = production.room.people["mia"].dispatch(
        "rollback-production.yml", dict(production.room.repo.run(first).inputs)
    )
    one, twin = partial(job, production, "claim", first), partial(play, production, "claim", second, {})
    for mine, other in in_each_other(production, one, twin, proof):
        assert [mine.outputs.get("go"), other.outputs.get("go")].count("true") == 1
        assert (mine.code, other.code) == (0, 0)
        loser = mine if other.outputs else other
        assert "has claimed it" in loser.printed


def test_a_job_that_is_run_once_more_acts_never(production: Production, proof: Proof) -> None:
    """GitHub gives each job of an attempt one runner. The button makes another attempt, and that stops."""
    production.opens()
    production.asks("mia", "/rollback web")
    run = production.run_of()
    given = approved(production, run)
    one = partial(job, production, "execute", run, given)
    twin = partial(play, production, "execute", run, {**given, "GITHUB_RUN_ATTEMPT": "2"})
    for mine, other in in_each_other(production, one, twin, proof):
        assert production.executions() == 1
        assert (mine.code, other.code) == (0, 1)
        assert "This is attempt 2" in other.printed


def two_incidents(production: Production) -> list[int]:
    """A rollback of one service asked for in each; their runs."""
    runs = []
    for number in [production.opens(), production.opens()]:
        production.room.number = number
        production.asks("mia", "/rollback web")
        alone(production)
        runs.append(production.run_of())
    return runs


def test_of_two_incidents_that_claim_one_service_one_gets_it(production: Production, proof: Proof) -> None:
    runs = two_incidents(production)
    one = partial(job, production, "claim", runs[0])
    twin = partial(play, production, "claim", runs[1], {})
    for mine, other in in_each_other(production, one, twin, proof):
        assert [mine.outputs.get("go"), other.outputs.get("go")].count("true") == 1
        assert sorted([mine.code, other.code]) == [0, 1]
        loser = mine if mine.code else other
        assert "is being changed right now by rollback-" in loser.printed
        (winner,) = [run for run, done in zip(runs, (mine, other), strict=True) if done.code == 0]
        claimed = mine if mine.code == 0 else other
        wait(production, winner)
        production.room.people["ann"].approve(winner)
        assert job(production, "execute", winner, after(claimed)).code == 0
        assert production.executions() == 1


def wait(production: Production, run: int) -> None:
    """The claim is over, and the run waits for the reviewers of its environment."""
    production.room.repo.start_run(run)
    production.room.repo.wait_run(run, "production", deployment=False)
    production.room.repo.set_jobs(run, Job("claim"), Job("execute", None, status="waiting"))


def test_a_claim_takes_a_service_from_who_waits_and_never_from_who_acts(
    production: Production, proof: Proof
) -> None:
    """The other's approval and whole job, before each request of the claim. In the moment in which the one
    wants it and the other begins, both may stop, and are told.
    """
    runs = two_incidents(production)
    first = after(job(production, "claim", runs[0]))
    wait(production, runs[0])

    def acts(done: list[Done], _: Room) -> None:
        if production.room.repo.run(runs[0]).status == "waiting":
            production.room.people["ann"].approve(runs[0])
            done.append(job(production, "execute", runs[0], first))

    before = production.mark()
    with meanwhile(production.room, MANY, lambda _: None) as seen:
        job(production, "claim", runs[1])
    ends = set()
    for at in proof(range(seen[0]), 6):
        production.back(before)
        other: list[Done] = []
        with meanwhile(production.room, at, partial(acts, other)):
            mine = job(production, "claim", runs[1])
        taken = mine.outputs.get("go") == "true"
        acted = bool(other) and other[0].code == 0
        ends.add((taken, acted))
        assert not (taken and acted), at
        assert production.executions() == acted
        if taken:
            wait(production, runs[1])
            production.room.people["ann"].approve(runs[1])
            assert job(production, "execute", runs[1], after(mine)).code == 0
        assert production.executions() == acted + taken
    assert not proof.whole or ends == {(True, False), (False, True), (False, False)}
