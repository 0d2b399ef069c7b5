"""What the engine asks for by itself: smoke runs in the monitoring window, evidence after the resolution."""

from __future__ import annotations

from datetime import datetime, timedelta

from allclear.core.clock.window import window_end
from allclear.core.model.asking import Asking
from allclear.core.model.neutral import code
from allclear.core.model.operation import operation_id
from allclear.core.model.snapshot import Wants
from allclear.core.plan.passing import Pass
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.service import Service
from allclear.core.policy.settings import Settings
from allclear.core.production.evidence import withheld_here
from allclear.core.record.audit import Helped
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.production import OperationAsked
from allclear.core.view.reply import engine_part

SMOKE_EXPIRES = timedelta(minutes=30)
"""A smoke run that did not start by then says nothing about now."""

SLACK = timedelta(minutes=2)
"""A look may come so much early. A sweep starts a run that ends a minute later; ten minutes after that, the
next sweep has just passed, and without this every second one would find that nothing is due yet.
"""

EVIDENCE_EXPIRES = timedelta(hours=6)
"""Evidence stays useful for longer; logs of the deploy system usually do not last a day."""


def watched(incident: Incident, settings: Settings) -> tuple[str, ...]:
    """The services a fix is watched on: those hit or rolled back, as far as they have checks, else all that
    have.
    """
    having = [name for name, service in settings.services.items() if service.has_smoke]
    hit = {name.lower() for name in incident.impact.services}
    hit |= {
        one.service.lower()
        for one in incident.production.operations.values()
        if one.interval == incident.interval
    }
    chosen = tuple(name for name in having if name.lower() in hit)
    return chosen or tuple(having)


def next_smoke(incident: Incident, runbook: Runbook, service: str) -> datetime | None:
    """When the service is to be looked at next (UTC); None outside of the window, or while a run is under
    way.

    Right after the fix unless it came with a smoke run of its own, then every so often (``watching.every``).
    """
    fixed, end = incident.reached("mitigated"), window_end(incident, runbook)
    every = runbook.watching.every.get(incident.severity)
    if incident.stage != Stage.OPEN or fixed is None or end is None or every is None:
        return None
    mine = [
        one
        for one in incident.production.operations.values()
        if one.kind == "smoke" and one.service == service
    ]
    if any(one.open for one in mine):
        return None
    looked = [one.asked for one in mine if one.asked >= fixed]
    run = incident.production.smoke.get(service)
    if run is not None and run.at >= fixed:
        looked.append(run.at)
    due = max(looked) + every if looked else fixed
    return due if due <= end else None


def watch(current: Pass) -> Asking[None]:
    """Ask for the smoke runs that are due, and for the evidence."""
    for service in watched(current.incident, current.policy.settings):
        due = next_smoke(current.incident, current.policy.runbook, service)
        if due is not None and due <= current.snapshot.now + SLACK:
            _ask_smoke(current, service)
    yield from _ask_evidence(current)


def _ask_smoke(current: Pass, service: str) -> None:
    now = current.snapshot.now
    count = sum(one.kind == "smoke" for one in current.incident.production.operations.values())
    key = f"w:smoke:{service}/{current.incident.interval}/{count}"
    op = operation_id("smoke", current.snapshot.repository.id, current.incident.number, key)
    fact = OperationAsked(op=op, kind="smoke", service=service, expires=now + SMOKE_EXPIRES)
    entry = Entry(key=key, what="smoke", at=now, facts=(fact,))
    say = f"{code(service)} is being watched, and a smoke run was started ({code(op)})."
    current.add(engine_part(entry, say, "helped"))


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
    if any(entry.key == off for entry in current.entries):
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
