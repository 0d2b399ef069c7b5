"""A rollback as runners play it, door after door, and everything that may come after a runner that was lost.

    story = play(production, [says("mia", "/rollback web"), approves("ann")])
    lost = story.kill(Point(story.doors[3], request=7, applied=True))
    goes_on(story, lost)
    settle(production)
    check(story)

A door is a step of a job that opens one of the product's entry points. A point is a request of it at which
its runner is lost: before the request, or after it took effect and before its answer came. What a read
answered changes nothing, so a read is lost once. Many points leave the very same world: `story.worlds()`
plays all of them, and gives each world once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from allclear.adapters.github.executions import Executions
from allclear.core.model.execution import Execution as Record
from allclear.core.model.operation import WORKFLOWS, Operation, OperationKind
from allclear.core.model.snapshot import Repository
from allclear.core.record.incident import Incident
from allclear_lab.github import Delivery, JobStep
from allclear_lab.runner.attempts import JobResult
from allclear_lab.runner.job_runner import RunnerLoss
from allclear_lab.runner.workflow_runner import FOLDER
from production.stage import Mark, Production
from proof.story import keys, panels

MOST = 60
"""Jobs of a story; one that has more goes round in circles."""

Deed = Callable[[Production], object]


@dataclass(frozen=True)
class Door:
    """A step that opened a door, the moment before its job, and which of its requests write."""

    name: str
    run: int
    job: str
    step: str
    before: Mark
    writes: tuple[bool, ...]


@dataclass(frozen=True)
class Point:
    """Where a runner is lost. ``request`` None: between the steps, before ``step``, or at its ``end``, when
    it did all it does and nobody heard of it. ``broken``: the deploy program was killed as well, after it had
    begun.
    """

    door: Door
    request: int | None
    applied: bool = False
    step: str = ""
    end: bool = False
    broken: bool = False

    def __str__(self) -> str:
        if self.request is None:
            when = "at the end of" if self.end else "before"
            return f"{self.door.name}: {when} {self.step}{', mid-deploy' if self.broken else ''}"
        when = "after" if self.applied else "before"
        return f"{self.door.name}: {when} request {self.request}{', mid-deploy' if self.broken else ''}"


@dataclass(frozen=True)
class Lost:
    """The world after a runner was lost, and which jobs of its run had gone well."""

    point: Point
    after: Mark
    good: Mapping[str, JobResult]
    key: tuple[object, ...]

    @property
    def run(self) -> int:
        return self.point.door.run


@dataclass
class Story:
    """A story in good weather. ``points``: how many were played so far."""

    production: Production
    deeds: Sequence[Deed]
    kind: OperationKind
    doors: list[Door] = field(default_factory=list)
    told: list[Delivery] = field(default_factory=list)
    points: int = 0

    @property
    def workflow(self) -> str:
        """The file of the operation's workflow."""
        return WORKFLOWS[self.kind]

    def all_points(self, door: Door) -> Iterator[Point]:
        """Every request of the door's step, and around it and around those that follow it."""
        if "." not in door.name:
            for step in self._steps(door):
                yield Point(door, None, step=step)
                yield Point(door, None, step=step, end=True)
        for request, writes in enumerate(door.writes):
            yield Point(door, request)
            if writes:
                yield Point(door, request, applied=True)

    def _steps(self, door: Door) -> Iterator[str]:
        """The door's step, and those behind it that open none."""
        others = {one.step for one in self.doors if one.job == door.job and one is not door}
        steps = [step for job, step in self.production.steps(self.workflow) if job == door.job]
        for step in steps[steps.index(door.step) :]:
            if step in others:
                return
            yield step

    def kill(self, point: Point) -> Lost:
        """Play the door's run up to the point, and nothing else."""
        production, door = self.production, point.door
        production.back(door.before)
        known = len(production.hub.requests)
        loss = RunnerLoss(
            door.job, point.step or door.step, point.request, point.applied, point.end, "nothing"
        )
        versions = dict(production.target.versions)
        if point.broken:
            production.target.versions.pop(production.releases["v41"])
        production.hosted.play(door.run, loss)
        production.target.versions.update(versions)
        assert production.hosted.runner.struck, str(point)
        (attempt,) = [one for one in production.hosted.attempts if one.id == door.run]
        good = {job: result for job, result in attempt.results.items() if result.conclusion == "success"}
        # A commit that no ref leads to is litter.
        applied = sum(
            one.mutating and one.applied and not one.path.endswith("/git/commits")
            for one in production.hub.requests[known:]
        )
        executed = production.target.executions()
        shown = shown_steps(production, door.run) if kept(production, door.run) else ()
        key = (door.name, applied, len(executed), production.target.runs, shown)
        return Lost(point, production.mark(), good, key)

    def worlds(self, door: Door) -> list[Lost]:
        """What there is after each of the door's points, each world once."""
        found: dict[tuple[object, ...], Lost] = {}
        points, executed = list(self.all_points(door)), len(door.before.executed)
        for point in points:
            lost = self.kill(point)
            found.setdefault(lost.key, lost)
            self.points += 1
            if len(lost.after.executed) > executed and point.end and not point.broken:
                # The deploy program had begun. Once more: it is killed as well, before it did anything.
                executed = len(lost.after.executed)
                points.append(replace(point, broken=True))
        return list(found.values())

    def operation(self) -> Operation:
        """The only operation of that kind."""
        (only,) = self.production.operations(self.kind)
        return only


