"""Values of measures as people write them (001-02, 004-26)."""

from __future__ import annotations

import pytest

from allclear.core.conversation.measuring import measured
from allclear.core.model.errors import UserError
from allclear.core.policy.guidance import RunbookMeasure

MEASURES = (
    RunbookMeasure(id="error-rate", title="Error rate", unit="%"),
    RunbookMeasure(id="p95", title="Response time P95", unit="s"),
    RunbookMeasure(id="response-time", title="Response time", unit="x normal"),
    RunbookMeasure(id="lag", title="Lag (replica)", unit="MB"),
    RunbookMeasure(id="users", title="Users"),
)


def read(text: str) -> tuple[dict[str, float], str]:
    found, rest = measured(text, MEASURES)
    return {one.measure: one.value for one in found}, rest


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("error-rate=12", {"error-rate": 12}),
        ("error-rate = 12 %", {"error-rate": 12}),
        ("Error Rate: 12.5%", {"error-rate": 12.5}),
        ("error_rate=12 percent", {"error-rate": 12}),
        ("error-rate=12,5 %, p95=11,2", {"error-rate": 12.5, "p95": 11.2}),
        ("users=1 200, p95=3", {"users": 1200, "p95": 3}),
        ("Users: 1'200'000", {"users": 1_200_000}),
        ("users=1\u202f200,125", {"users": 1200.125}),
        ("- p95: 11.2", {"p95": 11.2}),
        ("P95=11200ms", {"p95": 11.2}),
        ("p95 = 2 min", {"p95": 120}),
        ("response time p95: 11 seconds.", {"p95": 11}),
        ("response-time=5x", {"response-time": 5}),
        ("Response time: 5 x normal", {"response-time": 5}),
        ("lag (replica)=-3MB", {"lag": -3}),
        ("users=+1500", {"users": 1500}),
        ("error-rate=12, p95=11.2s", {"error-rate": 12, "p95": 11.2}),
        ("error-rate=12 error-rate=3", {"error-rate": 3}),
        ("error-rate=12\nUsers: 4", {"error-rate": 12, "users": 4}),
    ],
)
def test_a_value_is_read_with_the_unit_that_people_write(text: str, values: dict[str, float]) -> None:
    assert read(text) == (values, "")


def test_what_stands_beside_values_stays_text() -> None:
    assert read("p95=11.2s the pool is full\nEvidence: graphs") == (
        {"p95": 11.2},
        "the pool is full\nEvidence: graphs",
    )
    assert read("error-rate=12\n\nRoot cause: dns") == ({"error-rate": 12}, "Root cause: dns")


@pytest.mark.parametrize(
    "text",
    [
        "Error rate: 12 of 100 requests",
        "Error rate: rising",
        "Users: 1,500",
        "p95: 12h30",
        "the p95=3 is bad",
    ],
)
def test_a_sentence_is_no_value(text: str) -> None:
    assert read(text) == ({}, text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("error-rate=high", "`high` is no value of `error-rate`; write a number with a point, in %, such as"),
        ("error-rate=", "`` is no value"),
        ("users=1,200", "`1,200` is no value of `users`"),
        ("users=1.200,5", "`1.200,5` is no value of `users`"),
        ("error-rate=12-15%", "`12-15%` is no value of `error-rate`"),
        ("error-rate=12 - 15 %", "`12 - 15` is no value of `error-rate`"),
        ("error-rate=12% to 15%", "`12% to 15%` is no value of `error-rate`"),
        ("error-rate=3 of 40 requests", "`3 of 40` is no value of `error-rate`"),
        ("p95=11parsecs", "`11parsecs` is no value of `p95`"),
        (
            "users=1e",
            "`1e` is no value of `users`; write a number with a point, such as `/finding users=11.2`",
        ),
        ("eror-rate=12", "`eror-rate` is no measure of this runbook; did you mean `error-rate`?"),
        ("zzz=1", "`zzz` is no measure of this runbook; there are `error-rate`, `p95`"),
    ],
)
def test_what_can_only_be_a_value_and_is_none_is_refused(text: str, why: str) -> None:
    with pytest.raises(UserError) as refusal:
        read(text)
    assert why.replace("``", "` `") in refusal.value.message


def test_one_command_brings_so_many_values_and_no_more() -> None:
    assert len(measured(" ".join(["users=1"] * 50), MEASURES)[0]) == 50
    with pytest.raises(UserError, match="51 values"):
        read(" ".join(["users=1"] * 51))


def test_without_measures_everything_is_text() -> None:
    assert measured("error-rate=12", ()) == ((), "error-rate=12")


def test_hostile_text_is_read_in_no_time() -> None:
    text = "error-rate" + " " * 4000 + "=" + "9" * 4000
    assert read(text) == ({}, text)
