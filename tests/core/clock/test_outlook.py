from __future__ import annotations

from zoneinfo import ZoneInfo

from allclear.core.clock.deadlines import outlook
from commands.room import Talk, at

UTC = ZoneInfo("UTC")


def test_the_next_deadlines_with_whom_they_reach() -> None:
    talk = Talk("P2")

    assert outlook(talk.incident, talk.runbook, at("14:30"), UTC) == (
        "Next: Alert now (DevOps); Notice to Manager at 15:00 UTC (Manager); "
        "Response due at 15:00 UTC (DevOps)."
    )
    assert outlook(talk.incident, talk.runbook, at("14:30"), ZoneInfo("Asia/Tokyo"), limit=1) == (
        "Next: Alert now (DevOps); Notice to Manager at 2026-03-03 00:00 JST (Manager)."
    )


def test_no_clock_runs_without_an_incident() -> None:
    talk = Talk(report=True)

    assert outlook(talk.incident, talk.runbook, at("14:30"), UTC) == "No deadline is running."
