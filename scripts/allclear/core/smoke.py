"""What answers of production mean: pure verdicts, one line of a smoke run's table for each check.

``fail``: it answered, and not as it should. ``error``: there was no answer to judge: refused, unreachable,
too slow, too large. Neither is a pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from allclear.core.clock import spell
from allclear.core.json_answer import AnswerError, at_path, read_json, same, shown, wanted
from allclear.core.operation import Line
from allclear.core.service import Command, HttpCheck

LONGEST = 120
"""Characters of a detail that are kept, once its secrets are out."""

Verdict = Literal["pass", "fail", "error"]


@dataclass(frozen=True, slots=True)
class Answered:
    """One request that was answered: status, the bytes of its body, seconds until the last of them."""

    status: int
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One request without an answer: ``why``, in words of ours, and after how many seconds."""

    why: str
    seconds: float = 0


Attempt = Answered | Unanswered
Round = Sequence[Attempt]
"""One try: the request, and its retries; the last one counts."""


@dataclass(frozen=True, slots=True)
class Ran:
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


def again(check: HttpCheck, tried: Round) -> bool:
    """Whether a try is to be repeated: it fails, and retries are left."""
    return not tried or (not passes(check, tried) and len(tried) <= check.retries)


def settled(check: HttpCheck, rounds: Sequence[Round]) -> bool:
    """Whether more tries could change nothing: enough passed, or too many did not (001-A8)."""
    good = sum(passes(check, one) for one in rounds)
    needed = check.needed or check.tries
    return good >= needed or len(rounds) - good > check.tries - needed


def http_line(check: HttpCheck, rounds: Sequence[Round]) -> Line:
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
    return Line(
        name=check.name,
        kind="http",
        outcome=outcome,
        detail=detail,
        seconds=round(max(one[-1].seconds for one in rounds), 3),
    )


def command_line(command: Command, ran: Ran, unset: Sequence[str] = ()) -> Line:
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
    return Line(
        name=command.name,
        kind="command",
        outcome=outcome,
        detail=detail,
        seconds=round(ran.seconds, 3),
    )
