"""Every phrase of time of a runbook: read, printed, in words, and what is said of a wrong one."""

from __future__ import annotations

import itertools
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from allclear.core.calendar.calendar import Calendar
from allclear.core.calendar.hours import NAMES, Days, Hours
from allclear.core.calendar.period import (
    NextOpening,
    NumberName,
    OfficeDays,
    OfficeHours,
    Period,
    PeriodOrNumber,
    Span,
)
from allclear.core.calendar.phrase import Phrase
from allclear.core.calendar.recurrence import AfterPeriod, Monthly, OpenDays, Recurrence, Weekly
from allclear.core.calendar.rhythm import Rhythm, RhythmOrNumber, RhythmStep

NINE, TEN = time(9), time(10)
WORKDAYS = Days(frozenset(range(5)))
M5, M20 = Span(timedelta(minutes=5)), Span(timedelta(minutes=20))
H1, H2 = Span(timedelta(hours=1)), Span(timedelta(hours=2))


class Line(BaseModel):
    """One of each, as a runbook's models hold them."""

    period: Period = Span()
    within: PeriodOrNumber = Span()
    rhythm: Rhythm = Rhythm()
    every: RhythmOrNumber = Rhythm()
    routine: Recurrence = AfterPeriod(H1)
    span: Span = Span()
    days: Days = WORKDAYS
    hours: Hours = Hours(NINE, TEN)


PERIODS = [
    ("45s", Span(timedelta(seconds=45)), "45s", "45 seconds", "45 seconds"),
    ("15m", Span(timedelta(minutes=15)), "15m", "15 minutes", "15 minutes"),
    ("1m", Span(timedelta(minutes=1)), "1m", "1 minute", "minute"),
    ("1h", H1, "1h", "1 hour", "hour"),
    ("2 H", H2, "2h", "2 hours", "2 hours"),
    ("90m", Span(timedelta(minutes=90)), "1h 30m", "1 hour 30 minutes", "1 hour 30 minutes"),
    ("1h 30m", Span(timedelta(minutes=90)), "1h 30m", "1 hour 30 minutes", "1 hour 30 minutes"),
    ("48h", Span(timedelta(hours=48)), "48h", "48 hours", "48 hours"),
    ("1d", Span(days=1), "1d", "1 day", "day"),
    ("3d", Span(days=3), "3d", "3 days", "3 days"),
    ("2w", Span(days=14), "2w", "2 weeks", "2 weeks"),
    ("10d", Span(days=10), "10d", "10 days", "10 days"),
    ("3mo", Span(months=3), "3mo", "3 months", "3 months"),
    (
        "1mo 1d 1h",
        Span(timedelta(hours=1), 1, 1),
        "1mo 1d 1h",
        "1 month 1 day 1 hour",
        "1 month 1 day 1 hour",
    ),
    ("0m", Span(), "0m", "0 minutes", "0 minutes"),
    ("2h office", OfficeHours(timedelta(hours=2), "office"), "2h office", "2 hours of office time", None),
    ("1 h office", OfficeHours(timedelta(hours=1), "office"), "1h office", "1 hour of office time", None),
    (
        "1h 30m night-shift",
        OfficeHours(timedelta(minutes=90), "night-shift"),
        "1h 30m night-shift",
        None,
        None,
    ),
    ("5 office days", OfficeDays(5, "office"), "5 office days", "5 office days", "5 office days"),
    ("1 office day", OfficeDays(1, "office"), "next office day", "next office day", "office day"),
    ("next office day", OfficeDays(1, "office"), "next office day", "next office day", "office day"),
    (
        "Next Office Day 9:00",
        OfficeDays(1, "office", NINE),
        "next office day 09:00",
        None,
        "office day at 09:00",
    ),
    (
        "3 office days 10:00",
        OfficeDays(3, "office", TEN),
        "3 office days 10:00",
        "3 office days at 10:00",
        None,
    ),
    ("next maintenance", NextOpening("maintenance"), "next maintenance", "next maintenance", "maintenance"),
]


