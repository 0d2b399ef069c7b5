"""The lean incident: all that is shown and decided on, and nothing that grows with every entry.

A checkpoint keeps it. What only the post-mortem and the evidence need is left out, for both read the
comments; of what grows, the part that counts is kept, and a count of the rest. So it goes on from a lean
incident as from the whole one: ``lean(fold(rest, onto=lean(one)))`` is ``lean(fold(rest, onto=one))``, and
the panel, the deadlines, the gates and the commands are the same for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allclear.core.model.operation import DANGEROUS, Artifact, Operation, Smoke, SmokeLine
from allclear.core.model.structs import replace
from allclear.core.record.incident import Incident, ProductionState, Progress

LEFT_OUT = frozenset({"timeline", "team.people"})
"""Parts of the incident that only the post-mortem and the evidence read, by their path."""

LONGEST: Mapping[str, int] = {
    "impact.revenue": 60,
    "impact.text": 600,
    "findings.root_cause": 800,
    "findings.evidence": 600,
    "findings.proposed_fix": 600,
    "findings.fix": 600,
    "progress.updates.text": 1000,
    "progress.updates.next": 250,
    "progress.updates.eta": 120,
    "progress.overrides.reason": 200,
    "progress.actions.text": 40,
    "progress.actions.why": 40,
    "progress.escalations.why": 500,
    "production.hotfix.text": 120,
    "postmortem.held.text": 200,
    "postmortem.override.reason": 200,
}
"""Characters of what people wrote that are shown, by the text's path; all of it stands in the replies."""

MOST_ACTIONS = 50
"""So many action items of an incident may be open: more than people keep an eye on."""

MOST: Mapping[str, int] = {
    "progress.updates": 1,
    "progress.actions": MOST_ACTIONS,
    "progress.overrides": 3,
    "progress.fired": 128,
    "progress.escalations": 20,
    "tampered": 12,
    "production.operations": 5,
    "production.passed": 360,
}
"""How many of what grows are kept, by its path. Of deadlines: those that fired last, and what tells that
something was said before them. Of operations: of those that are over and only read. Of smoke runs that passed
unheard: those of the extended monitoring of fifteen services.
"""

WATCHED = 24
"""Smoke runs of a service that are over, and kept: so many are looked at in one pass."""

SHOWN_DETAIL = 120
"""Characters of what a check saw, or is called, that are shown."""

NAMED = 5
"""Failed lines of a smoke run that are kept with their words."""


def beginning(text: str, most: int) -> str:
    """The beginning of a long text; once more, it is the same."""
    return text if len(text) <= most else f"{text[:most]}…"


def shown(incident: Incident) -> Incident:
    """The incident with no more of what people wrote than is shown."""
    for path, most in LONGEST.items():
        incident = _shortened(incident, path.split("."), most)
    return incident


