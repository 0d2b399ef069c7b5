"""The stage: a repository in the embedded GitHub, its people, and the doors that its workflows would open."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import yaml

from allclear.adapters.settings import load_policy
from allclear.core.clock import utc
from allclear.core.labels import INCIDENT_LABEL, catalogue
from allclear.core.runbook import Runbook
from allclear.drill.deeds import Hands
from allclear.drill.endings import ending
from allclear.drill.expectations import after_step
from allclear.drill.moments import Change, Moment, Record, Run, Subject
from allclear.drill.outline import ScriptError
from allclear.drill.script import Actor, Play, Scene
from allclear.drill.watch import Watch, what_changed
from allclear.sandbox import Delivery, GitHub, SimClock
from allclear.sandbox.label_acts import make_label


class Door(Protocol):
    """An entry point of the product, as scripts/*.py call it: the environment in, the exit code out."""

    def __call__(
        self, env: Mapping[str, str], *, sleep: Callable[[float], None], out: Callable[[str], None]
    ) -> int:
        """Run it."""
        ...


RIGHTS: Mapping[str, Mapping[str, str]] = {
    "respond": {"actions": "write", "contents": "read", "deployments": "read", "issues": "write"},
    "sweep": {"actions": "write", "contents": "read", "deployments": "read", "issues": "write"},
    "postmortem": {"contents": "write", "issues": "write", "pull-requests": "write"},
}
"""The token of each door: at most what the ``permissions`` of its workflow give it."""

RUNNER = timedelta(seconds=8)
"""How long a runner takes to start: the reply is written so much after the comment."""

SERVER = "https://github.example"
"""Where links lead: nowhere, since there is no such GitHub.
The transcript turns them into places on its page.
"""

PASSES = 20
"""Dispatches may start dispatches; a drill in which this many follow each other is broken."""


@dataclass(frozen=True, slots=True)
class House:
    """What a stage needs of the product: its entry points by name (respond, sweep, postmortem), and the
    folder with
    its texts and runbooks.
    """

    doors: Mapping[str, Door]
    templates: Path


class Stage:
    """Plays one script in ``folder``, an empty one, for the checkout and the events."""

    def __init__(self, play: Play, house: House, folder: Path, *, seed: int = 0, runbook: str = "") -> None:
        self.play = play
        self._doors = house.doors
        self._folder = folder
        self._clock = SimClock(utc(play.script.start))
        self._hub = GitHub(clock=self._clock, seed=seed, server_url=SERVER)
        self._events_seen = self._runs = 0
        self._issue: int | None = None
        self.checkout = folder / "checkout"
        self._furnish(house.templates, runbook)

    @property
    def colors(self) -> Mapping[str, str]:
        """The colour of every label there is so far."""
        return self._watch.colors()

    def _furnish(self, templates: Path, runbook: str) -> None:
        """What a workflow's checkout holds: the settings of the script with its people, and the templates."""
        script = self.play.script
        titles: dict[str, list[str]] = {}
        for actor in script.people:
            for title in actor.titles:
                titles.setdefault(title, []).append(actor.login)
        settings = {"people": titles} | script.settings | ({"runbook": runbook} if runbook else {})
        (self.checkout / ".github").mkdir(parents=True)
        (self.checkout / ".github" / "allclear.yml").write_text(
            yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        shutil.copytree(templates, self.checkout / "templates")

    def perform(self) -> Iterator[Moment]:
        """Play scene after scene, and the sweeps between them. Afterwards ``record`` has it all."""
        script = self.play.script
        policy = load_policy(self.checkout)
        with self._hub:
            self._repository = self._hub.create_repository(script.repository, organization=True)
            self._repository.put_file("README.md", f"# {script.repository}\n")
            self._watch = Watch(self._repository)
            self._hands = Hands(self._hub, self._repository, self._watch, script.people)
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
            if run.code
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
        """Run the doors until nothing new is delivered.

        A concurrency group keeps one run and one waiting: of several events at once the first runs, and the
        last, which
        looks at everything the others would have seen.
        """
        events: list[str] = []
        runs: list[Run] = []
        for _ in range(PASSES):
            fresh = self._hub.deliveries[self._events_seen :]
            self._events_seen = len(self._hub.deliveries)
            if not fresh:
                return tuple(events), tuple(runs)
            events += [_named(delivery) for delivery in fresh]
            wanted = [delivery for delivery in fresh if door_of(delivery)]
            for delivery in dict.fromkeys((0, len(wanted) - 1)) if wanted else ():
                runs += self._enter(wanted[delivery])
        raise RuntimeError(f"workflows start each other without end: {', '.join(events[-6:])}")

    def _enter(self, delivery: Delivery) -> Iterator[Run]:
        """One workflow run: the door, and the post-mortem job when the door asks for it."""
        door = door_of(delivery)
        self._clock.advance(RUNNER)
        run, output = self._open(door, delivery, {})
        yield run
        wanted = output.get("postmortem", "")
        if wanted not in ("", "[]") and door != "postmortem":
            self._clock.advance(RUNNER)
            yield self._open("postmortem", delivery, {"ALLCLEAR_ISSUES": wanted})[0]

    def _open(self, door: str, delivery: Delivery, more: Mapping[str, str]) -> tuple[Run, dict[str, str]]:
        self._runs += 1
        run = self._folder / f"run-{self._runs}"
        run.mkdir()
        (run / "event.json").write_text(json.dumps(delivery.payload), encoding="utf-8")
        for name in ("output", "summary"):
            (run / name).touch()
        script = self.play.script
        env = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": delivery.event,
            "GITHUB_EVENT_PATH": str(run / "event.json"),
            "GITHUB_REPOSITORY": script.repository,
            "GITHUB_REPOSITORY_ID": str(self._repository.id),
            "GITHUB_API_URL": self._hub.api_url,
            "GITHUB_SERVER_URL": self._hub.server_url,
            "GITHUB_TOKEN": self._hub.actions_token(self._repository, permissions=dict(RIGHTS[door])),
            "GITHUB_RUN_ID": str(1000 + self._runs),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_ACTOR": delivery.actor_login,
            "GITHUB_WORKFLOW": door,
            "GITHUB_WORKSPACE": str(self.checkout),
            "GITHUB_OUTPUT": str(run / "output"),
            "GITHUB_STEP_SUMMARY": str(run / "summary"),
            **more,
        }
        asked = len(self._hub.requests)
        words: list[str] = []
        begun = time.perf_counter()
        code = self._doors[door](env, sleep=self._wait, out=words.append)
        took = time.perf_counter() - begun
        requests = self._hub.requests[asked:]
        writes = sum(1 for request in requests if request.mutating)
        done = Run(door, _named(delivery), code, len(requests) - writes, writes, took, "\n".join(words))
        return done, _outputs((run / "output").read_text(encoding="utf-8"))

    def _wait(self, seconds: float) -> None:
        """What a door sleeps passes on the simulated clock only."""
        self._clock.advance(timedelta(seconds=math.ceil(seconds)))


def door_of(delivery: Delivery) -> str:
    """The workflow that the event starts, "" for none: issues and comments respond, the schedule sweeps."""
    if delivery.event in ("issues", "issue_comment"):
        return "" if delivery.payload.get("issue", {}).get("pull_request") else "respond"
    if delivery.event == "schedule":
        return "sweep"
    if delivery.event == "workflow_dispatch":
        name = Path(str(delivery.payload.get("workflow", ""))).stem
        return name if name in RIGHTS else ""
    return ""


def _named(delivery: Delivery) -> str:
    return f"{delivery.event}.{delivery.action}" if delivery.action else delivery.event


def _outputs(text: str) -> dict[str, str]:
    """The ``name=value`` lines of GITHUB_OUTPUT."""
    return {name: value for name, _, value in (line.partition("=") for line in text.splitlines())}


def _last(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "nothing was printed"