@pytest.mark.parametrize(("text", "value", "written", "words", "cadence"), PERIODS)
def test_a_period_is_read_printed_and_told(
    text: str, value: Period, written: str, words: str | None, cadence: str | None
) -> None:
    read = Period.read(text)
    assert read == value
    assert str(read) == written
    assert Period.read(written) == value
    assert words in {None, read.words()}
    assert cadence in {None, read.cadence()}


RHYTHMS = [
    ("15m", (RhythmStep(Span(timedelta(minutes=15))),), "every 15 minutes", "15 minutes"),
    ("0m, then 5m", (RhythmStep(Span()), RhythmStep(M5)), "at once, then every 5 minutes", "5 minutes"),
    (
        "5m, then 20m, then 1h after 2h",
        (RhythmStep(M5), RhythmStep(M20), RhythmStep(H1, H2)),
        "after 5 minutes, then every 20 minutes, then every hour after 2 hours",
        "20 minutes",
    ),
    (
        "5m, then 20m after 1h, then 1h",
        (RhythmStep(M5), RhythmStep(M20, H1), RhythmStep(H1)),
        "every 5 minutes, then after 20 minutes after 1 hour, then every hour",
        "5 minutes",
    ),
    ("next office day", (RhythmStep(OfficeDays(1, "office")),), "every office day", "office day"),
    ("by hand", (), "by hand", ""),
]


@pytest.mark.parametrize(("text", "steps", "words", "cadence"), RHYTHMS)
def test_a_rhythm_is_read_printed_and_told(
    text: str, steps: tuple[RhythmStep, ...], words: str, cadence: str
) -> None:
    read = Rhythm.read(text)
    assert read == Rhythm(steps)
    assert str(read) == text
    assert read.words() == words
    assert read.cadence() == cadence


RECURRENCES = [
    ("daily 09:00", Weekly(Days.parse("all"), NINE), "daily 09:00"),
    ("mon 9:00", Weekly(Days(frozenset({0})), NINE), "mon 09:00"),
    ("mon-fri 10:00", Weekly(WORKDAYS, TEN), "mon-fri 10:00"),
    ("mon, wed 10:00", Weekly(Days(frozenset({0, 2})), TEN), "mon, wed 10:00"),
    ("office days 09:00", OpenDays("office", NINE), "office days 09:00"),
    ("monthly 1 09:00", Monthly(1, NINE), "monthly 1 09:00"),
    ("3mo", AfterPeriod(Span(months=3)), "3mo"),
    ("5 office days", AfterPeriod(OfficeDays(5, "office")), "5 office days"),
]


@pytest.mark.parametrize(("text", "value", "written"), RECURRENCES)
def test_a_recurrence_is_read_and_printed(text: str, value: Recurrence, written: str) -> None:
    assert Recurrence.read(text) == value
    assert str(value) == written
    assert Recurrence.read(written) == value


@pytest.mark.parametrize(
    ("text", "numbers", "written"),
    [
        ("all", range(7), "all"),
        ("mon-sun", range(7), "all"),
        ("mon-fri", range(5), "mon-fri"),
        ("Sun", [6], "sun"),
        ("fri - mon", [4, 5, 6, 0], "fri-mon"),
        ("wed,mon", [0, 2], "mon, wed"),
    ],
)
def test_days_of_the_week_are_read_and_printed(text: str, numbers: list[int], written: str) -> None:
    assert Days.read(text) == Days(frozenset(numbers))
    assert str(Days.read(text)) == written


@pytest.mark.parametrize(
    ("text", "value", "written", "hours"),
    [
        ("09:00-17:00", Hours(time(9), time(17)), "09:00-17:00", 8),
        ("9:00 - 17:00", Hours(time(9), time(17)), "09:00-17:00", 8),
        ("22:00-06:00", Hours(time(22), time(6)), "22:00-06:00", 8),
        ("00:00-24:00", Hours(time(), time()), "00:00-24:00", 24),
        ("17:00-24:00", Hours(time(17), time()), "17:00-24:00", 7),
    ],
)
def test_hours_of_the_day_are_read_and_printed(text: str, value: Hours, written: str, hours: int) -> None:
    assert Hours.read(text) == value
    assert str(value) == written
    assert value.length == timedelta(hours=hours)


