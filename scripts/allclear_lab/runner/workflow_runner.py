"""A hosted runner in this process: plays workflow files as GitHub would, job after job, for drill and tests.

    deliveries of the embedded GitHub -> which files start (`on:`) -> an attempt each -> jobs -> doors

The files are read from the repository that the run belongs to; what they say and nobody here understands is
an error (UnplayableError). Each job gets a workspace and a token of its own, with exactly the job's
``permissions``. Of several runs in one concurrency group one is under way, and one waits (``queue: max``: all
of them). A job that names an environment with reviewers stops its run until somebody approves or rejects.

Two things differ from GitHub. Jobs that could run side by side run one after the other, those of different
runs in turn. And a rejected or cancelled run is completed at once, while its ``always()`` jobs still follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

from allclear_lab.github import Delivery, GitHub, RepositoryHandle, WorkflowRun
from allclear_lab.github.routing import Unfaithful
from allclear_lab.runner.attempts import JobResult, RunAttempt
from allclear_lab.runner.expressions import UnplayableError
from allclear_lab.runner.job_runner import JobRunner, RunnerLoss, RunnerSetup, shown_jobs
from allclear_lab.runner.step_runs import StepRun
from allclear_lab.runner.workflows import JobDefinition, Workflow, opens_a_door, read_workflow

FOLDER = ".github/workflows/"
STEPS = 200
"""So many jobs in a row are workflows that start each other without end."""


@dataclass(frozen=True, slots=True)
class RunsMark:
    """How far the runs of a repository were."""

    attempts: tuple[RunAttempt, ...]
    heard: int
    ran: int


class WorkflowRunner:
    """Plays the workflows of one repository."""

    def __init__(self, hub: GitHub, repository: RepositoryHandle, setup: RunnerSetup) -> None:
        self.attempts: list[RunAttempt] = []
        self.runner = JobRunner(hub, repository, setup)
        self._hub, self._repository = hub, repository
        self._heard = len(hub.deliveries)
        self._files: dict[str, Mapping[str, Workflow]] = {}

    @property
    def ran(self) -> list[StepRun]:
        """Every door that was opened so far, oldest first."""
        return self.runner.ran

    # What happens on GitHub

    def ignore(self) -> None:
        """The events since the last time are lost: nothing starts for them."""
        self._heard = len(self._hub.deliveries)

    def hear(self) -> None:
        """Begin an attempt for every workflow that the new events start."""
        while self._heard < len(self._hub.deliveries):
            self._heard += 1
            self.receive(self._hub.deliveries[self._heard - 1])

    def receive(self, delivery: Delivery) -> None:
        """Begin the attempts that one event starts; the same issue event again starts a run of its own."""
        known = None if delivery.run_id is None else self._repository.run(delivery.run_id)
        if delivery.event == "rerun" and known is not None:
            delivery = self._first(delivery, known)
        branch = known.head_branch if known else self._repository.state.default_branch
        only = known.path if known else delivery.payload.get("workflow")
        for path, workflow in self.files(branch).items():
            files = partial(self._repository.changed_files, delivery.payload.get("number", 0))
            if workflow.starts_on(delivery.event, delivery.action, files) and only in {None, path}:
                self._begin(path, workflow, delivery)

    def _first(self, delivery: Delivery, run: WorkflowRun) -> Delivery:
        """The event that a run which is started again was started by first."""
        by_id = (one for one in self._hub.deliveries if one.id == run.delivery_id)
        first = next(by_id, None)
        action, payload = (first.action, first.payload) if first else (None, delivery.payload)
        return replace(delivery, event=run.event, action=action, payload=payload)

    def files(self, branch: str) -> Mapping[str, Workflow]:
        """The workflow files of a branch that lead to a door, by path."""
        head = self._repository.branches()[branch]
        if head not in self._files:
            paths = [path for path in self._repository.files(branch) if _is_played(path)]
            texts = {path: self._repository.file(path, branch) or "" for path in paths}
            actions = tuple(one for one in texts.items() if not one[0].startswith(FOLDER))
            self._files[head] = {
                path: read_workflow(path, text, actions)
                for path, text in texts.items()
                if path.startswith(FOLDER) and opens_a_door(text)
            }
        return self._files[head]

    def _begin(self, path: str, workflow: Workflow, delivery: Delivery) -> None:
        try:
            run_id = delivery.run_id or self._repository.begin_run(path, delivery)
        except Unfaithful as unknown:
            raise UnplayableError(str(unknown)) from unknown
        attempt = RunAttempt(
            id=run_id,
            path=path,
            workflow=workflow,
            delivery=delivery,
            number=self._repository.run(run_id).run_attempt,
            group="",
            since=len(self.ran),
        )
        attempt.group = self.runner.contexts.known(attempt).fill(workflow.group) or f"of run {attempt.id}"
        others = [one for one in self.attempts if one.group == attempt.group]
        attempt.begun = not others
        for one in others if not workflow.queues else ():
            if not one.begun:
                # One run may wait for a group, and the newest does.
                one.cancelled = True
                self._end(one)
        self.attempts.append(attempt)

    # What runners do

    def work(self) -> list[StepRun]:
        """Play until everything has ended, waits for people, or is lost. Answers the doors it opened."""
        done = list[StepRun]()
        for _ in range(STEPS):
            ran = self.step()
            if ran is None:
                return done
            done += ran
        raise RuntimeError("workflows start each other without end")

    def play(self, run_id: int, loss: RunnerLoss | None = None) -> list[StepRun]:
        """Play one run as far as it goes, and nothing else. ``runner.struck`` says afterwards whether the
        loss happened.
        """
        self.hear()
        self.runner.loss, self.runner.struck = (run_id, loss) if loss else None, False
        done = list[StepRun]()
        for _ in range(STEPS):
            attempt = next((one for one in self.attempts if one.id == run_id and self._moves(one)), None)
            if attempt is None:
                break
            done += self._go_on(attempt)
        self.runner.loss = None
        return done

    def notice(self, run_id: int, *, rest: bool = True) -> None:
        """GitHub misses the runner of a run that a loss left without a word: its job failed. What runs
        ``always()`` follows, or else nothing does any more.
        """
        (attempt,) = [one for one in self.attempts if one.id == run_id and one.lost]
        attempt.lost = False
        for job, result in attempt.results.items():
            if result.conclusion == "nothing":
                attempt.results[job] = JobResult("failure")
        self._show(attempt)
        if not rest:
            self._end(attempt)

    def step(self) -> list[StepRun] | None:
        """Play one job of the attempt whose turn it is; None when none can move."""
        self.hear()
        for silent in [one for one in self.attempts if one.lost]:
            if self._repository.run(silent.id).status == "completed":
                # GitHub gave up on its runner, and the group is the next one's.
                self._end(silent)
        attempt = next((one for one in self.attempts if self._moves(one)), None)
        if attempt is None:
            return None
        try:
            ran = self._go_on(attempt)
        except UnplayableError:
            # It would be no better the next time, and the others wait.
            attempt.results |= {
                job.name: JobResult("failure")
                for job in attempt.workflow.jobs
                if job.name not in attempt.results
            }
            self._end(attempt)
            raise
        self.hear()
        if attempt in self.attempts:
            self.attempts.remove(attempt)
            self.attempts.append(attempt)
        return ran

    def _moves(self, attempt: RunAttempt) -> bool:
        if not attempt.begun or attempt.lost:
            return False
        return not attempt.waiting or self._repository.run(attempt.id).status != "waiting"

    def _go_on(self, attempt: RunAttempt) -> list[StepRun]:
        """The next job of a attempt, and what follows from it at once: skipped jobs, a wait, the end."""
        if self._repository.run(attempt.id).conclusion == "cancelled":
            attempt.cancelled = True
        ran, played = len(self.ran), False
        for job in attempt.workflow.jobs:
            if job.name in attempt.results:
                continue
            if attempt.lost:
                break
            known = self.runner.contexts.known(attempt, job)
            if not known.holds(job.condition):
                attempt.results[job.name] = JobResult("cancelled" if attempt.cancelled else "skipped")
                continue
            if not self._admitted(attempt, job, known.fill(job.environment)):
                break
            if job.name in attempt.results:
                continue
            if played:
                break
            played = True
            attempt.results[job.name] = self.runner.run(attempt, job)
        self._show(attempt)
        if len(attempt.results) == len(attempt.workflow.jobs) and not attempt.lost:
            self._end(attempt)
        return self.ran[ran:]

    def _admitted(self, attempt: RunAttempt, job: JobDefinition, environment: str) -> bool:
        """Whether the job's environment lets it go on; a job that was rejected has its result then."""
        run = self._repository.run(attempt.id)
        if run.status == "queued" and not environment:
            self._repository.start_run(attempt.id)
        if not environment:
            return True
        reviewed = attempt.waiting == job.name
        attempt.waiting = ""
        asks = not reviewed and run.status != "completed"
        if asks and self._repository.wait_run(attempt.id, environment, deployment=job.deployment):
            attempt.waiting = job.name
            return False
        if self._repository.run(attempt.id).status == "completed":
            attempt.results[job.name] = JobResult("cancelled" if attempt.cancelled else "failure")
        return True

    def _end(self, attempt: RunAttempt) -> None:
        """The run is over, and the next of its group begins."""
        self.attempts.remove(attempt)
        following = [one for one in self.attempts if one.group == attempt.group]
        if following and not any(one.begun for one in following):
            following[0].begun = True
        self._show(attempt)
        if self._repository.run(attempt.id).status != "completed":
            self._repository.finish_run(attempt.id, attempt.conclusion)

    # For tests that go back

    def mark(self) -> RunsMark:
        """How far everything is; belongs to a snapshot of the embedded GitHub."""
        return RunsMark(tuple(_copy(attempt) for attempt in self.attempts), self._heard, len(self.ran))

    def back(self, mark: RunsMark) -> None:
        """Everything as it was at that mark."""
        self.attempts = [_copy(attempt) for attempt in mark.attempts]
        self._heard = mark.heard
        del self.ran[mark.ran :]

    def _show(self, attempt: RunAttempt) -> None:
        """What the run's page shows: its jobs so far with their steps, and the log of each."""
        for number, job in enumerate(attempt.results, start=1):
            ran = [run for run in self.ran[attempt.since :] if (run.run_id, run.job) == (attempt.id, job)]
            names = [step.name for step in attempt.steps.get(job, ())]
            if ran:
                self._repository.set_log(
                    attempt.id, f"{number}_{job}.txt", "\n".join(run.output for run in ran)
                )
            for run in ran:
                at = names.index(run.step) + 1 if run.step in names else len(names) + 1
                self._repository.set_log(
                    attempt.id, f"{job}/{at}_{run.step.replace('/', '')}.txt", run.output
                )
        self._repository.set_jobs(attempt.id, *shown_jobs(attempt))


def _is_played(path: str) -> bool:
    return path.startswith(FOLDER) or PurePosixPath(path).name == "action.yml"


def _copy(attempt: RunAttempt) -> RunAttempt:
    return replace(attempt, results=dict(attempt.results), steps=dict(attempt.steps))
