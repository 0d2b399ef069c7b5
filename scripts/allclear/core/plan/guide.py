"""What the engine points out by itself: a severity that is suggested, a known kind of incident, a reason to
go back.
"""

from __future__ import annotations

from allclear.core.clock.advice import advised
from allclear.core.clock.going_back import going_back
from allclear.core.conversation.notices import values
from allclear.core.model.neutral import code, inline, rendered
from allclear.core.plan.passing import Pass
from allclear.core.record.entry import Entry
from allclear.core.record.observed import PatternHinted, RollbackSuggested, SeveritySuggested
from allclear.core.record.progress import Noted, Updated
from allclear.core.record.symptoms import looks_like
from allclear.core.view.guidance import asked_severity, marked, shown_pattern
from allclear.core.view.reply import engine_part

MOST_PATTERNS = 3
"""Patterns that one pass points out; what else it looks like, the next one does."""


def guide(current: Pass) -> None:
    """Point out what is new, each once."""
    _suggest(current)
    _go_back(current)
    _hint(current)


def _suggest(current: Pass) -> None:
    """Ask whether it is a worse severity: the worst of those that have a new cause."""
    incident, policy, now = current.incident, current.policy, current.snapshot.now
    advice = advised(incident, policy.runbook, now)
    new = [one for one in advice if one.cause not in incident.observed.suggested]
    if not new:
        return
    worst = [one for one in new if one.to == new[0].to]
    facts = tuple(SeveritySuggested(to=one.to, cause=one.cause, why=one.why) for one in new)
    key = f"g:severity/{incident.interval}/{len(incident.observed.suggested)}/{new[0].cause}"
    filled = values(incident, policy, current.snapshot.issue.url, now)
    say = [rendered(policy.renderer, one.say, filled) for one in worst if one.say]
    said = "\n".join([*asked_severity(worst, policy.runbook), *(["", *say] if say else [])])
    current.add(engine_part(Entry(key=key, what="suggested", at=now, facts=facts), said, "helped"))


def _notes(current: Pass) -> list[str]:
    """Notes and updates that no pass before this one has looked through."""
    facts = [fact for entry in current.entries for fact in entry.facts]
    return [fact.text for fact in facts if isinstance(fact, Noted | Updated)]


def _go_back(current: Pass) -> None:
    """Say which reason to go back at once has come true, while it is not fixed."""
    incident, runbook = current.incident, current.policy.runbook
    over = not incident.active or incident.reached("mitigated") is not None
    if over or incident.kind == "retro":
        return
    for one in going_back(incident, runbook):
        if one.cause not in incident.observed.suggested:
            fact = RollbackSuggested(cause=one.cause, reason=one.reason.text)
            entry = Entry(key=f"g:{one.cause}", what="go-back", at=current.snapshot.now, facts=(fact,))
            say = (
                f"**A reason to roll back at once: {marked(one.reason.text)}.** `/rollback` shows what would "
                "be undone, and what speaks against it."
            )
            current.add(engine_part(entry, say, "helped"))


def _hint(current: Pass) -> None:
    """Say what it looks like while it is not fixed."""
    incident, runbook = current.incident, current.policy.runbook
    over = not incident.active or incident.reached("mitigated") is not None
    known = incident.observed.hinted | {incident.observed.pattern}
    if over or incident.kind == "retro" or all(one.id in known for one in runbook.patterns):
        return
    found = [
        (one, symptom)
        for one, symptom in looks_like(incident, runbook, _notes(current))
        if one.id not in known
    ]
    for pattern, symptom in found[:MOST_PATTERNS]:
        fact = PatternHinted(pattern=pattern.id, symptom=symptom)
        key = f"g:pattern/{incident.interval}/{pattern.id}"
        lines = [
            f"**This may be: {inline(pattern.title)}** (somebody wrote {code(symptom)}).",
            *shown_pattern(pattern, current.policy.settings),
            "",
            f"Write {code(f'/pattern {pattern.id}')} if that is what it is.",
        ]
        entry = Entry(key=key, what="hinted", at=current.snapshot.now, facts=(fact,))
        current.add(engine_part(entry, "\n".join(lines), "helped"))
