"""Hostile text through every input of the workflows of operations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from production.harmless import HOSTILE, SECRETS, Watch
from production.stage import Mark, Production, open_production
from sampling import Proof

INPUTS = [
    (workflow, name)
    for workflow, names in {
        "rollback-production.yml": ("operation", "service", "target", "incident"),
        "smoke.yml": ("operation", "service", "incident"),
        "evidence.yml": ("operation", "service", "incident"),
    }.items()
    for name in names
]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Production, Path, Mark]]:
    folder = tmp_path_factory.mktemp("hostile")
    with open_production(folder, secrets={"": SECRETS, "production": SECRETS}) as production:
        production.opens()
        yield production, folder / "canary", production.mark()


@pytest.fixture
def opened(there: tuple[Production, Path, Mark]) -> tuple[Production, Path]:
    """A production with an open incident, as if nothing had been tried before; and the file CANARY."""
    production, canary, mark = there
    production.back(mark)
    return production, canary


def test_there_are_texts_of_every_kind() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize(("workflow", "name"), INPUTS, ids=str)
def test_no_input_of_a_workflow_does_anything(
    opened: tuple[Production, Path], workflow: str, name: str, proof: Proof
) -> None:
    """E1, E9, H12, H20: started by hand by an admin, with everything else left empty."""
    production, canary = opened
    before = production.mark()
    for text in proof(HOSTILE, 10):
        watch = Watch(production, canary)
        run = production.dispatch("ann", workflow, {name: text.replace("CANARY", str(canary))})
        assert production.room.repo.run(run).conclusion == "failure", text
        watch.holds()
        production.back(before)
