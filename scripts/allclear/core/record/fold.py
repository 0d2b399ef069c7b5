"""Adding the entries up: fold() is the only way to an incident. Each topic folds its own facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.record.audit import AuditFact, Helped, Refused, Undone, apply_audit
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.findings import FindingsFact, apply_findings
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident
from allclear.core.record.life import Declared, LifeFact, Reported, apply_life
from allclear.core.record.observed import ObservedFact, apply_observed
from allclear.core.record.people import PeopleFact, apply_people
from allclear.core.record.postmortem import PostmortemFact, apply_postmortem
from allclear.core.record.production import ProductionFact, apply_production
from allclear.core.record.progress import ProgressFact, apply_progress
from allclear.core.record.voices import VoicesFact, apply_voices


def fold(
    number: int, entries: Iterable[Entry], runbook: Runbook, *, onto: Incident | None = None
) -> Incident:
    """Add the entries up, in their order, onto ``onto`` when given. What /undo took back does not count; that
    it is an incident, or a report, is nothing to take back.

    The declaration comes first, also when its reply was deleted and it had to be made once more. Raises
    HistoryNeededError when something in ``onto`` is taken back, or would have come later.
    """
    entries = sorted(entries, key=lambda entry: entry.key != "declare")
    undone = {fact.key for entry in entries for fact in entry.facts if isinstance(fact, Undone)}
    here = {entry.key for entry in entries}
    if onto is not None and (undone - here or "declare" in here):
        raise HistoryNeededError
    incident = onto or Incident(number=number)
    for entry in entries:
        incident = _seen(incident, entry)
        if entry.key in undone and not any(isinstance(fact, Declared | Reported) for fact in entry.facts):
            continue
        for fact in entry.facts:
            incident = apply(incident, entry, fact, runbook)
    return incident


def _seen(incident: Incident, entry: Entry) -> Incident:
    """Everybody whose command was accepted took part; refused strangers did not."""
    last = max(entry.at, incident.last) if incident.last else entry.at
    incident = replace(incident, last=last)
    took_part = any(not isinstance(fact, Refused | Helped) for fact in entry.facts)
    if entry.by is not None and (took_part or entry.by in incident.team.at_work):
        incident = replace(incident, word=max(entry.at, incident.word or entry.at))
    known = {person.id for person in incident.team.people}
    if entry.by is None or not took_part or entry.by.id in known:
        return incident
    return replace(incident, team=replace(incident.team, people=(*incident.team.people, entry.by)))


def apply(incident: Incident, entry: EntryHeader, fact: Fact, runbook: Runbook) -> Incident:  # noqa: PLR0911 - one arm a topic
    """The incident after one more fact. A topic that is not asked here does not type-check."""
    if isinstance(fact, LifeFact):
        return apply_life(incident, entry, fact, runbook)
    if isinstance(fact, PeopleFact):
        return apply_people(incident, entry, fact, runbook)
    if isinstance(fact, FindingsFact):
        return apply_findings(incident, entry, fact, runbook)
    if isinstance(fact, ObservedFact):
        return apply_observed(incident, entry, fact, runbook)
    if isinstance(fact, ProgressFact):
        return apply_progress(incident, entry, fact, runbook)
    if isinstance(fact, ProductionFact):
        return apply_production(incident, entry, fact)
    if isinstance(fact, VoicesFact):
        return apply_voices(incident, entry, fact)
    if isinstance(fact, PostmortemFact):
        return apply_postmortem(incident, entry, fact)
    if isinstance(fact, AuditFact):
        return apply_audit(incident, entry, fact, runbook)
    assert_never(fact)
