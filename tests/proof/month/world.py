"""One incident of the month, lived through by the real plan() with a virtual clock. After each run the record
is held against what the runbook promises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.model.effects import (
    AddLabels,
    Assign,
    Close,
    CreateLabel,
    Effect,
    PutPanel,
    React,
    RemoveLabel,
    Reopen,
    Reply,
)
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import ReportSeen
from allclear.core.model.snapshot import Comment, Issue, IssueEvent, LastEdit, PullEnd, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.plan.passing import add_up
from allclear.core.plan.plan import Plan
from allclear.core.policy.settings import ACTIONS_BOT
from allclear.core.postmortem.front_matter import dump
from allclear.core.postmortem.recorded_report import record
from allclear.core.postmortem.writeup import record_opening
from allclear.core.record.chain import checkpoint
from allclear.core.record.entry import Entry
from allclear.core.record.postmortem import PostmortemOpened
from allclear.core.record.progress import Fired
from allclear.core.record.read_again import OVERLAP
from core.postmortem.mending import mended
from planning import nothing_more, planned
from proof.month.plans import Made, weather
from proof.month.promises import NEVER, Facts, Owed, Promises, kept, lateness
from proof.month.wall_clock import reading
from stories import ISSUE_URL, RENDERER, REPOSITORY
from written import ENGINE

BOT = Person(id=ACTIONS_BOT, login="github-actions[bot]")
EVENT, SWEEP = "event", "sweep"
RECENT = timedelta(days=1)
"""So long a sweep looks at the last minutes of a quiet incident, and at one that was closed."""
PULL = 900
NOTICE = re.compile(r"^(?:(@[^\n]*)\n)?\*\*(?:⏰|🚨|📢|🗂️) (.*)\*\*$", re.MULTILINE)
LATE = re.compile(r"^<sub>This was due at (.*) and comes .* late\.</sub>$", re.MULTILINE)
OTHERS = re.compile(r"A role for you|Roles|A text for .* is wanted")
"""Notices that are about something else than a promise of the clock."""


@dataclass(frozen=True)
class Said:
    """A promise that was kept, with its mark in that interval. ``late``: since it could first be asked for;
    ``run``: what kind of run said it; ``covered``: how many lower ones were said with it.
    """

    id: str
    mark: str
    interval: int
    due: datetime
    at: datetime
    late: timedelta
    run: str
    covered: int


@dataclass
class Life:
    """The issue of one incident, and what came of it."""

    made: Made
    comments: list[Comment] = field(default_factory=list)
    panel: Comment | None = None
    labels: frozenset[str] = frozenset()
    assignees: tuple[Person, ...] = ()
    open: bool = True
    touched: datetime = NEVER
    events: list[IssueEvent] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    passes: int = 0
    merges: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = self.made
        self.policy = Policy(made.settings, made.runbook, COMMANDS, RENDERER)
        self.promises = Promises(made.file, ENGINE["severity"], made.settings)
        self.zone = ZoneInfo(made.settings.zone or made.zone)
        people = dict(zip(("ada", "bob", "cat", *made.settings.named), count(1), strict=False))
        self.people = {login: Person(id=number, login=login) for login, number in people.items()}
        rights = {"ada": Rights.ADMIN, "cat": Rights.TRIAGE}
        self.access = {
            login: Access(rights.get(login, Rights.WRITE), person) for login, person in self.people.items()
        }
        self.ids = count(1000)
        names = self.policy.labels
        severity = next(one for one in made.runbook.severities if one.id == made.severity)
        self.labels = frozenset({names.incident, names.severity(severity)})
        self.events = [
            IssueEvent(number, "labeled", self.people["ada"], made.opened, label)
            for number, label in enumerate(sorted(self.labels), start=1)
        ]
        self.touched = made.opened
        self.catalogue = frozenset(label.name for label in names.catalogue())

    # -- the month

    def play(self) -> Life:
        """From the opening to the end of the month."""
        sky = weather(self.made.month)
        runs = [(self.made.declared, EVENT), *((act.run, EVENT) for act in self.made.acts)]
        runs += [(at, SWEEP) for at in sky.sweeps]
        runs += [(at + timedelta(seconds=50), EVENT) for at in self.made.merges[::2] if sky.runs_at(at)]
        acts = list(self.made.acts)
        moments = sorted((at, kind) for at, kind in runs if at is not None)
        for at, kind in moments:
            if not self.made.opened < at < sky.end:
                continue
            while acts and acts[0].at <= at:
                act = acts.pop(0)
                self._comment(self.people[act.who], act.text, act.at)
            if kind == EVENT or self._swept(at):
                self.run(at, kind)
            else:
                self._nothing_left(at)
        return self

    def _comment(self, who: Person, text: str, at: datetime) -> None:
        self.comments.append(Comment(next(self.ids), who, text, at, at))
        self.touched = at

    def _swept(self, now: datetime) -> bool:
        """Whether a sweep finds the issue: it is open, waits for its post-mortem, or was closed lately."""
        pending = self.policy.settings.labels.postmortem in self.labels
        return self.open or pending or now - self.touched < RECENT

    def _seen(self, now: datetime, *, overview: bool) -> Snapshot:
        """What a run reads: the comments since the panel's cursor; a sweep those that may be new."""
        edit = LastEdit(BOT, now)
        known = checkpoint(self.panel, edit, REPOSITORY, 42, self.policy.trust)
        since = self.made.opened
        if known is not None and self.panel is not None:
            since = known.cursor_at - OVERLAP
            if overview and self.touched <= self.panel.updated_at:
                recent = now - self.panel.updated_at < RECENT
                since = self.panel.updated_at - OVERLAP if recent else now
        issue = Issue(
            42,
            "Down",
            "",
            self.people["ada"],
            "open" if self.open else "closed",
            self.labels,
            self.assignees,
            self.made.opened,
            ISSUE_URL,
            closed_by=None if self.open else BOT,
            pinned_comment=1,
        )
        return Snapshot(
            repository=REPOSITORY,
            issue=issue,
            comments=tuple(one for one in self.comments if one.updated_at >= since),
            now=now,
            panel=self.panel,
            panel_edit=edit,
            access=self.access,
            events=tuple(self.events),
            repository_labels=self.catalogue,
        )

    def _look_up(self, seen: Snapshot, wants: Wants) -> Snapshot:
        """What a run asks for besides: all comments, and what became of the post-mortem's pull request."""
        if wants.history:
            return replace(seen, comments=tuple(self.comments), whole=True)
        if wants.pulls:
            pulls = {number: self._pull(number, seen.now) for number in wants.pulls}
            return replace(seen, pulls={**seen.pulls, **pulls})
        if wants.merged_reports:
            merged = {place: self._merged(place.path, seen) for place in wants.merged_reports}
            return replace(seen, merged_reports={**seen.merged_reports, **merged})
        if wants.pull_reviews:
            approved = PullReviews(approving=tuple(self.people.values()))
            reviews = dict.fromkeys(wants.pull_reviews, approved)
            return replace(seen, pull_reviews={**seen.pull_reviews, **reviews})
        return nothing_more(seen, wants)

    def _merged(self, path: str, seen: Snapshot) -> ReportSeen:
        """A post-mortem that agrees with the record, and says all that the runbook asks for."""
        incident = add_up(seen, self.entries, self.policy)
        bots = frozenset(self.made.settings.bots)
        told = record(incident, self.made.runbook, repository=REPOSITORY.name, bots=bots, now=seen.now)
        return ReportSeen(path, mended(dump(told, ""), self.made.runbook, told), "https://x.test")

    def _pull(self, number: int, now: datetime) -> PullEnd:
        """The pull requests are merged in their order."""
        merges = [at for at in self.made.merges if at <= now]
        merged = merges[number - PULL] if number - PULL < len(merges) else None
        return PullEnd(merged=merged, closed=merged)

    # -- a run

    def run(self, now: datetime, kind: str) -> None:
        """One run. A sweep looks from afar first, and closer where there is something to do."""
        if kind == SWEEP and not self._plan(now, overview=True).effects:
            self._nothing_left(now)
            return
        plan = self._plan(now, overview=False)
        self._apply(plan, now, kind)
        if plan.postmortem and not self.open:
            self._write_up(plan, now, kind)
        self._nothing_left(now)

    def _plan(self, now: datetime, *, overview: bool) -> Plan:
        self.passes += 1
        return planned(self._seen(now, overview=overview), self.policy, self._look_up)

    def _write_up(self, plan: Plan, now: datetime, kind: str) -> None:
        """The post-mortem's job: a pull request, its entry, and the run behind it."""
        pull = PULL + sum(isinstance(fact, PostmortemOpened) for one in self.entries for fact in one.facts)
        opened = PostmortemOpened(
            path="reports/x.md", branch="postmortem/42", url="https://x.test", pull=pull
        )
        reply = record_opening(plan.incident, plan.record, opened, "", self.policy, REPOSITORY, now)
        if reply is not None:
            self._comment(BOT, reply.body, now)
            self._apply(self._plan(now, overview=False), now, kind)

    def _apply(self, plan: Plan, now: datetime, kind: str) -> None:
        known = {entry.hash for entry in self.entries}
        posted = {one.key: one for one in plan.entries if one.hash not in known}
        for effect in plan.effects:
            if isinstance(effect, Reply):
                for key in effect.keys:
                    if key in {entry.key for entry in self.entries}:
                        self._blame(now, f"{key} is in the record twice")
                self._judge([posted.pop(key) for key in effect.keys], effect.body, now, kind)
            self._perform(effect, now)
        for entry in posted.values():  # Those of the post-mortem's job.
            self.entries.append(entry)
            self.facts.take(entry)

    def _perform(self, effect: Effect, now: datetime) -> None:
        match effect:
            case Reply():
                self._comment(BOT, effect.body, now)
            case PutPanel():
                self.panel = Comment(1, BOT, effect.body, self.made.opened, now)
                self.touched = now
            case AddLabels():
                self.labels |= set(effect.names)
                self._log(now, "labeled", *effect.names)
            case RemoveLabel():
                self.labels -= {effect.name}
                self._log(now, "unlabeled", effect.name)
            case Assign():
                self.assignees += tuple(self.people[login] for login in effect.logins)
            case Close() | Reopen():
                self.open = isinstance(effect, Reopen)
                self._log(now, "reopened" if self.open else "closed", "")
            case React() | CreateLabel():
                pass
            case _:
                self.wrong.append(f"{now}: {effect} is nothing that this month has")

    def _log(self, now: datetime, what: str, *labels: str) -> None:
        self.touched = now
        for label in labels:
            self.events.append(IssueEvent(len(self.events) + 1, what, BOT, now, label or None))

    # -- what was promised

    def _judge(self, entries: list[Entry], body: str, now: datetime, kind: str) -> None:
        """Hold what was said against what is owed, entry by entry, and take the rest as facts."""
        shown = list(self._notices(body))
        fired = [entry for entry in entries if kept(entry) is not None]
        if len(shown) != len(fired):
            self._blame(now, f"{len(fired)} notices, of which {len(shown)} are shown")
        notices = iter(shown)
        for entry in entries:
            self.entries.append(entry)
            promise = kept(entry)
            if promise is None:
                self.facts.take(entry)
                continue
            self._heard(now)
            self._said(promise, next(notices, ("", "")), now, kind)

    def _said(self, fired: Fired, shown: tuple[str, str], now: datetime, kind: str) -> None:
        """A promise that was kept: was it owed, to these people, and is its time right?"""
        covers = tuple(sorted(key.split("/")[0] for key in fired.covers))
        wanted = (fired.timer.split("/")[0], fired.due, covers)
        every = [*self._owed(now), *self._owed(now, sure=True)]
        owed = next((one for one in every if one.known_by == wanted), None)
        if owed is None:
            self._blame(now, f"{wanted} is said and not owed: {[one.known_by for one in every]}")
            return
        people = self.promises.logins(owed, self.facts)
        mentioned = {word.removeprefix("@") for word in shown[0].split()}
        if mentioned != people:
            self._blame(now, f"{wanted} is for {sorted(people)} and tells {sorted(mentioned)}")
        late = f"{now - fired.due}" if now - fired.due >= timedelta(minutes=1) else ""
        due = self._local(fired.due, now) if late else ""
        if due != shown[1]:
            self._blame(now, f"{wanted} was due at {due!r} and says {shown[1]!r}")
        self.said.append(
            Said(
                owed.top.id,
                owed.top.mark,
                self.facts.interval,
                fired.due,
                now,
                lateness(now, owed, self.facts),
                kind,
                len(covers),
            )
        )
        self.promises.keep(owed, self.facts, now)

    def _local(self, moment: datetime, now: datetime) -> str:
        """As people there read it, with the date on another day."""
        wall = reading(moment, self.zone)
        day = f"{wall:%Y-%m-%d} " if wall.date() != reading(now, self.zone).date() else ""
        return f"{day}{wall:%H:%M} {self.zone.tzname(moment.astimezone(self.zone))}"

    def _notices(self, body: str) -> Iterator[tuple[str, str]]:
        """Of each notice whom it mentions, and since when it says that it was due."""
        found = [one for one in NOTICE.finditer(body) if not OTHERS.fullmatch(one[2])]
        for one in found:
            end = next((other.start() for other in NOTICE.finditer(body, one.end())), len(body))
            late = LATE.search(body, one.end(), end)
            yield one[1] or "", late[1] if late else ""

    def _heard(self, now: datetime) -> None:
        """What people at work wrote, commands or not."""
        there = self.facts.here
        said = [one.created_at for one in self.comments if one.author and one.author.login in there]
        self.facts.word = max([self.facts.word, *said[-1:]])

    def _owed(self, now: datetime, *, sure: bool = False) -> list[Owed]:
        return self.promises.owed(self.facts, now, sure=sure)

    def _nothing_left(self, now: datetime) -> None:
        """After a run nothing is owed any more."""
        if not self.entries:
            return
        self.facts.before = None
        self._heard(now)
        left = self._owed(now, sure=True)
        if left:
            self._blame(now, f"{[one.known_by for one in left]} is owed and not said")
            for one in left:
                self.promises.keep(one, self.facts, now)
        for voice in self.promises.silent(self.facts):
            self._blame(now, f"the voice {voice} has something to say and does not")

    def _blame(self, now: datetime, what: str) -> None:
        made = self.made
        where = f"{made.month}/{made.number} {made.name} {self.facts.severity} {made.zone}"
        self.wrong.append(f"{where} at {now:%m-%d %H:%M:%S}: {what}")
