"""What a deadline says about time: plain durations as ever, and the phrases of the new language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from allclear.core.calendar.period import OfficeDays, Period, Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.policy.contact import Contact
from allclear.core.policy.deadline import Deadline, length


def deadline(**more: Any) -> Deadline:
    data = {"id": "late", "title": "Late", "start": "declared", "within": {"P0": "5m"}, "text": "Late."}
    return Deadline.model_validate(data | more)


def test_a_plain_duration_stays_one() -> None:
    found = deadline(within={"P0": "24h"}, repeat={"P0": timedelta(minutes=5)})

    assert found.within == {"P0": timedelta(days=1)}
    assert found.limit("P0") == Span(timedelta(days=1))
    assert found.rhythm("P0") == Rhythm.parse("5m")
    assert found.rhythm("P1") is None
    assert found.model_dump(mode="json")["within"] == {"P0": "1d"}
    assert deadline(repeat={"P0": "0m"}).rhythm("P0") is None


def test_a_period_and_a_rhythm_are_read_as_they_are_written() -> None:
    found = deadline(within={"P0": "5 office days", "P1": Span(days=2)}, repeat={"P0": "0m, then 5m"})

    assert found.limit("P0") == OfficeDays(5, "office")
    assert found.rhythm("P0") == Rhythm.parse("0m, then 5m")
    assert found.model_dump(mode="json") | {"within": 0, "repeat": 0} == deadline().model_dump(
        mode="json"
    ) | {
        "within": 0,
        "repeat": 0,
    }
    assert (found.model_dump(mode="json")["within"], found.model_dump(mode="json")["repeat"]) == (
        {"P0": "5 office days", "P1": "2d"},
        {"P0": "0m, then 5m"},
    )


@pytest.mark.parametrize("key", ["within", "repeat"])
@pytest.mark.parametrize("value", ["soon", 15])
def test_what_is_no_time_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=r"is not a duration|is no text"):
        deadline(**{key: {"P0": value}})


@pytest.mark.parametrize(
    ("limit", "said"), [(timedelta(minutes=5), "5 min"), (Period.parse("5 office days"), "5 office days")]
)
def test_a_length_as_people_read_it(limit: timedelta | Period, said: str) -> None:
    assert length(limit) == said


def test_a_ladder_may_differ_by_severity() -> None:
    assert deadline(ladder="response").ladder_at("P0") == "response"
    assert deadline(ladder={"P0": "on-call"}).ladder_at("P0") == "on-call"
    assert deadline(ladder={"P0": "on-call"}).ladder_at("P1") == "late"


def test_the_ways_to_a_contact_are_those_that_it_has() -> None:
    assert Contact(title="AWS", web="https://aws.test", phone="1-888").ways == (
        ("phone", "1-888"),
        ("web", "https://aws.test"),
    )
