"""Each action item has an owner and a date, in whatever way people write it; each horizon was thought of."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from allclear.core.postmortem.outline import outline
from allclear.core.postmortem.remarks import Remark
from allclear.core.postmortem.remarks_on_actions import due_of, on_actions, written_actions
from written import runbook

RESOLVED = datetime(2025, 10, 19, 14, 45, tzinfo=UTC)


def remarks(text: str, resolved: datetime | None = RESOLVED) -> list[Remark]:
    return list(on_actions(outline(f"## Action Items\n\n{text}\n"), runbook("dirt-free-crm"), resolved))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("due: 2025-12-01", date(2025, 12, 1)),
        ("Due 2025/12/01", date(2025, 12, 1)),
        ("by 1.12.2025", date(2025, 12, 1)),
        ("until 1st December 2025", date(2025, 12, 1)),
        ("before Dec. 1, 2025", date(2025, 12, 1)),
        ("deadline: 3rd May 2025", date(2025, 5, 3)),
        ("(ada, 2025-12-01)", date(2025, 12, 1)),
        ("by hand, due: 2025-12-01", date(2025, 12, 1)),
        ("due: 2025-02-31, no: due: 2025-03-01", date(2025, 3, 1)),
        ("due: 2025-02-31", None),
        ("due: 12/01/2025", None),
        ("due: 31 Juneau 2025", None),
        ("of 2025-10-19", None),
        ("due: soon", None),
    ],
)
def test_a_date_may_be_written_in_each_way_that_means_one_day(written: str, day: date | None) -> None:
    chapter = outline(f"## Action Items\n\n- [ ] Alert {written}\n").chapter("Action Items")
    assert chapter is not None
    (item,) = written_actions(chapter)
    assert due_of(item) == day


def test_a_table_without_such_columns_is_no_list_of_actions() -> None:
    rules = [one.rule for one in remarks("| Factor | Why |\n|---|---|\n| a | b |\n\n| alone | 2025-12-01 |")]
    assert rules == ["no-actions"]


def test_a_row_with_nothing_in_it_and_one_that_was_dropped_promise_nothing() -> None:
    table = (
        "| What | Assignee | Deadline |\n|---|---|---|\n| | | |\n| ~~Buy~~ | | |\n| A | b | 2025-12-01 | |"
    )
    assert [one.rule for one in remarks(table, None)] == []


def test_what_stands_in_code_is_no_action() -> None:
    assert [one.rule for one in remarks("```\n- [ ] a\n```", None)] == ["no-actions"]


def test_a_horizon_for_which_nothing_is_planned_is_a_hint_with_its_words() -> None:
    (found,) = remarks(
        "- [ ] Alert (owner: ada, due: 2025-10-30)\n- Long-term: nothing to do, it goes in May"
    )
    assert (found.rule, found.holds, found.line) == ("horizon", False, 1)
    assert found.text == (
        "Nothing is planned for immediate (3 days). Is there anything to do? Give an item a date by then, or "
        "write `immediate: nothing to do, because \u2026`."
    )


def test_several_horizons_are_asked_for_at_once() -> None:
    (found,) = remarks("- [ ] Alert (owner: ada, due: 2026-01-05)")
    assert "immediate (3 days) and short-term (2 weeks)" in found.text


def test_a_date_before_the_resolution_is_of_the_first_horizon() -> None:
    items = "".join(
        f"- [ ] A (owner: ada, due: {day})\n" for day in ("2025-10-19", "2025-11-02", "2026-01-19")
    )
    assert remarks(items) == []
    assert remarks(items.replace("2025-10-19", "2025-10-01")) == []


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("No action items, because the vendor mended it.", RESOLVED),
        ("- [ ] Alert (owner: ada, due: 2026-01-05)", None),
        ("- [ ] Alert (owner: ada, due: 2026-01-05)\n1. _Process improvements_", RESOLVED),
    ],
)
def test_horizons_are_not_asked_for_where_nothing_is_planned_or_much_is_still_asked(
    text: str, resolved: datetime | None
) -> None:
    assert remarks(text, resolved) == []
