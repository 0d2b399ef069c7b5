"""The runbook: a team's policy as data. One YAML file is one runbook; nothing in here knows a particular one.
What a team writes is checked as what core.language reads; these are the structs that it makes of that.

Two primitives carry all of it: a *deadline* (this must happen within T, or remind and escalate) and a
*gate* (this must
be true before that may happen).
"""

from __future__ import annotations

import hashlib
import math
from datetime import timedelta
from typing import Literal

from msgspec import Struct, field

from allclear.core.calendar.calendar import Calendar, Calendars
from allclear.core.calendar.period import Period
from allclear.core.model.embedded import Embedded
from allclear.core.model.milestones import Milestone
from allclear.core.model.structs import replace
from allclear.core.model.times import zone
from allclear.core.policy.checklists import Checklist, Step
from allclear.core.policy.contact import Contact
from allclear.core.policy.deadline import Chain, Deadline
from allclear.core.policy.gate import Gate
from allclear.core.policy.guidance import (
    About,
    LinkGroup,
    LookGroup,
    Pattern,
    RollbackReason,
    RunbookMeasure,
    SeverityRule,
)
from allclear.core.policy.post_incident import PostIncidentReview
from allclear.core.policy.role import RoleKind
from allclear.core.policy.routine import Routine
from allclear.core.policy.severity_spelling import called, leading, meant
from allclear.core.policy.voices import Voice


class Severity(Struct, frozen=True, kw_only=True):
    """One level. ``words``: other ways to type it; ``shown``: how texts print it, the id where it is empty;
    ``definitions``: of which any holds, the parts of ``definition``.
    """

    id: str
    name: str
    shown: str = ""
    definition: str = ""
    definitions: tuple[str, ...] = ()
    response: Period
    examples: tuple[str, ...] = ()
    impact: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    color: str
    label: str = ""
    extra_labels: tuple[str, ...] = ()


class Status(Struct, frozen=True, kw_only=True):
    """One status. ``reaches`` is the milestone that entering it sets."""

    id: Literal["investigating", "identified", "mitigating", "monitoring", "resolved"]
    title: str
    words: tuple[str, ...] = ()
    reaches: Milestone | None = None
    color: str


