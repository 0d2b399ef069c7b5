"""One job on a machine of its own: a workspace, a token with the job's permissions, steps that open doors."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

from requests.adapters import BaseAdapter

from allclear_lab.github import GitHub, JobStep, RepositoryHandle
from allclear_lab.github import Job as ShownJob
from allclear_lab.runner.attempts import Contexts, JobResult, RunAttempt
from allclear_lab.runner.checkouts import Checkouts
from allclear_lab.runner.expressions import ExpressionContext, UnplayableError
from allclear_lab.runner.step_runs import StepRun
from allclear_lab.runner.uploads import outputs_of, upload
from allclear_lab.runner.workflows import JobDefinition, StepDefinition

RUNNER = timedelta(seconds=8)
"""How long a runner takes to start: the reply is written so much after the comment."""

INHERITED = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


OURS = {"actions", "none"}
"""The tokens of requests that a job makes; people may make some at the same time."""


class Door(Protocol):
    """An entry point of the product, as scripts/*.py call it: the environment in, the exit code out."""

    def __call__(
        self,
        env: Mapping[str, str],
        *,
        sleep: Callable[[float], None],
        out: Callable[[str], None],
        transport: BaseAdapter | None,
    ) -> int:
        """Run it."""
        ...


@dataclass(frozen=True, slots=True)
class RunnerLoss:
    """The runner of a job is lost: before ``step`` (by its name), or during it, at its request number
    ``request`` (0 is the first), which is ``applied`` or not; or at the ``end`` of the step, which did all
    that it does, and nobody hears of it.

    ``then``: GitHub calls the job failed, or somebody cancels the run, and the jobs of ``always()`` follow;
    or nothing runs any more, and the run stays as it is.
    """

    job: str
    step: str
    request: int | None = None
    applied: bool = False
    end: bool = False
    then: Literal["failure", "cancelled", "nothing"] = "failure"


@dataclass(frozen=True, slots=True)
class RunnerSetup:
    """Where jobs run: the product's ``doors``, the ``checkout`` that lies below the files of the run's commit
    in every job, an empty ``folder``.

    ``secrets``: by environment, those of the repository under "". ``wait`` passes seconds of the hub's
    clock; a runner takes ``start`` to be there.
    """

    doors: Mapping[str, Door]
    checkout: Path
    folder: Path
    wait: Callable[[float], None]
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    start: timedelta = RUNNER


def shown_jobs(attempt: RunAttempt, current: str = "") -> list[ShownJob]:
    """The jobs of a run as its page shows them: those that ended, the one under way, the one that waits."""
    shown = []
    for name, result in attempt.results.items():
        gone = result.conclusion == "nothing"
        steps = attempt.steps.get(name, ())
        shown.append(
            ShownJob(name, None if gone else result.conclusion, steps, "in_progress" if gone else "")
        )
    if current:
        shown.append(ShownJob(current, None, attempt.steps.get(current, ()), "in_progress"))
    if attempt.waiting:
        shown.append(ShownJob(attempt.waiting, None, (), "waiting"))
    return shown


class _LostError(Exception):
    """The runner is gone."""


class JobRunner:
    """Runs jobs, one after the other. ``ran`` is every door that was opened so far; ``loss`` with the id of
    the run it is for is what happens next, ``struck`` whether it did.
    """

    def __init__(self, hub: GitHub, repository: RepositoryHandle, setup: RunnerSetup) -> None:
        self.ran: list[StepRun] = []
        self.loss: tuple[int, RunnerLoss] | None = None
        self.struck = False
        self.contexts = Contexts(hub, repository, setup.secrets)
        self.checkouts = Checkouts(repository, setup.checkout, setup.folder / "commits")
        self._hub, self._repository, self._setup = hub, repository, setup
        self._jobs = 0

    def run(self, attempt: RunAttempt, job: JobDefinition) -> JobResult:
        """Run the steps of a job on a fresh machine."""
        self._setup.wait(self._setup.start.total_seconds())
        self._jobs += 1
        home = self._setup.folder / f"job-{self._jobs}"
        self.checkouts.lay_out(self._repository.run(attempt.id).head_sha, home / "workspace")
        token = self._hub.actions_token(self._repository, permissions=dict(job.permissions))
        steps: dict[str, Mapping[str, Any]] = {}
        failed = False
        attempt.steps[job.name] = tuple(JobStep(step.name) for step in job.steps)
        for number, step in enumerate(job.steps):
            known = self.contexts.known(attempt, job, steps=steps, token=token, failed=failed)
            if not known.holds(step.condition):
                outcome, outputs = "skipped", dict[str, str]()
            else:
                try:
                    good, outputs = self._step(attempt, job, step, known, home)
                except _LostError:
                    return self._gone(attempt)
                outcome = "success" if good else "failure"
                failed = failed or not good
            self._show(attempt, job, number, outcome)
            steps[step.id or step.name] = {"outputs": outputs, "outcome": outcome, "conclusion": outcome}
        known = self.contexts.known(attempt, job, steps=steps)
        outputs = {name: known.fill(text) for name, text in job.outputs.items()}
        # An output in which any of the job's secrets stands is not sent at all, and the runner only warns:
        # https://docs.github.com/en/actions/writing-workflows/choosing-what-your-workflow-does/passing-information-between-jobs
        hidden = [value for value in self.contexts.secrets_of(attempt, job).values() if value]
        outputs = {name: text for name, text in outputs.items() if not any(one in text for one in hidden)}
        return JobResult("failure" if failed else "success", outputs)

    def _gone(self, attempt: RunAttempt) -> JobResult:
        self.struck = True
        then = self.loss[1].then if self.loss else "failure"
        attempt.lost = then == "nothing"
        attempt.cancelled = then == "cancelled"
        return JobResult(then)

    def _step(
        self,
        attempt: RunAttempt,
        job: JobDefinition,
        step: StepDefinition,
        known: ExpressionContext,
        home: Path,
    ) -> tuple[bool, dict[str, str]]:
        loss = self._losing(attempt, job, step)
        if loss and loss.request is None and not loss.end:
            raise _LostError
        self._show(attempt, job, job.steps.index(step))
        if step.upload is not None:
            settings = {key: known.fill(text) for key, text in step.upload.items()}
            uploaded = upload(self._hub, self._repository, attempt.id, settings, home / "workspace")
            if loss:
                raise _LostError
            return uploaded
        if loss and loss.request is not None:
            self._hub.faults.kill(loss.request, applied=loss.applied)
        output = self._open(attempt, job, step, known, home)
        if loss and loss.request is not None:
            self._hub.faults.clear()
            if len(self.ran[-1].asked) > loss.request:
                raise _LostError
        if loss and loss.end:
            raise _LostError
        return self.ran[-1].code == 0, output

    def _show(
        self, attempt: RunAttempt, job: JobDefinition, number: int, conclusion: str | None = None
    ) -> None:
        """A step began, or ended, and the page of its run shows it."""
        steps, now = list(attempt.steps[job.name]), self._hub.now()
        started = steps[number].started or now
        ended = now if conclusion else None
        steps[number] = JobStep(steps[number].name, conclusion, started, ended)
        attempt.steps[job.name] = tuple(steps)
        self._repository.set_jobs(attempt.id, *shown_jobs(attempt, job.name))

    def _losing(self, attempt: RunAttempt, job: JobDefinition, step: StepDefinition) -> RunnerLoss | None:
        if self.loss is None or self.loss[0] != attempt.id:
            return None
        loss = self.loss[1]
        return loss if (loss.job, loss.step) == (job.name, step.name) else None

    def _open(
        self,
        attempt: RunAttempt,
        job: JobDefinition,
        step: StepDefinition,
        known: ExpressionContext,
        home: Path,
    ) -> dict[str, str]:
        """Open a door, and read what it put out."""
        if step.door not in self._setup.doors:
            raise UnplayableError(f"{attempt.path}: there is no door `{step.door}`")
        files = {name: home / f"{name}-{len(self.ran)}" for name in ("event", "output", "summary")}
        for file in files.values():
            file.touch()
        files["event"].write_text(json.dumps(attempt.delivery.payload), encoding="utf-8")
        env = {
            **INHERITED,
            **self.contexts.variables(attempt, job),
            "GITHUB_EVENT_PATH": str(files["event"]),
            "GITHUB_WORKSPACE": str(home / "workspace"),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "RUNNER_TEMP": str(home),
            **{name: known.fill(text) for name, text in step.env.items()},
        }
        self._pass_through(attempt, job, step, env)
        found = outputs_of(files["output"].read_text(encoding="utf-8"))
        self.ran[-1] = replace(self.ran[-1], summary=files["summary"].read_text(encoding="utf-8"))
        if step.outputs is None:
            return found
        return {name: found.get(own, "") for name, own in step.outputs.items()}

    def _pass_through(
        self, attempt: RunAttempt, job: JobDefinition, step: StepDefinition, env: Mapping[str, str]
    ) -> None:
        """Run a door's code, and write down what it did."""
        asked, words, begun = len(self._hub.requests), list[str](), time.perf_counter()
        code = self._setup.doors[step.door](
            env, sleep=self._setup.wait, out=words.append, transport=self._hub.transport
        )
        self.ran.append(
            StepRun(
                door=step.door,
                event=attempt.named,
                code=code,
                asked=tuple(one.mutating for one in self._hub.requests[asked:] if one.token_kind in OURS),
                seconds=time.perf_counter() - begun,
                output="\n".join(words),
                workflow=attempt.workflow.name,
                run_id=attempt.id,
                job=job.name,
                step=step.name,
            )
        )
