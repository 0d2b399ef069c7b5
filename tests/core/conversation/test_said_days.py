from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.conversation.said_days import day_at, due_day
from allclear.core.model.errors import UserError

SUNDAY = date(2025, 10, 19)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-12-01", "2025-12-01"),
        ("2025-12-01.", "2025-12-01"),
        ("2025/12/01", "2025-12-01"),
        ("2025.12.1,", "2025-12-01"),
        ("01.12.2025", "2025-12-01"),
        ("1.12.25", "2025-12-01"),
        ("1.12.", "2025-12-01"),
        ("12/31/2025", "2025-12-31"),
        ("31/12/2025", "2025-12-31"),
        ("12/12/2025", "2025-12-12"),
        ("10/20/25", "2025-10-20"),
        ("31-12-2025", "2025-12-31"),
        ("12/31", "2025-12-31"),
        ("1/13", "2026-01-13"),
        ("Dec 1", "2025-12-01"),
        ("December 1st, 2025", "2025-12-01"),
        ("1 Dec", "2025-12-01"),
        ("1st of December 2025", "2025-12-01"),
        ("1-Dec-2025", "2025-12-01"),
        ("Sept 30", "2026-09-30"),
        ("Feb 29 2028", "2028-02-29"),
        ("today", "2025-10-19"),
        ("Tomorrow", "2025-10-20"),
        ("friday", "2025-10-24"),
        ("Fri.", "2025-10-24"),
        ("Tues", "2025-10-21"),
        ("next monday", "2025-10-20"),
        ("next sunday", "2025-10-26"),
        ("Mon, Dec 1", "2025-12-01"),
        ("EOD", "2025-10-19"),
        ("EOW", "2025-10-24"),
        ("eom", "2025-10-31"),
        ("end of week", "2025-10-24"),
        ("3d", "2025-10-22"),
        ("in 2 weeks", "2025-11-02"),
        ("2025-10-01", "2025-10-01"),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: str) -> None:
    assert due_day(text, SUNDAY).isoformat() == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-13-01", "`2026-13-01` is not a date; write it as `friday` or `2025-10-26`"),
        ("31.02.2026", "is not a date"),
        ("10-12", "is not a date"),
        ("0001-01-01", "is not a date"),
        ("9999-12-31", "is not a date"),
        ("soon", "is not a date"),
        ("", "is not a date"),
        ("fridays", "is not a date"),
        ("2025-12-011", "is not a date"),
        ("2025-12-01x", "is not a date"),
        ("10/11/2025", "`10/11/2025` can be `2025-10-11` or `2025-11-10`"),
        ("10/11", "can be `2025-10-11` or `2025-11-10`"),
        ("01/02/03", "can be `2003-01-02` or `2003-02-01` or `2001-02-03`"),
        ("sunday", "It is Sunday today. Is it `today`, or `2025-10-26`?"),
        ("Tue, Dec 1 2025", "2025-12-01 is not on `tue`, but on Monday."),
    ],
)
def test_a_day_that_is_none_or_two_is_asked_about(text: str, said: str) -> None:
    with pytest.raises(UserError) as raised:
        due_day(text, SUNDAY)
    assert said in raised.value.message


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Sun", "2025-10-19"),
        ("last Sunday", "2025-10-12"),
        ("last Monday", "2025-10-13"),
        ("this Friday", "2025-10-17"),
        ("Sat", "2025-10-18"),
        ("yesterday", "2025-10-18"),
        ("Dec 1", "2025-12-01"),
    ],
)
def test_what_happened_was_on_the_latest_such_day(text: str, first: str) -> None:
    found = day_at(text)
    assert found
    assert found.dates(SUNDAY)[0].isoformat() == first


@pytest.mark.parametrize("text", ["yesterday's deploy", "sun-like", "marching", "May", "12", "1.5", "sunset"])
def test_other_words_are_no_days(text: str) -> None:
    found = day_at(text)
    assert found is None or found.end < len(text) or not found.dates(SUNDAY)


@given(
    st.dates(date(1970, 1, 1), date(2199, 12, 31)),
    st.sampled_from(
        [
            "%Y-%m-%d",
            "%Y/%m/%d",
            "%d.%m.%Y",
            "%d %b %Y",
            "%B %d, %Y",
            "%b %d %Y",
            "%d-%b-%Y",
            "%d/%b/%Y",
            "%a, %d %b %Y",
            "%A, %B %d, %Y",
        ]
    ),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
)
def test_each_way_to_write_a_date_names_the_same_day(day: date, way: str, today: date) -> None:
    assert due_day(day.strftime(way), today) == day


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from(["%m/%d/%Y", "%d/%m/%Y"]))
def test_numbers_with_slashes_are_right_or_asked_about(day: date, way: str) -> None:
    try:
        assert due_day(day.strftime(way), SUNDAY) == day
    except UserError:
        assert day.day <= 12
        assert day.day != day.month


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(1, 6))
def test_a_weekday_is_the_next_one_ahead(today: date, days: int) -> None:
    assert due_day((today + timedelta(days=days)).strftime("%A"), today) == today + timedelta(days=days)
