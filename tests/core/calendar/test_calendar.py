"""Office hours, nights, holidays and maintenance windows, as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from allclear.core.calendar.calendar import ALWAYS, Calendar, Calendars, NeverOpensError
from allclear.core.calendar.holiday_dates import holiday_dates, region_refusal
from allclear.core.calendar.hours import Days
from allclear.core.calendar.period import NextOpening, OfficeDays, OfficeHours, Period, Span
from allclear.core.model.authored import read_authored
from core.calendar.walk import Walk, closing, elapse, opening
from sampling import Proof

BERLIN = ZoneInfo("Europe/Berlin")


def calendar(**keys: Any) -> Calendar:
    return read_authored(Calendar, keys)


OFFICE = calendar(days="mon-fri", hours="09:00-17:00")
NAMED = {
    "office": OFFICE,
    "german": calendar(days="mon-fri", hours="09:00-17:00", holidays="DE"),
    "bavarian": calendar(days="mon-fri", hours="09:00-17:00", holidays="DE-BY"),
    "american": calendar(days="mon-fri", hours="09:00-17:00", holidays="US"),
    "night": calendar(days="mon-fri", hours="22:00-06:00"),
    "weekdays": calendar(days="mon-fri"),
    "maintenance": calendar(days="sun", hours="02:00-04:00"),
    "cycle": calendar(days="mon", hours="09:00-10:00", every="2w", **{"from": "2026-01-05"}),
    "late": calendar(days="mon", hours="17:00-24:00", every="2w", **{"from": date(2026, 1, 5)}),
}
CALENDARS = Calendars(BERLIN, NAMED)


def local(text: str) -> datetime:
    """``2026-11-27 15:30``, as clocks in Berlin show it."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def shown(when: datetime) -> str:
    assert when.tzinfo is UTC
    return when.astimezone(BERLIN).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("phrase", "anchor", "end"),
    [
        # 2026-11-27 is a Friday.
        ("15m", "2026-11-27 16:50", "Fri 2026-11-27 17:05"),
        ("24h", "2026-03-28 12:00", "Sun 2026-03-29 13:00"),
        ("1d", "2026-03-28 12:00", "Sun 2026-03-29 12:00"),
        ("1d", "2026-03-28 02:30", "Sun 2026-03-29 03:00"),
        ("1d", "2026-10-24 02:30", "Sun 2026-10-25 02:30"),
        ("3d", "2026-11-27 16:50", "Mon 2026-11-30 16:50"),
        ("2w", "2026-11-27 16:50", "Fri 2026-12-11 16:50"),
        ("3mo", "2026-11-30 12:00", "Sun 2027-02-28 12:00"),
        ("3mo", "2027-11-30 12:00", "Tue 2028-02-29 12:00"),
        ("1mo", "2028-01-31 12:00", "Tue 2028-02-29 12:00"),
        ("12mo", "2028-02-29 12:00", "Wed 2029-02-28 12:00"),
        ("1mo 1d 2h", "2026-01-31 12:00", "Sun 2026-03-01 14:00"),
        ("2h office", "2026-11-27 14:00", "Fri 2026-11-27 16:00"),
        ("2h office", "2026-11-27 15:00", "Fri 2026-11-27 17:00"),
        ("2h office", "2026-11-27 16:30", "Mon 2026-11-30 10:30"),
        ("2h office", "2026-11-28 03:00", "Mon 2026-11-30 11:00"),
        ("2h office", "2026-11-30 08:00", "Mon 2026-11-30 11:00"),
        ("20h office", "2026-11-27 16:00", "Wed 2026-12-02 12:00"),
        ("8h german", "2026-12-24 15:00", "Mon 2026-12-28 15:00"),
        ("8h always", "2026-11-27 16:00", "Sat 2026-11-28 00:00"),
        ("4h night", "2026-11-28 05:00", "Tue 2026-12-01 01:00"),
        ("4h night", "2026-11-29 23:00", "Tue 2026-12-01 02:00"),
        ("30h weekdays", "2026-11-27 12:00", "Mon 2026-11-30 18:00"),
        ("5 office days", "2026-11-27 08:00", "Fri 2026-12-04 17:00"),
        ("5 office days", "2026-11-27 23:59", "Fri 2026-12-04 17:00"),
        ("5 german days", "2026-12-23 12:00", "Thu 2026-12-31 17:00"),
        ("7 german days", "2026-12-23 12:00", "Tue 2027-01-05 17:00"),
        ("7 bavarian days", "2026-12-29 12:00", "Mon 2027-01-11 17:00"),
        ("next office day", "2026-11-27 08:00", "Mon 2026-11-30 17:00"),
        ("next office day", "2026-11-29 12:00", "Mon 2026-11-30 17:00"),
        ("next office day", "2026-11-30 00:00", "Tue 2026-12-01 17:00"),
        ("next office day 10:00", "2026-11-27 08:00", "Mon 2026-11-30 10:00"),
        ("next night day", "2026-11-27 12:00", "Tue 2026-12-01 06:00"),
        ("next weekdays day", "2026-11-27 12:00", "Tue 2026-12-01 00:00"),
        ("next always day", "2026-11-27 12:00", "Sun 2026-11-29 00:00"),
        ("next american day", "2026-11-25 12:00", "Fri 2026-11-27 17:00"),
        ("next american day", "2027-12-30 12:00", "Mon 2028-01-03 17:00"),
        ("next maintenance", "2026-11-27 08:00", "Sun 2026-11-29 02:00"),
        ("next maintenance", "2026-11-29 01:59", "Sun 2026-11-29 02:00"),
        ("next maintenance", "2026-11-29 02:00", "Sun 2026-12-06 02:00"),
        ("next maintenance", "2026-03-28 12:00", "Sun 2026-03-29 03:00"),
        ("next maintenance", "2026-10-24 12:00", "Sun 2026-10-25 02:00"),
        ("next weekdays", "2026-11-25 12:00", "Mon 2026-11-30 00:00"),
        ("next cycle", "2026-01-05 09:00", "Mon 2026-01-19 09:00"),
        ("next cycle", "2025-06-01 09:00", "Mon 2026-01-05 09:00"),
        ("next cycle", "2026-11-27 09:00", "Mon 2026-12-07 09:00"),
        ("next late day", "2026-01-06 09:00", "Tue 2026-01-20 00:00"),
    ],
)
def test_a_period_ends(phrase: str, anchor: str, end: str) -> None:
    period = Period.read(phrase)
    assert period.refusal(CALENDARS) is None
    assert shown(period.after(local(anchor), CALENDARS)) == end


