"""The stage: a repository in the embedded GitHub, its people, and the doors that its workflows would open."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from allclear import app
from allclear.adapters.files.settings import load_policy
from allclear.core.model.times import utc
from allclear.core.policy.runbook import Runbook
from allclear.core.view.labels import INCIDENT_LABEL, catalogue
from allclear_lab.drill.deeds import Hands
from allclear_lab.drill.endings import ending
from allclear_lab.drill.expectations import after_step
from allclear_lab.drill.moments import Change, Moment, Record, Subject
from allclear_lab.drill.outline import ScriptError
from allclear_lab.drill.script import Actor, Play, Scene
from allclear_lab.drill.target import Target, Version
from allclear_lab.drill.watch import Watch, what_changed
from allclear_lab.github import Delivery, GitHub, SimClock
from allclear_lab.github.issues.label_acts import make_label
from allclear_lab.runner.hosted import FOLDER, Hosted
from allclear_lab.runner.machine import Door, Machine
from allclear_lab.runner.runs import Run
from allclear_lab.runner.workflows import opens_a_door

DOORS: Mapping[str, Door] = {
    "respond": app.respond,
    "sweep": app.sweep,
    "postmortem": app.postmortem,
    "hotfix": app.hotfix,
    "rollback": app.rollback,
    "smoke": app.smoke,
    "evidence": app.evidence,
}
"""The product's own entry points, by the names of their scripts."""

SERVER = "https://github.example"
"""Where links lead: nowhere, since there is no such GitHub.
The transcript turns them into places on its page.
"""

PASSES = 60
"""Dispatches may start dispatches; a drill in which so many jobs follow each other is broken."""


@dataclass(frozen=True, slots=True)
class House:
    """What a stage needs of the product: its entry points by name (respond, sweep, postmortem), the folder
    with its texts and runbooks, that with its workflow files, and the action that they use.
    """

    doors: Mapping[str, Door]
    templates: Path
    workflows: Path
    action: Path


