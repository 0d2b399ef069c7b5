"""The life of an incident: reported, declared, through its states to the all-clear, and again."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from allclear.core.model.counts import About
from allclear.core.model.milestones import IncidentKind, Milestone
from allclear.core.model.people import Person
from allclear.core.model.stored import Stored
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.record.changes import add_line, add_responder, reach, unreach
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import (
    Findings,
    GateOverride,
    Incident,
    RunbookStamp,
    Stage,
)


class Reported(Stored, frozen=True, kw_only=True, tag_field="t", tag="reported"):
    """Somebody without the right to declare opened it: a report, not an incident, until confirmed."""

    title: str


class Declared(Stored, frozen=True, kw_only=True, tag_field="t", tag="declared"):
    """It is an incident from here on."""

    severity: str
    asked: bool = False
    title: str
    kind: IncidentKind = "real"
    started: datetime | None = None
    detected: datetime | None = None
    detected_by: str | None = None
    reporter: Person | None = None
    impact: str | None = None
    users: int | None = None
    about: About = ""
    revenue: str | None = None
    services: tuple[str, ...] = ()
    runbook: str
    runbook_hash: str


class Dismissed(Stored, frozen=True, kw_only=True, tag_field="t", tag="dismissed"):
    """The report is not an incident."""

    why: str = ""


class SeveritySet(Stored, frozen=True, kw_only=True, tag_field="t", tag="severity"):
    """The severity is now ``to``."""

    to: str
    why: str = ""


class StatusSet(Stored, frozen=True, kw_only=True, tag_field="t", tag="status"):
    """The status is now ``to``, a state of the runbook."""

    to: str
    text: str = ""


class MilestoneSet(Stored, frozen=True, kw_only=True, tag_field="t", tag="milestone"):
    """A milestone was corrected; ``old`` stays in the record."""

    milestone: Milestone
    at: datetime
    old: datetime | None = None


class Resolved(Stored, frozen=True, kw_only=True, tag_field="t", tag="resolved"):
    """The fix is verified and announced (000-A5); the all-clear comes after the monitoring window."""

    text: str = ""


class Cleared(Stored, frozen=True, kw_only=True, tag_field="t", tag="cleared"):
    """The all-clear of item 000-20: the issue is closed.
    ``override`` holds the reason when gates were open.
    """

    text: str = ""
    override: str = ""
    open_gates: tuple[str, ...] = ()


class Reopened(Stored, frozen=True, kw_only=True, tag_field="t", tag="reopened"):
    """A new interval with its own clocks."""

    why: str = ""


class Duplicated(Stored, frozen=True, kw_only=True, tag_field="t", tag="duplicate"):
    """This is the incident of issue ``of``; the clocks here stop."""

    of: int


class Joined(Stored, frozen=True, kw_only=True, tag_field="t", tag="joined"):
    """Another incident was found to be this one; its people come along."""

    issue: int
    people: tuple[Person, ...] = ()


LifeFact = (
    Reported
    | Declared
    | Dismissed
    | SeveritySet
    | StatusSet
    | MilestoneSet
    | Resolved
    | Cleared
    | Reopened
    | Duplicated
    | Joined
)


def apply_life(incident: Incident, entry: EntryHeader, fact: LifeFact, runbook: Runbook) -> Incident:  # noqa: C901, PLR0911, PLR0912 - one arm a fact
    """The incident after one more fact of its life."""
    match fact:
        case Reported():
            team = replace(incident.team, reporter=entry.by)
            reported = replace(incident, stage=Stage.REPORT, title=fact.title, team=team)
            return add_line(reported, entry, "Reported")
        case Declared():
            return _declare(incident, entry, fact)
        case Dismissed():
            return add_line(replace(incident, stage=Stage.DISMISSED), entry, "Dismissed", fact.why)
        case SeveritySet():
            told = f"Severity set to {fact.to}"
            return add_line(replace(incident, severity=fact.to, severity_asked=False), entry, told, fact.why)
        case StatusSet():
            state = runbook.state(fact.to)
            told = f"Status: {state.title if state else fact.to}"
            return add_line(_enter_status(incident, fact.to, entry.at, runbook), entry, told, fact.text)
        case MilestoneSet():
            moved = reach(incident, fact.milestone, fact.at, again=True)
            if fact.milestone == "declared":
                moved = replace(moved, opened=fact.at)
            return add_line(moved, entry, f"Corrected: {fact.milestone}")
        case Resolved():
            incident = _enter_status(incident, "resolved", entry.at, runbook)
            incident = reach(reach(incident, "mitigated", entry.at), "resolved", entry.at)
            findings = _with_fix(incident, fact.text) if fact.text else incident.findings
            return add_line(replace(incident, findings=findings), entry, "Resolved", fact.text)
        case Cleared():
            return _clear(incident, entry, fact)
        case Reopened():
            return _reopen(incident, entry, fact)
        case Duplicated():
            links = replace(incident.links, duplicate_of=fact.of)
            duplicate = replace(incident, stage=Stage.DUPLICATE, links=links)
            return add_line(duplicate, entry, f"Duplicate of #{fact.of}")
        case Joined():
            for person in fact.people:
                incident = add_responder(incident, person)
            links = replace(incident.links, joined=(*incident.links.joined, fact.issue))
            return add_line(replace(incident, links=links), entry, f"#{fact.issue} is the same incident")
        case _:
            assert_never(fact)


def _enter_status(incident: Incident, to: str, at: datetime, runbook: Runbook) -> Incident:
    """Entering a status reaches its milestone and, going back, un-reaches those of later ones."""
    order = [state.id for state in runbook.states]
    incident = replace(incident, status=to)
    later = [
        s.reaches for s in runbook.states if s.reaches and to in order and order.index(s.id) > order.index(to)
    ]
    incident = unreach(incident, *later)
    state = runbook.state(to)
    if state is not None and state.reaches:
        incident = reach(incident, state.reaches, at)
    return incident


def _declare(incident: Incident, entry: EntryHeader, fact: Declared) -> Incident:
    detected = fact.detected or entry.at
    milestones: dict[Milestone, datetime] = {
        "started": fact.started or detected,
        "detected": detected,
        "declared": entry.at,
    }
    declared = replace(
        incident,
        stage=Stage.OPEN,
        kind=fact.kind,
        title=fact.title,
        severity=fact.severity,
        severity_asked=fact.asked,
        milestones=milestones,
        opened=entry.at,
        detected_by=fact.detected_by or "",
        team=replace(incident.team, reporter=fact.reporter or entry.by),
        impact=replace(
            incident.impact,
            users=fact.users,
            about=fact.about,
            revenue=fact.revenue or "",
            text=fact.impact or "",
            services=fact.services,
        ),
        runbook=RunbookStamp(fact.runbook, fact.runbook_hash),
    )
    started = milestones["started"]
    if started < entry.at:
        declared = add_line(declared, entry, "Started", at=started)
    if started < detected < entry.at:
        declared = add_line(declared, entry, "Detected", fact.detected_by or "", at=detected)
    return add_line(declared, entry, f"Declared {fact.severity}", fact.detected_by or "")


def _with_fix(incident: Incident, text: str) -> Findings:
    return replace(incident.findings, fix=text, fixed_in=incident.interval)


def _clear(incident: Incident, entry: EntryHeader, fact: Cleared) -> Incident:
    for milestone in ("mitigated", "resolved", "closed"):
        incident = reach(incident, milestone, entry.at)
    progress = incident.progress
    if fact.override:
        override = GateOverride(entry.at, entry.by, fact.override, fact.open_gates)
        progress = replace(progress, overrides=(*progress.overrides, override))
    incident = replace(
        incident,
        stage=Stage.CLOSED,
        status="resolved",
        findings=incident.findings if incident.findings.fix else _with_fix(incident, fact.text),
        progress=progress,
    )
    what = "All clear (override)" if fact.override else "All clear"
    return add_line(incident, entry, what, fact.override or fact.text)


def _reopen(incident: Incident, entry: EntryHeader, fact: Reopened) -> Incident:
    if incident.team.released:
        team = replace(incident.team, roles={}, beside={}, proposed={}, released=False)
        incident = replace(incident, team=team)
    # What was published stays it, until another post-mortem is opened.
    review = incident.review or "draft"
    incident = unreach(incident, "acknowledged", "identified", "mitigated", "resolved", "closed", "published")
    incident = replace(
        incident,
        stage=Stage.OPEN,
        status="investigating",
        interval=incident.interval + 1,
        opened=entry.at,
        links=replace(incident.links, duplicate_of=None),
        production=replace(incident.production, smoke={}, fixed_by="", fixed_at=None),
        postmortem=replace(
            incident.postmortem,
            review=review,
            asked=None,
            pending=False,
            held=None,
            override=None,
            learned=None,
            followed=False,
        ),
        progress=replace(incident.progress, ticks={}, duties={}, told=frozenset(), escalations=()),
        voices={},
    )
    return add_line(incident, entry, "Reopened", fact.why)
