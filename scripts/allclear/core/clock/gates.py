"""Gates: what still has to happen before something may, and how people bring it about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from allclear.core.clock.checklist import asked_lists, failing
from allclear.core.clock.step_text import step_text
from allclear.core.clock.window import window, window_end
from allclear.core.model.neutral import code, inline
from allclear.core.model.structs import replace
from allclear.core.model.times import clock_time, in_minutes
from allclear.core.policy.checklists import MOMENTS, DoneWord, Step, milestone
from allclear.core.policy.gate import Gate
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident, SmokeRun
from allclear.core.record.lean import SHOWN_DETAIL, beginning

RESOLVE = "resolve"
ALL_CLEAR = "all-clear"
GATES = (RESOLVE, ALL_CLEAR)
"""The gates that the engine itself knows, by their commands."""

WINDOW = "monitoring"
"""The hold that is the window of 000-19."""

_MOMENTS: Mapping[str, str] = {RESOLVE: "resolved"}


class Hold(Struct, frozen=True):
    """One thing a gate waits for. ``id`` is stable; ``how`` tells how to close it (Markdown, ours).

    ``waits``: for which moment or word of ``done``.
    """

    id: str
    text: str
    how: str
    waits: str = ""


def holds(incident: Incident, runbook: Runbook, before: str, now: datetime, tz: ZoneInfo) -> tuple[Hold, ...]:
    """What still has to happen before ``before`` may: ``resolve``, ``all-clear``, or any other moment or
    state; empty when the gate is open.
    """
    gate = runbook.gate(before)
    found = list(held_by_lists(incident, runbook, _MOMENTS.get(before, before), now))
    own = _gated(incident, runbook, gate, now, tz) if gate is not None else []
    # What a step and the gate itself both wait for is said once: the window by the gate, which knows its end.
    if any(hold.id == WINDOW for hold in own):
        found = [hold for hold in found if hold.waits != "watched"]
    said = {hold.waits for hold in found} - {"", "smoke"}
    # The gate takes nobody's word for it, so that a tick of that step alone would not open it.
    ways = {hold.id: hold.how for hold in own if hold.id in said}
    steps = (replace(hold, how=ways.get(hold.waits, hold.how)) for hold in found)
    return (*steps, *(hold for hold in own if hold.id not in said))


def holds_the_end(incident: Incident, runbook: Runbook, now: datetime, tz: ZoneInfo) -> tuple[Hold, ...]:
    """What still has to happen before the all-clear. Who ends an incident that is not resolved says both at
    once, so that what holds the resolution holds the end too.
    """
    ways = (RESOLVE, ALL_CLEAR) if incident.reached("resolved") is None else (ALL_CLEAR,)
    found = [hold for before in ways for hold in holds(incident, runbook, before, now, tz)]
    return tuple({hold.id: hold for hold in reversed(found)}.values())[::-1]


def passed(before: str, incident: Incident) -> bool:
    """Whether the incident is at that moment or state already, so that nothing holds it any more."""
    state = {"monitoring": "mitigated"}.get(before, before)
    if state in MOMENTS:
        return incident.reached(milestone(state)) is not None
    return incident.status == state


def held_by_lists(
    incident: Incident, runbook: Runbook, before: str, now: datetime | None = None
) -> Iterator[Hold]:
    """The steps of the lists that hold a moment or state, whether they are open already or not: what nobody
    could have done yet is not done. Who resolves an incident that is not mitigated says both at once.
    """
    both = before == "resolved" and incident.reached("mitigated") is None
    for one in asked_lists(incident, runbook, now):
        if one.checklist.holds(before) or (both and one.checklist.holds("mitigated")):
            for item in one.left:
                if item.step.done is None or not item.step.done.follows(before):
                    yield _hold(item.step, incident, runbook)


def _gated(incident: Incident, runbook: Runbook, gate: Gate, now: datetime, tz: ZoneInfo) -> list[Hold]:
    """What the gate itself waits for."""
    found = []
    if gate.severity and incident.severity_asked:
        found.append(Hold("severity", "Nobody has named the severity", "`/sev <severity>`"))
    needed = [name for name, levels in gate.needs.items() if incident.severity in levels]
    found += [
        Hold(name, f"Not {name} yet", REACHED_BY.get(name, "this is seen automatically"))
        for name in (*gate.reached, *needed)
        if incident.reached(name) is None
    ]
    found += _smoke(incident) if gate.smoke else []
    found += _window(incident, runbook, gate, now, tz)
    found += _unmeasured(incident, runbook) if gate.recovered else []
    return found


REACHED_BY: Mapping[str, str] = {
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


def _hold(step: Step, incident: Incident, runbook: Runbook) -> Hold:
    ways = [*filter(None, [way(step, runbook)])]
    if not ways or not stands_for(step):
        ways.append(f"`/check {step.id}`")
    waits = (step.done.at or step.done.kind) if step.done else ""
    return Hold(step.id, step_text(step, incident, runbook), ", or ".join(ways), waits)


def _voice_way(name: str, moment: str, runbook: Runbook) -> str:
    """What makes a voice speak at this moment; a voice of the team speaks by itself, save for an update."""
    if any(one.id == name and one.public for one in runbook.voices):
        return f"`/publish {name}`"
    return "`/update <text>`" if moment == "update" else REACHED_BY.get(moment, "")


_RECORDED = ("identified", "mitigated")
"""Moments that stand for something people write down here; the other steps may have been done elsewhere."""


def stands_for(step: Step) -> bool:
    """Whether a step stands for what a command of ours records, so that nobody ticks it past that."""
    return step.done is not None and step.done.kind == "moment" and step.done.names[0] in _RECORDED


def way(step: Step, runbook: Runbook) -> str:
    """What brings it about by itself; empty where only people can say that it is done."""
    done = step.done
    if done is None:
        return f"`/run {step.run}`" if step.run else ""
    if done.kind == "moment":
        return REACHED_BY.get(done.names[0], "")
    if done.kind == "said":
        return _voice_way(done.names[0], done.moment, runbook)
    if done.kind == "role":
        return " and ".join(f"`/role {name} @somebody`" for name in done.names)
    return _WAYS.get(done.kind, "")


_WAYS: Mapping[DoneWord, str] = {
    "smoke": "a `/smoke` run that passes",
    "severity": "`/sev <severity>`",
    "actions": "`/action @owner due:<date> <text>` for each",
    "post-mortem": "`/postmortem`",
    "evidence": "`/evidence`",
    "meeting": "`/meeting <time>`",
    "watched": "wait until the extended monitoring is over",
}


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


def _window(incident: Incident, runbook: Runbook, gate: Gate, now: datetime, tz: ZoneInfo) -> list[Hold]:
    span = gate.window(incident.severity, incident.production.fixed_by)
    if span is None:
        return []
    if incident.reached("mitigated") is None:
        text = f"Extended monitoring of {span.words()} after the fix"
        return [Hold(WINDOW, text, "`/status monitoring` starts it")]
    end = window_end(incident, runbook)
    if end is None or now >= end:
        return []
    until = f"until {clock_time(end, tz, near=now)}, {in_minutes(end - now)} left"
    return [Hold(WINDOW, f"Extended monitoring ({until})", "wait until it is over")]


def _unmeasured(incident: Incident, runbook: Runbook) -> list[Hold]:
    """The numbers that say that production has recovered, as far as somebody looked at them since the fix
    and could not read them, or has not looked since. A number without a source is nobody's to look at.
    """
    fixed = incident.reached("mitigated")
    if fixed is None or window(incident, runbook) is None:
        return []
    wanted = {one.id: one.title for one in runbook.recovery}
    stale = {
        line.name: name
        for name, run in incident.production.smoke.items()
        if run.at < fixed
        for line in run.smoke.lines
        if line.name in wanted and line.outcome != "skipped"
    }
    return [
        Hold("recovered", f"{inline(wanted[one])} was not measured since the fix", f"`/smoke {name}`")
        for one, name in stale.items()
    ]
