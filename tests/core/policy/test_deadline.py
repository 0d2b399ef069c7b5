"""What a deadline says about time and about whom it is for."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from allclear.core.calendar.period import OfficeDays, Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.policy.contact import Contact
from allclear.core.policy.deadline import Deadline


def deadline(**more: Any) -> Deadline:
    data = {"id": "late", "title": "Late", "start": "declared", "within": {"P0": "5m"}, "text": "Late."}
    return Deadline.model_validate(data | more)


def test_a_period_and_a_rhythm_are_read_as_they_are_written() -> None:
    found = deadline(within={"P0": "5 office days", "P1": Span(days=2)}, repeat={"P0": "0m, then 5m"})

    assert found.within["P0"] == OfficeDays(5, "office")
    assert found.repeat["P0"] == Rhythm.parse("0m, then 5m")
    written = found.model_dump(mode="json")
    assert (written["within"], written["repeat"]) == (
        {"P0": "5 office days", "P1": "2d"},
        {"P0": "0m, then 5m"},
    )


@pytest.mark.parametrize("key", ["within", "repeat"])
@pytest.mark.parametrize("value", ["soon", 15])
def test_what_is_no_time_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=rf"{key}\.P0"):
        deadline(**{key: {"P0": value}})


def test_a_ladder_may_differ_by_severity() -> None:
    assert deadline(ladder="response").ladder_at("P0") == "response"
    assert deadline(ladder={"P0": "on-call"}).ladder_at("P0") == "on-call"
    assert deadline(ladder={"P0": "on-call"}).ladder_at("P1") == "late"


def test_the_ways_to_a_contact_are_those_that_it_has() -> None:
    assert Contact(title="AWS", web="https://aws.test", phone="1-888").ways == (
        ("phone", "1-888"),
        ("web", "https://aws.test"),
    )
