"""An issue in memory: people write on it, passes answer, and what they decide is done to it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType
from typing import TypeVar

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Command, Policy
from allclear.core.model.budget import Budget
from allclear.core.model.deploy_run import DeployRun
from allclear.core.model.effects import (
    AddLabels,
    Assign,
    Close,
    CreateLabel,
    DeleteComment,
    Effect,
    PutPanel,
    React,
    RemoveLabel,
    Reopen,
    Reply,
)
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.release import Comparison, EnvironmentSeen, Releases
from allclear.core.model.report_seen import ReportPlace, ReportSeen
from allclear.core.model.snapshot import (
    Closer,
    Comment,
    Issue,
    IssueEvent,
    LastEdit,
    OtherIssue,
    PullEnd,
    PullSeen,
    Sighting,
    Snapshot,
    Wants,
)
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.policy.provider import Provider
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import ACTIONS_BOT, Settings
from allclear.core.production.recent_changes import RecentHistory
from allclear.core.record.chain import checkpoint_of
from allclear.core.record.entry import Block, Entry, encode
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Stage
from allclear.core.record.read_again import OVERLAP, read_again_from
from allclear.core.record.seal import parse_keys
from planning import nothing_more, planned
from stories import ADA, BOB, CAT, HOTDASH, ISSUE_URL, NOON, RENDERER, REPOSITORY, SETTINGS, Story

BOT = Person(id=ACTIONS_BOT, login="github-actions[bot]")
EVE = Person(id=4, login="eve")
BY_HAND = Closer(NOON + timedelta(days=99))
"""What GitHub tells of the newest close when no pull request and no commit did it."""


@dataclass
class IssueDesk:
    """Issue 42, opened by ada, who maintains the repository; bob writes, cat triages, eve may only read.

    Below ``policy`` stands what GitHub answers when it is asked; nobody else has an account. Closed by hand,
    if at all, unless ``closer`` says otherwise. ``sweeping``: the run knows the recent pull requests already.
    ``brief``: a run first reads only what is new since the panel's checkpoint.
    """

    title: str = "[INCIDENT P1] Checkout is down"
    body: str = ""
    author: Person | None = ADA
    state: str = "open"
    labels: frozenset[str] = frozenset({"incident", "P1"})
    assignees: tuple[Person, ...] = ()
    closed_by: Person | None = None
    closed_as: str = ""
    comments: list[Comment] = field(default_factory=list)
    panel: Comment | None = None
    pinned: bool = True
    now: datetime = NOON

    settings: Settings = SETTINGS
    runbook: Runbook = HOTDASH
    commands: Mapping[str, Command] = field(default_factory=lambda: COMMANDS)
    providers: Mapping[str, Provider] = field(default_factory=dict)
    trouble: tuple[str, ...] = ()

    access: dict[str, Access] = field(
        default_factory=lambda: {
            "ada": Access(Rights.MAINTAIN, ADA),
            "bob": Access(Rights.WRITE, BOB),
            "cat": Access(Rights.TRIAGE, CAT),
            "eve": Access(Rights.READ, EVE),
            "mona": Access(Rights.ADMIN, Person(id=5, login="mona")),
            "dave": Access(Rights.WRITE, Person(id=6, login="dave")),
        }
    )
    others: dict[int, OtherIssue] = field(default_factory=dict)
    events: list[IssueEvent] = field(default_factory=list)
    known_labels: frozenset[str] = frozenset({"incident", "P1"})
    clicked: LastEdit | None = None
    editors: dict[int, LastEdit] = field(default_factory=dict)
    retold: LastEdit | None = None
    key: str = ""
    pulls: dict[int, PullEnd] = field(default_factory=dict)
    recent_pulls: list[PullSeen] = field(default_factory=list)
    closer: Closer = BY_HAND
    branches: set[str] = field(default_factory=set)
    sweeping: bool = False
    brief: bool = False
    operations: dict[str, Sighting] = field(default_factory=dict)
    releases: dict[str, Releases] = field(default_factory=dict)
    comparisons: dict[tuple[str, str], Comparison] = field(default_factory=dict)
    environments: dict[str, EnvironmentSeen] = field(default_factory=dict)
    deploy_runs: dict[int, DeployRun | None] = field(default_factory=dict)

    merged_reports: dict[ReportPlace, ReportSeen] = field(default_factory=dict)
    pull_reviews: dict[int, PullReviews] = field(default_factory=dict)
    action_issues: list[Issue] | None = None
    """What a sweep has listed; None: nobody has."""
    reports: int = 0
    budget: Budget | None = None
    refused: set[int] = field(default_factory=set)
    unsaid: frozenset[str] = frozenset()
    """What GitHub does not say although it is asked: events."""
    asked: list[Wants] = field(default_factory=list)
    """What the last pass asked for, in its order."""

    @property
    def policy(self) -> Policy:
        return Policy(
            self.settings,
            self.runbook,
            self.commands,
            RENDERER,
            self.trouble,
            providers=self.providers,
            keys=parse_keys(self.key),
        )

    # -- people

    def later(self, minutes: float) -> IssueDesk:
        self.now += timedelta(minutes=minutes)
        return self

    def says(self, who: Person | None, text: str, *, edited: bool = False) -> int:
        """A comment, a minute later. Returns its id."""
        self.later(1)
        return self.write(who, text, edited=edited)

    def write(self, who: Person | None, text: str, *, edited: bool = False) -> int:
        number = 1 + max((one.id for one in self.comments), default=999)
        changed = self.now + timedelta(seconds=30 if edited else 0)
        self.comments.append(Comment(number, who, text, self.now, changed, f"{ISSUE_URL}#c{number}"))
        return number

    def does(
        self, who: Person | None, kind: str, label: str | None = None, *, commit: str | None = None
    ) -> None:
        """Something done to the issue by hand, a minute later."""
        self.later(1)
        if kind in ("closed", "reopened"):
            self.state = "closed" if kind == "closed" else "open"
            self.closed_by = who if kind == "closed" else None
        elif label:
            self.labels = self.labels | {label} if kind == "labeled" else self.labels - {label}
        self.events.append(IssueEvent(len(self.events) + 1, kind, who, self.now, label, commit))

    def ticks(self, who: Person | None, text: str) -> None:
        """A click on the panel's box in the line that contains ``text``."""
        assert self.panel is not None
        self.later(1)
        lines = self.panel.body.split("\n")
        at = next(number for number, line in enumerate(lines) if "[ ]" in line and text in line)
        lines[at] = lines[at].replace("[ ]", "[x]")
        self.panel = replace(self.panel, body="\n".join(lines), updated_at=self.now)
        self.clicked = LastEdit(who, self.now)

    # -- passes

    @property
    def snapshot(self) -> Snapshot:
        """What a run reads before it asks for anything."""
        seen = Snapshot(
            repository=REPOSITORY,
            issue=Issue(
                42,
                self.title,
                self.body,
                self.author,
                self.state,
                self.labels,
                self.assignees,
                NOON,
                ISSUE_URL,
                closed_by=self.closed_by,
                closed_at=self.now if self.closed_by else None,
                pinned_comment=self.panel.id if self.panel and self.pinned else None,
                closed_as=self.closed_as,
            ),
            comments=tuple(self.comments),
            now=self.now,
            panel=self.panel,
            panel_edit=LastEdit(BOT, self.now) if self.panel and self.clicked is None else None,
            recent_pulls=tuple(self.recent_pulls) if self.sweeping else None,
            budget=self.budget,
            action_issues=tuple(self.action_issues) if self.action_issues is not None else None,
        )
        kept = checkpoint_of(seen, self.policy.trust) if self.brief else None
        if kept is None or kept.state is None:
            return seen
        since = read_again_from(kept.cursor_at, kept.again_at, OVERLAP)
        return replace(seen, comments=tuple(one for one in self.comments if one.updated_at >= since))

    def look_up(self, seen: Snapshot, wants: Wants) -> Snapshot:
        """What GitHub answers, kept in ``asked``."""
        self.asked.append(wants)
        found = nothing_more(seen, wants)
        people = {login: self.access.get(login, Access(Rights.NONE)) for login in wants.logins}
        return replace(
            found,
            access={**found.access, **people},
            others={**found.others, **{n: self.others[n] for n in wants.issues & self.others.keys()}},
            events=None if "events" in self.unsaid else tuple(self.events) if wants.events else found.events,
            unsaid=self.unsaid,
            reports=self.reports if wants.reports else found.reports,
            repository_labels=self.known_labels if wants.labels else found.repository_labels,
            editors={**found.editors, **{n: self.editors[n] for n in wants.editors & self.editors.keys()}},
            issue_edit=self.retold if wants.issue_editor and self.retold else found.issue_edit,
            panel_edit=self.clicked if wants.panel_editor and self.clicked else found.panel_edit,
            pulls={**found.pulls, **_of(self.pulls, wants.pulls)},
            recent_pulls=tuple(self.recent_pulls) if wants.recent_pulls else found.recent_pulls,
            closer=self.closer if wants.closer else found.closer,
            branches={**found.branches, **{name: name in self.branches for name in wants.branches}},
            operations=self.operations if wants.operations or wants.by_hand else found.operations,
            releases={**found.releases, **_of(self.releases, wants.releases)},
            comparisons={**found.comparisons, **_of(self.comparisons, wants.comparisons)},
            environments={**found.environments, **_of(self.environments, wants.environments)},
            refusals={**found.refusals, **{one: one in self.refused for one in wants.refusals}},
            deploy_runs={**found.deploy_runs, **_of(self.deploy_runs, wants.deploy_runs)},
            pull_reviews={**found.pull_reviews, **_of(self.pull_reviews, wants.pull_reviews)},
            merged_reports={**found.merged_reports, **_of(self.merged_reports, wants.merged_reports)},
            comments=tuple(self.comments) if wants.history else found.comments,
        )

    def plan(self, *, news: bool = False, history: RecentHistory | None = None) -> Plan:
        """What a pass decides; nothing is done."""
        self.asked.clear()
        return planned(self.snapshot, self.policy, self.look_up, news=news, history=history)

    def run(self, *, news: bool = False, history: RecentHistory | None = None) -> Plan:
        """A pass, and what it decided is done."""
        decided = self.plan(news=news, history=history)
        for effect in decided.effects:
            self._do(effect)
        return decided

    def _do(self, effect: Effect) -> None:
        match effect:
            case Reply():
                self.write(BOT, effect.body)
            case PutPanel():
                self.panel, self.clicked = Comment(1, BOT, effect.body, NOON, self.now), None
                self.pinned = True
            case DeleteComment():
                self.comments = [one for one in self.comments if one.id != effect.comment]
            case React():
                self.refused.add(effect.comment)
                self.comments = [
                    replace(one, refused=True) if one.id == effect.comment else one for one in self.comments
                ]
            case AddLabels():
                self.labels |= set(effect.names)
            case RemoveLabel():
                self.labels -= {effect.name}
            case CreateLabel():
                self.known_labels |= {effect.name}
            case Assign():
                people = {one.login: one for one in (ADA, BOB, CAT, EVE)}
                self.assignees += tuple(people[login] for login in effect.logins)
            case Close():
                self.does(BOT, "closed")
            case Reopen():
                self.does(BOT, "reopened")
            case _:
                pass

    def answered(self, who: Person, text: str, *, edited: bool = False) -> str:
        """What the bot says to a comment."""
        self.says(who, text, edited=edited)
        return told(self.run())


