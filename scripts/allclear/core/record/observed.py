"""Facts about what was seen of an incident: numbers, kinds of incidents, severities that follow from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, assert_never

from pydantic import Field

from allclear.core.model.frozen import Frozen
from allclear.core.policy.runbook import Runbook
from allclear.core.record.changes import add_line
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident
from allclear.core.record.observations import Reading


class Measured(Frozen):
    """Somebody read this value of a measure of the runbook, in its unit."""

    t: Literal["measured"] = "measured"
    measure: str
    value: float = Field(allow_inf_nan=False)


class SeveritySuggested(Frozen):
    """The engine asked whether it is this severity. ``cause`` is never a cause again; ``why`` is raw."""

    t: Literal["suggested"] = "suggested"
    to: str
    cause: str
    why: str = ""


class RollbackSuggested(Frozen):
    """The engine said that a reason to go back at once holds. ``cause`` is never a cause again; ``reason`` is
    the runbook's.
    """

    t: Literal["go-back"] = "go-back"
    cause: str
    reason: str = ""


class PatternHinted(Frozen):
    """The engine said that it looks like this pattern, whose ``symptom`` somebody wrote."""

    t: Literal["hinted"] = "hinted"
    pattern: str
    symptom: str = ""


class PatternNamed(Frozen):
    """Somebody says that it is this pattern."""

    t: Literal["pattern"] = "pattern"
    pattern: str


ObservedFact = Measured | SeveritySuggested | RollbackSuggested | PatternHinted | PatternNamed


def apply_observed(incident: Incident, entry: EntryHeader, fact: ObservedFact, runbook: Runbook) -> Incident:
    """The incident after one more fact about what was seen."""
    seen = incident.observed
    match fact:
        case Measured():
            reading = Reading(fact.measure, fact.value, entry.at)
            known = replace(seen, readings=(*seen.readings, reading))
            measure = runbook.measure(fact.measure)
            told = f"{measure.title}: {measure.written(fact.value)}" if measure else f"{fact.value:.6g}"
            return add_line(replace(incident, observed=known), entry, "Measured", told)
        case SeveritySuggested():
            known = replace(seen, suggested={fact.cause: entry.at} | dict(seen.suggested))
            told = f"Severity {fact.to} suggested"
            return add_line(replace(incident, observed=known), entry, told, fact.why)
        case RollbackSuggested():
            known = replace(seen, suggested={fact.cause: entry.at} | dict(seen.suggested))
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


def _title(pattern: str, runbook: Runbook) -> str:
    known = runbook.pattern(pattern)
    return known.title if known else pattern
