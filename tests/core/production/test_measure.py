import json

import pytest

from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.policy.runbook import Criterion
from allclear.core.production.smoke import (
    AnswerError,
    at_path,
    kind,
    measured,
    number_at,
    printed_number,
    prometheus_number,
    read_json,
    same,
    shown,
    unmeasured,
    unsourced,
)

ERRORS = Criterion(id="error-rate", title="Error rate", below=0.1, unit="%")
P95 = Criterion(id="p95", title="P95 response time", below=3, unit="s")
LOAD = Criterion(id="load", title="Load", above=1, below=2)


def prometheus(result: object, kind_of: str = "vector", status: str = "success") -> bytes:
    return json.dumps({"status": status, "data": {"resultType": kind_of, "result": result}}).encode()


@pytest.mark.parametrize(
    ("output", "number"),
    [
        ("0", 0),
        ("0.05\n", 0.05),
        ("  12.5%  \n\n", 12.5),
        ("error rate: 0.05 %", 0.05),
        ("errors=3", 3),
        ("1 200 .5", 0.5),
        ("-2.5e-3", -0.0025),
        ("7 errors", 7),
        ('warming up 1\n"0.25"', 0.25),
        ("count 3,", 3),
    ],
)
def test_the_last_number_of_the_last_line_counts(output: str, number: float) -> None:
    assert printed_number(output) == number


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("", "printed nothing"),
        (" \n\n", "printed nothing"),
        ("NaN", "printed NaN"),
        ("rate 0\nrate nan", "printed nan"),
        ("-inf", "printed -inf"),
        ("null", "printed null"),
        ("0\nconnection refused", "no number"),
        ("2 samples 1200ms", "1200ms; print the number alone"),
        ("0,05", "0,05; print the number alone"),
        ("1,234", "1,234; print"),
        ("0 at 14:05", "14:05; print"),
        ("p95", "no number"),
        (" p95 \n-----\n 4.2\n(1 row)\n\n", "no number"),
        ("[3]", "no number"),
        ("٣", "no number"),
        ("1" * 40, "print the number alone"),
        ("1e999", "out of bounds"),
    ],
)
def test_what_is_no_number_for_certain_is_an_error(output: str, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        printed_number(output)


@pytest.mark.parametrize(
    ("body", "path", "number"),
    [
        (b'{"latency": {"p95": 1.25}}', "latency.p95", 1.25),
        (b'{"rates": [3, "0.05"]}', "rates.1", 0.05),
        (b"42", "", 42),
    ],
)
def test_a_number_is_read_from_a_json_answer(body: bytes, path: str, number: float) -> None:
    assert number_at(body, path) == number


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the answer is empty"),
        (b"oops", "the answer is not JSON"),
        (b'{"a": NaN}', "the answer is not JSON"),
        (b'{"a": Infinity}', "the answer is not JSON"),
        (b'{"a": 1e999}', "out of bounds"),
        (b'{"a": ' + b"9" * 5000 + b"}", "the answer is not JSON"),
        (b'{"a": ' + b"9" * 4000 + b"}", "out of bounds"),
        (b"[" * 100_000, "the answer is not JSON"),
        (b"\xff\xfe", "the answer is not JSON"),
        (b"{}", "the answer has no a"),
        (b"[1]", "the answer has no a"),
        (b'{"a": null}', "a is null, not a number"),
        (b'{"a": true}', "a is true or false, not a number"),
        (b'{"a": []}', "a is a list, not a number"),
        (b'{"a": {}}', "a is an object, not a number"),
        (b'{"a": ""}', "a is not a number"),
        (b'{"a": "nan"}', "a is NaN"),
        (b'{"a": "12 ms"}', "a is not a number"),
    ],
)
def test_an_answer_without_a_number_is_an_error(body: bytes, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        number_at(body, "a")


def test_the_whole_answer_may_be_no_number() -> None:
    with pytest.raises(AnswerError, match="the answer is a list, not a number"):
        number_at(b"[]", "")


def test_prometheus_gives_one_value() -> None:
    assert prometheus_number(prometheus([{"metric": {}, "value": [1767225600.1, "0.05"]}])) == 0.05
    assert prometheus_number(prometheus([1767225600.1, "3"], "scalar")) == 3


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (prometheus([]), "gives no data"),
        (prometheus({}), "gives no data"),
        (prometheus([{"value": [1, "1"]}, {"value": [1, "2"]}]), "gives 2 values; make it one"),
        (prometheus([{"value": [1, "NaN"]}]), "the value is NaN"),
        (prometheus([{"value": [1, "+Inf"]}]), "the value is not a number"),
        (prometheus([{"values": [[1, "1"]]}], "matrix"), "has no 1"),
        (prometheus([], status="error"), "did not answer with success"),
        (b"[]", "did not answer with success"),
        (b'{"status": "success"}', "has no data.result"),
        (b"<html>", "not JSON"),
    ],
)
def test_prometheus_without_a_value_is_an_error(body: bytes, why: str) -> None:
    """A ratio without traffic is NaN: nobody knows whether production has recovered."""
    with pytest.raises(AnswerError, match=why):
        prometheus_number(body)


