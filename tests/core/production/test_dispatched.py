"""What a workflow that was started by hand is about, and how its operation is called."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.model.operation import is_operation_id
from allclear.core.policy.settings import Settings
from allclear.core.production.clearance import Inputs, Refusal
from allclear.core.production.dispatched import hand_id, incident_meant, service_meant
from allclear.core.record.incident import ImpactAssessment, Incident, Stage
from stories import HOTDASH


@pytest.mark.parametrize(("run", "name"), [(0, "hand-000000"), (35, "hand-00000z"), (36**6, "hand-1000000")])
def test_the_id_is_the_runs_own(run: int, name: str) -> None:
    assert hand_id(run) == name
    assert is_operation_id(name)


def test_no_two_runs_share_an_id() -> None:
    assert len({hand_id(run) for run in range(50_000)}) == 50_000


@pytest.mark.parametrize(
    ("names", "word", "found"),
    [
        (["web"], "", "web"),
        (["web", "api"], "API", "api"),
        (["web", "api"], "", None),
        (["web"], "billing", None),
        ([], "", None),
        ([], "web", None),
    ],
)
def test_the_service_is_the_named_one_else_the_only_one(
    names: list[str], word: str, found: str | None
) -> None:
    settings = Settings.model_validate({"services": names})
    meant = service_meant(Inputs(service=word), settings)
    assert (None if isinstance(meant, Refusal) else meant) == found


def incident(number: int, severity: str = "P0", *services: str) -> Incident:
    return Incident(number, stage=Stage.OPEN, severity=severity, impact=ImpactAssessment(services=services))


CASES: dict[str, tuple[str, list[Incident], Any]] = {
    "none is open": ("", [], None),
    "the only one": ("", [incident(1)], 1),
    "the named one": ("#1", [incident(1), incident(2)], 1),
    "one that is not open": ("3", [incident(1)], Refusal),
    "the one that hit the service": ("", [incident(1, "P0", "api"), incident(2, "P3", "Web")], 2),
    "the worst": ("", [incident(1, "P2"), incident(2, "P1"), incident(3, "P3")], 2),
    "the newest of two": ("", [incident(1), incident(2)], 2),
    "one without a severity comes last": ("", [incident(1), incident(2, "")], 1),
}


@pytest.mark.parametrize("case", CASES)
def test_the_incident_is_the_one_people_would_mean(case: str) -> None:
    word, there, found = CASES[case]
    meant = incident_meant(Inputs(incident=word), "web", there, HOTDASH)
    if found is Refusal:
        assert isinstance(meant, Refusal)
    else:
        assert not isinstance(meant, Refusal)
        assert (meant.number if meant else None) == found
