"""The execution record in git, and what an operation is called."""

import pytest

from allclear.core.model.execution import SUBJECT, Execution, read_record, ref_of, write_record
from allclear.core.model.operation import Smoke, SmokeLine, is_operation_id, operation_id
from core.production_desk import GOOD, minute, record

HOSTILE = [
    "",
    "rollback-",
    "rollback-../x",
    "rollback-AB12cd34",
    "rollback-1234567890123456789012",
    "x-12345678",
    "rollback-ab cd",
]


def test_the_same_request_is_the_same_operation_and_another_is_not() -> None:
    first = operation_id("rollback", 7, 42, "c100.0")
    assert first == operation_id("rollback", 7, 42, "c100.0")
    others = {operation_id("rollback", 8, 42, "c100.0"), operation_id("rollback", 7, 43, "c100.0")}
    assert first not in others | {operation_id("rollback", 7, 42, "c100.1")}
    assert is_operation_id(first)


@pytest.mark.parametrize("name", [*HOSTILE, "rollback-ab12cd34\n", "hand-ab/cd12"])
def test_nothing_hostile_names_a_ref(name: str) -> None:
    assert not is_operation_id(name)
    with pytest.raises(ValueError, match="not an operation"):
        ref_of(42, name)


def test_a_ref_is_the_issue_and_the_operation() -> None:
    assert ref_of(42, "rollback-ab12cd34") == "refs/allclear/42/rollback-ab12cd34"
    assert ref_of(0, "hand-3f9k2m") == "refs/allclear/0/hand-3f9k2m"
    with pytest.raises(ValueError, match="not an operation"):
        ref_of(-1, "rollback-ab12cd34")


def test_a_record_comes_back_as_it_was_written() -> None:
    made = record(smoke=GOOD, text="::set-output name=x::y `$(x)` <!-- -->")
    assert read_record(write_record(made)) == made
    assert write_record(made).startswith(SUBJECT)


@pytest.mark.parametrize(
    "message",
    ["", "Merge pull request", SUBJECT, SUBJECT + "{}", SUBJECT + '{"v":2}', SUBJECT + "x" * 200_000],
)
def test_what_is_no_record_is_none(message: str) -> None:
    assert read_record(message) is None


def test_seconds_run_from_the_start_to_the_end() -> None:
    assert record().seconds == 120
    assert record("started", started=minute(17)).seconds == 0
    assert Execution(operation="smoke-000001", kind="smoke", issue=1, run=1, claimed=minute(1)).seconds == 0


def test_a_smoke_run_that_looked_at_nothing_has_not_passed() -> None:
    skipped = SmokeLine(name="p95", outcome="skipped")
    assert not Smoke().passed
    assert not Smoke(lines=(skipped,)).passed
    assert Smoke(lines=(skipped, SmokeLine(name="health", outcome="pass"))).passed
    assert not Smoke(lines=(SmokeLine(name="a", outcome="pass"), SmokeLine(name="b", outcome="error"))).passed
