"""The step that looks at a service: it holds the secrets that the checks name, and no token.

HTTP checks run side by side, commands one after the other, numbers are held against their bounds (000-17,
000-18, 003-27). It only reads. A check that fails, hangs or cannot be made is a line of the result, never an
exception. What is looked at was decided by the step before, and the last job keeps what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from msgspec import Struct
from pydantic import ValidationError

from allclear.adapters.files.event import SetupError
from allclear.adapters.files.handed import handed_over
from allclear.adapters.files.job_output import safe_line, safe_lines, summarise, write_outputs
from allclear.adapters.production.junit import junit
from allclear.adapters.production.processes import Finished, run_command
from allclear.adapters.production.web import Web, WebError
from allclear.core.model.neutral import cut, inline
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.model.scrub import Scrubber, scrubber, secret_values
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Criterion
from allclear.core.policy.service import HttpCheck, Measure, ServiceCommand
from allclear.core.policy.variables import smoke_names
from allclear.core.production.handover import Result, SmokeDecision, write_result
from allclear.core.production.listing import filled
from allclear.core.production.smoke import (
    LONGEST,
    Answered,
    AnswerError,
    Attempt,
    Ran,
    Unanswered,
    command_line,
    http_line,
    measured,
    number_at,
    printed_number,
    prometheus_number,
    retry_due,
    settled,
    unmeasured,
    unsourced,
)
from allclear.core.view.operations import OUTCOME_SIGNS, smoke_table
from allclear.jobs.commands import empty, variables
from allclear.jobs.prepare import CHECKS
from allclear.jobs.run import LocalStep

RESULT = "smoke.xml"


def smoke(step: LocalStep) -> None:
    """Look at the service as it was decided. Gives the output ``result``.

    A result that is not good makes the run red, so that its page says so as well.
    """
    decision = _decided(step)
    names = tuple(smoke_names(decision.service, decision.more))
    for line in empty(step.env, names, decision.environment):
        step.out(f"::warning::{safe_line(line)}")
    found = run_smoke(step, decision)
    (step.root / RESULT).write_bytes(junit(decision.name, found))
    verdict = "passed" if found.passed else "failed"
    summarise(step.env, f"**Smoke of {inline(decision.name)}: {verdict}**\n\n{smoke_table(found)}")
    result = Result(operation=decision.operation, outcome="done", executed=True, smoke=found)
    write_outputs(step.env, {"result": write_result(result)})
    step.failed = not found.passed


def _decided(step: LocalStep) -> SmokeDecision:
    text = handed_over(step.env, CHECKS, step.env.get("ALLCLEAR_DECISION", ""))
    try:
        decision = SmokeDecision.model_validate_json(text)
    except ValidationError as error:
        raise SetupError("What the step before decided cannot be read; nothing is looked at") from error
    if (step.env.get("ALLCLEAR_OPERATION"), step.env.get("GITHUB_RUN_ID")) != (
        decision.operation,
        str(decision.run),
    ):
        raise SetupError("What the step before decided is another run's; nothing is looked at")
    return decision


WORKERS = 8
"""Requests under way at a time."""

PATIENCE = timedelta(minutes=12)
"""For everything together: a job that GitHub ends for its length would leave no result at all."""

LOGGED = 100
"""Lines in the job's log of what a failing command printed, the last ones."""

NO_TIME = "no time was left, because the checks before it took too long"

Env = Mapping[str, str]


class _CheckResult(Struct, frozen=True):
    """One line of the result, and what a command printed, for the log of the job."""

    line: SmokeLine
    printed: str = ""


class _SmokeJob(Struct, frozen=True):
    """One smoke run under way. ``end``: when there is no time left, by ``clock``."""

    decision: SmokeDecision
    environ: Env
    root: Path
    web: Web
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    end: float

    @property
    def left(self) -> float:
        return self.end - self.clock()

    def span(self, wanted: timedelta) -> timedelta:
        """As much of the time that a check may take as is left."""
        return min(wanted, timedelta(seconds=max(0.0, self.left)))


def run_smoke(step: LocalStep, decision: SmokeDecision) -> Smoke:
    """Look at the service and say what was found, in the order of the settings.

    Of the step's environment a command gets what it lists. What anybody printed or answered is in the result
    as far as core.production.smoke lets it, without known secrets.
    """
    names = smoke_names(decision.service, decision.more)
    clean = scrubber(secret_values(step.env, names))
    web = Web(decision.hosts, decision.private_hosts, clock=step.seconds)
    end = step.seconds() + PATIENCE.total_seconds()
    job = _SmokeJob(decision, step.env, step.root, web, step.seconds, step.pause, end)
    lines = []
    step.out(safe_line(f"Smoke checks of {decision.name}"))
    with ThreadPoolExecutor(WORKERS) as requests, ThreadPoolExecutor(1) as commands:
        for future in list(_begun(job, requests, commands)):
            found = future.result()
            line = _cleaned(found.line, clean)
            lines.append(line)
            _log(line, clean.clean(found.printed), step.out)
    return Smoke(lines=tuple(lines))