def says(who: str, text: str) -> Deed:
    """Somebody comments; in a text, ``{name}`` is the newest operation."""

    def comment(production: Production) -> None:
        name = production.operations()[-1].id if production.operations() else ""
        production.room.clock.advance(10)
        production.room.people[who].comment(production.room.number, text.format(name=name))

    return comment


def approves(who: str) -> Deed:
    """A reviewer approves all that waits."""

    def approve(production: Production) -> None:
        production.room.clock.advance(30)
        for run in production.waiting():
            production.room.people[who].approve(run)

    return approve


def play(production: Production, deeds: Sequence[Deed], kind: OperationKind = "rollback") -> Story:
    """Play the deeds, each when nothing moves any more, and keep the moment before every job."""
    story = Story(production, deeds, kind)
    left = list(deeds)
    names: Counter[str] = Counter()
    for _ in range(MOST):
        production.hosted.hear()
        before, known = production.mark(), len(production.hub.deliveries)
        ran = production.hosted.step()
        if ran is None and left:
            left.pop(0)(production)
            story.told += production.hub.deliveries[known:]
        elif ran is None:
            break
        for one in ran or ():
            names[one.job] += 1
            name = one.step.lower() if one.door in ("rollback", "smoke") else f"{one.job}.{names[one.job]}"
            story.doors.append(Door(name, one.run_id, one.job, one.step, before, one.asked))
    return story


# What may come after a runner that was lost

After = Callable[[Story, Lost], None]


def goes_on(story: Story, lost: Lost) -> None:
    """GitHub notices it: the job failed, and what runs `always()` follows."""
    story.production.hosted.notice(lost.run)
    story.production.run_everything()


def goes_silent(story: Story, lost: Lost) -> None:
    """A sweep comes round before GitHub notices anything. Then nothing of the run ever runs again."""
    story.production.sweep(after=60)
    story.production.hosted.notice(lost.run, rest=False)
    story.production.run_everything()


def cancelled(story: Story, lost: Lost) -> None:
    """Somebody sees a run that does not move, and cancels it."""
    production = story.production
    production.room.people["mia"].cancel_run(lost.run)
    goes_on(story, lost)


def all_again(story: Story, lost: Lost) -> None:
    """Re-run all jobs (C8)."""
    goes_on(story, lost)
    _button(story, lost.run, {})


def failed_again(story: Story, lost: Lost) -> None:
    """Re-run failed jobs: those that had gone well are not run again, and what they said still stands."""
    goes_silent(story, lost)
    _button(story, lost.run, lost.good)
    if lost.run in story.production.runs_of():
        story.production.sweep(after=60)
        assert not story.operation().open, "it is told only when somebody approves the second attempt"


def replayed(story: Story, lost: Lost) -> None:
    """The same dispatches come once more, as runs of their own, while nobody misses the runner (P14)."""
    _dispatches(story.production)
    story.production.run_everything()
    goes_on(story, lost)


def told_twice(story: Story, lost: Lost) -> None:
    """GitHub delivers the events of the people's deeds once more (P3)."""
    story.production.hosted.hear()
    for delivery in story.told:
        story.production.hosted.receive(delivery)
    goes_silent(story, lost)


def afters(story: Story, door: Door) -> tuple[After, ...]:
    """What may come after a loss in this run. The run of an issue event is not played as one that has a page
    with buttons: it comes again with its event.
    """
    buttons = (cancelled, all_again, failed_again) if kept(story.production, door.run) else ()
    return goes_on, goes_silent, replayed, told_twice, *buttons


