"""What is known about an incident: who and what is hit, its root cause, the fix that is proposed."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, assert_never

from allclear.core.model.frozen import Frozen
from allclear.core.record.changes import add_line, reach
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident


class ImpactSet(Frozen):
    """Who is hit: a number of users, an amount of money as written, a sentence. What is left out stays."""

    t: Literal["impact"] = "impact"
    users: int | None = None
    revenue: str | None = None
    text: str = ""


class Affected(Frozen):
    """These services are hit, too."""

    t: Literal["affects"] = "affects"
    services: tuple[str, ...]


class Found(Frozen):
    """The findings of item 000-13. A field left out keeps what it was."""

    t: Literal["finding"] = "finding"
    root_cause: str = ""
    evidence: str = ""
    impact: str = ""
    proposed_fix: str = ""


FindingsFact = ImpactSet | Affected | Found


def apply_findings(incident: Incident, entry: EntryHeader, fact: FindingsFact) -> Incident:
    """The incident after one more fact about what is known of it."""
    match fact:
        case ImpactSet():
            known = incident.impact
            impact = replace(
                known,
                users=known.users if fact.users is None else fact.users,
                revenue=fact.revenue or known.revenue,
                text=fact.text or known.text,
            )
            numbers = [f"{fact.users} users" if fact.users is not None else "", fact.revenue or "", fact.text]
            told = ", ".join(part for part in numbers if part)
            return add_line(replace(incident, impact=impact), entry, "Impact", told)
        case Affected():
            new = tuple(name for name in fact.services if name not in incident.impact.services)
            impact = replace(incident.impact, services=incident.impact.services + new)
            return add_line(replace(incident, impact=impact), entry, "Affects", ", ".join(fact.services))
        case Found():
            return _found(incident, entry, fact)
        case _:
            assert_never(fact)


def _found(incident: Incident, entry: EntryHeader, fact: Found) -> Incident:
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
        if incident.status == "investigating":
            incident = replace(incident, status="identified")
        return add_line(incident, entry, "Root cause identified", fact.root_cause)
    return add_line(incident, entry, "Findings", fact.proposed_fix or fact.evidence or fact.impact)
