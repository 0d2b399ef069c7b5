"""The smoke job: look at a service, keep what was found in the record, on the commit and as a file.

HTTP checks run side by side, commands one after the other, numbers are held against their bounds (000-17,
000-18, 003-27). It only reads. A check that fails, hangs or cannot be made is a line of the result, never an
exception.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from allclear.adapters.files.job_output import safe_line, safe_lines, summarise
from allclear.adapters.github.releases import ReleaseReader
from allclear.adapters.production.deploy_runs import set_status
from allclear.adapters.production.junit import junit
from allclear.adapters.production.processes import Finished, run_command
from allclear.adapters.production.web import Web, WebError
from allclear.core.conversation.command import Policy
from allclear.core.model.execution import Execution
from allclear.core.model.neutral import cut, inline
from allclear.core.model.operation import OperationKind, Smoke, SmokeLine
from allclear.core.policy.runbook import Criterion, Runbook
from allclear.core.policy.service import HttpCheck, Measure, Service, ServiceCommand
from allclear.core.policy.settings import Settings
from allclear.core.production.clearance import Refusal
from allclear.core.production.listing import filled
from allclear.core.production.scrub import Scrubber, scrubber, secret_values
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
from allclear.jobs.operation_job import (
    OperationJob,
    advance,
    at_step,
    held_here,
    incident_of,
    log,
    operation_job,
    refuse,
)
from allclear.jobs.run import Run

RESULT = "smoke.xml"
CONTEXT = "allclear/smoke"
KINDS: tuple[OperationKind, ...] = ("smoke", "rollback", "action")


def smoke(run: Run) -> None:
    """Look at the service of this run's operation, and end its record.

    A result that is not good makes the run red, so that its page says so as well.
    """
    job = operation_job(run)
    held = held_here(job, KINDS)
    if isinstance(held, Refusal):
        refuse(job, held)
        return
    record = held.execution
    wrong = at_step(held, "claimed" if record.kind == "smoke" else "executed")
    policy = incident_of(run, record.issue)[1] if record.issue else run.policy()
    service = policy.settings.services.get(record.service)
    if wrong is None and service is None:
        wrong = Refusal("settings", f"The settings no longer have the service {record.service}.")
    if wrong is not None or service is None:
        refuse(job, wrong or Refusal("settings", ""), record.operation)
        return
    begun = run.client.now
    found = run_smoke(
        record.service,
        service,
        policy.runbook,
        policy.settings,
        environ=run.env,
        clock=run.seconds,
        sleep=run.client.pause,
        out=run.out,
        root=run.root,
    )
    _keep(job, record, found)
    _mark(job, policy, record, found)
    ended = {"step": "ended", "outcome": "done", "started": record.started or begun, "smoke": found}
    advance(job, held, {**ended, "executed": True, "ended": run.client.now})
    if not found.passed:
        run.failed = True


def _keep(job: OperationJob, record: Execution, smoke: Smoke) -> None:
    """The table in the summary, the file for the artifact."""
    (job.run.root / RESULT).write_bytes(junit(record.service, smoke))
    verdict = "passed" if smoke.passed else "failed"
    summarise(job.run.env, f"**Smoke of {inline(record.service)}: {verdict}**\n\n{smoke_table(smoke)}")


def _mark(job: OperationJob, policy: Policy, record: Execution, smoke: Smoke) -> None:
    """What was found stays with the commit that runs: nobody goes back to a release that failed (000-A10).

    Checks that could not be made say nothing about the release, and neither do those of a production that
    may run another one.
    """
    if not smoke.passed and not any(line.outcome == "fail" for line in smoke.lines):
        return
    reader = ReleaseReader(job.run.client, job.run.repository, policy.settings, policy.providers)
    current = reader.releases(record.service).current
    if current is None or not current.sha or current.state != "success":
        return
    good = sum(line.outcome == "pass" for line in smoke.lines)
    body = {
        "state": "success" if smoke.passed else "failure",
        "context": CONTEXT,
        "description": f"{good} of {len(smoke.lines)} checks passed",
        "target_url": job.url,
    }
    error = set_status(job.run.client, job.base, current.sha, body)
    if error is not None:
        log(job, f"GitHub did not take the status of {current.sha[:7]} ({error.status}).")


WORKERS = 8
"""Requests under way at a time."""

PATIENCE = timedelta(minutes=12)
"""For everything together: a job that GitHub ends for its length would leave no result at all."""

LOGGED = 100
"""Lines in the job's log of what a failing command printed, the last ones."""

