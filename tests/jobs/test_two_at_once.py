"""Two runs in the same second, one in the middle of the other, at every request (C6): one execution."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

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
    for at in proof(range(seen[0]), 8):
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


def test_a_job_that_runs_twice_at_once_acts_once(production: Production, proof: Proof) -> None:
    production.opens()
    production.asks("mia", "/rollback web")
    run = production.run_of()
    given = approved(production, run)
    one = partial(job, production, "execute", run, given)
    twin = partial(play, production, "execute", run, given)
    for mine, other in in_each_other(production, one, twin, proof):
        assert production.executions() == 1
        assert sorted([mine.code, other.code]) == [0, 1]


def test_two_incidents_change_one_service_one_after_the_other(production: Production, proof: Proof) -> None:
    given, runs = [], []
    numbers = [production.opens(), production.opens()]
    for number in numbers:
        production.room.number = number
        production.asks("mia", "/rollback web")
        alone(production)
        runs.append(production.run_of())
        given.append(approved(production, runs[-1]))
    one = partial(job, production, "execute", runs[0], given[0])
    twin = partial(play, production, "execute", runs[1], given[1])
    for mine, other in in_each_other(production, one, twin, proof):
        assert production.executions() == 1
        assert sorted([mine.code, other.code]) == [0, 1]
        loser = mine if mine.code else other
        assert (
            "is being changed right now by rollback-" in loser.printed
            or "is already running" in loser.printed
        )
