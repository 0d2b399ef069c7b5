"""What is stored is read as it was written, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allclear.core.model.operation import Order, Smoke, SmokeLine
from allclear.core.model.people import Person
from allclear.core.model.stored import as_read, json_of, json_text, read_json, read_values, whole_json_of
from allclear.core.record.observed import Measured
from allclear.core.record.people import Acknowledged
from allclear.core.record.progress import Noted

ADA = Person(id=1, login="ada")
WHEN = datetime(2026, 3, 2, 14, 0, 0, 5, UTC)


def test_what_is_as_by_default_is_left_out_however_deep() -> None:
    smoke = Smoke(lines=(SmokeLine(name="up", kind="http", outcome="pass", seconds=0.0),))
    assert json_of(smoke) == {"lines": [{"name": "up", "outcome": "pass"}]}
    assert whole_json_of(Person(id=0, login="")) == {"id": 0, "login": ""}


def test_a_text_that_equals_the_default_is_left_out_wherever_it_comes_from() -> None:
    read = read_json(SmokeLine, '{"name": "up", "kind": "http", "outcome": "pass"}')
    assert json_of(read) == {"name": "up", "outcome": "pass"}
    assert json_of(Order(kind="smoke", arguments={})) == {"kind": "smoke"}


def test_times_are_stored_in_utc() -> None:
    at = "2026-03-02T14:00:00.000005Z"
    assert json_of(Noted(at=WHEN, text="")) == {"t": "note", "at": at, "text": ""}


def test_it_is_read_as_it_was_written() -> None:
    fact = Acknowledged(by=ADA)
    assert json_text(fact) == '{"t":"acknowledged","by":{"id":1,"login":"ada"}}'
    assert read_json(Acknowledged, json_text(fact)) == read_values(Acknowledged, {"by": ADA}) == fact


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 1, "login": "ada", "sudo": true}',
        '{"id": "1", "login": "ada"}',
        '{"id": 1}',
        '{"id": 1, "login": null}',
        '{"id": 1, "login": "\\ud800"}',
        "[]",
        "",
        "\ud800",
    ],
)
def test_nothing_else_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(Person, text)


def test_a_whole_number_is_stored_as_what_it_will_be_read_as() -> None:
    assert (
        json_text(as_read(Measured(measure="p95", value=3))) == '{"t":"measured","measure":"p95","value":3.0}'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_stored(value: float) -> None:
    with pytest.raises(ValueError, match=r"Expected `float`"):
        as_read(Measured(measure="p95", value=value))
