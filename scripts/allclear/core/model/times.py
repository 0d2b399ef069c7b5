"""Times and durations as people write and read them. Stored is UTC; the runbook's zone is for reading."""

from __future__ import annotations

from abc import ABC
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allclear.core.model.patterns import lazy_regex

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AMOUNT = lazy_regex(r"(\d{1,6})\s{0,2}(mo|[smhdw])")


def amounts(text: str) -> list[tuple[int, str]]:
    """Read ``1h 30m`` as numbers with their units (s, m, h, d, w, mo); empty for anything else."""
    text = text.strip().lower()
    found = [(int(number), unit) for number, unit in _AMOUNT.findall(text)]
    return [] if _AMOUNT.sub("", text).strip() else found


def parse_duration(value: Any) -> Any:
    """Read ``5m``, ``2h``, ``3d`` or ``1h 30m`` (units s, m, h, d, w) into a timedelta.

    What is no text is left alone. Raises ValueError on any other text.
    """
    if not isinstance(value, str):
        return value
    parts = amounts(value)
    if not parts or not {unit for _, unit in parts} <= _UNITS.keys():
        msg = f"{value!r} is not a duration; write a number and a unit, such as 5m, 2h or 3d"
        raise ValueError(msg)
    return timedelta(seconds=sum(number * _UNITS[unit] for number, unit in parts))


def spell(span: timedelta) -> str:
    """Write a duration for people: ``45 s``, ``7 min``, ``1 h 30 min``, ``3 d``; the least is ``0 s``."""
    seconds = max(0, int(span.total_seconds()))
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    if not parts:
        return f"{secs} s"
    return " ".join(parts[:2])


def whole_minutes(span: timedelta) -> int:
    """An elapsed time in whole minutes: cut, never rounded up (17 min 40 s is 17), and never below 0.

    This is the one rule for how long things took, in figures and in words. See `in_minutes`.
    """
    return max(0, int(span.total_seconds()) // 60)


def in_minutes(span: timedelta) -> str:
    """An elapsed time for people, cut as `whole_minutes` is: ``17 min``, ``1 h 30 min``, ``3 d 4 h``.

    Below one minute it is ``less than 1 min``. `spell` is for lengths that people chose, and shows seconds.
    """
    return spell(span) if whole_minutes(span) else "less than 1 min"


def compact(span: timedelta) -> str:
    """The duration as the runbook file writes it, so that what was read can be written back."""
    seconds = int(span.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


if TYPE_CHECKING:
    Duration = timedelta
else:

    class Duration(ABC):  # noqa: B024 - nobody makes one: what is registered below is all there is
        """A length of time that is written as text: ``5m``, ``2h``, ``3d``. Its values are timedeltas; a
        class of its own, because msgspec reads those in the form of ISO 8601 alone.
        """

        @classmethod
        def __get_pydantic_core_schema__(cls, _source: Any, handler: Any) -> Any:
            from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema  # noqa: PLC0415 - only who makes a model needs it

            shape = {"type": "string", "$comment": "a length of time", "examples": ["30s", "15m"]}
            reading = Annotated[
                timedelta,
                BeforeValidator(parse_duration),
                PlainSerializer(compact, return_type=str),
                WithJsonSchema(shape),
            ]
            return handler.generate_schema(reading)

    Duration.register(timedelta)


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises ValueError with the way out when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"{name!r} is not an IANA time zone; write one such as UTC or Europe/Berlin"
        raise ValueError(msg) from error


def utc(moment: datetime) -> datetime:
    """The same moment in UTC, without microseconds. A naive datetime is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)


def stamp(moment: datetime) -> str:
    """``2025-10-19T14:02:00Z``, the form of item 000-08 (``%Y-%m-%dT%H:%M:%SZ``)."""
    return utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_time(moment: datetime, tz: ZoneInfo, *, near: datetime | None = None) -> str:
    """``14:02 UTC`` for people, with the date in front when it is not the day of ``near``."""
    local = moment.astimezone(tz)
    text = local.strftime("%H:%M %Z")
    if near is not None and near.astimezone(tz).date() != local.date():
        return local.strftime("%Y-%m-%d ") + text
    return text