def test_the_hour_that_exists_twice_is_the_first_and_the_missing_one_is_over_at_once() -> None:
    assert Span(days=1).after(local("2026-10-24 02:30"), CALENDARS) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    assert Span(days=1).after(local("2026-03-28 02:30"), CALENDARS) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    second = local("2026-10-25 02:30").replace(fold=1)
    assert Span(timedelta(minutes=30)).after(second, CALENDARS) == datetime(2026, 10, 25, 2, tzinfo=UTC)
    assert Span().after(second, CALENDARS) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert Span(days=1).after(second, CALENDARS) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "when", "is_open", "opening_after", "closing_after"),
    [
        ("office", "2026-11-27 09:00", True, "Mon 2026-11-30 09:00", "Fri 2026-11-27 17:00"),
        ("office", "2026-11-27 17:00", False, "Mon 2026-11-30 09:00", "Mon 2026-11-30 17:00"),
        ("office", "2026-11-27 08:59", False, "Fri 2026-11-27 09:00", "Fri 2026-11-27 17:00"),
        ("night", "2026-11-28 05:59", True, "Mon 2026-11-30 22:00", "Sat 2026-11-28 06:00"),
        ("night", "2026-11-29 05:59", False, "Mon 2026-11-30 22:00", "Tue 2026-12-01 06:00"),
        ("weekdays", "2026-11-25 00:00", True, "Mon 2026-11-30 00:00", "Sat 2026-11-28 00:00"),
        ("weekdays", "2026-11-28 00:00", False, "Mon 2026-11-30 00:00", "Sat 2026-12-05 00:00"),
        ("german", "2026-12-25 12:00", False, "Mon 2026-12-28 09:00", "Mon 2026-12-28 17:00"),
        ("cycle", "2026-01-12 09:30", False, "Mon 2026-01-19 09:00", "Mon 2026-01-19 10:00"),
        ("cycle", "2025-12-22 09:30", False, "Mon 2026-01-05 09:00", "Mon 2026-01-05 10:00"),
    ],
)
def test_a_calendar_opens_and_closes(
    name: str, when: str, is_open: bool, opening_after: str, closing_after: str
) -> None:
    moment = local(when)
    opens = NAMED[name].opening_after(moment, BERLIN)
    closes = NAMED[name].closing_after(moment, BERLIN)
    assert NAMED[name].is_open(moment, BERLIN) == is_open
    assert opens is not None
    assert closes is not None
    assert (shown(opens), shown(closes)) == (opening_after, closing_after)


