"""Numbers against other ways to get them, and what is not known is not 0."""

import statistics
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.metrics.collection import collect
from allclear.core.metrics.measures import MEASURES, cells, values
from allclear.core.metrics.numbers import (
    Share,
    Spread,
    money,
    months,
    nearest_rank,
    numbers,
    spread,
    time_spent,
    union,
)
from allclear.core.metrics.reading import ReportFile, ReportRow
from core.metrics.files import file, lasting

START = datetime(2025, 10, 1, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@given(st.lists(st.integers(0, 10_000), min_size=1), st.integers(1, 100))
def test_a_quantile_is_the_smallest_value_that_so_many_do_not_exceed(found: list[int], percent: int) -> None:
    enough = [one for one in found if 100 * sum(other <= one for other in found) >= percent * len(found)]
    assert nearest_rank(found, percent) == min(enough)


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_the_median_is_the_lower_of_the_two_in_the_middle(found: list[int]) -> None:
    assert nearest_rank(found, 50) == statistics.median_low(found)


def test_nothing_has_no_quantile() -> None:
    assert nearest_rank([], 50) is None
    assert spread([None, None]) == Spread(0, None, None)
    assert spread([None, 7]) == Spread(1, 7, 7)


spans = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(spans, max_size=12))
def test_time_with_an_incident_is_counted_once_however_many_there_were(found: list[tuple[int, int]]) -> None:
    files = [lasting(number, at(start), at(end)) for number, (start, end) in enumerate(found)]
    every = {minute for start, end in found for minute in range(start, end)}
    assert (time_spent(files) or 0) == len(every)
    apart = union([(at(start), at(end)) for start, end in found])
    assert all(one[1] < other[0] for one, other in pairwise(apart))


incidents = st.lists(
    st.builds(
        lambda number, start, spent, users, found: lasting(
            number,
            START + timedelta(hours=start),
            START + timedelta(hours=start, minutes=spent),
            users=users,
            detection=found,
        ),
        st.integers(0, 10**6),
        st.integers(0, 4000),
        st.integers(0, 60 * 24 * 90),
        st.none() | st.integers(0, 10**6),
        st.none() | st.integers(0, 500),
    ),
    max_size=20,
    unique_by=lambda one: one.path,
)


@given(incidents)
def test_months_add_up_to_all_of_it(files: list[ReportFile]) -> None:
    counted = collect(files).counted
    by_month, every = months(counted), numbers(counted, time_spent(counted))
    assert sum(month.numbers.incidents for month in by_month) == every.incidents == len(counted)
    assert sum(month.numbers.users or 0 for month in by_month) == (every.users or 0)
    assert sum(month.numbers.minutes or 0 for month in by_month) == (every.minutes or 0)
    names = [month.name for month in by_month]
    assert names == sorted(set(names))
    for month in by_month:
        here = [one for one in counted if f"{one.day:%Y-%m}" == month.name]
        assert month.numbers.detection == spread(one.row.detection for one in here)
    assert every.detection.known == sum(one.row.detection is not None for one in counted)


@given(incidents)
def test_the_order_of_the_files_changes_nothing(files: list[ReportFile]) -> None:
    assert collect(files) == collect(reversed(files))


def test_a_month_without_an_incident_shows_nothing_and_no_0() -> None:
    files = [lasting(1, at(0), at(30)), lasting(2, at(61 * 24 * 60), None)]
    first, between, last = months(files)
    assert [month.name for month in (first, between, last)] == ["2025-10", "2025-11", "2025-12"]
    assert set(cells(between.numbers)) == {""}
    assert values(between.numbers)["resolution"] == {"known": 0, "median": None, "p90": None}
    assert cells(last.numbers)[0] == "1"
    assert (first.numbers.minutes, between.numbers.minutes, last.numbers.minutes) == (30, None, None)


def test_an_incident_spends_its_time_in_each_month_that_it_lasts() -> None:
    begin = datetime(2025, 10, 31, 23, 0, tzinfo=UTC)
    first, second = months([lasting(1, begin, begin + timedelta(hours=3))])
    assert (first.numbers.incidents, first.numbers.minutes) == (1, 60)
    assert (second.numbers.incidents, second.numbers.minutes) == (0, 120)
    assert [cell for cell in cells(second.numbers) if cell] == ["120"]


def test_no_incident_is_no_month() -> None:
    assert months([]) == ()
    assert months([ReportFile(path="reports/incidents/notes.md", row=ReportRow())]) == ()
    assert time_spent([]) is None


def test_promises_actions_and_people_are_added_up_where_they_are_known() -> None:
    files = [
        file(
            promises={"acknowledged": "kept", "team-update": "missed"},
            reopened=2,
            escalated=3,
            number_of_people=4,
            actions={"planned": 3, "done": 1, "dropped": 1},
            action_items=["a", "b", "c"],
            impact={"users_affected": 1500, "revenue_lost": "$45k"},
        ),
        file(action_items=["only listed"], number_of_people=0, impact={"revenue_lost": "a lot"}),
    ]
    found = numbers(files, None)
    assert (found.promises, found.actions) == (Share(1, 2), Share(1, 2))
    assert (found.reopened, found.escalated, found.people) == (1, 1, Spread(1, 4, 4))
    assert (found.users, found.revenue, found.unclear) == (1500, (("$", Decimal(45000)),), 1)
    shown = dict(zip([measure.key for measure in MEASURES], cells(found), strict=True))
    assert (shown["promises"], shown["revenue"], shown["users"]) == ("1 of 2", "$45,000; 1 unclear", "1,500")
    assert values(found)["revenue"] == {"by_currency": {"$": "45000"}, "unclear": 1}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$45000", ("$", 45000)),
        ("$45,000.50", ("$", "45000.50")),
        ("US$ 2k", ("US$", 2000)),
        ("€1.5k", ("€", 1500)),
        ("45000", ("", 45000)),
        ("EUR 2,000", ("EUR", 2000)),
        ("2M EUR", ("EUR", 2_000_000)),
        ("45 kr", ("kr", 45)),
    ],
)
def test_an_amount_is_read_as_it_is_usually_written(written: str, meant: tuple[str, object]) -> None:
    assert money(written) == (meant[0], Decimal(str(meant[1])))


@pytest.mark.parametrize(
    "written",
    ["about $45k", "$45k-60k", "1.234,50 EUR", "1.234", "5 mio", "$5 EUR", "-$5", "", "lots", "4,50", "٤٥"],
)
def test_what_is_no_single_amount_is_unclear(written: str) -> None:
    assert money(written) is None


def test_money_is_added_up_by_currency() -> None:
    files = [file(impact={"revenue_lost": one}) for one in ("$1k", "$500.25", "20 EUR")]
    assert cells(numbers(files, None))[-2] == "$1,500.25; 20 EUR"


def test_each_measure_has_its_definition() -> None:
    assert all(measure.definition.endswith(".") for measure in MEASURES)
    assert len({measure.key for measure in MEASURES}) == len(MEASURES)


def test_a_selection_goes_by_day_and_service() -> None:
    files = [
        file("2025-10-19-a.md", services=["Web"]),
        file(
            "2025-11-19-b.md", services=["api"], issue=2, started_at="2025-11-19T00:00:00Z", resolved_at=None
        ),
        file("2025-11-20-c.md", content="no record"),
        file("notes.md", content="no record and no day"),
    ]
    every = collect(files)
    assert [one.path[-4:] for one in every.selected(date(2025, 11, 1)).files] == ["c.md", "b.md"]
    assert [one.path[-4:] for one in every.selected(services=frozenset({"WEB", "x"})).files] == ["a.md"]
    assert every.selected() == every
