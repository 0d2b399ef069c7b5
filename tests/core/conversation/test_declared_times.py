from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from allclear.core.conversation.body_fields import fields
from allclear.core.conversation.declared_times import DeclaredTimes, declared_times

BERLIN = ZoneInfo("Europe/Berlin")
WRITTEN = datetime(2025, 10, 19, 15, 6, tzinfo=UTC)


def read(body: str, own: ZoneInfo = BERLIN, later: timedelta = timedelta()) -> DeclaredTimes:
    return declared_times(fields(body), body, own, WRITTEN, WRITTEN + later)


def started(body: str, own: ZoneInfo = BERLIN, later: timedelta = timedelta()) -> str:
    found = read(body, own, later).at.get("started")
    return found.isoformat(timespec="minutes").removesuffix("+00:00") if found else ""


@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("1:40 PM", "2025-10-19T11:40"),
        ("13:40 CET", "2025-10-19T12:40"),
        ("13:40 UTC", "2025-10-19T13:40"),
        ("13:40-14:00", "2025-10-19T11:40"),
        ("2025-10-19 13:40 - 14:00", "2025-10-19T11:40"),
        ("2025-10-19 13:40:12.345 +0000", "2025-10-19T13:40"),
        ("Oct 19, 2025 at 1:40 PM UTC", "2025-10-19T13:40"),
        ("yesterday 23:50", "2025-10-18T21:50"),
        ("20 min ago", "2025-10-19T14:46"),
        ("just now", "2025-10-19T15:06"),
        ("17:08", "2025-10-19T15:06"),
        ("~13:40, as the graphs show", "2025-10-19T11:40"),
    ],
)
def test_a_line_of_the_text_is_in_the_teams_zone_unless_it_names_one(value: str, when: str) -> None:
    assert started(f"Started: {value}\n") == when


@pytest.mark.parametrize("value", ["soon", "25:40", "13:40 XYZ", "2025-12-01 10:00"])
def test_what_is_no_time_of_the_past_is_unread(value: str) -> None:
    assert read(f"Started: {value}").unread == (f"Started: {value}",)


@pytest.mark.parametrize(
    ("heading", "when"),
    [
        ("### Started", "2025-10-19T13:40"),
        ("### Started (UTC)", "2025-10-19T13:40"),
        ("### Started (Europe/Berlin)", "2025-10-19T11:40"),
        ("### Started (America/Port_of_Spain)", "2025-10-18T17:40"),
        ("### Started (about)", "2025-10-19T11:40"),
        ("## Started (UTC) ##", "2025-10-19T13:40"),
    ],
)
def test_an_answer_in_a_form_is_in_the_zone_of_its_heading_or_in_utc(heading: str, when: str) -> None:
    at = "13:40" if "Port" not in heading else "yesterday 13:40"
    assert started(f"### Severity\n\nP1\n\n{heading}\n\n{at}\n") == when
    assert started(f"{heading}\r\n\r\n{at}\r\n") == when
    assert started(f"{heading}\n\n13:40 EDT\n", later=timedelta(hours=9)) == ""


def test_the_detection_is_read_too_and_what_is_not_said_is_not_there() -> None:
    found = read("Detected: 13:45\n")
    assert found == DeclaredTimes({"detected": datetime(2025, 10, 19, 11, 45, tzinfo=UTC)}, (), ())


def test_it_is_read_as_of_when_it_was_written() -> None:
    assert started("Started: 20 min ago", later=timedelta(days=2)) == "2025-10-19T14:46"
    assert started("Started: 2025-10-19 13:40", later=timedelta(days=2)) == "2025-10-19T11:40"
    assert started("Started: 13:40", later=timedelta(minutes=90)) == "2025-10-19T11:40"


@pytest.mark.parametrize(
    ("value", "later", "said"),
    [
        (
            "10/11/2025 13:05",
            0,
            "`10/11/2025` can be `2025-10-11` or `2025-11-10`. Write the one that is meant.",
        ),
        ("13:05 IST", 0, "`IST` is the name of several zones."),
        ("13:40", 48, "It can be `2025-10-19T11:40:00Z` or `2025-10-21T11:40:00Z`. Which one is meant?"),
    ],
)
def test_what_can_be_two_times_is_asked_about(value: str, later: int, said: str) -> None:
    found = read(f"Started: {value}", later=timedelta(hours=later))
    assert (found.at, found.unread) == ({}, ())
    assert found.asked[0].startswith(f"`Started: {value}` was not taken. {said}")
    assert found.asked[0].endswith("Then write `/time started …`.")