NO_LENGTH = (
    "is no length of time; write 15m, 3d, 2h office, 5 office days, next office day or next office day 10:00"
)
NO_ROUTINE = (
    "is no time of a routine; write daily 09:00, mon-fri 09:00, office days 09:00, monthly 1 09:00 or 3mo"
)


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (Period, "soon", f"'soon' {NO_LENGTH}"),
        (Period, "15", f"'15' {NO_LENGTH}"),
        (Period, "5m then", f"'5m then' {NO_LENGTH}"),
        (Period, "next day", f"'next day' {NO_LENGTH}"),
        (Period, "5 minutes", "'5 minutes': write 5m"),
        (Period, "30 min", "'30 min': write 30m"),
        (Period, "3 Months", "'3 Months': write 3mo"),
        (Period, "update", "'update' is the name of a number and has none here; write one such as 15m"),
        (Period, "2d office", "'2d office': write hours or minutes, such as 2h office, or 2 office days"),
        (Period, "0m office", "'0m office': write hours or minutes, such as 2h office, or 2 office days"),
        (Period, "0 office days", "'0 office days': write 0m, or next office day"),
        (Period, "next office day 25:00", "'25:00' is no time of day; write 09:00"),
        (Period, "999999w", "'999999w' is longer than ten years; write one such as 15m, 3d or 3mo"),
        (Span, "2h office", "'2h office' does not fit here; write 45s, 15m, 2h, 1h 30m, 3d, 2w or 3mo"),
        (NextOpening, "2h", "'2h' does not fit here; write next maintenance"),
        (Rhythm, "5m then", "'5m then': write 5m, then 20m"),
        (Rhythm, "5m then 20m", "'5m then 20m': write 5m, then 20m"),
        (Rhythm, "5m, 20m", "'5m, 20m': write 5m, then 20m"),
        (Rhythm, "5m, then", "'5m, then': write 5m, then 20m"),
        (Rhythm, "soon", f"'soon' {NO_LENGTH}"),
        (Rhythm, "0m, then soon", f"'0m, then soon': 'soon' {NO_LENGTH}"),
        (
            Rhythm,
            "1h after 2h",
            "'1h after 2h': write first how often until then, such as 20m, then 1h after 2h",
        ),
        (Rhythm, "0m", "'0m' would be due again at once for ever; write 0m, then 5m"),
        (
            Rhythm,
            "0m, then 1h after 2h",
            "'0m, then 1h after 2h' would be due again at once for ever; write 0m",
        ),
        (Recurrence, "soon", f"'soon' {NO_ROUTINE}"),
        (Recurrence, "0m", "'0m' would be due again at once for ever; write daily 09:00"),
        (
            Recurrence,
            "monthly 32 09:00",
            "'monthly 32 09:00': a month has the days 1 to 31; write monthly 1 09:00",
        ),
        (Recurrence, "daily 09:60", "'09:60' is no time of day; write 09:00"),
        (Recurrence, "foo 09:00", "'foo' are no days; write mon-fri, sun, mon, wed or all"),
        (Weekly, "3mo", "'3mo' does not fit here; write daily 09:00, mon-fri 09:00"),
        (Days, "someday", "'someday' are no days; write mon-fri, sun, mon, wed or all"),
        (Hours, "9-17", "'9-17' are no hours; write them in quotes: \"09:00-17:00\""),
        (Hours, "09:00-09:00", "'09:00-09:00' ends where it begins; the whole day is \"00:00-24:00\""),
        (Hours, "24:00-09:00", "'24:00' is no time of day; write 09:00"),
    ],
)
def test_a_wrong_phrase_is_answered_with_what_to_write(kind: type[Phrase], text: str, says: str) -> None:
    with pytest.raises(ValueError) as refused:
        kind.read(text)
    assert str(refused.value).startswith(says)


@pytest.mark.parametrize("value", [15, True, None, "", "  ", ["15m"]])
def test_what_is_no_text_is_no_phrase(value: object) -> None:
    with pytest.raises(ValueError, match="is no text; write 15m, 0m, then 5m"):
        Rhythm.read(value)
    with pytest.raises(ValueError, match=r"is no text; write next maintenance$"):
        NextOpening.read(value)


