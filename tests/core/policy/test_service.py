"""What the settings may say of a service, a check, an action: mistakes are told, hostile values refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from allclear.core.model.authored import read_authored
from allclear.core.model.execution import LONGEST, write_record
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.policy.service import Action, ActionParameter, HttpCheck, Measure, Service
from core.production_desk import record

URL = "https://app.example.com/health"


@pytest.mark.parametrize(
    ("model", "data", "why"),
    [
        (HttpCheck, {"name": "a", "url": URL, "tries": 2, "needed": 3}, "needed is 3, more than the 2 tries"),
        (HttpCheck, {"name": "A b", "url": URL}, "String should match pattern"),
        (Measure, {}, "name exactly one source"),
        (Measure, {"run": ["x"], "url": URL}, "name exactly one source"),
        (Measure, {"prometheus": URL}, "prometheus and query go together"),
        (Measure, {"url": URL, "query": "up"}, "prometheus and query go together"),
        (ActionParameter, {}, "name either choices or a pattern"),
        (ActionParameter, {"choices": ["a"], "pattern": "a"}, "name either choices or a pattern"),
        (ActionParameter, {"pattern": "("}, "the pattern is not a regular expression"),
        (Action, {"title": "x", "run": ["go", "{n}"]}, "run names {n}, which is not one of its parameters"),
        (
            Action,
            {"title": "x", "run": ["{n}"], "parameters": {"n": {"pattern": "a"}}},
            "the program itself cannot be a parameter",
        ),
        (Action, {"title": "x", "run": ["go"], "flag": True}, "a flag action needs the parameter `flag`"),
        (Action, {"title": "x", "run": []}, "at least 1 item"),
        (
            Service,
            {"smoke": [{"name": "a", "url": URL}], "commands": [{"name": "a", "run": ["go"]}]},
            "the check 'a' is there twice",
        ),
        (Service, {"health": [URL] * 21}, "at most 20 items"),
        (Service, {"environment": "a/b"}, "String should match pattern"),
        (Service, {"values": {"app": "x\0y"}}, "String should match pattern"),
    ],
)
def test_a_mistake_is_told(model: type[Any], data: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_authored(model, data)
    assert why in str(refused.value)


def test_a_parameter_takes_its_choices_or_what_its_pattern_matches_whole() -> None:
    count = ActionParameter(pattern=r"\d{1,2}")
    assert [value for value in ("3", "42", "", "333", "3 ", "3;id") if count.accepts(value)] == ["3", "42"]
    region = ActionParameter(choices=("ams", "fra"))
    assert [value for value in ("ams", "AMS", "iad", "") if region.accepts(value)] == ["ams"]


@pytest.mark.parametrize("value", ["-3", "--help", "٣", "３", "3\n", "3\0", "3\u202e", "1" * 201])
def test_h11_no_option_no_look_alike_and_no_control_sign_is_passed_on(value: str) -> None:
    assert not ActionParameter(pattern=r"(?s)-?.*").accepts(value)
    assert not ActionParameter(choices=(value,)).accepts(value)


def test_health_addresses_are_checks_with_names_of_their_own() -> None:
    assert [check.name for check in Service(health=(URL,)).checks] == ["health"]
    two = read_authored(Service, {"health": [URL, URL], "smoke": [{"name": "health-1", "url": URL}]})
    assert [check.name for check in two.checks] == ["health-1-url", "health-2", "health-1"]
    taken = {"health": [URL], "commands": [{"name": "health", "run": ["go"]}]}
    assert [check.name for check in read_authored(Service, taken).checks] == ["health-url"]


def test_a_service_has_smoke_when_there_is_anything_to_look_at() -> None:
    assert not Service().has_smoke
    assert Service(health=(URL,)).has_smoke
    assert read_authored(Service, {"recovery": {"p95": {"url": URL, "path": "p95"}}}).has_smoke


def test_the_longest_smoke_run_fits_into_its_record() -> None:
    lines = tuple(
        SmokeLine(name=f"check-{'x' * 30}-{n}", outcome="fail", detail="y" * 120, seconds=9.9)
        for n in range(140)
    )
    assert len(write_record(record(smoke=Smoke(lines=lines)))) < LONGEST
