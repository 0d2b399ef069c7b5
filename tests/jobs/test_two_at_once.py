"""Two runs in the same second, one in the middle of the other, at every request (C6): one execution."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from conversations.room import Room
from jobs.job import Done, after, alone, job
from production.stage import Production
from proof.test_two_at_once import meanwhile

Given = Mapping[str, str]


def play(production: Production, done: list[Done], step: str, run: int, given: Given, _: Room) -> None:
    """A whole job in the middle of another."""
    done.append(job(production, step, run, given))


def approved(production: Production, run: int) -> dict[str, str]:
    """Claim, start and approve a run; what the jobs after the claim are given."""
    claimed = job(production, "claim", run)
    assert claimed.outputs["go"] == "true", claimed.printed
    production.room.repo.start_run(run)
    production.room.repo.wait_run(run, "production")
    production.room.people["ann"].approve(run)
    return after(claimed)


def test_of_two_dispatches_of_one_operation_one_claims_it(production: Production) -> None:
    production.opens()
    production.asks("mia", "/rollback web")
    first = production.run_of()
    second = production.room.people["mia"].dispatch(
        "rollback-production.yml", dict(production.room.repo.run(first).inputs)
    )
    before, at = production.mark(), 0
    while True:
        production.back(before)
        other: list[Done] = []
        twin = partial(play, production, other, "claim", second, {})
        with meanwhile(production.room, at, twin) as seen:
            mine = job(production, "claim", first)
        if not other:
            break
        assert [mine.outputs.get("go"), other[0].outputs.get("go")].count("true") == 1, at
        assert (mine.code, other[0].code) == (0, 0), at
        loser = mine if other[0].outputs else other[0]
        assert "has claimed it" in loser.printed
        at += 1
    assert at == seen[0] > 10


def test_a_job_that_runs_twice_at_once_acts_once(production: Production) -> None:
    production.opens()
    production.asks("mia", "/rollback web")
    run = production.run_of()
    given = approved(production, run)
    before, at = production.mark(), 0
    while True:
        production.back(before)
        other: list[Done] = []
        twin = partial(play, production, other, "execute", run, given)
        with meanwhile(production.room, at, twin) as seen:
            mine = job(production, "execute", run, given)
        if not other:
            break
        assert production.executions() == 1, at
        assert sorted([mine.code, other[0].code]) == [0, 1], at
        at += 1
    assert at == seen[0] > 15


def test_two_incidents_change_one_service_one_after_the_other(production: Production) -> None:
    given, runs = [], []
    numbers = [production.opens(), production.opens()]
    for number in numbers:
        production.room.number = number
        production.asks("mia", "/rollback web")
        alone(production)
        runs.append(production.run_of())
        given.append(approved(production, runs[-1]))
    before, at = production.mark(), 0
    while True:
        production.back(before)
        other: list[Done] = []
        twin = partial(play, production, other, "execute", runs[1], given[1])
        with meanwhile(production.room, at, twin) as seen:
            mine = job(production, "execute", runs[0], given[0])
        if not other:
            break
        assert production.executions() == 1, at
        assert sorted([mine.code, other[0].code]) == [0, 1], at
        loser = mine if mine.code else other[0]
        assert (
            "is being changed right now by rollback-" in loser.printed
            or "is already running" in loser.printed
        )
        at += 1
    assert at == seen[0] > 15