@pytest.mark.parametrize("name", list(NumberName))
def test_a_number_of_the_severity_stands_where_a_period_or_a_rhythm_may(name: NumberName) -> None:
    line = Line.model_validate({"within": f" {name.value.upper()} ", "every": name.value})
    assert (line.within, line.every) == (name, name)
    assert Line.model_validate({"within": name}).within is name
    assert line.model_dump(mode="json")["within"] == name.value


def test_phrases_are_fields_of_a_model_and_are_stored_as_text() -> None:
    written = {
        "period": "2h office",
        "within": "3d",
        "rhythm": "0m, then 5m",
        "every": "1h",
        "routine": "daily 09:00",
        "span": "3d",
        "days": "mon-fri",
        "hours": "22:00-06:00",
    }
    line = Line.model_validate(written)
    assert line.model_dump(mode="json") == written
    assert Line.model_validate_json(line.model_dump_json()) == line
    assert Line.model_validate(line.model_dump()) == line
    for name, schema in Line.model_json_schema()["properties"].items():
        assert schema["type"] == "string", name
        assert all(Line.model_validate({name: one}) for one in schema["examples"])


def test_a_field_says_what_to_write() -> None:
    with pytest.raises(ValidationError, match="Value error, '5m then': write 5m, then 20m"):
        Line.model_validate({"rhythm": "5m then"})


IDS = st.from_regex(r"[a-z][a-z0-9]{2,8}(-[a-z0-9]{1,5})?", fullmatch=True).filter(
    lambda name: name not in {"day", "days", "then", "after"}
)
ELAPSED = st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
SPANS = st.builds(Span, ELAPSED, st.integers(0, 400), st.integers(0, 60))
PERIOD_VALUES = st.one_of(
    SPANS,
    st.builds(OfficeHours, ELAPSED, IDS),
    st.builds(OfficeDays, st.integers(1, 9999), IDS, st.none() | CLOCKS),
    st.builds(NextOpening, IDS),
)
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda numbers: Days(frozenset(numbers)))
STEPS = st.builds(RhythmStep, PERIOD_VALUES, st.none() | SPANS)
RHYTHM_VALUES = st.builds(
    lambda first, more: Rhythm((RhythmStep(first), *more)), PERIOD_VALUES, st.lists(STEPS, max_size=4)
) | st.just(Rhythm())
RECURRENCE_VALUES = st.one_of(
    st.builds(Weekly, DAYS, CLOCKS),
    st.builds(OpenDays, IDS.filter(lambda name: name != "all"), CLOCKS),
    st.builds(Monthly, st.integers(1, 31), CLOCKS),
    st.builds(AfterPeriod, PERIOD_VALUES),
)


@given(
    st.one_of(
        PERIOD_VALUES.map(lambda value: (Period, value)),
        RHYTHM_VALUES.map(lambda value: (Rhythm, value)),
        RECURRENCE_VALUES.map(lambda value: (Recurrence, value)),
        DAYS.map(lambda value: (Days, value)),
    )
)
def test_what_is_printed_reads_as_the_same_value(case: tuple[type[Phrase], Phrase]) -> None:
    kind, value = case
    assert kind.read(str(value)) == value
    assert kind.read(str(value).upper()) == value


@given(st.one_of(PERIOD_VALUES, RHYTHM_VALUES))
def test_one_of_anything_is_never_plural(value: Period | Rhythm) -> None:
    for text in (value.words(), value.cadence()):
        words = text.split()
        assert [pair for pair in itertools.pairwise(words) if pair[0] == "1" and pair[1].endswith("s")] == []


@given(st.text(st.sampled_from("0123456789 smhdwo,:-thenxafrioc"), max_size=30) | st.text(max_size=20))
def test_any_text_is_read_or_refused_with_words(text: str) -> None:
    for kind in (Period, Rhythm, Recurrence, Days, Hours):
        try:
            value = kind.read(text)
        except ValueError as error:
            assert "write" in str(error) or "whole day" in str(error)  # noqa: PT017 - either outcome is right
        else:
            assert kind.read(str(value)) == value


def test_the_days_of_a_week_have_their_usual_names() -> None:
    assert NAMES == ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    assert Calendar().days == Days.parse(",".join(NAMES))


def test_a_phrase_that_is_read_already_stays_what_it_is() -> None:
    days = Days.parse("mon-fri")
    assert Days.read(days) is days