K = TypeVar("K")
V = TypeVar("V")


def _of(there: Mapping[K, V], wanted: frozenset[K]) -> dict[K, V]:
    return {key: there[key] for key in wanted & there.keys()}


def declared(**more: object) -> IssueDesk:
    """An incident that was declared, and everything about it is written."""
    desk = IssueDesk(**more)  # type: ignore[arg-type]  # the fields of a desk, by name
    desk.run()
    return desk


def going_on(story: Story, **more: object) -> IssueDesk:
    """The issue of a story, after a pass that brought its labels and its panel up to date."""
    desk = IssueDesk(**more)  # type: ignore[arg-type]  # the fields of a desk, by name
    desk.now = story.entries[-1].at
    desk.state = "open" if story.incident.stage in (Stage.OPEN, Stage.REPORT) else "closed"
    desk.labels = frozenset({"incident", story.incident.severity})
    desk.title = f"[INCIDENT {story.incident.severity}] {story.incident.title}"
    desk.write(BOT, encode(Block(repo=REPOSITORY.id, issue=42, entries=tuple(story.entries))))
    desk.run()
    return desk


def told(plan: Plan) -> str:
    """What people read in the new comments, without the hidden first lines."""
    return "\n".join(one.body.split("\n", 1)[1].strip() for one in plan.effects if isinstance(one, Reply))


def new(plan: Plan) -> list[Entry]:
    """The entries of this pass."""
    return [entry for entry in plan.entries if entry.key in plan.answers]


def facts(plan: Plan) -> list[Fact]:
    return [fact for entry in new(plan) for fact in entry.facts]


@contextmanager
def counting(*functions: Callable[..., object]) -> Iterator[Counter[str]]:
    """How often plain functions are called meanwhile, by name. A generator counts each time it goes on."""
    names = {function.__code__: function.__name__ for function in functions}
    calls: Counter[str] = Counter()

    def called(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in names:
            calls[names[frame.f_code]] += 1

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        yield calls
    finally:
        sys.setprofile(before)
