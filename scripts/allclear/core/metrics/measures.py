"""The measures: each with its name, its definition as people read it, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from allclear.core.metrics.numbers import IncidentNumbers, Share, Spread

NOTHING = ""
"""What is shown where there is nothing to count."""


class ReportMeasure(Struct, frozen=True):
    """``key`` names it for programs, ``title`` and ``definition`` for people. ``cell`` shows it in a table,
    ``value`` as plain JSON.
    """

    key: str
    title: str
    definition: str
    cell: Callable[[IncidentNumbers], str]
    value: Callable[[IncidentNumbers], Any]


def _spread(of: Callable[[IncidentNumbers], Spread]) -> Callable[[IncidentNumbers], str]:
    def cell(numbers: IncidentNumbers) -> str:
        found = of(numbers)
        return NOTHING if found.median is None else f"{found.median:,} / {found.p90:,}"

    return cell


def _share(of: Callable[[IncidentNumbers], Share]) -> Callable[[IncidentNumbers], str]:
    def cell(numbers: IncidentNumbers) -> str:
        found = of(numbers)
        return f"{found.done:,} of {found.all:,}" if found.all else NOTHING

    return cell


def _count(of: Callable[[IncidentNumbers], int | None]) -> Callable[[IncidentNumbers], str]:
    def cell(numbers: IncidentNumbers) -> str:
        found = of(numbers) if numbers.incidents else None
        return NOTHING if found is None else f"{found:,}"

    return cell


def _minutes(numbers: IncidentNumbers) -> str:
    return NOTHING if numbers.minutes is None else f"{numbers.minutes:,}"


def amount(value: Decimal) -> str:
    """``45,000`` or ``12.50``."""
    return f"{value:,.2f}".removesuffix(".00")


def _revenue(numbers: IncidentNumbers) -> str:
    """``$45,000; 2,000 EUR; 1 unclear``. Raw: a currency is what somebody wrote."""
    told = [
        f"{amount(value)} {currency}".strip() if currency.isalpha() else f"{currency}{amount(value)}"
        for currency, value in numbers.revenue
    ]
    return "; ".join([*told, *([f"{numbers.unclear:,} unclear"] if numbers.unclear else [])])


def _time(key: str, title: str, what: str) -> ReportMeasure:
    def of(numbers: IncidentNumbers) -> Spread:
        found: Spread = getattr(numbers, key)
        return found

    return ReportMeasure(key, f"{title} (min)", f"{what}.", _spread(of), lambda numbers: asdict(of(numbers)))


MEASURES: tuple[ReportMeasure, ...] = (
    ReportMeasure(
        "incidents",
        "Incidents",
        "Incidents that started then (UTC). Drills and duplicates are not counted, nor reports without front "
        "matter that can be read.",
        _count(lambda numbers: numbers.incidents),
        lambda numbers: numbers.incidents,
    ),
    _time("detection", "Detect", "From the start to its detection"),
    _time(
        "acknowledgement",
        "Acknowledge",
        "From the declaration to the acknowledgement, after a reopening to that of the last time",
    ),
    _time("mitigation", "Mitigate", "From the start to the mitigation"),
    _time("resolution", "Resolve", "From the start to the resolution"),
    ReportMeasure(
        "minutes",
        "With an incident (min)",
        "Minutes from start to resolution that fall into it. Incidents that overlap are counted once.",
        _minutes,
        lambda numbers: numbers.minutes,
    ),
    ReportMeasure(
        "promises",
        "Promises kept",
        "What the runbook demands of every incident of the severity, by the record when the report was "
        "written: that somebody responds in time, and that updates come without a reminder.",
        _share(lambda numbers: numbers.promises),
        lambda numbers: asdict(numbers.promises),
    ),
    ReportMeasure(
        "reopened",
        "Reopened",
        "Incidents that were opened again after their end.",
        _count(lambda numbers: numbers.reopened),
        lambda numbers: numbers.reopened,
    ),
    ReportMeasure(
        "escalated",
        "Escalated",
        "Incidents for which somebody further up was called, because a time ran out or by hand.",
        _count(lambda numbers: numbers.escalated),
        lambda numbers: numbers.escalated,
    ),
    ReportMeasure(
        "people",
        "People",
        "Who worked on an incident, without bots.",
        _spread(lambda numbers: numbers.people),
        lambda numbers: asdict(numbers.people),
    ),
    ReportMeasure(
        "users",
        "Customers affected",
        "Added up where a report says how many. Who was hit twice is in it twice.",
        _count(lambda numbers: numbers.users),
        lambda numbers: numbers.users,
    ),
    ReportMeasure(
        "revenue",
        "Revenue impact",
        "Added up by currency. Unclear is what is no single amount.",
        _revenue,
        lambda numbers: {
            "by_currency": {currency: str(value) for currency, value in numbers.revenue},
            "unclear": numbers.unclear,
        },
    ),
    ReportMeasure(
        "actions",
        "Actions done",
        "Of the action items that were not dropped, when the report was last written. A report that only "
        "lists its actions says nothing about it.",
        _share(lambda numbers: numbers.actions),
        lambda numbers: asdict(numbers.actions),
    ),
)

QUANTILES = (
    "Two numbers in a cell are the median and p90 of the incidents whose report says it; minutes are whole "
    "ones, cut. Median and p90 are nearest-rank: the smallest value that at least 50 (90) of 100 values do "
    "not exceed. It is always one that was measured; of two, the median is the lower. An empty cell means "
    "that there is nothing to count, which is not 0."
)


def cells(numbers: IncidentNumbers) -> list[str]:
    """A row of a table, by `MEASURES`. Raw."""
    return [measure.cell(numbers) for measure in MEASURES]


def values(numbers: IncidentNumbers) -> Mapping[str, Any]:
    """The same as plain JSON, by key."""
    return {measure.key: measure.value(numbers) for measure in MEASURES}