NO_TIME = "no time was left, because the checks before it took too long"

Env = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _CheckResult:
    """One line of the result, and what a command printed, for the log of the job."""

    line: SmokeLine
    printed: str = ""


@dataclass(frozen=True, slots=True)
class _SmokeJob:
    """One smoke run under way. ``end``: when there is no time left, by ``clock``."""

    service: Service
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


def run_smoke(  # noqa: PLR0913 - clock, sleep, environment and place come from the door, as everywhere
    name: str,
    service: Service,
    runbook: Runbook,
    settings: Settings,
    *,
    environ: Env,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    out: Callable[[str], None],
    root: Path,
) -> Smoke:
    """Look at ``service`` and say what was found, in the order of the settings.

    ``environ`` is the job's, of which a command gets what it lists. ``clock`` counts seconds and never goes
    back. ``out`` gets one line of progress a check. Commands run in ``root``. What anybody printed or
    answered is in the result as far as core.production.smoke lets it, without known secrets.
    """
    clean = scrubber(secret_values(environ, [*_listed(service), "GITHUB_TOKEN"]))
    web = Web(settings.hosts, settings.private_hosts, clock=clock)
    end = clock() + PATIENCE.total_seconds()
    job = _SmokeJob(service, environ, root, web, clock, sleep, end)
    lines = []
    out(safe_line(f"Smoke checks of {name}"))
    with ThreadPoolExecutor(WORKERS) as requests, ThreadPoolExecutor(1) as commands:
        for future in list(_begun(job, runbook, requests, commands)):
            found = future.result()
            line = _cleaned(found.line, clean)
            lines.append(line)
            _log(line, clean.clean(found.printed), out)
    return Smoke(lines=tuple(lines))


def _begun(
    job: _SmokeJob, runbook: Runbook, requests: ThreadPoolExecutor, commands: ThreadPoolExecutor
) -> Iterator[Future[_CheckResult]]:
    """Everything that is looked at, begun. Commands share one checkout, so they take turns."""
    for check in job.service.checks:
        yield requests.submit(_http, job, check)
    for command in job.service.commands:
        yield commands.submit(_command, job, command)
    for criterion in runbook.recovery:
        measure = job.service.recovery.get(criterion.id)
        pool = commands if measure is not None and measure.run is not None else requests
        yield pool.submit(_measure, job, criterion, measure)


def _listed(service: Service) -> Iterator[str]:
    for command in service.commands:
        yield from command.env
    for measure in service.recovery.values():
        yield from measure.env


def _cleaned(line: SmokeLine, clean: Scrubber) -> SmokeLine:
    return line.model_copy(update={"detail": cut(clean.clean(line.detail), LONGEST)})


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


def _command(job: _SmokeJob, command: ServiceCommand) -> _CheckResult:
    line, done = _ran(job, command)
    return _CheckResult(line, done.output if done else "")


def _ran(job: _SmokeJob, command: ServiceCommand) -> tuple[SmokeLine, Finished | None]:
    """Run it with the variables that it lists and that are there. None when there was no time for it."""
    if job.left <= 0:
        return command_line(command, Ran(None, 0, missing=NO_TIME)), None
    given = {name: job.environ[name] for name in command.env if job.environ.get(name)}
    unset = [name for name in command.env if name not in given]
    words = filled(command.run, job.service.values, foreign=True)
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
            line, done = _ran(job, source)
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
    answer = _asked(job, HttpCheck.model_construct(name="measure", url=url, timeout=measure.timeout))
    if isinstance(answer, Unanswered):
        raise AnswerError(answer.why)
    if answer.status != 200:
        raise AnswerError(f"{answer.status}, expected 200")
    return prometheus_number(answer.body) if measure.prometheus else number_at(answer.body, measure.path)
