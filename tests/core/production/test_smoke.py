from datetime import timedelta
from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.policy.service import HttpCheck, ServiceCommand
from allclear.core.production.smoke import (
    Answered,
    Attempt,
    Ran,
    Unanswered,
    command_line,
    http_line,
    judged,
    retry_due,
    settled,
)

GONE = Unanswered("nobody answered", 0.5)


def check(**more: Any) -> HttpCheck:
    return read_authored(HttpCheck, {"name": "health", "url": "https://app.example.com/health"} | more)


def answer(status: int = 200, body: str | bytes = b"", seconds: float = 0.1) -> Answered:
    return Answered(status, body.encode() if isinstance(body, str) else body, seconds)


def looked(wanted: HttpCheck, *attempts: Attempt) -> SmokeLine:
    """What the check says when these are its answers, one after the other, as far as it asks."""
    left = list(attempts)
    rounds: list[list[Attempt]] = []
    while not settled(wanted, rounds):
        tried: list[Attempt] = []
        while retry_due(wanted, tried):
            tried.append(left.pop(0))
        rounds.append(tried)
    assert left == [], "asked less often than the test thinks"
    return http_line(wanted, rounds)


def test_an_address_that_answers_200_passes() -> None:
    """000-17: `curl -f https://app.hotrodan.com/health`."""
    line = looked(check(), answer(seconds=0.25))

    assert line == SmokeLine(name="health", kind="http", outcome="pass", detail="200", seconds=0.25)


@pytest.mark.parametrize(
    ("wanted", "seen", "detail"),
    [
        ({}, answer(503, "down for maintenance"), "503, expected 200"),
        ({}, answer(301), "301, expected 200"),
        ({"status": [200, 401]}, answer(403), "403, expected 200 or 401"),
        ({"text": "Pay now"}, answer(200, "Pay later"), '200, without the text "Pay now"'),
        (
            {"expect": {"status": "ok"}},
            answer(200, '{"status": "down"}'),
            '200, status has to be "ok", is "down"',
        ),
        ({"expect": {"ok": True}}, answer(200, '{"ok": 1}'), "200, ok has to be true, is 1"),
        ({"expect": {"ok": 1}}, answer(200, '{"ok": true}'), "200, ok has to be 1, is true"),
        ({"expect": {"n": 0}}, answer(200, '{"n": null}'), "200, n has to be 0, is null"),
        ({"expect": {"n": "1"}}, answer(200, '{"n": 2}'), "200, n has to be 1, is 2"),
        ({"expect": {"ok": "true"}}, answer(200, '{"ok": false}'), "200, ok has to be true, is false"),
        ({"expect": {"ok": "true"}}, answer(200, '{"ok": 1}'), "200, ok has to be true, is 1"),
        ({"expect": {"ok": "True"}}, answer(200, '{"ok": true}'), '200, ok has to be "True", is true'),
        ({"expect": {"n": "NaN"}}, answer(200, '{"n": 0}'), '200, n has to be "NaN", is 0'),
        ({"expect": {"n": "[1]"}}, answer(200, '{"n": [1]}'), '200, n has to be "[1]", is a list'),
        ({"expect": {"n": '"1"'}}, answer(200, '{"n": 1}'), '200, n has to be "\\"1\\"", is 1'),
        ({"expect": {"db": "up"}}, answer(200, '{"db": {"up": 1}}'), '200, db has to be "up", is an object'),
        ({"expect": {"db": "up"}}, answer(200, "{}"), "200, the answer has no db"),
        ({"expect": {"db": "up"}}, answer(200, "<html>"), "200, the answer is not JSON"),
        ({"expect": {"db": "up"}}, answer(200, ""), "200, the answer is empty"),
        ({"within": "2s"}, answer(200, seconds=2.01), "200 after 2.01 s, has to be within 2 s"),
    ],
)
def test_an_answer_that_is_not_as_it_should_be_fails_and_says_why(
    wanted: dict[str, Any], seen: Answered, detail: str
) -> None:
    line = looked(check(**wanted), seen)

    assert (line.outcome, line.detail) == ("fail", detail)


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ({"status": [200, 401]}, answer(401)),
        ({"text": "Zahl jetzt — ä"}, answer(200, "<b>Zahl jetzt — ä</b>")),
        ({"expect": {"checks.0.ok": True}}, answer(200, '{"checks": [{"ok": true}]}')),
        ({"expect": {"n": 1.0, "none": None, "s": ""}}, answer(200, '{"n": 1, "none": null, "s": ""}')),
        (
            {"expect": {"ok": "true", "n": "1", "r": "0.50", "none": "null", "s": "true", "v": "1.10"}},
            answer(200, '{"ok": true, "n": 1.0, "r": 0.5, "none": null, "s": "true", "v": "1.10"}'),
        ),
        ({"expect": {"n": 1}}, answer(200, b'\xef\xbb\xbf{"n": 1.0}')),
        ({"within": "2s"}, answer(seconds=2.0)),
    ],
)
def test_an_answer_that_is_as_it_should_be_passes(wanted: dict[str, Any], seen: Answered) -> None:
    assert looked(check(**wanted), seen).outcome == "pass"


