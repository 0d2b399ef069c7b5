from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.conversation.noted_lines import noted_lines, time_at_end, time_like
from allclear.core.model.errors import UserError

NOW = datetime(2025, 10, 19, 15, 6, tzinfo=UTC)
ZULU = ZoneInfo("UTC")


def lines(text: str) -> list[str]:
    return [line.text for line in noted_lines(text, ZULU, NOW)]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("- 13:05 alert\n\n* 13:20 rollback\n+ ok\n• more", ["13:05 alert", "13:20 rollback", "ok", "more"]),
        ("- [x] 13:05 alert\n- [ ] 13:20 rollback", ["13:05 alert", "13:20 rollback"]),
        ("-30m restarted", ["-30m restarted"]),
        ("1. 13:05 alert\n2) 13:20 rollback", ["13:05 alert", "13:20 rollback"]),
        ("1. alert\n2. rollback", ["alert", "rollback"]),
        ("1. 13:05 alert", ["13:05 alert"]),
        ("3. replica is down", ["3. replica is down"]),
        ("1. alert\nthen", ["1. alert", "then"]),
        ("19. Oct 13:05 alert", ["19. Oct 13:05 alert"]),
        ("1. 10/11 13:05 alert", ["10/11 13:05 alert"]),
        ("restarted | 13:05", ["13:05 | restarted"]),
        ("restarted | 10 minutes ago", ["10 minutes ago | restarted"]),
        ("restarted | 10/11/2025 13:05", ["10/11/2025 13:05 | restarted"]),
        ("13:05 restarted | 13:20", ["13:05 restarted | 13:20"]),
        ("users | 1305", ["users | 1305"]),
        ("p99 | 13.05", ["p99 | 13.05"]),
        ("a | b", ["a | b"]),
        ("| 13:05", ["| 13:05"]),
        (
            "| Time | Event |\n|---|---|\n| 13:05 | alert |\n| 13:20 | ok |\nover",
            ["13:05 | alert", "13:20 | ok", "over"],
        ),
        ("Time | Event\n--- | ---\n13:05 | alert", ["13:05 | alert"]),
        ("| Date | Time | Who |\n|-|-|-|\n| 2025-10-19 | 13:05 | bob |", ["2025-10-19 13:05 | bob"]),
        ("| What | When |\n|:--|--:|\n| alert | 13:05 |\n| |", ["13:05 | alert"]),
        ("| 13:05 | alert |\n| 13:20 | ok |", ["13:05 | alert", "13:20 | ok"]),
        ("| 2025-10-19 |", ["2025-10-19"]),
        (
            "bob  1:05 PM\nrestarting now\nstill\ncat  1:07 PM\nok",
            ["1:05 PM | bob: restarting now", "1:05 PM | bob: still", "1:07 PM | cat: ok"],
        ),
        ("restarted  13:05\nrolled back  13:20", ["13:05 | restarted", "13:20 | rolled back"]),
        ("two  25:05\nwords", ["two  25:05", "words"]),
        ("13:05  13:20\nwords", ["13:05  13:20", "words"]),
    ],
)
def test_what_is_pasted_becomes_lines_with_their_time_first(text: str, notes: list[str]) -> None:
    assert lines(text) == notes


@pytest.mark.parametrize(
    ("head", "zone"),
    [
        ("Time (CEST)", "UTC+02:00"),
        ("UTC+2", "UTC+02:00"),
        ("When [UTC+02:00]", "UTC+02:00"),
        ("time (local)", "UTC"),
        ("time (a) (b)", "UTC"),
        ("", "UTC"),
    ],
)
def test_the_zone_in_the_head_of_a_table_counts_for_its_times(head: str, zone: str) -> None:
    found = noted_lines(f"x\n| What | {head} |\n|---|---|\n| alert | 13:05 |", ZULU, NOW)
    assert [str(line.zone) for line in found] == ["UTC", zone]
    with pytest.raises(UserError, match="the name of several zones"):
        noted_lines("| Time (IST) | What |\n|---|---|\n| 13:05 | alert |", ZULU, NOW)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("25:05 restarted", "25:05"),
        ("25:05 s", "25:05"),
        ("**25:05**: restarted", "25:05"),
        ("13:05x restarted", "13:05x"),
        ("1305 restarted", "1305"),
        ("23.10 deployed", "23.10"),
        ("13 pm restarted", "13 pm"),
        ("14 Uhr neu gestartet", "14 Uhr"),
        ("noon restarted", "noon"),
        ("10-19 13:05 restarted", "10-19 13:05"),
        ("UTC 13:05 restarted", "UTC 13:05"),
        ("yesterday morning it began", "yesterday morning"),
        ("yesterday we deployed", "yesterday"),
        ("a few minutes ago it began", "a few minutes ago"),
        ("13-05 restarted", "13-05"),
        ("12 noon restarted", "12 noon"),
        ("1-2pm errors", "1-2pm"),
        ("local time 13:05 restarted", "local time 13:05"),
        ("2025-10-19 restarted", "2025-10-19"),
        ("Oct 19 restarted", "Oct 19"),
        ("19.10.2025 restarted", "19.10.2025"),
        ("1305 users", ""),
        ("1305 MB used", ""),
        ("13.05 seconds", ""),
        ("10:1 ratio", ""),
        ("2.14 deployed", ""),
        ("10/12 pods", ""),
        ("sunday deploys", ""),
        ("noon-time", ""),
        ("restarted", ""),
    ],
)
def test_what_looks_like_a_time_is_told_apart_from_a_number(line: str, words: str) -> None:
    assert time_like(line) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("restarted web at 13:05", "13:05"),
        ("restarted web (13:05).", "13:05"),
        ("restarted web at 1:05 PM UTC", "1:05 PM UTC"),
        ("restarted web yesterday at 23:50", "yesterday at 23:50"),
        ("errors from 13:05 to 13:20", "from 13:05 to 13:20"),
        ("restarted web 20 minutes ago", "20 minutes ago"),
        ("it began on 2025-10-18 13:05", "2025-10-18 13:05"),
        ("it began at 13:05 IST", "13:05 IST"),
        ("the next meeting is at 18:00", ""),
        ("version 13.05", ""),
        ("errors at 13:05 in web", ""),
        ("13:05", ""),
        ("it is over now", ""),
        ("restarted", ""),
    ],
)
def test_a_time_at_the_end_of_a_line_is_found(line: str, words: str) -> None:
    assert time_at_end(line, ZULU, NOW) == words


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    for line in noted_lines(text, ZULU, NOW):
        assert line.text
        time_like(line.text)
        time_at_end(line.text, ZULU, NOW)