def shown_steps(production: Production, run: int) -> tuple[tuple[str, str], ...]:
    """What the page of a run says of the steps so far: their names, and how far each is."""
    jobs = production.room.repo.run(run).jobs
    steps = [step for job in jobs for step in job.steps if isinstance(step, JobStep)]
    return tuple((step.name, step.conclusion or step.status) for step in steps)


def kept(production: Production, run: int) -> bool:
    """Whether GitHub shows the run: those of issue events are not played as runs."""
    return any(one.id == run for one in production.room.repo.runs())


def _button(story: Story, run: int, good: Mapping[str, JobResult]) -> None:
    production = story.production
    production.room.people["mia"].rerun(run)
    production.hosted.hear()
    attempt = [one for one in production.hosted.attempts if one.id == run][-1]
    attempt.results.update(good)
    production.run_everything()


def _dispatches(production: Production) -> None:
    for run in production.room.repo.runs():
        if run.path == f"{FOLDER}rollback-production.yml":
            production.room.people["mia"].dispatch("rollback-production.yml", dict(run.inputs))


def settle(production: Production) -> None:
    """Two sweeps in good weather, and reviewers who approve whatever waits for them; ann, or mia what ann
    started.
    """
    room = production.room
    for _ in range(2):
        production.sweep(after=60)
        while production.waiting():
            room.clock.advance(30)
            for run in production.waiting():
                own = room.repo.run(run).actor_id == room.people["ann"].id
                room.people["mia" if own else "ann"].approve(run)
            production.run_everything()


def record(production: Production, operation: str) -> Record | None:
    """What stands in git of the operation."""
    room = production.room
    token = room.hub.actions_token(room.repo, permissions={"contents": "read"})
    client = room.client(token)
    repository = Repository(room.repo.id, "acme/shop", "https://github.com/acme/shop")
    held = Executions(client, repository).read(room.number, operation)
    return held.execution if held else None


CALM = ("failed", "refused", "expired", "cancelled")
"""How what was not begun ends."""


def check(story: Story) -> tuple[str, int]:
    """It was executed once at most, and people can see how it ended. Its end, and how often it was begun."""
    production = story.production
    incident = production.room.incident
    (operation,) = [one for one in incident.production.operations.values() if one.kind == story.kind]
    written = record(production, operation.id)
    starts = Counter(one.operation for one in production.target.executions())
    assert set(starts.values()) <= {1}, "executed twice"
    assert not operation.open, "nobody hears how it ended"
    assert starts.keys() <= {operation.id}
    assert written is None or written.attempt == 1, "a second attempt of a run took part"
    if written is not None and written.executed:
        assert operation.outcome == "done", "the result was lost"
    elif written is not None and (acts := said(production, written.run)) is not None:
        # Its step had begun, and nobody heard from it but what the run's page says.
        assert operation.outcome == ("done" if acts == "success" else "unknown"), acts
    else:
        assert not starts
        assert operation.outcome in CALM, (operation.outcome, operation.text)
    shown(production, incident, operation)
    return str(operation.outcome), len(starts)


def said(production: Production, run: int) -> str | None:
    """What the page of a run's first attempt says of the step that acts; None when it did not begin."""
    seen = production.room.repo.run(run)
    first = [*seen.earlier, seen][0]
    steps = [step for job in first.jobs for step in job.steps if isinstance(step, JobStep)]
    acts = [step for step in steps if step.name == "Act" and step.conclusion != "skipped"]
    return next((step.conclusion or "" for step in acts if step.started is not None), None)


def verified(production: Production) -> bool:
    """Whether the panel's box is ticked, which opens the gate of `/resolve`."""
    return "- [x] Verification completed" in production.room.panel.body


def passed(incident: Incident) -> bool:
    """Whether a smoke run passed, and the record has it."""
    return any(one.smoke is not None and one.smoke.passed for one in incident.production.operations.values())


def shown(production: Production, incident: Incident, operation: Operation) -> None:
    """What people see: one panel, no entry twice, and a page when somebody has to look."""
    room = production.room
    assert len(panels(room)) == 1
    assert len(keys(room)) == len(set(keys(room))), Counter(keys(room)).most_common(1)
    assert operation.id in room.panel.body
    fixed = incident.reached("mitigated") is not None
    assert verified(production) is (fixed and passed(incident))
    if operation.outcome == "unknown":
        assert "outcome unknown" in room.panel.body
    if operation.outcome in ("unknown", "failed"):
        (told,) = [one.body for one in room.replies if f'"o:{operation.id}:ended"' in one.body]
        assert "@bob" in told.partition("-->")[2], "nobody is paged"
    assert room.hub.violations == []