def test_no_answer_is_an_error_and_never_a_pass() -> None:
    line = looked(check(status=[200, 500]), GONE)

    assert (line.outcome, line.detail, line.seconds) == ("error", "nobody answered", 0.5)
    assert not Smoke(lines=(line,)).passed


def test_nothing_of_an_answer_is_told_but_the_value_that_was_compared() -> None:
    """Fault H19: the body of an answer stands in no comment."""
    body = '{"status": "@everyone\\n/all-clear", "secret": "hunter2"}'

    detail = looked(check(expect={"status": "ok"}), answer(200, body)).detail

    # Made inert where it is shown.
    assert detail == '200, status has to be "ok", is "@everyone\\n/all-clear"'


def test_a_failing_request_is_asked_again_before_it_counts() -> None:
    retried = check(retries=2)

    assert looked(retried, answer(503), answer()).detail == "200 (asked 2 times)"
    assert looked(retried, GONE, answer(503), answer()).outcome == "pass"
    line = looked(retried, answer(503), answer(503), GONE)
    assert (line.outcome, line.detail) == ("error", "nobody answered (asked 3 times)")


def test_what_fails_intermittently_passes_when_enough_of_its_tries_do() -> None:
    """001-A8: "health checks failing intermittently" is n of m."""
    four_of_five = check(tries=5, needed=4)
    good, bad = answer(seconds=0.1), answer(500, seconds=0.9)

    line = looked(four_of_five, good, bad, good, good, good)
    assert (line.outcome, line.detail, line.seconds) == ("pass", "4 of 5 passed", 0.9)
    assert looked(four_of_five, good, good, good, good).detail == "4 of 4 passed"  # the fifth changes nothing
    line = looked(four_of_five, bad, good, bad)
    assert (line.outcome, line.detail) == ("fail", "1 of 3 passed, needs 4 of 5: 500, expected 200")


def test_without_a_number_all_tries_are_needed() -> None:
    three = check(tries=3)

    assert looked(three, answer(), answer(), answer()).detail == "3 of 3 passed"
    assert looked(three, answer(), GONE).detail == "1 of 2 passed, needs 3 of 3: nobody answered"


def test_retries_belong_to_each_try() -> None:
    both = check(tries=2, retries=1)

    assert looked(both, GONE, answer(), GONE, answer()).outcome == "pass"
    assert looked(both, GONE, answer(), GONE, GONE).outcome == "error"


def test_the_verdict_is_on_the_last_attempt() -> None:
    assert judged(check(), answer()) == ("pass", "200")
    assert judged(check(), GONE) == ("error", "nobody answered")


SELECT = ServiceCommand(name="select", run=("psql", "-c", "SELECT 1"), env=("DATABASE_URL",))


@pytest.mark.parametrize(
    ("ran", "outcome", "detail"),
    [
        (Ran(0, 1.5), "pass", "exit code 0"),
        (Ran(1, 1.5), "fail", "exit code 1"),
        (Ran(-9, 1.5), "error", "ended by signal 9"),
        (Ran(None, 120, timed_out=True), "error", "ended after 2 min: too slow"),
        (Ran(None, 0, missing="psql: No such file or directory"), "error", "psql: No such file or directory"),
    ],
)
def test_a_command_passes_with_exit_code_0_alone(ran: Ran, outcome: str, detail: str) -> None:
    """003-27: exit 1 on failure, else "all systems operational"."""
    line = command_line(SELECT, ran)

    assert (line.name, line.kind, line.outcome, line.detail) == ("select", "command", outcome, detail)
    assert line.seconds == ran.seconds


def test_a_variable_that_is_not_set_is_named_when_its_command_fails() -> None:
    assert command_line(SELECT, Ran(2, 1), ["DATABASE_URL"]).detail == "exit code 2; not set: DATABASE_URL"
    assert command_line(SELECT, Ran(0, 1), ["DATABASE_URL"]).detail == "exit code 0"


def test_the_time_of_a_command_is_what_the_settings_say() -> None:
    slow = ServiceCommand(name="slow", run=("sleep", "9"), timeout=timedelta(seconds=5))

    assert command_line(slow, Ran(None, 5, timed_out=True)).detail == "ended after 5 s: too slow"