class Criterion(Embedded, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number that says that production has recovered (000-18): it passes ``below`` (or ``above``) it.

    Where the number is read is the settings' business (``services.<name>.recovery.<id>``); a criterion
    without a source there is shown as not looked at.
    """

    id: str
    title: str
    below: float | None = None
    above: float | None = None
    unit: str = ""

    def met(self, value: float) -> bool:
        """Whether the number passes its bound, and both where both are named."""
        low = self.below is None or value < self.below
        high = self.above is None or value > self.above
        return math.isfinite(value) and low and high


class Watching(Struct, frozen=True, kw_only=True):
    """Smoke runs in the monitoring window: one ``every`` so often, per severity."""

    every: dict[str, timedelta] = field(default_factory=dict)


class Freeze(Struct, frozen=True, kw_only=True):
    """While an incident of these severities is open and not mitigated, a commit status is red on open pull
    requests.
    """

    severities: tuple[str, ...] = ()


class EvidenceRule(Struct, frozen=True, kw_only=True):
    """Evidence is kept by itself within this time after the resolution (002-21), for these severities."""

    within: dict[str, Period] = field(default_factory=dict)


class Reversal(Struct, frozen=True, kw_only=True):
    """The rollback decision. ``fix_forward``: a fix that takes less is better than a rollback (004-27, Q1).

    ``reasons``: the criteria for going back at once (004-26), each with what it is seen by; one that holds
    skips that question and keeps the one about migrations (004-A2).
    """

    fix_forward: timedelta = timedelta(minutes=30)
    reasons: tuple[RollbackReason, ...] = ()


class Phase(Struct, frozen=True, kw_only=True):
    """A hint: where an incident usually is, so long after its start (000-06)."""

    name: str
    start: timedelta
    end: timedelta


class PostmortemPolicy(Struct, frozen=True, kw_only=True):
    """``required``: severities that need one; for the others it is made on request."""

    required: tuple[str, ...] = ()


class Runbook(Struct, frozen=True, kw_only=True):
    """A whole runbook, as core.language.compiled makes it of a file, which was checked before. Severities are
    listed from the worst to the least.

    ``hash``: the first 12 hex digits of the SHA-256 of the file's content (and of another zone that it is
    used in), the stamp on an incident.
    ``silence``: how long no person may say anything while an incident is open, by severity.
    """

    name: str
    title: str
    zone: str = "UTC"
    first_responder: str
    severities: tuple[Severity, ...]
    default_severity: str
    states: tuple[Status, ...]
    roles: tuple[RoleKind, ...] = ()
    flags: tuple[str, ...] = ()
    detection: tuple[str, ...] = ()
    lists: tuple[Checklist, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    chains: tuple[Chain, ...] = ()
    contacts: tuple[Contact, ...] = ()
    calendars: dict[str, Calendar] = field(default_factory=dict)
    silence: dict[str, Period] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    phases: tuple[Phase, ...] = ()
    recovery: tuple[Criterion, ...] = ()
    watching: Watching = Watching()
    freeze: Freeze = Freeze()
    evidence: EvidenceRule = EvidenceRule()
    reversal: Reversal = Reversal()
    causes: tuple[str, ...] = ()
    postmortem: PostmortemPolicy = PostmortemPolicy()
    review: PostIncidentReview = PostIncidentReview()
    routines: tuple[Routine, ...] = ()
    about: About = About()
    look: tuple[LookGroup, ...] = ()
    link_groups: tuple[LinkGroup, ...] = ()
    measures: tuple[RunbookMeasure, ...] = ()
    severity_rules: tuple[SeverityRule, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    flag_titles: dict[str, str] = field(default_factory=dict)
    voices: tuple[Voice, ...] = ()
    channels: dict[str, str] = field(default_factory=dict)
    hash: str

    @property
    def times(self) -> Calendars:
        """What it takes to say when something of this runbook is due."""
        return Calendars(zone(self.zone), self.calendars)

    def in_zone(self, name: str) -> Runbook:
        """The same with its hours and days in another zone; an incident that goes by it is told so. Empty:
        its own.
        """
        if name in ("", self.zone):
            return self
        stamp = hashlib.sha256(f"{self.hash} {name}".encode()).hexdigest()[:12]
        return replace(self, zone=name, hash=stamp)

    @property
    def boxes(self) -> tuple[Step, ...]:
        """Every step of every list, in their order."""
        return tuple(step for one in self.lists for step in one.steps)

    def severity(self, level: str) -> Severity:
        """The severity of that id. Raises KeyError when there is none."""
        for severity in self.severities:
            if severity.id == level:
                return severity
        raise KeyError(level)

    def severity_named(self, text: str) -> Severity | None:
        """The severity that people mean by the whole ``text``, in any usual spelling."""
        return meant(text, self.severities)

    def severity_called(self, word: str) -> Severity | None:
        """The severity of which ``word`` is an own word of this runbook."""
        return called(word, self.severities)

    def severity_leading(self, text: str) -> tuple[Severity, str] | None:
        """The severity whose spelling ``text`` begins with, and what stands behind it."""
        return leading(text, self.severities)

    def label(self, severity: Severity) -> str:
        """The label that shows a severity; the id where the runbook names none (000-08 uses ``P0``)."""
        return severity.label or severity.id

    def rank(self, level: str) -> int:
        """0 is the worst."""
        return [severity.id for severity in self.severities].index(level)

    def state(self, status: str) -> Status | None:
        """The state that people mean by ``status``: its id or one of its words."""
        wanted = status.strip().lower()
        return next(
            (s for s in self.states if wanted == s.id or wanted in (w.lower() for w in s.words)), None
        )

    def role(self, word: str) -> RoleKind | None:
        """The role that people mean by ``word``."""
        wanted = word.strip().lower()
        return next((r for r in self.roles if wanted == r.id or wanted in (w.lower() for w in r.words)), None)

    def step(self, word: str) -> Step | None:
        """The step of that id, in any case."""
        wanted = word.strip().lower()
        return next((step for step in self.boxes if step.id == wanted), None)

    def measure(self, name: str) -> RunbookMeasure | None:
        """The measure of that id."""
        return next((one for one in self.measures if one.id == name), None)

    def pattern(self, word: str) -> Pattern | None:
        """The pattern that people mean by ``word``: its id, or its title."""
        wanted = " ".join(word.split()).lower()
        return next((one for one in self.patterns if wanted in (one.id, one.title.lower())), None)

    def gate(self, before: str) -> Gate | None:
        """What holds ``before``, when anything does."""
        return next((gate for gate in self.gates if gate.before == before), None)

    def window(self, level: str, fixed_by: str = "") -> Period | None:
        """How long to watch after the fix before the all-clear (000-19); None when there is no window."""
        gate = self.gate("all-clear")
        return gate.window(level, fixed_by) if gate else None
