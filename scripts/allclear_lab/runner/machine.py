"""One job on a machine of its own: a workspace, a token with the job's permissions, steps that open doors."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

from requests.adapters import BaseAdapter

from allclear_lab.github import GitHub, RepositoryHandle
from allclear_lab.runner.courses import Contexts, Course, Result
from allclear_lab.runner.expressions import Known, Unplayable
from allclear_lab.runner.runs import Run
from allclear_lab.runner.uploads import outputs_of, upload
from allclear_lab.runner.workflows import Job, Step

RUNNER = timedelta(seconds=8)
"""How long a runner takes to start: the reply is written so much after the comment."""

SURROUNDINGS = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


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
class Loss:
    """The runner of a job is lost: before ``step`` (by its name), or during it, at its request number
    ``request`` (0 is the first), which is ``applied`` or not.

    ``then``: GitHub calls the job failed, or somebody cancels the run, and the jobs of ``always()`` follow;
    or nothing runs any more, and the run stays as it is.
    """

    job: str
    step: str
    request: int | None = None
    applied: bool = False
    then: Literal["failure", "cancelled", "nothing"] = "failure"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where jobs run: the product's ``doors``, the ``checkout`` every job starts from, an empty ``folder``.

    ``secrets``: by environment, those of the repository under "". ``wait`` passes simulated time.
    """

    doors: Mapping[str, Door]
    checkout: Path
    folder: Path
    wait: Callable[[float], None]
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class _LostError(Exception):
    """The runner is gone."""


class Runner:
    """Runs jobs, one after the other. ``ran`` is every door that was opened so far; ``loss`` with the id of
    the run it is for is what happens next, ``struck`` whether it did.
    """

    def __init__(self, hub: GitHub, repository: RepositoryHandle, machine: Machine) -> None:
        self.ran: list[Run] = []
        self.loss: tuple[int, Loss] | None = None
        self.struck = False
        self.contexts = Contexts(hub, repository, machine.secrets)
        self._hub, self._repository, self._machine = hub, repository, machine
        self._jobs = 0

    def run(self, course: Course, job: Job) -> Result:
        """Run the steps of a job on a fresh machine."""
        self._machine.wait(RUNNER.total_seconds())
        self._jobs += 1
        home = self._machine.folder / f"job-{self._jobs}"
        workspace = home / "workspace"
        workspace.mkdir(parents=True)
        for entry in self._machine.checkout.iterdir():
            (workspace / entry.name).symlink_to(entry)
        token = self._hub.actions_token(self._repository, permissions=dict(job.permissions))
        steps: dict[str, Mapping[str, Any]] = {}
        failed = False
        for step in job.steps:
            known = self.contexts.known(course, job, steps=steps, token=token, failed=failed)
            if not known.holds(step.condition):
                outcome, outputs = "skipped", dict[str, str]()
            else:
                try:
                    good, outputs = self._step(course, job, step, known, home)
                except _LostError:
                    return self._gone(course)
                outcome = "success" if good else "failure"
                failed = failed or not good
            steps[step.id or step.name] = {"outputs": outputs, "outcome": outcome, "conclusion": outcome}
        known = self.contexts.known(course, job, steps=steps)
        outputs = {name: known.fill(text) for name, text in job.outputs.items()}
        return Result("failure" if failed else "success", outputs)

    def _gone(self, course: Course) -> Result:
        self.struck = True
        then = self.loss[1].then if self.loss else "failure"
        course.lost = then == "nothing"
        course.cancelled = then == "cancelled"
        return Result(then)

    def _step(
        self, course: Course, job: Job, step: Step, known: Known, home: Path
    ) -> tuple[bool, dict[str, str]]:
        loss = self._losing(course, job, step)
        if loss and loss.request is None:
            raise _LostError
        if step.upload is not None:
            settings = {key: known.fill(text) for key, text in step.upload.items()}
            return upload(self._hub, self._repository, course.id, settings, home / "workspace")
        if loss and loss.request is not None:
            self._hub.faults.kill(loss.request, applied=loss.applied)
        output = self._open(course, job, step, known, home)
        if loss and loss.request is not None:
            self._hub.faults.clear()
            if len(self.ran[-1].asked) > loss.request:
                raise _LostError
        return self.ran[-1].code == 0, output

    def _losing(self, course: Course, job: Job, step: Step) -> Loss | None:
        if self.loss is None or self.loss[0] != course.id:
            return None
        loss = self.loss[1]
        return loss if (loss.job, loss.step) == (job.name, step.name) else None

    def _open(self, course: Course, job: Job, step: Step, known: Known, home: Path) -> dict[str, str]:
        """Open a door, and read what it put out."""
        if step.door not in self._machine.doors:
            raise Unplayable(f"{course.path}: there is no door `{step.door}`")
        files = {name: home / f"{name}-{len(self.ran)}" for name in ("event", "output", "summary")}
        for file in files.values():
            file.touch()
        files["event"].write_text(json.dumps(course.delivery.payload), encoding="utf-8")
        env = {
            **SURROUNDINGS,
            **self.contexts.surroundings(course, job),
            "GITHUB_EVENT_PATH": str(files["event"]),
            "GITHUB_WORKSPACE": str(home / "workspace"),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "RUNNER_TEMP": str(home),
            **{name: known.fill(text) for name, text in (step.env or {}).items()},
        }
        asked, words, begun = len(self._hub.requests), list[str](), time.perf_counter()
        code = self._machine.doors[step.door](
            env, sleep=self._machine.wait, out=words.append, transport=self._hub.transport
        )
        self.ran.append(
            Run(
                door=step.door,
                event=course.named,
                code=code,
                asked=tuple(request.mutating for request in self._hub.requests[asked:]),
                seconds=time.perf_counter() - begun,
                output="\n".join(words),
                workflow=course.workflow.name,
                run_id=course.id,
                job=job.name,
                step=step.name,
                summary=files["summary"].read_text(encoding="utf-8"),
            )
        )
        return outputs_of(files["output"].read_text(encoding="utf-8"))
