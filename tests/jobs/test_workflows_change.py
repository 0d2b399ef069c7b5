"""Somebody merges a change of a workflow while a rollback is under way (Z3): nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from production.stage import Mark, Production, open_production
from sampling import Proof


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    with open_production(tmp_path_factory.mktemp("workflows")) as opened:
        yield opened


def merges(production: Production, at: int) -> Callable[[str, str], bool]:
    """A fault's choice that never strikes: before request number ``at``, a workflow changes on main."""
    seen = iter(range(10_000))

    def before(_method: str, _path: str) -> bool:
        if next(seen) == at:
            text = f"name: other\non: push\njobs: {{}}\n# {at}\n"
            production.room.people["ann"].push_file("main", ".github/workflows/other.yml", text)
        return False

    return before


def rolled_back(production: Production) -> None:
    """From the dispatch to the end, approved."""
    run = production.run_of()
    production.hosted.play(run)
    production.room.people["ann"].approve(run)
    production.run_everything()


def test_a_workflow_may_change_before_any_request_of_a_rollback(production: Production, proof: Proof) -> None:
    production.opens()
    production.asks("mia", "/rollback web")
    asked: Mark = production.mark()
    known = len(production.hub.requests)
    rolled_back(production)
    requests = len(production.hub.requests) - known
    assert requests > 40
    for at in proof(range(requests), 8):
        production.back(asked)
        production.hub.faults.add("error_before", merges(production, at))
        rolled_back(production)
        production.hub.faults.clear()
        production.sweep()
        told = (at, production.operation().outcome, production.operation().text)
        assert (production.operation().outcome, production.executions()) == ("done", 1), told
        assert ".github/workflows/other.yml" in production.room.repo.files("main")
