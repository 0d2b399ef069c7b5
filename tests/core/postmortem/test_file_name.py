"""Where a post-mortem stands (000-21, 000-A12, faults H13)."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.model.slug import LONGEST, RESERVED, slug
from allclear.core.postmortem.file_name import FOLDER, calendar_path, is_report, paths

STARTED = datetime(2025, 10, 19, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Production down", "production-down"),
        ("Checkout: 500s & timeouts (again!)", "checkout-500s-timeouts-again"),
        ("Zahlungen für Kund·innen: weiße Seite", "zahlungen-fur-kund-innen-weisse-seite"),
        ("\uff26\uff55ll\uff0dwidth \ufb01ne — really", "full-width-fine-really"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\windows\\system32", "windows-system32"),
        ("a\x00b\nc", "a-b-c"),
        ("🔥🔥🔥", "incident-42"),
        ("", "incident-42"),
        ("---", "incident-42"),
        ("支払い", "incident-42"),
        ("CON", "con-42"),
        ("lpt1", "lpt1-42"),
        ("console", "console"),
    ],
)
def test_a_title_becomes_a_name_that_every_file_system_takes(title: str, expected: str) -> None:
    assert slug(title, 42) == expected


def test_a_long_title_ends_at_a_word() -> None:
    assert slug("database " * 20, 42) == "-".join(["database"] * 6)
    assert slug("a" * 60 + " b", 42) == "a" * 60
    assert slug("word-" * 12, 42) == "-".join(["word"] * 12)


def test_one_endless_word_is_cut() -> None:
    assert slug("x" * 500, 42) == "x" * LONGEST


@given(st.text(), st.integers(min_value=1, max_value=10**9))
def test_no_title_leaves_the_folder(title: str, number: int) -> None:
    for path in paths(title, number, STARTED):
        assert re.fullmatch(rf"{FOLDER}/2025-10-19-[a-z0-9]+(-[a-z0-9]+)*\.md", path)
        assert len(path.rsplit("/", 1)[1]) < 100
    assert slug(title, number) not in RESERVED


def test_the_date_is_the_utc_day_of_the_start() -> None:
    late_in_new_york = datetime(2025, 10, 18, 23, 30, tzinfo=timezone(timedelta(hours=-4)))
    assert paths("Down", 42, late_in_new_york).plain == "reports/incidents/2025-10-19-down.md"


def test_a_collision_is_decided_by_the_issue_number() -> None:
    assert paths("Down", 42, STARTED).numbered == "reports/incidents/2025-10-19-down-42.md"


def test_a_drill_is_told_by_its_name() -> None:
    assert paths("Down", 42, STARTED, "drill").plain == "reports/incidents/2025-10-19-drill-down.md"
    assert paths("Down", 42, STARTED, "retro").plain == "reports/incidents/2025-10-19-down.md"


def test_a_calendar_file_stands_beside_its_report() -> None:
    assert calendar_path(paths("Down", 42, STARTED).plain) == "reports/incidents/2025-10-19-down.ics"


@pytest.mark.parametrize(
    ("path", "report"),
    [
        ("reports/incidents/2025-10-19-down.md", True),
        ("reports/incidents/old-outage.md", True),
        ("reports/incidents/README.md", False),
        ("reports/incidents/readme.md", False),
        ("reports/incidents/2025-10-19-down.ics", False),
        ("reports/incidents/2025/down.md", True),
        ("reports/incidents/2025/Q4/down.md", True),
        ("reports/incidents/2025/10/2025-10-19-down.md", True),
        ("reports/incidents/2025-10/down.md", True),
        ("reports/incidents/2025/README.md", False),
        ("reports/incidents/2025/notes/down.md", False),
        ("reports/incidents/templates/down.md", False),
        ("reports/incidents2025/down.md", False),
        ("reports/incidents//down.md", False),
        ("reports/incidents/pull-requests/2025-10-19-drill-production-down.md", False),
        ("docs/reports/incidents/down.md", False),
        ("reports/incidents.md", False),
    ],
)
def test_reports_are_the_markdown_files_of_the_folder_and_of_its_years_but_its_page(
    path: str, *, report: bool
) -> None:
    assert is_report(path) is report
