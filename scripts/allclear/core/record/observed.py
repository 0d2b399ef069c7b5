"""Facts about what was seen of an incident: numbers, kinds of incidents, severities that follow from them."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from allclear.core.model.operation import Smoke
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.stored import Stored
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.record.changes import add_line
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident
from allclear.core.record.observations import MOST_SUGGESTED, Observations, read


class Measured(Stored, frozen=True, kw_only=True, tag_field="t", tag="measured"):
    """Somebody read this value of a measure of the runbook, in its unit."""

    measure: str
    value: float


class SeveritySuggested(Stored, frozen=True, kw_only=True, tag_field="t", tag="suggested"):
    """The engine asked whether it is this severity. ``cause`` is never a cause again; ``why`` is raw."""

    to: str
    cause: str
    why: str = ""


class RollbackSuggested(Stored, frozen=True, kw_only=True, tag_field="t", tag="go-back"):
    """The engine said that a reason to go back at once holds. ``cause`` is never a cause again; ``reason`` is
    the runbook's.
    """

    cause: str
    reason: str = ""


class PatternHinted(Stored, frozen=True, kw_only=True, tag_field="t", tag="hinted"):
    """The engine said that it looks like this pattern, whose ``symptom`` somebody wrote."""

    pattern: str
    symptom: str = ""


class PatternNamed(Stored, frozen=True, kw_only=True, tag_field="t", tag="pattern"):
    """Somebody says that it is this pattern."""

    pattern: str


READ = ("pass", "fail")
"""How a line of a smoke run ends that holds a number."""

_NUMBER = lazy_regex(r"-?\d{1,12}(?:\.\d{1,9})?(?:e[+-]\d{1,3})?(?=[ ,])")

ObservedFact = Measured | SeveritySuggested | RollbackSuggested | PatternHinted | PatternNamed


def apply_observed(incident: Incident, entry: EntryHeader, fact: ObservedFact, runbook: Runbook) -> Incident:
    """The incident after one more fact about what was seen."""
    seen = incident.observed
    match fact:
        case Measured():
            known = _read(incident, fact.measure, fact.value, entry.at)
            measure = runbook.measure(fact.measure)
            told = f"{measure.title}: {measure.written(fact.value)}" if measure else f"{fact.value:.6g}"
            return add_line(replace(incident, observed=known), entry, "Measured", told)
        case SeveritySuggested():
            known = _suggested(seen, fact.cause, entry.at)
            told = f"Severity {fact.to} suggested"
            return add_line(replace(incident, observed=known), entry, told, fact.why)
        case RollbackSuggested():
            known = _suggested(seen, fact.cause, entry.at)
            return add_line(replace(incident, observed=known), entry, "Rollback suggested", fact.reason)
        case PatternHinted():
            known = replace(seen, hinted=seen.hinted | {fact.pattern})
            told = f"Looks like: {_title(fact.pattern, runbook)}"
            return add_line(replace(incident, observed=known), entry, told, fact.symptom)
        case PatternNamed():
            known = replace(seen, pattern=fact.pattern)
            told = f"Known kind of incident: {_title(fact.pattern, runbook)}"
            return add_line(replace(incident, observed=known), entry, told)
        case _:
            assert_never(fact)


def read_by_smoke(incident: Incident, smoke: Smoke, service: str, at: datetime) -> Incident:
    """The incident with the numbers that a smoke run read; they stand first in what it says of them."""
    for line in smoke.lines:
        number = _NUMBER.match(line.detail) if line.kind == "measure" and line.outcome in READ else None
        if number:
            known = _read(incident, line.name, float(number[0]), at, service or "-")
            incident = replace(incident, observed=known)
    return incident


def _read(incident: Incident, measure: str, value: float, at: datetime, service: str = "") -> Observations:
    """With one more reading; what was read before a reopening says nothing any more."""
    seen = incident.observed
    gauge = seen.gauges.get(measure)
    if gauge is not None and incident.opened is not None and gauge.at < incident.opened:
        gauge = None
    return replace(seen, gauges={**seen.gauges, measure: read(gauge, value, at, service)})


def _suggested(seen: Observations, cause: str, at: datetime) -> Observations:
    newest = [*seen.suggested.items(), (cause, at)][-MOST_SUGGESTED:]
    return replace(seen, suggested=dict(newest))


def _title(pattern: str, runbook: Runbook) -> str:
    known = runbook.pattern(pattern)
    return known.title if known else pattern
