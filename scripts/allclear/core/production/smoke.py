"""What answers of production mean: pure verdicts, one line of a smoke run's table for each check.

``fail``: it answered, and not as it should. ``error``: there was no answer to judge: refused, unreachable,
too slow, too large. Neither is a pass.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Literal, NoReturn

from msgspec import Struct

from allclear.core.model.neutral import plain
from allclear.core.model.operation import NOT_LOOKED_AT, SmokeLine
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.times import spell
from allclear.core.policy.runbook import Criterion
from allclear.core.policy.service import HttpCheck, ServiceCommand

LONGEST_SHOWN = 4000
"""Characters of a value. It is cut to what people read only when its secrets are out: half of one is none."""

_INDEX = lazy_regex(r"[0-9]{1,6}")
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


class AnswerError(ValueError):
    """The answer is not what it should be. The message says, for people and without its text, what it is."""


def read_json(body: bytes) -> Any:
    """The JSON value in ``body`` (UTF-8). Raises AnswerError for anything else, NaN and Infinity as well."""
    if not body.strip():
        raise AnswerError("the answer is empty")
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:  # of a number beyond bounds, or 10,000 brackets
        raise AnswerError("the answer is not JSON") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def at_path(value: Any, path: str) -> Any:
    """What stands at ``path``: keys and list numbers between dots, as in ``checks.0.ok``. Empty: everything.

    Raises AnswerError when there is nothing.
    """
    here = value
    for part in path.split(".") if path else ():
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and _INDEX.fullmatch(part) and int(part) < len(here):
            here = here[int(part)]
        else:
            raise AnswerError(f"the answer has no {path}")
    return here


def same(seen: Any, expected: str | float | bool | None) -> bool:
    """Whether JSON holds the expected scalar: numbers by their value, and never a number for true.

    The settings give text only, whose looks mean nothing: ``true`` is the text, and true as well.
    """
    if isinstance(expected, str) and not isinstance(seen, str):
        expected = _meant(expected)
    if isinstance(seen, bool) or isinstance(expected, bool):
        return seen is expected
    return type(seen) in (str, int, float, type(None)) and bool(seen == expected)


def _meant(text: str) -> str | float | bool | None:
    """The number, boolean or null that ``text`` spells in JSON, or itself."""
    try:
        value: str | float | bool | None = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, int | float | type(None)) else text


def wanted(expected: str | float | bool | None) -> str:
    """An expected scalar as ``shown``; what may be either without the marks of a text."""
    return shown(_meant(expected) if isinstance(expected, str) else expected)


def shown(value: Any) -> str:
    """A scalar as JSON in one line; of anything else only what it is."""
    if isinstance(value, dict | list):
        return _KINDS[type(value)]
    return " ".join(plain(json.dumps(value, ensure_ascii=False)[:LONGEST_SHOWN]).split())


def kind(value: Any) -> str:
    """What it is, for people: ``a list``, ``null``."""
    return _KINDS.get(type(value), "a number")


_NUMBER = lazy_regex(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
_NEARLY = lazy_regex(r"[+-]?\.?[0-9]")
_NOTHING = frozenset({"nan", "inf", "infinity", "null", "none", "nil", "n/a", "undefined"})


def printed_number(output: str) -> float:
    """The last number of the last line that a command printed; a ``%`` behind it is no part of it.

    An earlier line does not count: a program that prints a number and then why it failed has not measured
    anything. Nor does one in brackets: ``(1 row)`` is how psql ends a table, whatever the table says. Raises
    AnswerError when there is none.
    """
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines:
        raise AnswerError("it printed nothing")
    for word in reversed(lines[-1][-1000:].replace("=", " ").split()):
        value = word.strip("\"',;").removesuffix("%")
        if value.lower().lstrip("+-") in _NOTHING:
            raise AnswerError(f"it printed {value}, not a number")
        if _NUMBER.fullmatch(value):
            return _finite(float(value))
        if _NEARLY.match(value):
            raise AnswerError(f"it printed {value}; print the number alone, without a unit")
    raise AnswerError("its last line holds no number")


def number_at(body: bytes, path: str) -> float:
    """The number at ``path`` of a JSON answer; a text that is nothing but a number counts. Raises
    AnswerError.
    """
    return _number(at_path(read_json(body), path), path or "the answer")


def prometheus_number(body: bytes) -> float:
    """The value of an instant query that gives one. Raises AnswerError; NaN is what a ratio without traffic
    gives. https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
    """
    answer = read_json(body)
    status = answer.get("status") if isinstance(answer, dict) else None
    if status != "success":
        raise AnswerError("Prometheus did not answer with success")
    found = at_path(answer, "data.result")
    if at_path(answer, "data.resultType") == "vector":
        if not isinstance(found, list) or not found:
            raise AnswerError("the query gives no data")
        if len(found) > 1:
            raise AnswerError(f"the query gives {len(found)} values; make it one, as with sum() or max()")
        found = at_path(found, "0.value")
    return _number(at_path(found, "1"), "the value")


def _number(value: Any, what: str) -> float:
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            raise AnswerError(
                f"{what} is NaN" if value.strip().lower() == "nan" else f"{what} is not a number"
            )
        return _finite(float(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnswerError(f"{what} is {kind(value)}, not a number")
    try:
        return _finite(float(value))
    except OverflowError as error:
        raise AnswerError(f"{what} is out of bounds") from error


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise AnswerError("the number is out of bounds")
    return value


def measured(criterion: Criterion, value: float, seconds: float) -> SmokeLine:
    """The number against its bound: it passes ``below`` or ``above`` it, and both where both are named."""
    unit = f" {criterion.unit}" if criterion.unit else ""
    below, above = criterion.below, criterion.above
    bounds = [f"below {below:g}{unit}"] if below is not None else []
    bounds += [f"above {above:g}{unit}"] if above is not None else []
    good = criterion.met(value)
    word = " and ".join(bounds)
    detail = f"{value:.6g}{unit}, {word}" if good else f"{value:.6g}{unit}, but has to be {word}"
    return SmokeLine(
        name=criterion.id,
        kind="measure",
        outcome="pass" if good else "fail",
        detail=detail,
        seconds=round(seconds, 3),
    )


def unmeasured(criterion: Criterion, why: str, seconds: float) -> SmokeLine:
    """No number could be read: an error, which is no pass."""
    return SmokeLine(
        name=criterion.id, kind="measure", outcome="error", detail=why, seconds=round(seconds, 3)
    )


def unsourced(criterion: Criterion) -> SmokeLine:
    """Nobody said where the number is read."""
    return SmokeLine(name=criterion.id, kind="measure", outcome="skipped", detail=NOT_LOOKED_AT)


LONGEST = 120
"""Characters of a detail that are kept, once its secrets are out."""

Verdict = Literal["pass", "fail", "error"]


class Answered(Struct, frozen=True):
    """One request that was answered: status, the bytes of its body, seconds until the last of them."""

    status: int
    body: bytes
    seconds: float


class Unanswered(Struct, frozen=True):
    """One request without an answer: ``why``, in words of ours, and after how many seconds."""

    why: str
    seconds: float = 0


Attempt = Answered | Unanswered
Round = Sequence[Attempt]
"""One try: the request, and its retries; the last one counts."""


class Ran(Struct, frozen=True):
    """How a command ended: as adapters.processes.Finished, without what it printed."""

    code: int | None
    seconds: float
    timed_out: bool = False
    missing: str = ""


def judged(check: HttpCheck, attempt: Attempt) -> tuple[Verdict, str]:
    """What one attempt is worth, and why: expected and seen values, and nothing else of a body."""
    if isinstance(attempt, Unanswered):
        return "error", attempt.why
    if attempt.status not in check.status:
        expected = " or ".join(str(status) for status in check.status)
        return "fail", f"{attempt.status}, expected {expected}"
    wrong = _wrong_in(check, attempt.body)
    if wrong:
        return "fail", f"{attempt.status}, {wrong}"
    if check.within is not None and attempt.seconds > check.within.total_seconds():
        took = f"{attempt.status} after {attempt.seconds:.2f} s"
        return "fail", f"{took}, has to be within {spell(check.within)}"
    return "pass", str(attempt.status)


def _wrong_in(check: HttpCheck, body: bytes) -> str:
    """What is not as expected in the body; empty when all is."""
    if check.text and check.text.encode() not in body:
        return f"without the text {shown(check.text)}"
    if not check.expect:
        return ""
    try:
        answer = read_json(body)
        for path, expected in check.expect.items():
            seen = at_path(answer, path)
            if not same(seen, expected):
                return f"{path} has to be {wanted(expected)}, is {shown(seen)}"
    except AnswerError as error:
        return str(error)
    return ""


def passes(check: HttpCheck, tried: Round) -> bool:
    """Whether a try passed: its last attempt counts."""
    return judged(check, tried[-1])[0] == "pass"


def retry_due(check: HttpCheck, tried: Round) -> bool:
    """Whether a try is to be repeated: it fails, and retries are left."""
    return not tried or (not passes(check, tried) and len(tried) <= check.retries)


def settled(check: HttpCheck, rounds: Sequence[Round]) -> bool:
    """Whether more tries could change nothing: enough passed, or too many did not (001-A8)."""
    good = sum(passes(check, one) for one in rounds)
    needed = check.needed or check.tries
    return good >= needed or len(rounds) - good > check.tries - needed


def http_line(check: HttpCheck, rounds: Sequence[Round]) -> SmokeLine:
    """The verdict on an HTTP check from all its tries, which are ``settled``: the last one decided.

    ``seconds``: its slowest answer that counted.
    """
    results = [judged(check, one[-1]) for one in rounds]
    good = sum(outcome == "pass" for outcome, _ in results)
    outcome, detail = results[-1]
    if check.tries > 1 and outcome == "pass":
        detail = f"{good} of {len(rounds)} passed"
    elif check.tries > 1:
        needed = check.needed or check.tries
        detail = f"{good} of {len(rounds)} passed, needs {needed} of {check.tries}: {detail}"
    elif len(rounds[-1]) > 1:
        detail = f"{detail} (asked {len(rounds[-1])} times)"
    return SmokeLine(
        name=check.name,
        kind="http",
        outcome=outcome,
        detail=detail,
        seconds=round(max(one[-1].seconds for one in rounds), 3),
    )


def command_line(command: ServiceCommand, ran: Ran, unset: Sequence[str] = ()) -> SmokeLine:
    """The verdict on a command: exit code 0 passes. ``unset``: variables it names that are not there."""
    outcome: Verdict = "error"
    if ran.missing:
        detail = ran.missing
    elif ran.timed_out:
        detail = f"ended after {spell(command.timeout)}: too slow"
    elif ran.code is not None and ran.code < 0:
        detail = f"ended by signal {-ran.code}"
    else:
        outcome = "pass" if ran.code == 0 else "fail"
        detail = f"exit code {ran.code}"
    if outcome != "pass" and unset:
        detail = f"{detail}; not set: {', '.join(unset)}"
    return SmokeLine(
        name=command.name,
        kind="command",
        outcome=outcome,
        detail=detail,
        seconds=round(ran.seconds, 3),
    )
