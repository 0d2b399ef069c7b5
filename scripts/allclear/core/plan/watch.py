"""What the engine does by itself: it watches a fix with smoke runs, and collects evidence afterwards.

A run that passes as the one before did is told by the panel, and goes into the record with the next reply;
what changes is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from allclear.core.clock.window import window_end
from allclear.core.model.asking import Asking
from allclear.core.model.neutral import code
from allclear.core.model.operation import Operation, OperationRequest, operation_id
from allclear.core.model.snapshot import Sighting, Wants
from allclear.core.model.stored import fields_of
from allclear.core.model.times import clock_time, spell
from allclear.core.plan.operate import tell_end
from allclear.core.plan.passing import Pass
from allclear.core.policy.service import Service
from allclear.core.production.ending import judge
from allclear.core.production.watching import SLACK, is_current, scheduled
from allclear.core.production.withholding import withheld_here
from allclear.core.record.audit import Helped
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Stage
from allclear.core.record.production import OperationAsked, OperationEnded, SmokePass, SmokeRunsPassed
from allclear.core.view.reply import Part, Said, engine_part

FULL = 12
"""So many runs that passed go into the record by a reply of their own, should there be no other."""

EVIDENCE_EXPIRES = timedelta(hours=6)
"""Evidence stays useful for longer; logs of the deploy system usually do not last a day."""


def due_now(current: Pass) -> tuple[Operation, ...]:
    """The smoke runs that are due and not in the record."""
    policy, snapshot = current.policy, current.snapshot
    return scheduled(current.incident, policy.runbook, policy.settings, snapshot.repository.id, snapshot.now)


def take_results(current: Pass, due: tuple[Operation, ...]) -> Asking[None]:
    """What became of the runs that are due: what passed quietly is kept for the next reply, the rest is told.

    A failure takes the incident back, so what came after it says nothing any more.
    """
    fixed = current.incident.reached("mitigated")
    for operation in due:
        seen = (current.snapshot.operations or {}).get(operation.id, Sighting())
        fact = judge(operation, seen, current.snapshot.now) if seen != Sighting() else None
        if not isinstance(fact, OperationEnded) or current.incident.reached("mitigated") != fixed:
            continue
        if fact.smoke is not None and fact.smoke.passed and _passed_before(current, operation.service):
            record = seen.execution
            at = record.ended if record is not None and record.ended is not None else current.snapshot.now
            passed = SmokePass(op=operation.id, at=at, run=fact.run)
            current.quiet.setdefault(operation.service, []).append((passed, fact.url))
        elif not _said_before(current, operation, fact):
            record_passed(current)
            asked = OperationAsked(op=operation.id, **fields_of(OperationRequest, operation))
            yield from tell_end(current, operation, fact, asked=asked, more=_goes_on(current, fact))


def _passed_before(current: Pass, service: str) -> bool:
    """Whether the newest run of the service since the fix, as far as the record knows, passed."""
    fixed, run = current.incident.reached("mitigated"), current.incident.production.smoke.get(service)
    return run is not None and fixed is not None and run.at >= fixed and run.smoke.passed


def _said_before(current: Pass, operation: Operation, fact: OperationEnded) -> bool:
    """Whether a run that looked at nothing says no more than the last of its kind did."""
    if fact.smoke is not None:
        return False
    mine = [
        one
        for one in current.incident.production.operations.values()
        if (one.kind, one.service, one.by, one.interval)
        == ("smoke", operation.service, None, operation.interval)
    ]
    return bool(mine) and (mine[-1].outcome, mine[-1].text) == (fact.outcome, fact.text)


def _goes_on(current: Pass, fact: OperationEnded) -> str:
    """That more runs follow the first one that passed, and where they are told."""
    end, policy = window_end(current.incident, current.policy.runbook), current.policy
    now = current.snapshot.now
    if fact.smoke is None or not fact.smoke.passed or end is None or now >= end:
        return ""
    every = policy.runbook.watching.every[current.incident.severity]
    return (
        f"It runs again every {spell(every)} until {clock_time(end, policy.zone, near=now)}. The panel "
        "counts the runs that pass, and one that fails is told here at once."
    )


def record_passed(current: Pass, *, aloud: bool = False) -> None:
    """Take what passed quietly into the record. ``aloud``: with a line of its own in the reply."""
    for service, runs in current.quiet.items():
        passed = SmokeRunsPassed(service=service, runs=tuple(one for one, _ in runs), url=runs[-1][1])
        key = f"w:passed:{passed.runs[0].op}"
        entry = Entry(key=key, what="smoke", at=current.snapshot.now, facts=(passed,))
        said = Said(key, "", "", "done", _told(current, passed)) if aloud else None
        current.add(Part(entry, said))
    current.quiet.clear()


def _told(current: Pass, passed: SmokeRunsPassed) -> str:
    """``11 smoke runs of `web` passed, from 14:42 UTC to 16:12 UTC.``"""
    zone, now, runs = current.policy.zone, current.snapshot.now, passed.runs
    of = f" of {code(passed.service)}" if passed.service else ""
    first, last = (clock_time(one.at, zone, near=now) for one in (runs[0], runs[-1]))
    if len(runs) == 1:
        return f"A smoke run{of} passed at {last}."
    return f"{len(runs)} smoke runs{of} passed, from {first} to {last}."


def watch(current: Pass) -> Asking[None]:
    """Start the smoke runs that are due, and ask for the evidence."""
    for operation in due_now(current):
        if _is_to_start(current, operation):
            current.starts.append(operation)
    yield from _ask_evidence(current)


def settle(current: Pass) -> None:
    """Take what passed quietly into the record where a reply is written anyway, at the end of the window, or
    when it has become much.
    """
    end = window_end(current.incident, current.policy.runbook)
    over = end is None or current.snapshot.now >= end
    if over or current.parts or max(map(len, current.quiet.values()), default=0) >= FULL:
        record_passed(current, aloud=over or not current.parts)


def _is_to_start(current: Pass, operation: Operation) -> bool:
    """Whether it is the newest of its service, nobody looked since it was due, and nothing is under way."""
    incident, snapshot = current.incident, current.snapshot
    if "operations" in snapshot.unsaid or not is_current(
        operation, incident, current.policy.runbook, snapshot.now
    ):
        return False
    seen = snapshot.operations or {}
    if seen.get(operation.id, Sighting()) != Sighting() or _is_under_way(current, operation, seen):
        return False
    known = incident.production
    looked = [one.asked for one in known.operations.values() if _same(one, operation)]
    run = known.smoke.get(operation.service)
    looked += [run.at] if run is not None else []
    return not any(at >= operation.asked - SLACK for at in looked)


def _is_under_way(current: Pass, operation: Operation, seen: Mapping[str, Sighting]) -> bool:
    """Whether another smoke run of its service goes on."""
    asked = any(one.open and _same(one, operation) for one in current.incident.production.operations.values())
    now: datetime = current.snapshot.now
    return asked or any(
        _same(one, operation)
        and seen.get(one.id, Sighting()) != Sighting()
        and not isinstance(judge(one, seen[one.id], now), OperationEnded)
        for one in due_now(current)
    )


def _same(one: Operation, operation: Operation) -> bool:
    return (one.kind, one.service) == (operation.kind, operation.service)


def _ask_evidence(current: Pass) -> Asking[None]:
    """Once an interval, as soon as it is resolved, so that it is there within the runbook's time (002-21).

    Where everybody could download it, people are told once what to set. While GitHub does not say who can
    see the repository, the next pass asks again.
    """
    incident, runbook = current.incident, current.policy.runbook
    resolved = incident.reached("resolved")
    if incident.stage not in (Stage.OPEN, Stage.CLOSED) or resolved is None or incident.kind == "drill":
        return
    described = any(service != Service() for service in current.policy.settings.services.values())
    if incident.severity not in runbook.evidence.within or not described:
        return
    had = (o for o in incident.production.operations.values() if o.kind == "evidence" and o.asked >= resolved)
    if any(had):
        return
    key, off = (f"w:{what}/{incident.interval}/{resolved:%Y%m%dT%H%M%S}" for what in ("evidence", "withheld"))
    if current.ledger.has(off):
        return
    settings = current.policy.settings
    yield from current.known.learn(Wants(visibility=not settings.public_evidence))
    withheld = withheld_here(settings, current.snapshot.visibility or "unknown")
    if withheld is not None:
        if current.snapshot.visibility == "public":
            entry = Entry(key=off, what="evidence", at=current.snapshot.now, facts=(Helped(),))
            current.add(engine_part(entry, withheld.message, "helped"))
        return
    op = operation_id("evidence", current.snapshot.repository.id, incident.number, key)
    now = current.snapshot.now
    fact = OperationAsked(op=op, kind="evidence", expires=now + EVIDENCE_EXPIRES)
    entry = Entry(key=key, what="evidence", at=now, facts=(fact,))
    say = f"Evidence is being collected: logs, timeline, runs and snapshots ({code(op)})."
    current.add(engine_part(entry, say, "helped"))
