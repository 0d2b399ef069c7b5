"""Plays a script of a drill over an issue in memory, and writes down what people see: who is told, what is
said, labels, and when.

The clock stops wherever something is due, so that a week takes no longer than an hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

import written
from allclear.adapters.files.strict_yaml import load
from allclear.core.clock.deadlines import due, timers
from allclear.core.model.authored import read_authored
from allclear.core.model.effects import (
    AddLabels,
    Assign,
    Close,
    Dispatch,
    Effect,
    React,
    RemoveLabel,
    Reopen,
    Reply,
)
from allclear.core.model.operation import WORKFLOWS
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import ReportPlace, ReportSeen
from allclear.core.model.snapshot import Closer, PullEnd, Snapshot
from allclear.core.model.structs import replace
from allclear.core.model.times import utc
from allclear.core.plan.plan import Plan
from allclear.core.policy.settings import Settings
from allclear.core.postmortem.document import write
from allclear.core.postmortem.writeup import record_opening
from allclear.core.production import hotfix
from allclear.core.production.watching import scheduled
from allclear.core.record.incident import Incident
from allclear.core.record.postmortem import PostmortemOpened
from allclear.core.record.production import HotfixOpened
from allclear_lab.drill.script import Script, TimedScript, TimedStep, read_script
from allclear_lab.drill.steps import (
    CommentStep,
    FormStep,
    LabelStep,
    MergeStep,
    OpenStep,
    StateStep,
    TickStep,
    WaitStep,
)
from core.issue_desk import IssueDesk
from core.postmortem.mending import mended
from incidents.production import RUN, UNDER_WAY, Production
from stories import ISSUE_URL, RENDERER, REPOSITORY

LATE = "<sub>This was due at"
MANY = 4
"""So many repetitions are told by the first and the last."""

GRID = timedelta(minutes=10)
"""How often it is looked whether anything is due, beside the times that are known before."""

LONGEST = timedelta(days=120)
"""An incident with its follow-ups."""

HOTFIX, POSTMORTEM = 899, 900
"""The numbers of their pull requests."""

BY_HAND = Closer(datetime(2100, 1, 1, tzinfo=UTC))
RIGHTS = {"none": Rights.NONE} | {one.name.lower(): one for one in Rights}
HIDDEN = re.compile(r"<!--.*?-->\n?", re.DOTALL)
FOLDED = re.compile(r"<details><summary>(.*?)</summary>.*?</details>", re.DOTALL)
CODE = re.compile(r"`[^`]*`")
MENTION = re.compile(r"(?<![\w/])@([a-z0-9-]+)")


def shown(body: str) -> str:
    """What GitHub shows of a comment; of what is folded, the line that unfolds it."""
    return FOLDED.sub(r"(folded: \1)", HIDDEN.sub("", body)).strip()


def pull_url(number: int) -> str:
    """The address of a pull request."""
    return f"{REPOSITORY.url}/pull/{number}"


@dataclass
class Scene(IssueDesk):
    """The issue of one script. ``blocks``: what people saw, by the time at which they saw it."""

    begun: datetime = field(kw_only=True)
    cast: Mapping[str, Person] = field(kw_only=True)
    production: Production = field(kw_only=True)
    blocks: list[tuple[str, list[str]]] = field(default_factory=list)
    opened: bool = False
    report: str = ""

    @property
    def snapshot(self) -> Snapshot:
        """As the desk has it, opened when the script says so."""
        seen = super().snapshot
        return replace(seen, issue=replace(seen.issue, created_at=self.begun))

    # -- what is written down

    def write_down(self, text: str) -> None:
        """Lines of the transcript, under the time of now."""
        stamp = f"{self.now.astimezone(ZoneInfo(self.runbook.zone)):%a %Y-%m-%d %H:%M %Z}"
        if not self.blocks or stamp != self.blocks[-1][0]:
            self.blocks.append((stamp, []))
        self.blocks[-1][1].extend(f"  {line}".rstrip() for line in text.split("\n"))

    def _do(self, effect: Effect) -> None:
        if isinstance(effect, Assign):
            self.assignees += tuple(self.cast[login] for login in effect.logins)
        else:
            super()._do(effect)
        match effect:
            case Reply():
                self._said(shown(effect.body))
            case AddLabels():
                self.write_down(f"labels: {' '.join(f'+{name}' for name in effect.names)}")
            case RemoveLabel():
                self.write_down(f"labels: -{effect.name}")
            case Assign():
                self.write_down(f"assigned: {', '.join(effect.logins)}")
            case React():
                self.write_down(f"reaction: {effect.content}")
            case Close() | Reopen():
                self.write_down(f"the issue is {'closed' if isinstance(effect, Close) else 'open again'}")
            case Dispatch():
                self._begin(effect)
            case _:
                pass

    def _said(self, text: str) -> None:
        self.write_down("\n".join(f"| {line}".rstrip() for line in text.split("\n")))
        told = dict.fromkeys(MENTION.findall(CODE.sub("", text)))
        if told:
            self.write_down(f"told: {', '.join(told)}")

    def _begin(self, effect: Dispatch) -> None:
        if effect.workflow != WORKFLOWS["smoke"]:
            target = dict(effect.inputs).get("target", "")
            self.write_down(f"started: {effect.workflow} {target}".rstrip())
        self.production.ending[effect.operation] = self.now + RUN
        self.operations[effect.operation] = UNDER_WAY

    # -- passes

    def wake(self) -> Plan:
        """A pass, with the jobs that it starts."""
        plan = self.run()
        if plan.hotfix or plan.postmortem:
            reply = self._open_hotfix(plan) if plan.hotfix else self._write_report(plan)
            if reply is not None:
                self._do(reply)
            plan = self.run()
        return plan

    def _open_hotfix(self, plan: Plan) -> Reply:
        name = hotfix.branch(plan.incident.number, hotfix.attempt(plan.incident))
        opened = HotfixOpened(branch=name, base="main", url=pull_url(HOTFIX), pull=HOTFIX)
        return hotfix.record_opening(
            plan.incident, plan.record, opened, "", self.policy, REPOSITORY, self.now
        )

    def _write_report(self, plan: Plan) -> Reply | None:
        done = write(
            plan.incident,
            self.runbook,
            self.settings,
            existing=self.report or None,
            taken=frozenset(),
            renderer=RENDERER,
            zone=ZoneInfo(self.runbook.zone),
            repository=REPOSITORY.name,
            issue_url=ISSUE_URL,
            now=self.now,
        )
        self.report = done.text
        opened = PostmortemOpened(
            path=done.path, branch=done.branch, url=pull_url(POSTMORTEM), pull=POSTMORTEM
        )
        return record_opening(plan.incident, plan.record, opened, "", self.policy, REPOSITORY, self.now)

    def until(self, end: datetime) -> None:
        """Let the clock run, with a pass wherever something is due; nothing that was said is due again."""
        incident = self.plan().incident
        while self.opened and self.now < end:
            self.now = min(self._next(incident, end), end)
            self._end_operations(incident)
            incident = self.wake().incident
            assert not due(incident, self.runbook, self.now), f"said, and due all the same: {self.now}"
        self.now = end

    def _next(self, incident: Incident, end: datetime) -> datetime:
        """When a pass has something to say, or an operation ends."""
        known = [one.due for one in timers(incident, self.runbook, self.now) if one.due > self.now]
        known += [at for at in self.production.ending.values() if at > self.now]
        first = min([end, *known])
        at = self.now
        while (at := at + GRID) < first:
            if due(incident, self.runbook, at) or self._watched(incident, at) - self.operations.keys():
                return at
        return first

    def _watched(self, incident: Incident, at: datetime) -> set[str]:
        return {one.id for one in scheduled(incident, self.runbook, self.settings, REPOSITORY.id, at)}

    def _end_operations(self, incident: Incident) -> None:
        watch = scheduled(incident, self.runbook, self.settings, REPOSITORY.id, self.now)
        asked = {**incident.production.operations, **{one.id: one for one in watch}}
        for name in self.production.over(self.now):
            if name in asked:
                self.operations[name] = self.production.end(asked[name], self.now)
            else:  # a watch that is over: the status went back
                del self.production.ending[name]

    # -- people

    def later(self, minutes: float) -> IssueDesk:
        """Only the script moves the clock."""
        return self

    def act(self, timed: TimedStep) -> None:
        """What somebody does, and the pass that it starts."""
        step = timed.step
        if step.note:
            self.write_down(f"({step.note})")
        match step:
            case OpenStep() | FormStep():
                self._open(step)
            case CommentStep():
                self.write(self.cast[step.who], step.text)
                first, *more = step.text.strip().split("\n")
                self.write_down("\n".join([f"{step.who}: {first}", *(f"{step.who}| {one}" for one in more)]))
            case TickStep():
                self.write_down(f"{step.who} {step.does}s {step.item}")
                self.write(
                    self.cast[step.who], f"/{'check' if step.does == 'tick' else 'uncheck'} {step.item}"
                )
            case LabelStep():
                self.does(self.cast[step.who], f"{step.does}ed", step.label)
                self.write_down(f"{step.who} {step.does}s {step.label}")
            case StateStep():
                done = "closed" if step.does == "close" else "reopened"
                self.does(self.cast[step.who], done)
                self.write_down(f"{step.who} {done} the issue by hand")
            case MergeStep():
                self._merge(step)
            case WaitStep():
                pass
            case _:
                raise AssertionError(f"nobody plays {step.does} here")
        self.wake()

    def _open(self, step: OpenStep | FormStep) -> None:
        fields = step.fields if isinstance(step, FormStep) else {}
        self.body = "\n\n".join(f"### {head}\n\n{text}" for head, text in fields.items())
        self.body = self.body or getattr(step, "text", "")
        self.author, self.title, self.labels = self.cast[step.who], step.title, frozenset(step.labels)
        self.opened, self.begun = True, self.now
        self.write_down(f"{step.who} opens: {step.title} ({', '.join(step.labels)})")

    def _merge(self, step: MergeStep) -> None:
        """Of two pull requests that are open, the hotfix; in the other one is everything that it asks for."""
        asked = self.plan().incident.production.hotfix
        number = HOTFIX if asked and asked.pull and HOTFIX not in self.pulls else POSTMORTEM
        self.pulls[number] = PullEnd(merged=self.now if step.does == "merge" else None, closed=self.now)
        if number == POSTMORTEM:
            path = self.plan().incident.postmortem.path
            answered = ReportSeen(path, mended(self.report, self.runbook))
            self.merged_reports[ReportPlace(POSTMORTEM, path)] = answered
            others = tuple(one for login, one in self.cast.items() if login != step.who)
            self.pull_reviews[POSTMORTEM] = PullReviews(approving=others)
        what = "hotfix" if number == HOTFIX else "post-mortem"
        self.write_down(f"{step.who} {step.does}s the pull request of the {what}")


def _settings(script: Script, runbook: str) -> Settings:
    titles: dict[str, list[str]] = {}
    for person in script.people:
        for title in person.titles:
            titles.setdefault(title, []).append(person.login)
    said = {"runbook": runbook, "people": titles, "public_evidence": True}
    return read_authored(Settings, said | script.settings)


def scripts(path: Path) -> dict[str, TimedScript]:
    """The incidents of a file, by name. What they share stands above them.

    ``[when, who, text]`` is a comment, ``[when]`` waits. ``bad_release``: the newest release is not healthy.
    """
    shared = dict(load(path.read_text(encoding="utf-8")).value)
    found = {}
    for name, own in shared.pop("incidents").items():
        bad = own.pop("bad_release", False)
        whole = shared | own | {"steps": [_step(one) for one in own["steps"]]}
        if "production" in whole:
            *before, last = whole["production"]["releases"]
            whole["production"] = {"releases": [*before, last | {"healthy": not bad}]}
        text = yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)
        found[name] = read_script(text, f"{path.name}: {name}", LONGEST)
    return found


def _step(step: Any) -> Any:
    if isinstance(step, dict):
        return step
    when, *said = step
    if not said:
        return {"at": when, "does": "wait"}
    who, text = said
    return {"at": when, "who": who, "does": "comment", "text": text}


def play(timed: TimedScript, runbook: str) -> Scene:
    """The scene at the end of the script."""
    script = timed.script
    cast = {one.login: Person(id=100 + number, login=one.login) for number, one in enumerate(script.people)}
    production = Production.of(script)
    settings = _settings(script, runbook)
    scene = Scene(
        runbook=written.runbook(runbook),
        settings=settings,
        providers=settings.providers,
        begun=utc(script.start),
        now=utc(script.start),
        cast=cast,
        access={one.login: Access(RIGHTS[one.role], cast[one.login]) for one in script.people},
        brief=True,
        closer=BY_HAND,
        production=production,
        releases=production.releases,
        comparisons=production.comparisons,
    )
    for step in timed.timed_steps:
        scene.until(step.at)
        scene.act(step)
    return scene


def transcript(scene: Scene, script: Script) -> str:
    """What people saw, and the panel at the end. What is said again and again is told once."""
    head = [f"# {script.title}", "", script.about.strip(), "", "## What people saw"]
    panel = shown(scene.panel.body if scene.panel else "")
    return "\n".join([*head, *_told(scene.blocks), "", "## The panel at the end", "", panel])


def _told(blocks: list[tuple[str, list[str]]]) -> Iterator[str]:
    """Block for block; one that was there before, word for word, is told by its headings."""
    seen = set[tuple[str, ...]]()
    for key, group in groupby(blocks, key=lambda block: tuple(line for line in block[1] if LATE not in line)):
        (first, lines), *again = group
        yield from ("", first, *(_headings(key) if key in seen else lines))
        seen.add(key)
        if again:
            times = [stamp for stamp, _ in again]
            shortened = times if len(times) < MANY else [times[0], f"... {times[-1]}, {len(times)} times"]
            yield f"  (and the same at {', '.join(shortened)})"


def _headings(lines: tuple[str, ...]) -> Iterator[str]:
    heads = [line.removeprefix("  | ").strip("*") for line in lines if line.startswith("  | **")]
    told = [line.strip() for line in lines if line.startswith("  told:")]
    yield f"  (again: {'; '.join(heads)}; {' '.join(told)})"
