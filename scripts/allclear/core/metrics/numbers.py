"""From reports to numbers. Nothing is guessed: what no report says is not known, which is not 0."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from msgspec import Struct

from allclear.core.metrics.reading import ReportFile, midnight
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.times import whole_minutes

_CURRENCY = (
    r"(?:[A-Z]{0,2}[$\u20ac\u00a3\u00a5\u20b9\u20a9\u20bd\u20ba\u20ab\u20b4\u20a6\u20b1\u0e3f]|[A-Z]{3}|kr)"
)
_MONEY = lazy_regex(
    rf"(?P<before>{_CURRENCY})?\s?(?P<number>\d{{1,3}}(?:,\d{{3}}){{1,4}}|\d{{1,15}})(?P<cents>\.\d{{1,2}})?"
    rf"(?:\s?(?P<factor>[kKmM])(?!\w))?\s?(?P<after>{_CURRENCY})?",
    re.ASCII,
)
"""``$45000``, ``45,000 EUR``, ``\u20ac1.5k``; of anything else nobody can say what it adds up to."""
_FACTORS = {"k": Decimal(1000), "m": Decimal(1_000_000)}

Span = tuple[datetime, datetime]
"""From, to."""


def nearest_rank(values: Iterable[int], percent: int) -> int | None:
    """The smallest of the values that at least ``percent`` of a hundred of them do not exceed; None of none.

    It is always a value that was measured, in whole minutes. For 50 it is the middle one, of two the lower.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


class Spread(Struct, frozen=True):
    """``median`` and ``p90`` of the ``known`` values; None when there are none."""

    known: int
    median: int | None
    p90: int | None


def spread(values: Iterable[int | None]) -> Spread:
    """Of the values that are known."""
    known = [value for value in values if value is not None]
    return Spread(len(known), nearest_rank(known, 50), nearest_rank(known, 90))


class Share(Struct, frozen=True):
    """``done`` of ``all``."""

    done: int
    all: int


class IncidentNumbers(Struct, frozen=True):
    """What some incidents add up to.

    ``reopened`` and ``escalated`` count incidents. ``users`` None: no report says it. ``revenue`` by currency
    as it was written, ``unclear`` the amounts that are no number. ``minutes``: with an incident, overlapping
    ones counted once; None while no report says from when to when.
    """

    incidents: int
    detection: Spread
    acknowledgement: Spread
    mitigation: Spread
    resolution: Spread
    minutes: int | None
    promises: Share
    reopened: int
    escalated: int
    people: Spread
    users: int | None
    revenue: tuple[tuple[str, Decimal], ...]
    unclear: int
    actions: Share


def numbers(files: Sequence[ReportFile], minutes: int | None) -> IncidentNumbers:
    """Add up these incidents. ``minutes``: the time with an incident, see `time_spent`."""
    rows = [file.row for file in files]
    users = [row.users for row in rows if row.users is not None]
    amounts = [money(row.revenue) for row in rows if row.revenue]
    planned = [row for row in rows if row.actions_done is not None]
    return IncidentNumbers(
        incidents=len(rows),
        detection=spread(row.detection for row in rows),
        acknowledgement=spread(row.acknowledgement for row in rows),
        mitigation=spread(row.mitigation for row in rows),
        resolution=spread(row.resolution for row in rows),
        minutes=minutes,
        promises=Share(sum(row.kept for row in rows), sum(row.made for row in rows)),
        reopened=sum(row.reopened > 0 for row in rows),
        escalated=sum(row.escalated > 0 for row in rows),
        people=spread(row.people for row in rows),
        users=sum(users) if users else None,
        revenue=_added([amount for amount in amounts if amount]),
        unclear=sum(amount is None for amount in amounts),
        actions=Share(
            sum(row.actions_done or 0 for row in planned),
            sum(row.actions - row.actions_dropped for row in planned),
        ),
    )


def time_spent(files: Iterable[ReportFile], within: Span | None = None) -> int | None:
    """Whole minutes with an incident, from started to resolved; where several overlap, once."""
    known = [(one.row.started, one.row.resolved) for one in files if one.row.started and one.row.resolved]
    spans = [_clipped(span, within) for span in known]
    return whole_minutes(sum((end - start for start, end in union(spans)), timedelta())) if known else None


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time in spans that neither touch nor overlap, in their order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def _clipped(span: Span, within: Span | None) -> Span:
    if within is None:
        return span
    return max(span[0], within[0]), min(span[1], within[1])


class Month(Struct, frozen=True):
    """``name`` is ``2025-10``. ``numbers`` are of no incident where none started in it."""

    name: str
    numbers: IncidentNumbers


def months(files: Iterable[ReportFile]) -> tuple[Month, ...]:
    """From the first month with an incident to the last, each with those that started in it (UTC).

    An incident that goes on into the next month spends its time in both, and is counted in the first.
    """
    dated = sorted(((one.day.replace(day=1), one) for one in files if one.day is not None), key=itemgetter(0))
    if not dated:
        return ()
    by_month = {first: [one for _, one in group] for first, group in groupby(dated, key=itemgetter(0))}
    ends = [one.row.resolved.date().replace(day=1) for _, one in dated if one.row.resolved]
    found = []
    going_on: list[ReportFile] = []
    at, last = dated[0][0], max(dated[-1][0], *ends) if ends else dated[-1][0]
    while at <= last:
        after = (at.replace(day=28) + timedelta(days=4)).replace(day=1)
        within = midnight(at), midnight(after)
        here = by_month.get(at, [])
        going_on = [one for one in (*going_on, *here) if one.row.resolved and one.row.resolved > within[0]]
        found.append(Month(f"{at:%Y-%m}", numbers(here, time_spent(going_on, within))))
        at = after
    return tuple(found)


def money(text: str) -> tuple[str, Decimal] | None:
    """The currency as it was written, and the amount; None for what is no single amount of money."""
    found = _MONEY.fullmatch(text.strip())
    if found is None or (found["before"] and found["after"]):
        return None
    amount = Decimal(found["number"].replace(",", "") + (found["cents"] or ""))
    return found["before"] or found["after"] or "", amount * _FACTORS.get(
        (found["factor"] or "").lower(), Decimal(1)
    )


def _added(amounts: Iterable[tuple[str, Decimal]]) -> tuple[tuple[str, Decimal], ...]:
    total: dict[str, Decimal] = {}
    for currency, amount in amounts:
        total[currency] = total.get(currency, Decimal()) + amount
    return tuple(sorted(total.items()))
