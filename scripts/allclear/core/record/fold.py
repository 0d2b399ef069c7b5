"""Adding the entries up: fold() is the only way to an incident; apply() has one arm a kind of fact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from allclear.core.model.milestones import Milestone
from allclear.core.model.people import Person
from allclear.core.policy.runbook import Runbook
from allclear.core.record.entry import Entry
from allclear.core.record.facts import (
    Acknowledged,
    ActionAdded,
    Affected,
    Cleared,
    Declared,
    Dismissed,
    Duplicated,
    Fact,
    Fired,
    Flagged,
    Found,
    Helped,
    ImpactSet,
    Joined,
    MilestoneSet,
    Noted,
    PostmortemAsked,
    PostmortemOpened,
    PostmortemPublished,
    Refused,
    Reopened,
    Reported,
    Resolved,
    RoleSet,
    RunbookChanged,
    SeveritySet,
    StatusSet,
    Tampered,
    Ticked,
    Undone,
    Unflagged,
    Unticked,
    Updated,
)
from allclear.core.record.incident import Incident, Stage, Tick, TimelineLine, Update
from allclear.core.record.operation_facts import (
    HotfixAsked,
    HotfixMerged,
    HotfixOpened,
    OperationApproved,
    OperationAsked,
    OperationEnded,
    OperationStarted,
)
from allclear.core.record.operation_fold import apply_hotfix, apply_operation


def fold(
    number: int, entries: Iterable[Entry], runbook: Runbook, *, onto: Incident | None = None
) -> Incident:
    """Add the entries up, in their order, onto ``onto`` when given. What /undo took back does not count.

    The declaration comes first, also when its reply was deleted and it had to be made once more.
    """
    entries = sorted(entries, key=lambda entry: entry.key != "declare")
    undone = {fact.key for entry in entries for fact in entry.facts if isinstance(fact, Undone)}
    incident = onto or Incident(number=number)
    for entry in entries:
        incident = _seen(incident, entry)
        if entry.key in undone:
            continue
        for fact in entry.facts:
            incident = apply(incident, entry, fact, runbook)
    return incident


def answered(entries: Iterable[Entry]) -> frozenset[str]:
    """The keys that have their terminal answer."""
    return frozenset(entry.key for entry in entries)


def _seen(incident: Incident, entry: Entry) -> Incident:
    """Everybody whose command was accepted took part; refused strangers did not."""
    last = max(entry.at, incident.last) if incident.last else entry.at
    took_part = entry.by is not None and any(not isinstance(fact, Refused | Helped) for fact in entry.facts)
    if took_part and entry.by is not None and entry.by.id not in {person.id for person in incident.people}:
        return replace(incident, last=last, people=(*incident.people, entry.by))
    return replace(incident, last=last)


def _mark(incident: Incident, milestone: Milestone, at: datetime, *, again: bool = False) -> Incident:
    if milestone in incident.milestones and not again:
        return incident
    return replace(incident, milestones={**incident.milestones, milestone: at})


def _unmark(incident: Incident, *milestones: Milestone) -> Incident:
    return replace(
        incident, milestones={m: at for m, at in incident.milestones.items() if m not in milestones}
    )


def _tell(
    incident: Incident, entry: Entry, what: str, text: str = "", at: datetime | None = None
) -> Incident:
    line = TimelineLine(at=at or entry.at, by=entry.by, what=what, text=text, source=entry.source)
    return replace(incident, timeline=(*incident.timeline, line))


def _responder(incident: Incident, person: Person) -> Incident:
    if person.id in {known.id for known in incident.responders}:
        return incident
    return replace(incident, responders=(*incident.responders, person))


def _status(incident: Incident, to: str, at: datetime, runbook: Runbook) -> Incident:
    """Entering a status reaches its milestone and, going back, un-reaches those of later ones."""
    order = [state.id for state in runbook.states]
    incident = replace(incident, status=to)
    later = [
        s.reaches for s in runbook.states if s.reaches and to in order and order.index(s.id) > order.index(to)
    ]
    incident = _unmark(incident, *later)
    state = runbook.state(to)
    if state is not None and state.reaches:
        incident = _mark(incident, state.reaches, at)
    return incident


def apply(incident: Incident, entry: Entry, fact: Fact, runbook: Runbook) -> Incident:  # noqa: C901, PLR0911, PLR0912, PLR0915 - one arm a fact
    """The incident after one more fact. A new kind of fact without an arm here does not type-check."""
    match fact:
        case Reported():
            return _tell(
                replace(incident, stage=Stage.REPORT, title=fact.title, reporter=entry.by), entry, "Reported"
            )
        case Declared():
            return _declare(incident, entry, fact)
        case Dismissed():
            return _tell(replace(incident, stage=Stage.DISMISSED), entry, "Dismissed", fact.why)
        case SeveritySet():
            told = f"Severity set to {fact.to}"
            return _tell(replace(incident, severity=fact.to, severity_asked=False), entry, told, fact.why)
        case StatusSet():
            state = runbook.state(fact.to)
            told = f"Status: {state.title if state else fact.to}"
            return _tell(_status(incident, fact.to, entry.at, runbook), entry, told, fact.text)
        case Acknowledged():
            first = incident.reached("acknowledged") is None
            incident = _responder(_mark(incident, "acknowledged", entry.at), fact.by)
            return _tell(incident, entry, "Acknowledged" if first else "Joined the response")
        case RoleSet():
            return _role(incident, entry, fact, runbook)
        case ImpactSet():
            users = incident.users if fact.users is None else fact.users
            changed = replace(
                incident,
                users=users,
                revenue=fact.revenue or incident.revenue,
                impact=fact.text or incident.impact,
            )
            numbers = [f"{fact.users} users" if fact.users is not None else "", fact.revenue or "", fact.text]
            return _tell(changed, entry, "Impact", ", ".join(part for part in numbers if part))
        case Affected():
            new = tuple(name for name in fact.services if name not in incident.services)
            return _tell(
                replace(incident, services=incident.services + new),
                entry,
                "Affects",
                ", ".join(fact.services),
            )
        case Found():
            return _found(incident, entry, fact)
        case Updated():
            update = Update(entry.at, entry.by, fact.text, fact.next, fact.eta)
            return _tell(replace(incident, updates=(*incident.updates, update)), entry, "Update", fact.text)
        case Noted():
            return _tell(incident, entry, "Note", fact.text, fact.at)
        case MilestoneSet():
            moved = _mark(incident, fact.milestone, fact.at, again=True)
            if fact.milestone == "declared":
                moved = replace(moved, opened=fact.at)
            return _tell(moved, entry, f"Corrected: {fact.milestone}")
        case Ticked():
            return replace(incident, ticks={**incident.ticks, fact.step: Tick(entry.by, entry.at)})
        case Unticked():
            return replace(incident, ticks={s: tick for s, tick in incident.ticks.items() if s != fact.step})
        case Flagged():
            return _tell(
                replace(incident, flags=incident.flags | {fact.flag}), entry, "Flag raised", fact.flag
            )
        case Unflagged():
            return _tell(
                replace(incident, flags=incident.flags - {fact.flag}), entry, "Flag lowered", fact.flag
            )
        case Resolved():
            incident = _status(incident, "resolved", entry.at, runbook)
            incident = _mark(_mark(incident, "mitigated", entry.at), "resolved", entry.at)
            return _tell(replace(incident, fix=fact.text or incident.fix), entry, "Resolved", fact.text)
        case Cleared():
            return _clear(incident, entry, fact)
        case Reopened():
            incident = _unmark(
                incident, "acknowledged", "identified", "mitigated", "resolved", "closed", "published"
            )
            incident = replace(
                incident,
                stage=Stage.OPEN,
                status="investigating",
                interval=incident.interval + 1,
                opened=entry.at,
                duplicate_of=None,
                smoke={},
                fixed_by="",
                postmortem=replace(incident.postmortem, asked=None, pending=False),
                ticks={},
            )
            return _tell(incident, entry, "Reopened", fact.why)
        case Duplicated():
            return _tell(
                replace(incident, stage=Stage.DUPLICATE, duplicate_of=fact.of),
                entry,
                f"Duplicate of #{fact.of}",
            )
        case Joined():
            for person in fact.people:
                incident = _responder(incident, person)
            return _tell(
                replace(incident, joined=(*incident.joined, fact.issue)),
                entry,
                f"#{fact.issue} is the same incident",
            )
        case ActionAdded():
            return _tell(
                replace(incident, actions=(*incident.actions, fact)), entry, "Action item", fact.text
            )
        case Undone():
            return _tell(incident, entry, "Taken back", fact.what)
        case Fired():
            fired = {**incident.fired, fact.timer: entry.at} | dict.fromkeys(fact.covers, entry.at)
            return _tell(replace(incident, fired=fired), entry, fact.deadline, ", ".join(fact.to))
        case PostmortemAsked():
            return replace(incident, postmortem=replace(incident.postmortem, asked=entry.at, pending=True))
        case PostmortemOpened():
            opened = replace(
                incident.postmortem,
                pending=False,
                path=fact.path,
                branch=fact.branch,
                url=fact.url,
                pull=fact.pull,
            )
            return _tell(replace(incident, postmortem=opened), entry, "Post-mortem opened", fact.path)
        case PostmortemPublished():
            return _tell(
                _mark(incident, "published", fact.at, again=True), entry, "Post-mortem published", at=fact.at
            )
        case RunbookChanged():
            return _tell(
                replace(incident, runbook=fact.name, runbook_hash=fact.hash),
                entry,
                "Runbook changed",
                fact.name,
            )
        case Tampered():
            told = (
                "edited, and does not count" if fact.what == "edited" else "deleted or edited before this one"
            )
            return replace(
                incident, tampered=(*incident.tampered, f"A reply of the record was {told}: {fact.url}")
            )
        case OperationAsked() | OperationApproved() | OperationStarted() | OperationEnded():
            return apply_operation(incident, entry, fact)
        case HotfixAsked() | HotfixOpened() | HotfixMerged():
            return apply_hotfix(incident, entry, fact)
        case Refused() | Helped():
            return incident
        case _:
            assert_never(fact)


def _declare(incident: Incident, entry: Entry, fact: Declared) -> Incident:
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
        reporter=fact.reporter or entry.by,
        impact=fact.impact or "",
        services=fact.services,
        runbook=fact.runbook,
        runbook_hash=fact.runbook_hash,
    )
    started = milestones["started"]
    if started < entry.at:
        declared = _tell(declared, entry, "Started", at=started)
    if started < detected < entry.at:
        declared = _tell(declared, entry, "Detected", fact.detected_by or "", at=detected)
    return _tell(declared, entry, f"Declared {fact.severity}", fact.detected_by or "")


def _role(incident: Incident, entry: Entry, fact: RoleSet, runbook: Runbook) -> Incident:
    roles = {role: person for role, person in incident.roles.items() if role != fact.role}
    kind = runbook.role(fact.role)
    title = kind.title if kind else fact.role
    if fact.person is None:
        return _tell(replace(incident, roles=roles), entry, f"{title}: nobody")
    roles[fact.role] = fact.person
    return _tell(_responder(replace(incident, roles=roles), fact.person), entry, title, fact.person.login)


def _found(incident: Incident, entry: Entry, fact: Found) -> Incident:
    incident = replace(
        incident,
        root_cause=fact.root_cause or incident.root_cause,
        evidence=fact.evidence or incident.evidence,
        impact=fact.impact or incident.impact,
        proposed_fix=fact.proposed_fix or incident.proposed_fix,
    )
    if fact.root_cause:
        incident = _mark(incident, "identified", entry.at)
        if incident.status == "investigating":
            incident = replace(incident, status="identified")
        return _tell(incident, entry, "Root cause identified", fact.root_cause)
    return _tell(incident, entry, "Findings", fact.proposed_fix or fact.evidence or fact.impact)


def _clear(incident: Incident, entry: Entry, fact: Cleared) -> Incident:
    for milestone in ("mitigated", "resolved", "closed"):
        incident = _mark(incident, milestone, entry.at)
    incident = replace(
        incident,
        stage=Stage.CLOSED,
        status="resolved",
        fix=incident.fix or fact.text,
        overrides=(*incident.overrides, fact) if fact.override else incident.overrides,
    )
    what = "All clear (override)" if fact.override else "All clear"
    return _tell(incident, entry, what, fact.override or fact.text)
