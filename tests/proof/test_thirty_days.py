"""Thirty days of two hundred incidents over all shipped runbooks, in twenty zones, with clocks that go
forward and back, runs that are lost and sweeps that come up to twelve hours late: nothing that was promised
is missed at the first run at or after it is due, nothing is said before it is due, after its end, twice, or
to people it is not for, and times read as the clock on their wall does.

Half of them live in a March and April, half in an October. They go through the real plan(); what is owed is
worked out anew from the runbook's file and the facts of the record: proof.month.promises says what of it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from proof.month.plans import DAYS, INCIDENTS, MONTHS, OUTAGE, RUNBOOKS, ZONES, made, month_of, weather
from proof.month.wall_clock import WallClock, first_reading
from proof.month.world import Life
from sampling import Proof

PARTS = 20
"""Tests that the incidents are split into, so that they are played side by side."""


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_promised_is_missed_or_said_too_early_too_late_twice_or_to_others(
    part: int, proof: Proof
) -> None:
    for number in proof(range(part, INCIDENTS, PARTS), 1 if part % 10 == 0 else 0):
        life = Life(made(month_of(number), number)).play()
        assert life.wrong == []
        # Whatever the oracle thinks: nothing comes early, and no occasion comes twice.
        assert all(one.at >= one.due for one in life.said)
        occasions = [(one.id, one.interval, one.mark, one.due) for one in life.said]
        assert len(occasions) == len(set(occasions))


@pytest.mark.parametrize("month", MONTHS)
def test_the_month_is_as_late_as_the_platform_was(month: str) -> None:
    sky = weather(month)
    gaps = [later - one for one, later in zip(sky.sweeps, sky.sweeps[1:], strict=False)]
    assert max(gaps) >= OUTAGE
    assert 15 * DAYS < len(sky.sweeps) < 30 * DAYS
    assert not any(sky.outage[0] <= one < sky.outage[1] for one in sky.sweeps)


def test_the_incidents_cover_every_runbook_in_every_zone_and_clocks_that_go_both_ways() -> None:
    every = [made(month_of(number), number) for number in range(INCIDENTS)]
    assert {(one.name, one.zone) for one in every} == {(name, zone) for name in RUNBOOKS for zone in ZONES}
    ways = set()
    for one in every:
        zone, sky = ZoneInfo(one.zone), weather(one.month)
        before, after = sky.begin.astimezone(zone).utcoffset(), sky.end.astimezone(zone).utcoffset()
        assert before is not None
        assert after is not None
        ways.add((one.month, (after > before) - (after < before)))
    assert ways == {(month, way) for month in MONTHS for way in (-1, 0, 1)}


NEW_YORK = WallClock(
    ZoneInfo("America/New_York"), {"office": {"days": "mon-fri", "hours": "09:00-17:00", "holidays": "US"}}
)


@pytest.mark.parametrize(
    ("text", "anchor", "due"),
    [
        ("1d", "2026-03-07 07:30", "2026-03-08 07:00"),  # 02:30 is skipped: the moment after the gap
        ("24h", "2026-03-07 07:30", "2026-03-08 07:30"),
        ("1d", "2025-11-01 05:30", "2025-11-02 05:30"),  # 01:30 comes twice: the first
        ("2h office", "2026-03-06 21:00", "2026-03-09 14:00"),
        ("5 office days", "2025-11-07 15:00", "2025-11-17 22:00"),  # 11 November is a holiday
        ("next office day 10:00", "2026-03-06 15:00", "2026-03-09 14:00"),
        ("next office", "2026-03-06 15:00", "2026-03-09 13:00"),
    ],
)
def test_the_oracle_reads_the_clock_on_the_wall(text: str, anchor: str, due: str) -> None:
    found = NEW_YORK.after(text, datetime.fromisoformat(anchor).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_the_oracle_knows_a_rhythm_that_slows_down() -> None:
    begin = MONTHS["spring"]
    spoken = [
        NEW_YORK.again("5m, then 20m, then 1h after 1h", begin, number) - begin for number in range(1, 7)
    ]
    assert [one // timedelta(minutes=1) for one in spoken] == [5, 25, 45, 65, 125, 185]
    assert NEW_YORK.latest("5m, then 20m, then 1h after 1h", begin, begin + timedelta(minutes=70)) == 4


def test_the_oracle_finds_the_moment_of_a_wall_clock_of_any_zone() -> None:
    for name in ZONES:
        zone = ZoneInfo(name)
        for hours in range(0, DAYS * 24, 29):
            moment = MONTHS["spring"] + timedelta(hours=hours)
            wall = moment.astimezone(zone).replace(tzinfo=None)
            twice = (moment - timedelta(minutes=minutes) for minutes in (0, 30, 60))
            assert first_reading(wall, zone) in twice