def test_always_never_opens_and_never_closes() -> None:
    now = local("2026-11-27 12:00")
    assert ALWAYS.always
    assert ALWAYS.is_open(now, BERLIN)
    assert ALWAYS.opening_after(now, BERLIN) is None
    assert ALWAYS.closing_after(now, BERLIN) is None
    assert [one.always for one in (OFFICE, calendar(holidays="DE"), calendar(hours="22:00-06:00"))] == [
        False
    ] * 3
    with pytest.raises(NeverOpensError, match="always does not open again"):
        NextOpening("always").after(now, CALENDARS)


def test_a_calendar_of_one_s_own_may_be_called_always() -> None:
    own = Calendars(BERLIN, {"always": OFFICE})
    assert own["always"] is OFFICE
    assert CALENDARS["always"] is ALWAYS
    assert own.refusal("always") is None


def test_holidays_nobody_knows_close_nothing() -> None:
    unknown = calendar(holidays="XX")
    now = local("2026-11-27 12:00")
    assert unknown.is_open(now, BERLIN)
    assert unknown.opening_after(now, BERLIN) is None
    assert unknown.closing_after(now, BERLIN) is None


def test_what_is_never_open_ends_the_search() -> None:
    never = Calendars(BERLIN, {"never": Calendar(days=Days(frozenset()))})
    now = local("2026-11-27 12:00")
    assert not never["never"].is_open(now, BERLIN)
    assert never["never"].opening_after(now, BERLIN) is None
    for period in (OfficeHours(timedelta(hours=1), "never"), OfficeDays(1, "never"), NextOpening("never")):
        with pytest.raises(NeverOpensError, match=r"^(?:not open|never does not open)"):
            period.after(now, never)


def test_hours_in_the_gap_of_a_clock_that_is_put_forward_are_no_open_day() -> None:
    gap = Calendars(BERLIN, {"gap": calendar(days="sun", hours="02:15-02:45")})
    assert shown(OfficeDays(1, "gap").after(local("2026-03-27 12:00"), gap)) == "Sun 2026-04-05 02:45"


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"holidays": False}, 'false is what YAML reads for NO; write "NO" in quotes'),
        (
            {"holidays": "Germany"},
            "'Germany' is no country; write its two letters such as DE, or a region: DE-BY",
        ),
        ({"every": "2d", "from": "2026-01-05"}, "'2d' are no weeks; write 2w, and at most 52w"),
        ({"every": "53w", "from": "2026-01-05"}, "'53w' are no weeks; write 2w, and at most 52w"),
        ({"every": "2w"}, "every 2w needs `from`: the date of the first such day"),
        ({"days": "sun", "from": "2026-01-05"}, "from 2026-01-05 is Monday, which is not one of sun"),
        ({"days": "never"}, "'never' are no days; write mon-fri, sun, mon, wed or all"),
        ({"hours": 900}, "900 is no text; write 09:00-17:00, 22:00-06:00 or 00:00-24:00"),
        ({"hour": "09:00-17:00"}, "Extra inputs are not permitted"),
    ],
)
def test_a_calendar_that_means_nothing_is_refused(keys: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_authored(Calendar, keys)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("2h offic", "'2h offic': no calendar 'offic'; did you mean 'office'?"),
        ("2h shop", "'2h shop': no calendar 'shop'; there are office, maintenance, rare, always"),
        (
            "5 business days",
            "'5 business days': no calendar 'business'; there are office, maintenance, rare, always",
        ),
        ("next maintenanc", "'next maintenanc': no calendar 'maintenanc'; did you mean 'maintenance'?"),
        ("next always", "'next always': calendar 'always' never closes, so it never opens"),
        ("9999 office days", "'9999 office days' takes more than two years of 'office'"),
        ("9h rare", "'9h rare' takes more than two years of 'rare'"),
        ("500 office days", None),
        ("1h rare", None),
        ("next always day", None),
        ("3mo", None),
    ],
)
def test_a_period_is_refused_when_the_calendars_give_it_no_end(phrase: str, says: str | None) -> None:
    rare = calendar(days="mon", hours="09:00-09:30", every="26w", **{"from": "2026-01-05"})
    named = {"office": OFFICE, "maintenance": NAMED["maintenance"], "rare": rare}
    assert Period.read(phrase).refusal(Calendars(BERLIN, named)) == says


