"""A hosted runner in this process: plays workflow files as GitHub would, job after job, for drill and tests.

    deliveries of the embedded GitHub -> which files start (`on:`) -> a course each -> jobs -> doors

The files are read from the repository that the run belongs to; what they say and nobody here understands is
an error (Unplayable). Each job gets a workspace and a token of its own, with exactly the job's
``permissions``. Of several runs in one concurrency group one is under way, and one waits (``queue: max``: all
of them). A job that names an environment with reviewers stops its run until somebody approves or rejects.

Three things differ from GitHub. Jobs that could run side by side run one after the other, those of different
runs in turn. A rejected or cancelled run is completed at once, while its ``always()`` jobs still follow. And
events of issues leave no run that could be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from allclear_lab.github import Delivery, GitHub, RepositoryHandle
from allclear_lab.github import Job as ShownJob
from allclear_lab.runner.courses import Course, Result
from allclear_lab.runner.machine import Loss, Machine, Runner
from allclear_lab.runner.runs import Run
from allclear_lab.runner.workflows import Job, Workflow, opens_a_door, read_workflow

FOLDER = ".github/workflows/"
STEPS = 200
"""So many jobs in a row are workflows that start each other without end."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the runs of a repository were."""

    courses: tuple[Course, ...]
    heard: int
    ran: int


