"""What a deadline says about time and about whom it is for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allclear.core.calendar.period import Period, Span
from allclear.core.policy.contact import Contact
from allclear.core.policy.deadline import Deadline


def deadline(**more: Any) -> Deadline:
    within: dict[str, Period] = {"P0": Span(timedelta(minutes=5))}
    return Deadline(id="late", title="Late", start="declared", within=within, text="Late.", **more)


def test_a_ladder_may_differ_by_severity() -> None:
    assert deadline(ladder="response").ladder_at("P0") == "response"
    assert deadline(ladder={"P0": "on-call"}).ladder_at("P0") == "on-call"
    assert deadline(ladder={"P0": "on-call"}).ladder_at("P1") == "late"


def test_the_ways_to_a_contact_are_those_that_it_has() -> None:
    assert Contact(title="AWS", web="https://aws.test", phone="1-888").ways == (
        ("phone", "1-888"),
        ("web", "https://aws.test"),
    )