def _shortened(value: Any, path: list[str], most: int) -> Any:
    """A value with the text at this path in it shortened, in all of its items where it is a tuple."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return tuple(_shortened(one, path, most) for one in value)
    if not path:
        return beginning(value, most)
    return replace(value, **{path[0]: _shortened(getattr(value, path[0]), path[1:], most)})


def lean(incident: Incident) -> Incident:
    """What a checkpoint keeps of the incident."""
    return shown(
        replace(
            incident,
            timeline=(),
            team=replace(incident.team, people=()),
            progress=_progress(incident.progress, incident.interval),
            production=_production(incident.production, incident.interval),
            tampered=incident.tampered[: MOST["tampered"]],
        )
    )


def _progress(progress: Progress, interval: int) -> Progress:
    """The newest of everything; of the action items those that are open, one that nobody owns before one that
    has no date, and that before one that has both.
    """
    actions = sorted(
        progress.open_actions,
        key=lambda one: (one.owner is not None, bool(one.due), one.number),
    )
    kept = {one.number for one in actions[:MOST_ACTIONS]}
    fired = _fired(progress, interval)
    return replace(
        progress,
        updates=progress.updates[-MOST["progress.updates"] :],
        actions=tuple(one for one in progress.open_actions if one.number in kept),
        left_out=progress.left_out + len(actions) - len(kept),
        overrides=progress.overrides[-MOST["progress.overrides"] :],
        escalations=progress.escalations[-MOST["progress.escalations"] :],
        fired={timer: progress.fired[timer] for timer in progress.fired if timer in fired},
        unheard=progress.unheard & fired,
    )


def _fired(progress: Progress, interval: int) -> frozenset[str]:
    """The deadlines that fired last; of each in this interval the first notice that somebody heard, which
    ticks a step (core.clock.checklist), and the newest, in all and for each flag that is up, so that what is
    said once is not said again.
    """
    first: dict[str, str] = {}
    newest: dict[str, str] = {}
    flags = {raising.key for raising in progress.raised.values()}
    for timer, at in progress.fired.items():
        name, *rest = timer.split("/")
        if rest[:1] != [str(interval)]:
            continue
        for clock in (name, *(f"{name}/{mark}" for mark in rest[1:-1] if mark in flags)):
            newest[clock] = timer  # they stand in the order in which they were said
        if timer not in progress.unheard and (name not in first or at < progress.fired[first[name]]):
            first[name] = timer
    last = list(progress.fired)[-MOST["progress.fired"] :]
    return frozenset([*first.values(), *newest.values(), *last])


def _production(production: ProductionState, interval: int) -> ProductionState:
    """All that changes production, may still do something, or is not known to have ended; of the rest the
    newest, and the newest of each kind and service, in this interval and before.
    """
    every = production.operations
    over = sorted((one for one in every.values() if _settled(one)), key=lambda one: one.asked)
    alike: dict[tuple[str, str, bool], list[str]] = {}
    for one in over:
        alike.setdefault((one.kind, one.service, one.interval == interval), []).append(one.id)
    listed = [one.id for one in every.values() if _settled(one) and one.kind != "smoke"]
    kept = {
        name
        for (kind, _, now), names in alike.items()
        for name in names[-(WATCHED if kind == "smoke" and now else 1) :]
    }
    kept |= {*listed[-MOST["production.operations"] :]}
    return replace(
        production,
        operations={
            name: one if one.open else _told(one)
            for name, one in every.items()
            if not _settled(one) or name in kept
        },
        smoke={name: replace(run, smoke=_failed(run.smoke)) for name, run in production.smoke.items()},
        passed=dict(list(production.passed.items())[-MOST["production.passed"] :]),
    )


def _settled(operation: Operation) -> bool:
    """Whether nothing more is to become of it. One that was called off may have begun at that moment."""
    return (
        operation.kind not in DANGEROUS
        and not operation.open
        and operation.outcome not in ("unknown", "cancelled", "expired")
    )


def _kinds(artifact: Artifact | None) -> Artifact | None:
    """Which evidence was kept, for the steps that wait for it (core.clock.done); not where."""
    return Artifact(url="", sha256="", kinds=artifact.kinds) if artifact and artifact.kinds else None


def _told(operation: Operation) -> Operation:
    """One that is over, without the words about it: its answer and the evidence have them. What a smoke run
    said is held against the next one.
    """
    return replace(
        operation,
        why="",
        text=operation.text if operation.kind == "smoke" else "",
        artifact=_kinds(operation.artifact),
        smoke=None if operation.smoke is None else _failed(operation.smoke, 0),
    )


def _failed(smoke: Smoke, named: int = NAMED) -> Smoke:
    """Whether it passed, and what failed: the first of it by name, the rest by number."""
    if smoke.passed:
        return Smoke(lines=(SmokeLine(name="", outcome="pass"),))
    words = [
        replace(line, detail=beginning(line.detail, SHOWN_DETAIL), name=beginning(line.name, SHOWN_DETAIL))
        for line in smoke.failures[:named]
    ]
    rest = [SmokeLine(name="", outcome="fail") for _ in smoke.failures[named:]]
    return Smoke(lines=(*words, *rest))