class Hosted:
    """Plays the workflows of one repository."""

    def __init__(self, hub: GitHub, repository: RepositoryHandle, machine: Machine) -> None:
        self.courses: list[Course] = []
        self.runner = Runner(hub, repository, machine)
        self._hub, self._repository = hub, repository
        self._heard = len(hub.deliveries)
        self._unkept = 0
        self._files: dict[str, Mapping[str, Workflow]] = {}

    @property
    def ran(self) -> list[Run]:
        """Every door that was opened so far, oldest first."""
        return self.runner.ran

    # What happens on GitHub

    def ignore(self) -> None:
        """The events since the last time are lost: nothing starts for them."""
        self._heard = len(self._hub.deliveries)

    def hear(self) -> None:
        """Begin a course for every workflow that the new events start."""
        while self._heard < len(self._hub.deliveries):
            self._heard += 1
            self.receive(self._hub.deliveries[self._heard - 1])

    def receive(self, delivery: Delivery) -> None:
        """Begin the courses that one event starts; the same issue event again starts a run of its own."""
        event, payload = delivery.event, delivery.payload
        if event == "rerun":
            event = payload["event_name"]
        for path, workflow in self.files(self._branch(delivery)).items():
            if workflow.starts_on(event, delivery.action) and payload.get("workflow", path) == path:
                self._begin(path, workflow, replace(delivery, event=event))

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

    def _branch(self, delivery: Delivery) -> str:
        if delivery.run_id is None:
            return self._repository.state.default_branch
        return self._repository.run(delivery.run_id).head_branch

    def _begin(self, path: str, workflow: Workflow, delivery: Delivery) -> None:
        self._unkept += delivery.run_id is None
        course = Course(
            id=delivery.run_id or 1000 + self._unkept,
            kept=delivery.run_id is not None,
            path=path,
            workflow=workflow,
            delivery=delivery,
            attempt=int(delivery.payload.get("run_attempt", 1)),
            group="",
        )
        course.group = self.runner.contexts.known(course).fill(workflow.group) or f"of run {course.id}"
        others = [one for one in self.courses if one.group == course.group]
        course.begun = not others
        for one in others if not workflow.queues else ():
            if not one.begun:
                # One run may wait for a group, and the newest does.
                one.cancelled = True
                self._end(one)
        self.courses.append(course)

    # What runners do

    def work(self) -> list[Run]:
        """Play until everything has ended, waits for people, or is lost. Answers the doors it opened."""
        done = list[Run]()
        for _ in range(STEPS):
            ran = self.step()
            if ran is None:
                return done
            done += ran
        raise RuntimeError("workflows start each other without end")

    def play(self, run_id: int, loss: Loss | None = None) -> list[Run]:
        """Play one run as far as it goes, and nothing else. ``runner.struck`` says afterwards whether the
        loss happened.
        """
        self.hear()
        self.runner.loss, self.runner.struck = (run_id, loss) if loss else None, False
        done = list[Run]()
        for _ in range(STEPS):
            course = next((one for one in self.courses if one.id == run_id and self._moves(one)), None)
            if course is None:
                break
            done += self._go_on(course)
        self.runner.loss = None
        return done

    def notice(self, run_id: int, *, rest: bool = True) -> None:
        """GitHub misses the runner of a run that a loss left without a word: its job failed. What runs
        ``always()`` follows, or else nothing does any more.
        """
        (course,) = [one for one in self.courses if one.id == run_id and one.lost]
        course.lost = False
        for job, result in course.results.items():
            if result.conclusion == "nothing":
                course.results[job] = Result("failure")
        if not rest:
            self._end(course)

    def step(self) -> list[Run] | None:
        """Play one job of the course whose turn it is; None when none can move."""
        self.hear()
        for silent in [one for one in self.courses if one.lost and one.kept]:
            if self._repository.run(silent.id).status == "completed":
                # GitHub gave up on its runner, and the group is the next one's.
                self._end(silent)
        course = next((one for one in self.courses if self._moves(one)), None)
        if course is None:
            return None
        ran = self._go_on(course)
        self.hear()
        if course in self.courses:
            self.courses.remove(course)
            self.courses.append(course)
        return ran

    def _moves(self, course: Course) -> bool:
        if not course.begun or course.lost:
            return False
        return not course.waiting or self._repository.run(course.id).status != "waiting"

    def _go_on(self, course: Course) -> list[Run]:
        """The next job of a course, and what follows from it at once: skipped jobs, a wait, the end."""
        if course.kept and self._repository.run(course.id).conclusion == "cancelled":
            course.cancelled = True
        ran, played = len(self.ran), False
        for job in course.workflow.jobs:
            if job.name in course.results:
                continue
            if course.lost:
                break
            known = self.runner.contexts.known(course, job)
            if not known.holds(job.condition):
                course.results[job.name] = Result("cancelled" if course.cancelled else "skipped")
                continue
            if not self._admitted(course, job, known.fill(job.environment)):
                break
            if job.name in course.results:
                continue
            if played:
                break
            played = True
            course.results[job.name] = self.runner.run(course, job)
            self._show(course)
        if len(course.results) == len(course.workflow.jobs) and not course.lost:
            self._end(course)
        return self.ran[ran:]

    def _admitted(self, course: Course, job: Job, environment: str) -> bool:
        """Whether the job's environment lets it go on; a job that was rejected has its result then."""
        if not course.kept:
            return True
        run = self._repository.run(course.id)
        if run.status == "queued" and not environment:
            self._repository.start_run(course.id)
        if not environment:
            return True
        reviewed = course.waiting == job.name
        course.waiting = ""
        if not reviewed and run.status != "completed" and self._repository.wait_run(course.id, environment):
            course.waiting = job.name
            return False
        if self._repository.run(course.id).status == "completed":
            course.results[job.name] = Result("cancelled" if course.cancelled else "failure")
        return True

    def _end(self, course: Course) -> None:
        """The run is over, and the next of its group begins."""
        self.courses.remove(course)
        following = [one for one in self.courses if one.group == course.group]
        if following and not any(one.begun for one in following):
            following[0].begun = True
        if course.kept and self._repository.run(course.id).status != "completed":
            self._repository.finish_run(course.id, course.conclusion)

    # For tests that go back

    def mark(self) -> Mark:
        """How far everything is; belongs to a snapshot of the embedded GitHub."""
        return Mark(tuple(_copy(course) for course in self.courses), self._heard, len(self.ran))

    def back(self, mark: Mark) -> None:
        """Everything as it was at that mark."""
        self.courses = [_copy(course) for course in mark.courses]
        self._heard = mark.heard
        del self.ran[mark.ran :]

    def _show(self, course: Course) -> None:
        """What the run's page shows: its jobs so far, and their logs."""
        if not course.kept:
            return
        shown = [ShownJob(name, result.conclusion) for name, result in course.results.items()]
        self._repository.set_jobs(course.id, *shown)
        for number, (job, text) in enumerate(self._logs(course), start=1):
            self._repository.set_log(course.id, f"{number}_{job}.txt", text)

    def _logs(self, course: Course) -> Iterator[tuple[str, str]]:
        for job in course.results:
            mine = [run.output for run in self.ran if (run.run_id, run.job) == (course.id, job)]
            if mine:
                yield job, "\n".join(mine)


def _is_played(path: str) -> bool:
    return path.startswith(FOLDER) or PurePosixPath(path).name == "action.yml"


def _copy(course: Course) -> Course:
    return replace(course, results=dict(course.results))
