"""Checklists and gates: what is done, what is open, and what an open gate asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import Operation
from allclear.core.model.people import Person
from allclear.core.model.times import clock_time, in_minutes, spell
from allclear.core.policy.runbook import ChecklistStep, Gate, Runbook
from allclear.core.record.incident import Incident, SmokeRun, Stage
from allclear.core.record.lean import SHOWN_DETAIL, beginning


@dataclass(frozen=True, slots=True)
class Item:
    """A step with its state. ``by`` None and ``done``: the engine saw it for itself."""

    step: ChecklistStep
    done: bool
    by: Person | None = None
    at: datetime | None = None

    @property
    def verified(self) -> bool:
        """Whether the engine ticked it, not a person."""
        return self.done and self.by is None


def verified_at(incident: Incident, step: ChecklistStep) -> datetime | None:
    """When the engine saw that the step was done; None when it did not, or cannot."""
    rule = step.verified
    if rule is None or incident.opened is None:
        return None
    if rule.milestone is not None:
        return incident.reached(rule.milestone)
    if rule.smoke is not None:
        return _passed_at(incident)
    if rule.fired is not None:
        # A reopened incident is told of anew: only the notices of this interval count.
        prefix = f"{rule.fired}/{incident.interval}/"
        known = incident.progress
        heard = (timer for timer in known.fired if timer not in known.unheard and timer.startswith(prefix))
        return min((known.fired[timer] for timer in heard), default=None)
    seen = {
        "severity": not incident.severity_asked,
        "declared": True,
        "actions-owned": bool(incident.progress.actions)
        and all(action.owner for action in incident.progress.actions),
        "postmortem-opened": bool(incident.postmortem.url),
        "finding": bool(incident.findings.root_cause),
        "closed": incident.stage == Stage.CLOSED,
    }
    return (incident.last or incident.opened) if rule.fact and seen[rule.fact] else None


def _passed_at(incident: Incident) -> datetime | None:
    """When the last service's smoke run passed after the fix; None while one fails or none ran since."""
    fixed = incident.reached("mitigated")
    runs = incident.production.smoke.values()
    if fixed is None or not runs or any(not run.smoke.passed or run.at < fixed for run in runs):
        return None
    return max(run.at for run in runs)


def unconfirmed(operation: Operation, incident: Incident, runbook: Runbook) -> str:
    """Why it is not known that what was done is what runs: one raw line, empty when it is known.

    A smoke run of the service that passes afterwards settles it, and so does whoever ticks the step that
    smoke runs tick.
    """
    if operation.outcome != "done" or operation.dry_run or operation.ended is None:
        return ""
    run = incident.production.smoke.get(operation.service)
    seen = [run.at] if run is not None and run.smoke.passed else []
    steps = [step.id for step in runbook.steps if step.verified is not None and step.verified.smoke]
    seen += [incident.progress.ticks[step].at for step in steps if step in incident.progress.ticks]
    return "" if any(at >= operation.ended for at in seen) else operation.unverified


def checklist(incident: Incident, runbook: Runbook, when: str | None = None) -> tuple[Item, ...]:
    """Every step with its state, in the runbook's order; ``when`` keeps one of the lists (during, after)."""
    items = []
    for step in runbook.steps:
        if when is not None and step.when != when:
            continue
        tick = incident.progress.ticks.get(step.id)
        seen = verified_at(incident, step)
        # A failing smoke run counts for more than somebody's word that all is well.
        refuted = step.verified is not None and step.verified.smoke is not None and bool(failing(incident))
        if seen is not None:
            items.append(Item(step, done=True, at=seen))
        elif tick is not None and not refuted:
            items.append(Item(step, done=True, by=tick.by, at=tick.at))
        else:
            items.append(Item(step, done=False))
    return tuple(items)


@dataclass(frozen=True, slots=True)
class Hold:
    """One thing a gate waits for. ``id`` is stable; ``how`` tells how to close it (Markdown, ours)."""

    id: str
    text: str
    how: str


def _gate_steps(gate: Gate, runbook: Runbook) -> set[str]:
    if gate.steps == "all":
        return {s.id for s in runbook.steps if s.when == "during" and not s.optional} - set(gate.except_steps)
    return set(gate.steps) - set(gate.except_steps)


