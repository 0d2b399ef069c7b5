"""The incident: what its entries add up to. core.record.fold is the only way to get one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from allclear.core.model.counts import About
from allclear.core.model.milestones import IncidentKind, Milestone
from allclear.core.model.operation import Operation, Smoke
from allclear.core.model.people import Person
from allclear.core.model.recent_change import RecentChange
from allclear.core.record.action_item import ActionItem
from allclear.core.record.observations import Observations
from allclear.core.record.postmortem_state import Postmortem, ReviewState
from allclear.core.record.step import StepDuty, Tick


class Stage(StrEnum):
    """How far an issue came on its way to an incident and out of it. NOTHING: no entry yet."""

    NOTHING = "nothing"
    REPORT = "report"
    OPEN = "open"
    DISMISSED = "dismissed"
    DUPLICATE = "duplicate"
    CLOSED = "closed"


class Update(Struct, frozen=True):
    """A status update that was announced. The texts are raw: neutralise before showing."""

    at: datetime
    by: Person | None
    text: str
    next: str
    eta: str


class TimelineLine(Struct, frozen=True):
    """One line of the timeline. ``source`` is the comment it came from; ``text`` is raw.

    ``watch``: the service of which it counts the smoke runs that passed, ``count`` of them, the last at
    ``until``.
    """

    at: datetime
    by: Person | None
    what: str
    text: str
    source: int | None = None
    watch: str = ""
    count: int = 1
    until: datetime | None = None


class SmokeRun(Struct, frozen=True):
    """The newest smoke result of a service, the operation it came from and that operation's run.

    ``count``: so many runs passed one after the other, the first at ``since``.
    """

    smoke: Smoke
    at: datetime
    operation: str
    url: str = ""
    count: int = 1
    since: datetime | None = None


class Hotfix(Struct, frozen=True):
    """The incident's hotfix. ``pending``: branch and pull request have to be made, from ``commit`` or, when
    that is empty, from the head of the default branch. ``closed``: without being merged.
    """

    text: str = ""
    service: str = ""
    commit: str = ""
    pending: bool = False
    branch: str = ""
    base: str = ""
    url: str = ""
    pull: int | None = None
    merged: datetime | None = None
    closed: datetime | None = None

    @property
    def followed(self) -> bool:
        """Whether it has a pull request that may still be merged."""
        return self.pull is not None and self.merged is None and self.closed is None

    @property
    def unpushed(self) -> bool:
        """Whether GitHub did not let us make its branch, so that somebody has to push it."""
        return not self.pending and self.pull is None and not self.url


class GateOverride(Struct, frozen=True):
    """An all-clear that was given against open gates, when and by whom. ``reason`` is raw."""

    at: datetime
    by: Person | None
    reason: str
    open_gates: tuple[str, ...]


class Raising(Struct, frozen=True):
    """Since when a flag is up, and the key of the entry that raised it."""

    key: str
    at: datetime


CALLED = "called"
"""What the deadline of a person's call is called."""


class Escalation(Struct, frozen=True):
    """Somebody called these titles: level ``level`` (from 1) of ``chain``, or others where that is empty.

    ``key`` is that of the entry; ``why`` is raw.
    """

    key: str
    at: datetime
    by: Person | None
    to: tuple[str, ...]
    chain: str
    level: int
    why: str

    def timer(self, interval: int) -> str:
        """The key of the timer that tells them, which is due at once."""
        return f"{CALLED}/{interval}/{self.key}/0"


class RoleProposal(Struct, frozen=True):
    """Whom a role is proposed to: a login, empty after somebody said that it is nobody's; the title of the
    settings that it stands behind; and why it is not who is meant for it first, or what else they have. Raw.
    """

    login: str = ""
    title: str = ""
    why: str = ""