def _begun(
    job: _SmokeJob, requests: ThreadPoolExecutor, commands: ThreadPoolExecutor
) -> Iterator[Future[_CheckResult]]:
    """Everything that is looked at, begun. Commands share one checkout, so they take turns."""
    for command in job.decision.more:
        yield commands.submit(_command, job, command, job.decision.values)
    service = job.decision.service
    for check in service.checks:
        yield requests.submit(_http, job, check)
    for command in service.commands:
        yield commands.submit(_command, job, command, service.values)
    for criterion in job.decision.criteria:
        measure = service.recovery.get(criterion.id)
        pool = commands if measure is not None and measure.run is not None else requests
        yield pool.submit(_measure, job, criterion, measure)


def _cleaned(line: SmokeLine, clean: Scrubber) -> SmokeLine:
    return replace(line, detail=cut(clean.clean(line.detail), LONGEST))


def _log(line: SmokeLine, printed: str, out: Callable[[str], None]) -> None:
    detail = f": {line.detail}" if line.detail else ""
    out(safe_line(f"{OUTCOME_SIGNS[line.outcome]} {line.name}{detail} ({line.seconds:.1f} s)"))
    if line.outcome in ("fail", "error"):
        for text in list(safe_lines(printed))[-LOGGED:]:
            out(f"    {text}")


def _http(job: _SmokeJob, check: HttpCheck) -> _CheckResult:
    rounds: list[list[Attempt]] = []
    while not settled(check, rounds):
        tried: list[Attempt] = []
        while retry_due(check, tried):
            if rounds or tried:
                job.sleep(job.span(check.pause).total_seconds())
            tried.append(_asked(job, check))
        rounds.append(tried)
    return _CheckResult(http_line(check, rounds))


def _asked(job: _SmokeJob, check: HttpCheck) -> Attempt:
    begun = job.clock()
    if job.left <= 0:
        return Unanswered(NO_TIME)
    try:
        answer = job.web.fetch(
            check.method,
            check.url,
            headers=check.headers,
            body=check.body,
            timeout=job.span(check.timeout),
            redirects=check.redirects,
        )
    except WebError as error:
        return Unanswered(str(error), job.clock() - begun)
    return Answered(answer.status, answer.body, answer.seconds)


def _command(job: _SmokeJob, command: ServiceCommand, values: Mapping[str, str]) -> _CheckResult:
    line, done = _ran(job, command, values)
    return _CheckResult(line, done.output if done else "")


def _ran(
    job: _SmokeJob, command: ServiceCommand, values: Mapping[str, str]
) -> tuple[SmokeLine, Finished | None]:
    """Run it with the variables that it lists and that are there. None when there was no time for it."""
    if job.left <= 0:
        return command_line(command, Ran(None, 0, missing=NO_TIME)), None
    words = filled(command.run, values, foreign=True)
    with variables(job.environ, command.env) as given:
        unset = [name for name in command.env if name not in given]
        done = run_command(words, timeout=job.span(command.timeout), env=given, cwd=job.root)
    missing = done.output if done.missing else ""
    ran = Ran(done.code, done.seconds, timed_out=done.timed_out, missing=missing)
    return command_line(command, ran, unset), done


def _measure(job: _SmokeJob, criterion: Criterion, measure: Measure | None) -> _CheckResult:
    if measure is None:
        return _CheckResult(unsourced(criterion))
    begun = job.clock()
    printed = ""
    try:
        if measure.run is not None:
            source = ServiceCommand(name="measure", run=measure.run, env=measure.env, timeout=measure.timeout)
            line, done = _ran(job, source, job.decision.service.values)
            printed = done.output if done else ""
            if line.outcome != "pass" or done is None:
                return _CheckResult(unmeasured(criterion, line.detail, line.seconds), printed)
            value = printed_number(done.printed)
        else:
            value = _answered_number(job, measure)
    except AnswerError as error:
        return _CheckResult(unmeasured(criterion, str(error), job.clock() - begun), printed)
    return _CheckResult(measured(criterion, value * measure.times, job.clock() - begun), printed)


def _answered_number(job: _SmokeJob, measure: Measure) -> float:
    """The number in an answer, which has to be a 200. Raises AnswerError."""
    url = measure.url
    if measure.prometheus:
        url = f"{measure.prometheus.rstrip('/')}/api/v1/query?{urlencode({'query': measure.query})}"
    # Not read from the settings, so not held to their length: a query may be long.
    answer = _asked(job, HttpCheck(name="measure", url=url, timeout=measure.timeout))
    if isinstance(answer, Unanswered):
        raise AnswerError(answer.why)
    if answer.status != 200:
        raise AnswerError(f"{answer.status}, expected 200")
    return prometheus_number(answer.body) if measure.prometheus else number_at(answer.body, measure.path)