class Stage:
    """Plays one script in ``folder``, an empty one, for the checkout and the events."""

    def __init__(self, play: Play, house: House, folder: Path, *, seed: int = 0, runbook: str = "") -> None:
        self.play = play
        self.checkout = folder / "checkout"
        self._house, self._folder, self._runbook = house, folder, runbook
        self._clock = SimClock(utc(play.script.start))
        self._hub = GitHub(clock=self._clock, seed=seed, server_url=SERVER)
        self._events_seen = 0
        self._issue: int | None = None

    @property
    def colors(self) -> Mapping[str, str]:
        """The colour of every label there is so far."""
        return self._watch.colors()

    def perform(self) -> Iterator[Moment]:
        """Play scene after scene, and the sweeps between them. Afterwards ``record`` has it all."""
        script = self.play.script
        with ExitStack() as stack:
            stack.enter_context(self._hub)
            self._build()
            policy = load_policy(self._furnish(self._produce(stack)))
            self._label(policy.runbook)
            moments = []
            swept = utc(script.start)
            for scene in self.play.scenes:
                while swept + script.sweep < scene.at:
                    swept += script.sweep
                    moments.append(self._sweep(swept))
                    yield moments[-1]
                moments.append(self._act(scene))
                yield moments[-1]
            issue = self._look()
            if issue is None:
                raise ScriptError(
                    [f"{self.play.path}, line {self.play.scenes[0].line}: nobody opened an issue"]
                )
            finished = ending(self.play, self._watch, issue, policy.runbook, self._clock.now())
        self.record = Record(
            self.play,
            policy.settings.zone or policy.runbook.zone,
            self._watch.colors(),
            tuple(moments),
            finished,
        )

    def _build(self) -> None:
        """The repository with its workflow files, and its people."""
        script = self.play.script
        if script.production is not None:
            self._clock.set(utc(script.production.releases[0].at))
        self._repository = self._hub.create_repository(script.repository, organization=True)
        self._repository.put_file("README.md", f"# {script.repository}\n")
        for file in sorted(self._house.workflows.glob("*.yml")):
            text = file.read_text(encoding="utf-8")
            if opens_a_door(text):
                self._repository.put_file(FOLDER + file.name, text)
        self._repository.put_file("action.yml", self._house.action.read_text(encoding="utf-8"))
        self._watch = Watch(self._repository)
        self._hands = Hands(self._hub, self._repository, self._watch, script.people)
        machine = Machine(self._house.doors, self.checkout, self._folder, self._wait)
        self._hosted = Hosted(self._hub, self._repository, machine)

    def _produce(self, stack: ExitStack) -> str:
        """What was deployed before, and the service that runs; its address, "" without one."""
        self.checkout.mkdir(parents=True)
        production = self.play.script.production
        if production is None:
            return ""
        target = stack.enter_context(Target(self.checkout))
        for one in production.releases:
            self._clock.set(utc(one.at))
            sha = self._hands.push(one)
            self._repository.deploy(sha, production.environment, payload={"version": one.name})
            version = Version(one.name, healthy=one.healthy, errors=one.errors, p95=one.p95)
            # A provider may call a release by its commit or by its name.
            for word in (sha, one.name):
                target.release(word, version)
        self._clock.set(utc(self.play.script.start))
        self._hands.guard(production.environment, production.reviewers)
        return target.address

    def _furnish(self, address: str) -> Path:
        """What a workflow's checkout holds: the settings of the script with its people, and the templates."""
        script = self.play.script
        titles: dict[str, list[str]] = {}
        for actor in script.people:
            for title in actor.titles:
                titles.setdefault(title, []).append(actor.login)
        settings = {"people": titles} | _filled(script.settings, address)
        settings |= {"runbook": self._runbook} if self._runbook else {}
        (self.checkout / ".github").mkdir()
        (self.checkout / ".github" / "allclear.yml").write_text(
            yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        shutil.copytree(self._house.templates, self.checkout / "templates")
        return self.checkout

    def _label(self, runbook: Runbook) -> None:
        """What a repository has before its first incident: forms and `gh` only set labels that exist."""
        wanted = {INCIDENT_LABEL, *(runbook.label(severity) for severity in runbook.severities)}
        with self._hub.turn():
            owner = self._hub.person_actor(self._repository.state.owner_id)
            for label in catalogue(runbook):
                if label.name in wanted:
                    more = {"color": label.color, "description": label.description}
                    make_label(self._hub, self._repository.state, owner, label.name, **more)
        self._events_seen = len(self._hub.deliveries)
        self._hosted.ignore()

    def _look(self) -> Subject | None:
        return self._watch.issue(self._issue) if self._issue else None

    def _act(self, scene: Scene) -> Moment:
        self._clock.set(max(scene.at, self._clock.now()))
        before = self._look()
        at = self._clock.now()
        came = self._hands.do(scene, before)
        self._issue = self._issue or came.issue
        between = self._look()
        moment = Moment(at, scene, self._actor(scene))
        if came.trouble:
            moment = replace(moment, missed=(f"{self._place(moment)}: {came.trouble}",))
        moment = self._answer(moment, before, between)
        moment = replace(moment, deed=(*moment.deed, *came.changes))
        return replace(moment, missed=(*moment.missed, *after_step(self.play, scene, moment, self._look())))

    def _sweep(self, at: datetime) -> Moment:
        self._clock.set(max(at, self._clock.now()))
        before = self._look()
        self._hub.schedule("sweep.yml")
        return self._answer(Moment(self._clock.now(), None, None), before, before)

    def _actor(self, scene: Scene) -> Actor | None:
        who = getattr(scene.step, "who", "")
        return self.play.actor(who) if who else None

    def _answer(self, moment: Moment, before: Subject | None, between: Subject | None) -> Moment:
        """Let the doors run for everything that was delivered, then see what became of the issue."""
        said, deed, _ = what_changed(before, between, moment.actor.login if moment.actor else "")
        pulls_before = self._watch.pulls()
        events, runs = self._pump()
        after = self._look()
        replies, answer, panel = what_changed(between, after, "")
        opened = [pull for pull in self._watch.pulls() if pull.number not in {p.number for p in pulls_before}]
        answer = (
            *answer,
            *(Change("", True, "opened", f"pull request #{pull.number}: {pull.title}") for pull in opened),
        )
        failed = tuple(
            f"{self._place(moment)}: `{run.door}` ended with {run.code} on {run.event}: {_last(run.output)}"
            for run in runs
            if run.code and not (moment.scene and moment.scene.step.expect.fails)
        )
        broken = tuple(
            f"{self._place(moment)}: GitHub would not know this: {what}" for what in self._violations()
        )
        return replace(
            moment,
            said=said,
            deed=deed,
            replies=replies,
            answer=answer,
            panel=panel,
            events=events,
            runs=runs,
            missed=(*moment.missed, *failed, *broken),
        )

    def _place(self, moment: Moment) -> str:
        if moment.scene is None:
            return f"sweep at {moment.at:%H:%M}"
        return f"step {moment.scene.number} ({self.play.path}, line {moment.scene.line})"

    def _violations(self) -> list[str]:
        found = list(self._hub.violations)
        self._hub.violations.clear()
        return found

    def _pump(self) -> tuple[tuple[str, ...], tuple[Run, ...]]:
        """Let the runners work until everything has ended, or waits for people."""
        runs: list[Run] = []
        for _ in range(PASSES):
            ran = self._hosted.step()
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


def _filled(value: Any, address: str) -> Any:
    """Settings with the address of the drill's production in them."""
    if isinstance(value, dict):
        return {key: _filled(one, address) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, address) for one in value]
    return value.replace("{production}", address) if isinstance(value, str) else value


def _last(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "nothing was printed"