class Team(Struct, frozen=True):
    """Who works on it. ``people``: everybody whose command was accepted.

    By the role's id: ``roles`` says who has it, ``beside`` who else does, where several may, and ``proposed``
    to whom it was proposed, which counts while nobody has it. ``released``: the all-clear ended their roles;
    who had them is still known, until it is reopened.
    """

    reporter: Person | None = None
    roles: Mapping[str, Person] = field(default_factory=dict)
    beside: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)
    proposed: Mapping[str, RoleProposal] = field(default_factory=dict)
    released: bool = False
    responders: tuple[Person, ...] = ()
    people: tuple[Person, ...] = ()

    def holders(self, role: str) -> tuple[Person, ...]:
        """Everybody who has the role of that id, in the order in which they came."""
        first = self.roles.get(role)
        return () if first is None else (first, *self.beside.get(role, ()))

    @property
    def in_roles(self) -> tuple[Person, ...]:
        """Everybody who has a role, as often as they have one."""
        return tuple(person for role in self.roles for person in self.holders(role))

    @property
    def took_part(self) -> int:
        """How many people responded or had a role. Who only reported it is none of them."""
        return len({one.id for one in (*self.responders, *self.in_roles)})

    def proposal(self, role: str) -> RoleProposal | None:
        """To whom the role is proposed, while nobody has it; None when it is to nobody."""
        found = None if role in self.roles else self.proposed.get(role)
        return found if found and found.login else None

    @property
    def at_work(self) -> tuple[Person, ...]:
        """Who responds or holds a role, and who opened it."""
        return (*self.responders, *self.in_roles, *([self.reporter] if self.reporter else []))


class ImpactAssessment(Struct, frozen=True):
    """Who and what is hit: ``about`` how many users, money as written, a sentence (raw), services."""

    users: int | None = None
    revenue: str = ""
    text: str = ""
    services: tuple[str, ...] = ()
    about: About = ""


class Findings(Struct, frozen=True):
    """What people found (item 000-13), and the fix that ended it, said in the interval ``fixed_in``. Raw.

    ``changed``: what changed before ``changed_until``, the likeliest first, as it was last said.
    """

    root_cause: str = ""
    evidence: str = ""
    proposed_fix: str = ""
    fix: str = ""
    fixed_in: int = 0
    changed: tuple[RecentChange, ...] = ()
    changed_until: datetime | None = None


class Progress(Struct, frozen=True):
    """How far the work is: the checklist's ticks by step, and who has which step afterwards; the flags that
    hold and who raised each, when which deadline fired (by timer), which of them reached nobody of the team,
    who was told of anything in this interval (lower-case titles), who was called by hand and is not told yet,
    the updates and action items in their order, and the gates that were overridden. ``updated`` counts the
    updates, ``planned`` is the newest action item's number, ``ended`` counts those done or dropped.
    ``updates`` and ``actions`` may hold fewer (core.record.lean): ``left_out`` counts the open action items
    that are not in.
    """

    ticks: Mapping[str, Tick] = field(default_factory=dict)
    duties: Mapping[str, StepDuty] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    raised: Mapping[str, Raising] = field(default_factory=dict)
    fired: Mapping[str, datetime] = field(default_factory=dict)
    unheard: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    escalations: tuple[Escalation, ...] = ()
    updates: tuple[Update, ...] = ()
    actions: tuple[ActionItem, ...] = ()
    overrides: tuple[GateOverride, ...] = ()
    updated: int = 0
    planned: int = 0
    ended: int = 0
    left_out: int = 0

    @property
    def open_actions(self) -> tuple[ActionItem, ...]:
        """The action items that are neither done nor dropped."""
        return tuple(one for one in self.actions if not one.outcome)


