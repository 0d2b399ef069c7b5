"""Which severity follows from what is known, where a person named a lesser one: it is asked, never set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from allclear.core.clock.anchors import anchors, running
from allclear.core.clock.readings import latest
from allclear.core.policy.guidance import RunbookMeasure, SeverityRule
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident


class Advice(Struct, frozen=True):
    """``to`` is worse than the severity of the incident. ``cause`` is its name for ever; ``why`` says what
    was seen, the runbook's text; ``say``: what the runbook says in addition, with values in it.
    """

    to: str
    cause: str
    why: str
    say: str = ""


def advised(incident: Incident, runbook: Runbook, now: datetime) -> tuple[Advice, ...]:
    """What suggests a worse severity now, the worst first. Nothing once it is over, or is written up
    afterwards.
    """
    known = [one.id for one in runbook.severities]
    over = not incident.active or incident.reached("resolved") is not None
    if over or incident.kind == "retro" or incident.severity not in known:
        return ()
    found = [advice for rule in runbook.severity_rules for advice in _by_rule(rule, incident, runbook, now)]
    found += [advice for measure in runbook.measures for advice in _by_measure(measure, incident, runbook)]
    return tuple(sorted(found, key=lambda one: runbook.rank(one.to)))


def next_advice(incident: Incident, runbook: Runbook, now: datetime) -> datetime | None:
    """When time alone brings the next advice (UTC), after ``now``; None: it brings none."""
    dues = [
        max(clock.within[incident.severity].after(anchor.at, runbook.times), anchor.not_before or anchor.at)
        for clock in (rule.clock for rule in runbook.severity_rules)
        if running(incident, clock, runbook)
        for anchor in anchors(incident, clock, runbook)
    ]
    return min((due for due in dues if due > now), default=None)


def _by_rule(rule: SeverityRule, incident: Incident, runbook: Runbook, now: datetime) -> Iterator[Advice]:
    clock = rule.clock
    if not running(incident, clock, runbook):
        return
    for anchor in anchors(incident, clock, runbook):
        due = clock.within[incident.severity].after(anchor.at, runbook.times)
        if max(due, anchor.not_before or due) <= now:
            cause = "/".join(filter(None, (clock.id, str(incident.interval), anchor.mark)))
            yield Advice(rule.to, f"rule:{cause}", _seen(rule, incident, runbook) or clock.title, clock.text)


def _seen(rule: SeverityRule, incident: Incident, runbook: Runbook) -> str:
    """What makes the condition hold, in words; empty where it is time alone."""
    when = rule.clock.when
    up = [runbook.flag_titles.get(flag, flag) for flag in when.flag if flag in incident.progress.flags]
    measures = [runbook.measure(name) for name in when.measured]
    told = [f"{one.title} {_value(one, incident)}" for one in measures if one is not None]
    return ", ".join([*up, *told])


def _value(measure: RunbookMeasure, incident: Incident) -> str:
    value = latest(incident, measure.id)
    return measure.written(value) if value is not None else ""


def _by_measure(measure: RunbookMeasure, incident: Incident, runbook: Runbook) -> Iterator[Advice]:
    """The worst severity whose band its newest value reaches."""
    value = latest(incident, measure.id)
    if value is None:
        return
    for level in sorted(measure.least, key=runbook.rank):
        if value >= measure.least[level]:
            if runbook.rank(level) < runbook.rank(incident.severity):
                cause = f"measure:{measure.id}/{incident.interval}/{level}"
                least = measure.written(measure.least[level])
                yield Advice(level, cause, f"{measure.title} {measure.written(value)} (from {least} on)")
            return
