"""What the numbers take from a report: ours, others', old ones, and what is wrong in one."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from allclear.core.metrics.reading import ReportFile, ReportRow, midnight, read_row
from allclear.core.postmortem.front_matter import dump
from allclear.core.postmortem.recorded_report import record
from allclear.core.record.life import Cleared, Resolved
from allclear.core.record.people import Acknowledged
from allclear.core.record.progress import ActionAdded
from core.metrics.files import file, text
from stories import ADA, BOB, HOTDASH, NOON, Story

OLD = """\
---
id: INC-2024-001
severity: SEV1
title: Payments fail
started_at: 2024-01-15T14:15:00Z
detected_by: monitoring_alert
resolved_at: 2024-01-15T15:45:00Z
impact: {users_affected: 15000, revenue_lost: $45000, duration_minutes: 90}
timeline: [{time: 14:15, event: alert}]
action_items: [Add a test]
---
"""


def test_what_the_engine_writes_is_read_whole() -> None:
    story = Story().declare(services=("app",)).tell(4, BOB, Acknowledged(by=BOB))
    story.tell(35, BOB, Resolved(text="x")).tell(36, ADA, ActionAdded(owner=ADA, text="a test"))
    story.tell(100, ADA, Cleared(text="x"))
    front = record(story.incident, HOTDASH, repository="hotdash/app", bots=frozenset(), now=NOON)
    row = read_row(dump(front, "# Text"))
    assert (row.record, row.faults, row.by_hand, row.issue, row.services) == (True, (), False, 42, ("app",))
    assert (row.detection, row.acknowledgement, row.mitigation, row.resolution) == (3, 4, 38, 38)
    assert (row.made, row.kept, row.people, row.actions, row.actions_done) == (2, 2, 2, 1, 0)
    assert (row.reopened, row.escalated, row.state) == (0, 0, "resolved")


def test_a_record_of_other_tools_has_what_its_nine_fields_say() -> None:
    row = read_row(OLD)
    assert (row.record, row.by_hand, row.resolution, row.users, row.revenue) == (
        True,
        True,
        90,
        15000,
        "$45000",
    )
    assert (row.detection, row.actions, row.actions_done, row.people) == (None, 1, None, None)


def test_minutes_that_a_report_does_not_say_come_from_its_moments() -> None:
    row = read_row(text(detected_at="2025-10-19T14:02:59Z"))
    assert (row.detection, row.mitigation, row.resolution) == (2, None, 40)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"durations": {"mitigation": -1}}, "The mitigation takes -1 minutes, so no number counts it."),
        ({"durations": {"detection": 10**4000}}, "The detection takes 10000000000… minutes"),
        ({"detected_at": "2027-10-19T14:02:59Z"}, "The detection takes 1051202 minutes"),
        ({"impact": {"users_affected": -5}}, "A number in `impact` is -5"),
        ({"impact": {"users_affected": 10**10 + 1}}, "A number in `impact` is 10000000001"),
        ({"issue": -1}, "A number in `issue` is -1"),
    ],
)
def test_a_number_that_cannot_be_is_told_and_not_counted(wrong: dict[str, Any], said: str) -> None:
    row = read_row(text(**wrong))
    assert row.record
    assert [fault.text for fault in row.faults if said in fault.text]
    assert (row.detection, row.mitigation, row.users) == (None, None, None)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00"])
def test_a_time_that_utc_does_not_have_is_told(moment: str) -> None:
    row = read_row(text(started_at=moment))
    assert "no year that has this time in UTC" in row.faults[0].text


def test_a_text_without_front_matter_has_a_heading_and_nothing_to_count() -> None:
    assert read_row("Hello\n\n#  The day\u202e it broke \n") == ReportRow(title="The day it broke")
    assert read_row("only words") == ReportRow()


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("---\nid: x\ntitle: Checkout: down\n---\n", 3, "is no YAML"),
        ("\n\n---\nid: x\ntitle: [a\n---\n", 6, "is no YAML"),
        ("---\nstarted_at: 2025-13-45\n---\n", 1, "is no YAML"),
        ("---\n- a\n- b\n---\n", 1, "is no YAML"),
        (text(severity=None), 1, "`severity` is missing in the front matter. Add it, as in `severity: P1`."),
        (text(issue="soon"), 7, "as in `issue: 42`"),
        (text(kind="joke"), 10, "as in `kind: real`"),
        (text(services="web"), 10, "`/postmortem` on the issue, which writes it again"),
        (text(impact={"users_affected": "many"}), 10, "`impact.users_affected` cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line_and_what_to_do(content: str, line: int, said: str) -> None:
    row = read_row(content)
    (fault,) = row.faults
    assert (row.record, fault.line) == (False, line)
    assert said in fault.text


def test_a_report_that_cannot_be_read_still_has_its_title() -> None:
    assert read_row(text(title="A title", kind="joke")).title == "A title"
    assert read_row("---\ntitle: [1]\n---\n# A heading\n").title == "A heading"


@pytest.mark.parametrize(
    ("resolved", "said"),
    [("2025-10-19T13:59:00Z", "before `started_at`"), ("2027-10-19T14:00:00Z", "over 400 days after")],
)
def test_times_that_contradict_are_told_and_not_counted(resolved: str, said: str) -> None:
    row = read_row(text(resolved_at=resolved, durations={"resolution": 40}))
    assert said in row.faults[0].text
    assert (row.record, row.resolved, row.resolution, row.faults[0].line) == (True, None, None, 6)


def test_a_mistyped_year_is_told_and_not_believed() -> None:
    found = file(started_at="0025-10-19T14:00:00Z", resolved_at=None)
    assert "in the year 25" in found.row.faults[0].text
    assert (found.row.started, found.day) == (None, date(2025, 10, 19))


@pytest.mark.parametrize(
    ("name", "day", "title"),
    [
        ("2024-01-15-payments-fail.md", date(2024, 1, 15), "payments fail"),
        ("2024-01-15.md", date(2024, 1, 15), "(no title)"),
        ("2024-13-45-x.md", None, "x"),
        ("1024-01-15-x.md", None, "x"),
        ("notes.md", None, "notes"),
    ],
)
def test_a_file_without_a_record_is_dated_and_called_by_its_name(
    name: str, day: date | None, title: str
) -> None:
    found = ReportFile(path=f"reports/incidents/{name}", row=ReportRow())
    assert (found.day, found.title) == (day, title)


def test_a_day_begins_in_utc() -> None:
    assert midnight(date(2025, 10, 19)) == datetime(2025, 10, 19, tzinfo=UTC)