@pytest.mark.parametrize(
    ("criterion", "value", "outcome", "detail"),
    [
        (ERRORS, 0.05, "pass", "0.05 %, below 0.1 %"),
        (ERRORS, 0.1, "fail", "0.1 %, but has to be below 0.1 %"),
        (P95, 2.999, "pass", "2.999 s, below 3 s"),
        (P95, 3, "fail", "3 s, but has to be below 3 s"),
        (P95, float("nan"), "fail", "nan s, but has to be below 3 s"),
        (P95, float("-inf"), "fail", "-inf s, but has to be below 3 s"),
        (Criterion(id="up", title="Up", above=0), 1, "pass", "1, above 0"),
        (Criterion(id="up", title="Up", above=0), 0, "fail", "0, but has to be above 0"),
        (LOAD, 1.5, "pass", "1.5, below 2 and above 1"),
        (
            Criterion(id="load", title="Load", above=1, below=2),
            2.5,
            "fail",
            "2.5, but has to be below 2 and above 1",
        ),
        (
            Criterion(id="load", title="Load", above=1, below=2),
            0.5,
            "fail",
            "0.5, but has to be below 2 and above 1",
        ),
    ],
)
def test_a_number_is_held_to_its_bound(criterion: Criterion, value: float, outcome: str, detail: str) -> None:
    """000-18: errors below 0.1 %, P95 below 3 s."""
    line = measured(criterion, value, 0.2)

    assert (line.kind, line.name, line.outcome, line.detail) == ("measure", criterion.id, outcome, detail)


def test_a_number_that_could_not_be_read_is_an_error_and_one_nobody_looks_at_is_skipped() -> None:
    broken = unmeasured(P95, "the query gives no data", 0.2)
    assert broken == SmokeLine(
        name="p95", kind="measure", outcome="error", detail="the query gives no data", seconds=0.2
    )
    skipped = unsourced(P95)
    assert (skipped.outcome, skipped.detail) == ("skipped", "not checked: the settings name no source")
    assert not Smoke(lines=(skipped,)).passed  # nothing was looked at
    assert not Smoke(lines=(broken, measured(P95, 1, 0))).passed


@pytest.mark.parametrize("path", ["0", "-1", "2", "a", "0.x", "01.0", "9" * 5000, "٠"])
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    value = {"a.b": 1} if path in {"0", "a"} else [1, 2]
    with pytest.raises(AnswerError, match="the answer has no"):
        at_path(value, path)


def test_a_path_leads_through_objects_and_lists() -> None:
    answer = read_json(b'{"checks": [{"ok": true}], "0": "key"}')

    assert at_path(answer, "checks.0.ok") is True
    assert at_path(answer, "0") == "key"
    assert at_path(answer, "") is answer


def test_values_are_compared_by_kind() -> None:
    assert same(1, 1.0)
    assert same(None, None)
    assert same("ok", "ok")
    assert same(False, False)
    assert not same(0, False)
    assert not same(True, 1)
    assert not same([], None)
    assert not same(None, "none")
    assert not same("null", None)
    assert not same("1", 1)


def test_a_value_is_shown_in_one_line() -> None:
    assert shown("ok\n\x1b[31m") == '"ok\\n\\u001b[31m"'
    assert len(shown("x" * 10_000)) == 4000
    assert shown([1]) == "a list"
    assert shown("\u202eevil") == '"evil"'
    assert kind("") == "a text"
    assert kind(2) == "a number"
