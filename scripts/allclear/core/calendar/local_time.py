"""From the clock on the wall to a moment, also where the wall's clock is put forward or back."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def moment(local: datetime, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, at which clocks in ``zone`` show the naive ``local`` or a later time.

    A time that exists twice is the first of the two; one that is skipped is the first moment after the gap.
    """
    before = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _wall(before, zone) == local:
        return before
    # In a gap fold 0 reads the offset before it, which is too late, and fold 1 the one after it, too early
    # (https://peps.python.org/pep-0495/): the change is between the two.
    early, late = local.replace(tzinfo=zone, fold=1).astimezone(UTC), before
    while late - early > _SECOND:
        middle = early + (late - early) // (2 * _SECOND) * _SECOND
        early, late = (early, middle) if _wall(middle, zone) >= local else (middle, late)
    return late.replace(microsecond=0)


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """That day at that time of the zone, in UTC, by the rule of `moment`."""
    return moment(datetime.combine(day, clock), zone)


def day_of(when: datetime, zone: ZoneInfo) -> date:
    """The date in the zone."""
    return when.astimezone(zone).date()


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return in_month(year, month + 1, day.day)


def in_month(year: int, month: int, day: int) -> date:
    """That day of the month, or its last."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _wall(when: datetime, zone: ZoneInfo) -> datetime:
    return when.astimezone(zone).replace(tzinfo=None, fold=0)