@pytest.mark.parametrize(
    ("region", "day", "closed"),
    [
        ("DE", date(2026, 10, 3), True),
        ("DE", date(2027, 1, 6), False),
        ("DE-BY", date(2027, 1, 6), True),
        ("US", date(2026, 11, 26), True),
        ("US", date(2026, 7, 3), True),  # for Saturday the 4th
        ("US", date(2027, 12, 31), True),  # for Saturday the 1st of January
        ("US", date(2026, 11, 27), False),
        ("NO", date(2026, 5, 17), True),
        ("GB-SCT", date(2026, 11, 30), True),
        ("XX", date(2026, 12, 25), False),
        ("DE-XX", date(2026, 12, 25), False),
    ],
)
def test_holidays_are_those_of_the_country_or_its_region(region: str, day: date, closed: bool) -> None:
    assert (day in holiday_dates(region, day.year)) == closed


@pytest.mark.parametrize(
    ("region", "says"),
    [
        (None, None),
        ("DE", None),
        ("DE-BY", None),
        ("XX", "no holidays are known of 'XX'; write a country such as DE or US"),
        ("DE-XX", "no region 'XX' in DE; there are BB, BE, BW, BY"),
        ("VA-XX", "no region 'XX' in VA; there are none"),
    ],
)
def test_a_country_without_known_holidays_is_said(region: str | None, says: str | None) -> None:
    found = calendar(holidays=region).refusal()
    assert (found or "").startswith(says or "")
    assert (found is None) == (says is None)


def test_the_regions_of_a_country_are_codes() -> None:
    assert region_refusal("US-CA") is None


WALKED = [
    ("office", set[date]()),
    ("german", {date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)}),
    ("night", set[date]()),
    ("weekdays", set[date]()),
    ("maintenance", set[date]()),
]


@pytest.mark.parametrize(("name", "holidays"), WALKED)
def test_over_the_turn_of_the_year_a_calendar_is_what_a_walk_sees(
    proof: Proof, name: str, holidays: set[date]
) -> None:
    walked = Walk(BERLIN, datetime(2026, 12, 14, tzinfo=UTC), 35)
    eligible = {day for day in walked.days if day in NAMED[name].days and day not in holidays}
    minutes = walked.open_minutes(NAMED[name], eligible)
    chance = Random(name)
    for at in proof([chance.randrange(1440, 15 * 1440) for _ in range(2000)], 60):
        now, amount = walked.moment(at), chance.randrange(1, 240)
        assert NAMED[name].is_open(now, BERLIN) == minutes[at]
        assert NAMED[name].opening_after(now, BERLIN) == walked.moment(opening(minutes, at))
        assert NAMED[name].closing_after(now, BERLIN) == walked.moment(closing(minutes, at))
        end = Period.read(f"{amount}m {name}").after(now, CALENDARS)
        assert end == walked.moment(elapse(minutes, at, amount))


def test_every_second_week_is_every_second_week_for_years() -> None:
    when, found = local("2026-01-01 00:00"), list[str]()
    for _ in range(60):
        when = NextOpening("cycle").after(when, CALENDARS)
        found.append(shown(when))
    first = date(2026, 1, 5)
    assert found == [f"{first + timedelta(weeks=2 * number):%a %Y-%m-%d} 09:00" for number in range(60)]
    assert shown(NextOpening("cycle").after(local("2026-01-01 00:00"), CALENDARS, 60)) == found[-1]
