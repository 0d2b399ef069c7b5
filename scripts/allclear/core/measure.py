"""Numbers that say whether production has recovered (000-18), read from what a source printed or answered.

No number is never a pass: nothing, NaN and a text are errors, and people are told which.
"""

from __future__ import annotations

import math
import re
from typing import Any

from allclear.core.json_answer import AnswerError, at_path, kind, read_json
from allclear.core.operation import Line
from allclear.core.runbook import Criterion

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
_NEARLY = re.compile(r"[+-]?\.?[0-9]")
_NOTHING = frozenset({"nan", "inf", "infinity", "null", "none", "nil", "n/a", "undefined"})
NOT_LOOKED_AT = "no source in the settings"


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
            raise AnswerError(f"{what} is NaN" if value.strip().lower() == "nan" else f"{what} is no number")
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


def measured(criterion: Criterion, value: float, seconds: float) -> Line:
    """The number against its bound: it passes ``below`` or ``above`` it, and both where both are named."""
    unit = f" {criterion.unit}" if criterion.unit else ""
    below, above = criterion.below, criterion.above
    low = below is None or value < below
    high = above is None or value > above
    bounds = [f"below {below:g}{unit}"] if below is not None else []
    bounds += [f"above {above:g}{unit}"] if above is not None else []
    good = math.isfinite(value) and low and high
    word = " and ".join(bounds)
    detail = f"{value:.6g}{unit}, {word}" if good else f"{value:.6g}{unit}, has to be {word}"
    return Line(
        name=criterion.id,
        kind="measure",
        outcome="pass" if good else "fail",
        detail=detail,
        seconds=round(seconds, 3),
    )


def unmeasured(criterion: Criterion, why: str, seconds: float) -> Line:
    """No number could be read: an error, which is no pass."""
    return Line(name=criterion.id, kind="measure", outcome="error", detail=why, seconds=round(seconds, 3))


def unsourced(criterion: Criterion) -> Line:
    """Nobody said where the number is read."""
    return Line(name=criterion.id, kind="measure", outcome="skipped", detail=NOT_LOOKED_AT)