def window_end(incident: Incident, runbook: Runbook) -> datetime | None:
    """When extended monitoring ends (000-19); None before the fix, or where the severity has no window."""
    gate = runbook.gate("all-clear")
    length = gate.window(incident.severity, incident.production.fixed_by) if gate else None
    since = incident.reached(gate.since) if gate else None
    return since + length if since and length is not None else None


def holds(incident: Incident, runbook: Runbook, before: str, now: datetime, tz: ZoneInfo) -> tuple[Hold, ...]:
    """What still has to happen before ``before`` (``resolve`` or ``all-clear``) may;
    empty when the gate is open.
    """
    gate = runbook.gate(before)
    if gate is None:
        return ()
    wanted = _gate_steps(gate, runbook)
    found = [
        _hold(item.step) for item in checklist(incident, runbook) if item.step.id in wanted and not item.done
    ]
    found += [
        Hold(milestone, f"Not {milestone} yet", REACHED_BY.get(milestone, "this is seen automatically"))
        for milestone in gate.reached
        if incident.reached(milestone) is None
    ]
    found += _smoke(incident) if gate.smoke else []
    found += _window(incident, gate, now, tz)
    return tuple(found)


REACHED_BY: Mapping[Milestone, str] = {
    "acknowledged": "`/ack`",
    "identified": "`/finding` with the root cause",
    "mitigated": "`/status monitoring` once the fix is applied",
    "resolved": "`/resolve <what fixed it>`",
}
"""How people bring a milestone about."""


def still_open(waiting: Sequence[Hold]) -> str:
    """``2 things are still open:``, for the line above the list."""
    return "One thing is still open:" if len(waiting) == 1 else f"{len(waiting)} things are still open:"


def listed(waiting: Sequence[Hold]) -> str:
    """What a gate waits for, as a Markdown list: the thing, and how to close it."""
    return "\n".join(f"- {hold.text}: {hold.how}" for hold in waiting)


def _hold(step: ChecklistStep) -> Hold:
    rule = step.verified
    how = f"`/check {step.id}`"
    if rule is not None and rule.milestone is not None and rule.milestone in REACHED_BY:
        how = f"{REACHED_BY[rule.milestone]}, or {how}"
    if rule is not None and rule.smoke is not None:
        how = f"a `/smoke` run that passes, or {how}"
    if rule is not None and rule.fact == "severity":
        how = f"`/sev <severity>`, or {how}"
    return Hold(step.id, step.text, how)


def failing(incident: Incident) -> tuple[tuple[str, SmokeRun], ...]:
    """The services whose newest smoke run failed, with that run."""
    return tuple((name, run) for name, run in incident.production.smoke.items() if not run.smoke.passed)


def _smoke(incident: Incident) -> list[Hold]:
    return [
        Hold("smoke", f"The smoke run of {code(name)} failed ({_told(run)})", f"fix it, then `/smoke {name}`")
        for name, run in failing(incident)
    ]


def _told(run: SmokeRun) -> str:
    """What failed, by name, with what was seen: at most three lines of the table."""
    shown = [
        f"{code(line.name)} {inline(beginning(line.detail, SHOWN_DETAIL), 80)}".strip()
        for line in run.smoke.failures[:3]
    ]
    more = len(run.smoke.failures) - len(shown)
    return "; ".join([*shown, *([f"and {more} more"] if more > 0 else [])]) or "it checked nothing"


def _window(incident: Incident, gate: Gate, now: datetime, tz: ZoneInfo) -> list[Hold]:
    length: timedelta | None = gate.window(incident.severity, incident.production.fixed_by)
    if length is None:
        return []
    since = incident.reached(gate.since)
    if since is None:
        return [
            Hold(
                "monitoring",
                f"Extended monitoring of {spell(length)} after the fix",
                "`/status monitoring` starts it",
            )
        ]
    end = since + length
    if now >= end:
        return []
    until = f"until {clock_time(end, tz, near=now)}, {in_minutes(end - now)} left"
    return [Hold("monitoring", f"Extended monitoring ({until})", "wait until it is over")]
