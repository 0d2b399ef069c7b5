"""Plays a script: step after step, sweeps between them, and what comes of each, as data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from allclear.core.model.times import utc
from allclear.core.postmortem.verdict import CONTEXT
from allclear_lab.drill.ending import ending
from allclear_lab.drill.expectations import after_step
from allclear_lab.drill.moments import DrillRecord, Moment, SeenChange, SeenIssue, SeenPull
from allclear_lab.drill.observer import said_elsewhere, what_changed
from allclear_lab.drill.outline import ScriptError
from allclear_lab.drill.repository import ProductFiles, ScriptedRepository
from allclear_lab.drill.script import ScriptPerson, TimedScript, TimedStep
from allclear_lab.drill.steps import WaitStep
from allclear_lab.github import Delivery, GitHub, SimClock
from allclear_lab.runner.job_runner import RunnerSetup
from allclear_lab.runner.step_runs import StepRun

SERVER = "https://github.example"
"""Where links lead: nowhere, since there is no such GitHub.
The transcript turns them into places on its page.
"""

PASSES = 60
"""Dispatches may start dispatches; a drill in which so many jobs follow each other is broken."""


class DrillPlayer:
    """Plays one script in ``folder``, an empty one, for the checkout and the events."""

    def __init__(
        self, play: TimedScript, product: ProductFiles, folder: Path, *, seed: int = 0, runbook: str = ""
    ) -> None:
        self.play = play
        self._product, self._folder, self._runbook = product, folder, runbook
        self._clock = SimClock(utc(play.script.start))
        self._hub = GitHub(clock=self._clock, seed=seed, server_url=SERVER, limits_writes=True)
        self._events_seen = 0
        self._issue: int | None = None

    @property
    def colors(self) -> Mapping[str, str]:
        """The colour of every label there is so far."""
        return self._repository.observer.colors()

    @property
    def pulls(self) -> tuple[SeenPull, ...]:
        """The pull requests as they are now."""
        return self._repository.observer.pulls()

    def run(self) -> Iterator[Moment]:
        """Play step after step, and the sweeps between them. Afterwards ``record`` has it all."""
        script = self.play.script
        with ExitStack() as stack:
            stack.enter_context(self._hub)
            setup = RunnerSetup(self._product.doors, self._folder / "checkout", self._folder, self._wait)
            self._repository = ScriptedRepository(
                script, self._product, self._hub, setup, stack, runbook=self._runbook
            )
            self._events_seen = len(self._hub.deliveries)
            policy = self._repository.policy
            moments = []
            swept = utc(script.start)
            for timed in self.play.timed_steps:
                own = timed.step.sweep if isinstance(timed.step, WaitStep) else None
                apart = own or script.sweep
                while swept + apart < timed.at:
                    swept += apart
                    moments.append(self._sweep(swept))
                    yield moments[-1]
                # After a wait with rarer sweeps of its own none is made up for.
                if own:
                    swept += (timed.at - swept) // script.sweep * script.sweep
                moments.append(self._act(timed))
                yield moments[-1]
            issue = self._look()
            if issue is None:
                raise ScriptError(
                    [f"{self.play.path}, line {self.play.timed_steps[0].line}: nobody opened an issue"]
                )
            finished = ending(self.play, self._repository.observer, issue, policy.runbook, self._clock.now())
        self.record = DrillRecord(
            self.play,
            policy.settings.zone or policy.runbook.zone,
            self._repository.observer.colors(),
            tuple(moments),
            finished,
        )

    def _look(self) -> SeenIssue | None:
        return self._repository.observer.issue(self._issue) if self._issue else None

    def _act(self, timed: TimedStep) -> Moment:
        self._clock.set(max(timed.at, self._clock.now()))
        before = self._look()
        at = self._clock.now()
        came = self._repository.people.do(timed, before)
        if isinstance(timed.step, WaitStep):
            # What the clock says at this minute is said in this step, so that it can be expected.
            self._hub.schedule("sweep.yml")
        self._issue = self._issue or came.issue
        between = self._look()
        moment = Moment(at, timed, self._actor(timed))
        if came.trouble:
            moment = replace(moment, missed=(f"{self._place(moment)}: {came.trouble}",))
        moment = self._answer(moment, before, between)
        moment = replace(moment, changes=(*moment.changes, *came.changes))
        return replace(
            moment,
            missed=(*moment.missed, *after_step(self.play, timed, moment, self._look(), self._check())),
        )

    def _check(self) -> str:
        """What the check of the post-mortem says on its newest pull request; empty where it says nothing."""
        pulls = self._repository.observer.pulls()
        checks = pulls[-1].statuses if pulls else ()
        return next((one.state for one in checks if one.context == CONTEXT), "")

    def _sweep(self, at: datetime) -> Moment:
        self._clock.set(max(at, self._clock.now()))
        before = self._look()
        self._hub.schedule("sweep.yml")
        return self._answer(Moment(self._clock.now(), None, None), before, before)

    def _actor(self, timed: TimedStep) -> ScriptPerson | None:
        who = getattr(timed.step, "who", "")
        return self.play.actor(who) if who else None

    def _answer(self, moment: Moment, before: SeenIssue | None, between: SeenIssue | None) -> Moment:
        """Let the doors run for everything that was delivered, then see what became of the issue."""
        said, changes, _ = what_changed(before, between, moment.actor.login if moment.actor else "")
        watch = self._repository.observer
        pulls_before = {pull.number for pull in watch.pulls()}
        others_before = watch.others(self._issue)
        events, runs = self._pump()
        after = self._look()
        replies, answer, panel = what_changed(between, after, "")
        opened = [pull for pull in watch.pulls() if pull.number not in pulls_before]
        answer = (
            *answer,
            *(
                SeenChange("", True, "opened", f"pull request #{pull.number}: {pull.title}")
                for pull in opened
            ),
            *said_elsewhere(others_before, watch.others(self._issue)),
        )
        failed = tuple(
            f"{self._place(moment)}: `{run.door}` ended with {run.code} on {run.event}: {_last(run.output)}"
            for run in runs
            if run.code and not (moment.timed and moment.timed.step.expect.fails)
        )
        broken = tuple(
            f"{self._place(moment)}: GitHub would not know this: {what}" for what in self._violations()
        )
        return replace(
            moment,
            said=said,
            changes=changes,
            replies=replies,
            answer=answer,
            panel=panel,
            events=events,
            runs=runs,
            missed=(*moment.missed, *failed, *broken),
        )

    def _place(self, moment: Moment) -> str:
        if moment.timed is None:
            return f"sweep at {moment.at:%H:%M}"
        return f"step {moment.timed.number} ({self.play.path}, line {moment.timed.line})"

    def _violations(self) -> list[str]:
        found = list(self._hub.violations)
        self._hub.violations.clear()
        return found

    def _pump(self) -> tuple[tuple[str, ...], tuple[StepRun, ...]]:
        """Let the runners work until everything has ended, or waits for people."""
        runs: list[StepRun] = []
        for _ in range(PASSES):
            ran = self._repository.runner.step()
            if ran is None:
                fresh = self._hub.deliveries[self._events_seen :]
                self._events_seen = len(self._hub.deliveries)
                return tuple(map(_named, fresh)), tuple(runs)
            runs += ran
        last = ", ".join(map(_named, self._hub.deliveries[-6:]))
        raise RuntimeError(f"workflows start each other without end: {last}")

    def _wait(self, seconds: float) -> None:
        """What a door sleeps passes on the simulated clock only."""
        self._clock.advance(timedelta(seconds=math.ceil(seconds)))


def _named(delivery: Delivery) -> str:
    return f"{delivery.event}.{delivery.action}" if delivery.action else delivery.event


def _last(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "nothing was printed"