class ProductionState(Struct, frozen=True):
    """What was done to production: operations by id, smoke by service (of this interval), the hotfix.

    ``passed``: when a scheduled smoke run passed that is recorded together with others, by its id.
    ``fixed_by``: the kind of operation (rollback, action) or the hotfix that fixed it last in this interval,
    at ``fixed_at``; empty when people did it otherwise. ``asked`` counts the operations by kind, of which
    ``operations`` may hold fewer (core.record.lean). ``attempt``: the number of the last hotfix that was
    opened, ``spent`` the highest of those that were merged or closed.
    """

    operations: Mapping[str, Operation] = field(default_factory=dict)
    smoke: Mapping[str, SmokeRun] = field(default_factory=dict)
    passed: Mapping[str, datetime] = field(default_factory=dict)
    hotfix: Hotfix | None = None
    fixed_by: str = ""
    fixed_at: datetime | None = None
    asked: Mapping[str, int] = field(default_factory=dict)
    attempt: int = 1
    spent: int = 0

    @property
    def partial(self) -> bool:
        """Whether there were operations that are not in here any more."""
        return sum(self.asked.values()) > len(self.operations)


class Draft(Struct, frozen=True):
    """A text for ``moment`` that waits to be published, asked for since then."""

    moment: str
    since: datetime


class Speech(Struct, frozen=True):
    """What a voice said in this interval: when its text for each moment was said, or passed over; when it
    last spoke, and the draft that waits.
    """

    said: Mapping[str, datetime] = field(default_factory=dict)
    last: datetime | None = None
    draft: Draft | None = None


class Links(Struct, frozen=True):
    """Other issues about the same outage: the incident it is a duplicate of, and those that joined it."""

    duplicate_of: int | None = None
    joined: tuple[int, ...] = ()


class RunbookStamp(Struct, frozen=True):
    """The runbook it goes by, and the hash of its content. ``since``: when that became so, where it was
    another one before.
    """

    name: str = ""
    hash: str = ""
    since: datetime | None = None


class Incident(Struct, frozen=True):
    """All times are UTC. ``interval`` counts the reopenings; each has its own clocks, from ``opened`` on.

    ``tampered``: what was found wrong with the record, a sentence each; ``tampers`` counts them, and
    ``tampered`` may hold fewer (core.record.lean). ``adopted``: what was written before is not signed by a
    key in force. ``voices``: by voice, what was said; ``public``: what was typed for the public, by the name
    of the value, raw. ``last``: when the newest entry was said; ``word``: when a person last said something.
    """

    number: int
    stage: Stage = Stage.NOTHING
    kind: IncidentKind = "real"
    title: str = ""
    severity: str = ""
    severity_asked: bool = False
    status: str = "investigating"
    milestones: Mapping[Milestone, datetime] = field(default_factory=dict)
    interval: int = 0
    opened: datetime | None = None
    detected_by: str = ""
    team: Team = Team()
    impact: ImpactAssessment = ImpactAssessment()
    findings: Findings = Findings()
    observed: Observations = field(default_factory=Observations)
    progress: Progress = Progress()
    production: ProductionState = ProductionState()
    postmortem: Postmortem = field(default_factory=Postmortem)
    voices: Mapping[str, Speech] = field(default_factory=dict)
    public: Mapping[str, str] = field(default_factory=dict)
    links: Links = Links()
    runbook: RunbookStamp = RunbookStamp()
    tampered: tuple[str, ...] = ()
    tampers: int = 0
    adopted: datetime | None = None
    timeline: tuple[TimelineLine, ...] = ()
    last: datetime | None = None
    word: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether commands about the incident make sense: declared, and not ended."""
        return self.stage == Stage.OPEN

    @property
    def review(self) -> ReviewState | None:
        """How far the review of its post-mortem is; None before there is one."""
        if not self.postmortem.url:
            return None
        return "published" if self.reached("published") is not None else self.postmortem.review

    @property
    def brief(self) -> str:
        """The title without its ``[INCIDENT P0]`` prefix. Raw text: neutralise before showing."""
        return self.title

    def reached(self, milestone: Milestone) -> datetime | None:
        """When the milestone was reached in this interval; None when it was not."""
        return self.milestones.get(milestone)
