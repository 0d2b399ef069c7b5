from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, ValidationError

from allclear.core.model.times import (
    Duration,
    clock_time,
    parse_duration,
    spell,
    stamp,
    utc,
    zone,
)
from commands.room import at

BERLIN = ZoneInfo("Europe/Berlin")
NOW = at("14:30")


class Wait(BaseModel):
    span: Duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5m", 300), ("2h", 7200), ("3d", 259_200), ("1h 30m", 5400), ("45 s", 45), ("1W", 604_800), ("0m", 0)],
)
def test_durations_are_read_as_runbooks_write_them(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "5 minutes", "5m later", "-5m", "5m,2h", "3mo", "1h 3mo"])
def test_a_duration_without_number_and_unit_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match="is not a duration; write a number and a unit, such as 5m, 2h or 3d"
    ):
        parse_duration(text)


@pytest.mark.parametrize(
    ("written", "back"),
    [("3d", "3d"), ("48h", "2d"), ("90m", "90m"), ("120m", "2h"), ("90s", "90s"), ("0m", "0s")],
)
def test_a_duration_can_be_written_back(written: str, back: str) -> None:
    assert Wait.model_validate({"span": written}).model_dump(mode="json") == {"span": back}
    assert Wait(span=timedelta(minutes=5)).span == timedelta(minutes=5)
    with pytest.raises(ValidationError):
        Wait.model_validate({"span": [1]})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (-60, "0 s"),
        (60, "1 min"),
        (90, "1 min"),
        (5400, "1 h 30 min"),
        (7200, "2 h"),
        (259_200, "3 d"),
        (90_060, "1 d 1 h"),
    ],
)
def test_durations_are_spelled_for_people(seconds: int, words: str) -> None:
    assert spell(timedelta(seconds=seconds)) == words


def test_a_zone_is_an_iana_zone() -> None:
    assert zone("Europe/Berlin") == BERLIN
    for wrong in ("Mars/Olympus", "../../etc/passwd", ""):
        with pytest.raises(
            ValueError, match="is not an IANA time zone; write one such as UTC or Europe/Berlin"
        ):
            zone(wrong)


def test_times_are_stored_in_utc_to_the_second() -> None:
    assert utc(datetime(2026, 3, 2, 15, 0, 1, 999, tzinfo=BERLIN)) == datetime(
        2026, 3, 2, 14, 0, 1, tzinfo=UTC
    )
    naive = datetime(2026, 3, 2, 14, 0)  # noqa: DTZ001 - what comes without a zone is UTC
    assert stamp(naive) == "2026-03-02T14:00:00Z"


def test_a_time_is_shown_with_its_zone_and_with_the_day_when_it_is_another() -> None:
    assert clock_time(NOW, ZoneInfo("UTC")) == "14:30 UTC"
    assert clock_time(NOW, BERLIN, near=NOW) == "15:30 CET"
    assert clock_time(at("23:30"), BERLIN, near=NOW) == "2026-03-03 00:30 CET"
