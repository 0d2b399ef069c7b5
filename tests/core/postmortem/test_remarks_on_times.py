"""The timeline goes forward and agrees with the record, in whatever clock it is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allclear.core.postmortem.front_matter import Minutes, Report
from allclear.core.postmortem.outline import outline
from allclear.core.postmortem.remarks_on_times import on_times
from written import runbook

KNOWN = Report(
    id="a",
    severity="P1",
    title="x",
    detected_at=datetime(2025, 10, 19, 14, 5, tzinfo=UTC),
    identified_at=datetime(2025, 10, 19, 14, 17, tzinfo=UTC),
    mitigated_at=datetime(2025, 10, 19, 14, 30, tzinfo=UTC),
    durations=Minutes(detection=3, mitigation=88, resolution=1500),
)


def timeline(lines: str, known: Report | None = KNOWN, name: str = "hotdash") -> list[tuple[int, str]]:
    heading = next(one.heading for one in runbook(name).review.sections if one.block == "timeline")
    found = on_times(outline(f"## {heading}\n\n{lines}\n"), known, runbook(name))
    return [(one.line, one.text) for one in found]


def durations(row: str, known: Report | None = KNOWN) -> list[str]:
    found = on_times(outline(f"## Durations\n\n{row}\n"), known, runbook("hotdash"))
    return [one.text for one in found]


@pytest.mark.parametrize(
    "lines",
    [
        "- 14:05 UTC: Incident detected\n- 14:17 UTC: Root cause identified\n- 14:30Z Fix applied",
        "- 16:05 CEST: Incident detected\n- 16:17 CEST: Root cause identified\n- 16:30 CEST: Fix applied",
        "- 16:05 CEST: Incident detected\n- 2:17 PM UTC Root cause identified",
        "- 14:05 UTC: Incident detected\n- 14:45 UTC: Verified resolved",
        "- not recorded: Fix applied\n- 14:17 Root cause identified by bob",
        "- 25:10 nothing\n- 14:70 nothing\n- 14.05 % of requests",
        "- 14.05 Uhr Incident detected",
        "- 16:05 CEST: Incident detected\n- 15:17 CET: Root cause identified\n- 15:30 CET: Fix applied",
        "- 14:05: a\n    - 13:00: what came before\n- 14:06: b",
        "- 23:00: a\n- 2025-10-20 01:00: b\n- 2025-10-21 00:30: c",
        "14:05:31 UTC a\n14:05:40 UTC b",
        "- 12:05 a.m. a\n- 12:05 pm b",
    ],
)
def test_a_timeline_that_goes_forward_and_agrees_is_left_in_peace(lines: str) -> None:
    assert timeline(lines) == []


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        ("- 14:05: a\n- 14:04: b", 4, "14:04 stands below 14:05, and is earlier."),
        ("- **14:05** a\n- **14:04** b", 4, "14:04 stands below 14:05, and is earlier."),
        ("1. 2:05 PM a\n2. 1:50 pm b", 4, "13:50 stands below 14:05, and is earlier."),
        ("- 2025-10-20 10:00 a\n- 2025-10-19 11:00 b", 4, "2025-10-19 11:00 stands below 2025-10-20 10:00"),
        (
            "- 14:05 UTC: Incident detected\n- 14:10 UTC: Root cause identified",
            4,
            "14:10 is 14:17 in the record.",
        ),
        (
            "- 16:05: Incident detected\n- 16:17: Root cause identified\n- 16:31: Fix applied",
            5,
            "16:31 is 16:30 in the record.",
        ),
        ("- 14:06: Incident detected", 3, "14:06 is 14:05 in the record."),
    ],
)
def test_a_line_that_turns_back_or_contradicts_the_record_is_found(lines: str, line: int, told: str) -> None:
    ((at, text),) = timeline(lines)
    assert (at, text.startswith(told)) == (line, True)


def test_a_line_that_does_both_is_told_once() -> None:
    lines = "- 14:17 UTC: Root cause identified\n- 13:01 UTC: Fix applied"
    assert [line for line, _ in timeline(lines)] == [4]


def test_a_timeline_under_another_heading_of_the_runbook_is_looked_at_too() -> None:
    assert len(timeline("- 14:05: a\n- 14:04: b", name="habit-tracker")) == 1


def test_without_a_record_only_the_order_is_known() -> None:
    assert timeline("- 14:10 UTC: Incident detected", None) == []
    assert len(timeline("- 14:10 UTC: Incident detected\n- 14:05 UTC: b", None)) == 1
    assert durations("| Mitigation | a | 5 min |", None) == []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("| Detection | started | 4 min |", "Detection is 4 min here, and 3 minutes in the record."),
        ("| Mitigation | started | 1 h 20 min (80 min) |", "Mitigation is 1 h 20 min (80 min) here"),
        ("| Resolution | started | 1 d 2 h |", "Resolution is 1 d 2 h here, and 1500 minutes"),
    ],
)
def test_a_duration_of_the_table_that_is_another_than_the_records_is_found(row: str, told: str) -> None:
    (text,) = durations(row)
    assert text.startswith(told)


@pytest.mark.parametrize(
    "row",
    [
        "| Detection | started | 3 min |",
        "| Mitigation | started | 1 h 28 min (88 min) |",
        "| Resolution | started | 1 d 1 h |",
        "| Acknowledgement | declared | 5 min |",
        "| Detection | started | not recorded |",
        "| Detection | started | |",
        "| What | From | How long |",
        "The incident was reopened once.",
    ],
)
def test_a_duration_that_is_the_same_or_that_nobody_knows_is_left_in_peace(row: str) -> None:
    assert durations(row) == []
