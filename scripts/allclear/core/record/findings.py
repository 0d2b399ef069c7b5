"""What is known about an incident: who and what is hit, its root cause, the fix that is proposed."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from allclear.core.model.counts import About
from allclear.core.model.recent_change import RecentChange
from allclear.core.model.stored import Stored
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.record.changes import add_line, reach
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident


class ImpactSet(Stored, frozen=True, kw_only=True, tag_field="t", tag="impact"):
    """Who is hit: a number of users, an amount of money as written, a sentence. What is left out stays.

    ``about``: how exact the number is; empty where nothing was said of it.
    """

    users: int | None = None
    about: About = ""
    revenue: str | None = None
    text: str = ""


class Affected(Stored, frozen=True, kw_only=True, tag_field="t", tag="affects"):
    """These services are hit, too."""

    services: tuple[str, ...]


class Found(Stored, frozen=True, kw_only=True, tag_field="t", tag="finding"):
    """The findings of item 000-13. A field left out keeps what it was."""

    root_cause: str = ""
    evidence: str = ""
    impact: str = ""
    proposed_fix: str = ""


class ChangesFound(Stored, frozen=True, kw_only=True, tag_field="t", tag="changed"):
    """What changed before ``until``, when it began, the likeliest first (000-11, 001-06, 003-08, 004-16)."""

    until: datetime
    changes: tuple[RecentChange, ...] = ()


FindingsFact = ImpactSet | Affected | Found | ChangesFound


def apply_findings(incident: Incident, entry: EntryHeader, fact: FindingsFact, runbook: Runbook) -> Incident:
    """The incident after one more fact about what is known of it."""
    match fact:
        case ImpactSet():
            known = incident.impact
            impact = replace(
                known,
                users=known.users if fact.users is None else fact.users,
                about=known.about if fact.users is None else fact.about,
                revenue=fact.revenue or known.revenue,
                text=fact.text or known.text,
            )
            users = f"{fact.about} {fact.users} users".strip() if fact.users is not None else ""
            numbers = [users, fact.revenue or "", fact.text]
            told = ", ".join(part for part in numbers if part)
            return add_line(replace(incident, impact=impact), entry, "Impact", told)
        case Affected():
            new = tuple(name for name in fact.services if name not in incident.impact.services)
            impact = replace(incident.impact, services=incident.impact.services + new)
            return add_line(replace(incident, impact=impact), entry, "Affects", ", ".join(fact.services))
        case Found():
            return _found(incident, entry, fact, runbook)
        case ChangesFound():
            return _changed(incident, entry, fact)
        case _:
            assert_never(fact)


def _found(incident: Incident, entry: EntryHeader, fact: Found, runbook: Runbook) -> Incident:
    known = incident.findings
    incident = replace(
        incident,
        findings=replace(
            known,
            root_cause=fact.root_cause or known.root_cause,
            evidence=fact.evidence or known.evidence,
            proposed_fix=fact.proposed_fix or known.proposed_fix,
        ),
        impact=replace(incident.impact, text=fact.impact or incident.impact.text),
    )
    if fact.root_cause:
        incident = reach(incident, "identified", entry.at)
        if incident.status == "investigating" and runbook.state("identified") is not None:
            incident = replace(incident, status="identified")
        return add_line(incident, entry, "Root cause identified", fact.root_cause)
    return add_line(incident, entry, "Findings", fact.proposed_fix or fact.evidence or fact.impact)


CHANGED = "Changed before the start"


def _changed(incident: Incident, entry: EntryHeader, fact: ChangesFound) -> Incident:
    """Each change is a line of the timeline once, at its own time, however often it is said."""
    findings = replace(incident.findings, changed=fact.changes, changed_until=fact.until)
    incident = replace(incident, findings=findings)
    told = {(line.at, line.text) for line in incident.timeline if line.what == CHANGED}
    for change in fact.changes:
        text = _line(change)
        if (change.at, text) not in told:
            incident = add_line(incident, entry, CHANGED, text, change.at)
    return incident


def _line(change: RecentChange) -> str:
    """What it was, for the timeline. Raw."""
    what = {
        "deployment": f"{change.name} deployed to {change.where}",
        "run": f"{change.name} failed on {change.where}",
        "settings": f"{change.name} merged, with changes in {change.where}",
        "pull": f"{change.name} merged",
    }[change.kind]
    told = [what, f"by {change.by}" if change.by else ""]
    return " ".join(filter(None, told)) + (f": {change.text}" if change.text else "")
