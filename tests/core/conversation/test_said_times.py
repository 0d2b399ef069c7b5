from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from allclear.core.conversation.said_times import SaidTime, read_time
from allclear.core.model.errors import UserError
from allclear.core.model.times import clock_time

NOW = datetime(2025, 10, 19, 15, 6, 40, tzinfo=UTC)
"""A Sunday."""
SLACK = timedelta(minutes=5)
ZULU = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str, own: ZoneInfo = ZULU, now: datetime = NOW) -> SaidTime | None:
    return read_time(text, own, now, slack=SLACK)


def shown(text: str, own: ZoneInfo = ZULU) -> tuple[str, str] | None:
    found = read(text, own)
    return (found.at.strftime("%m-%d %H:%M:%S"), found.text) if found else None


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("13:05", "10-19 13:05:00"),
        ("  13:05:30 -", "10-19 13:05:30"),
        ("7:05", "10-19 07:05:00"),
        ("15:30", "10-18 15:30:00"),
        ("15:10", "10-19 15:10:00"),
        ("1:05 PM", "10-19 13:05:00"),
        ("1:05pm", "10-19 13:05:00"),
        ("1:05 p.m.", "10-19 13:05:00"),
        ("13:05 PM", "10-19 13:05:00"),
        ("11am", "10-19 11:00:00"),
        ("1:05 in the afternoon", "10-19 13:05:00"),
        ("13:05 in the Afternoon", "10-19 13:05:00"),
        ("12:05 in the afternoon", "10-19 12:05:00"),
        ("9:05 in the morning UTC", "10-19 09:05:00"),
        ("12:05 in the morning", "10-19 00:05:00"),
        ("8:05 in the evening yesterday", "10-18 20:05:00"),
        ("11:30 at night", "10-18 23:30:00"),
        ("23:30 at night", "10-18 23:30:00"),
        ("12:10 at night", "10-19 00:10:00"),
        ("0:10 at night", "10-19 00:10:00"),
        ("2:10 at night", "10-19 02:10:00"),
        ("12:00 midnight", "10-19 00:00:00"),
        ("12:30am", "10-19 00:30:00"),
        ("12 pm", "10-19 12:00:00"),
        ("13.05", "10-19 13:05:00"),
        ("13h05", "10-19 13:05:00"),
        ("13:05 Uhr", "10-19 13:05:00"),
        ("1305 UTC", "10-19 13:05:00"),
        ("1305Z", "10-19 13:05:00"),
        ("1305h", "10-19 13:05:00"),
        ("2025-10-19T13:05:33.123456789Z", "10-19 13:05:33"),
        ("2025-10-19 13:05:33,123", "10-19 13:05:33"),
        ("2025-10-19_13:05", "10-19 13:05:00"),
        ("20251019T130533Z", "10-19 13:05:33"),
        ("20251019T1305", "10-19 13:05:00"),
        ("2025-10-19 - 13:05", "10-19 13:05:00"),
        ("2025/10/19 13:05", "10-19 13:05:00"),
        ("19.10.2025, 13:05", "10-19 13:05:00"),
        ("19.10. 13:05", "10-19 13:05:00"),
        ("10/19/2025 1:05 PM", "10-19 13:05:00"),
        ("10/19 13:05", "10-19 13:05:00"),
        ("Oct 19 13:05", "10-19 13:05:00"),
        ("19 Oct 13:05", "10-19 13:05:00"),
        ("October 19th, 2025 at 1:05 PM", "10-19 13:05:00"),
        ("Sun, 19 Oct 2025 13:05:33 +0000", "10-19 13:05:33"),
        ("Sun Oct 19 13:05:33 2025", "10-19 13:05:33"),
        ("Sun Oct 19 13:05:33 2025 +0200", "10-19 11:05:33"),
        ("Sun Oct 19 13:05:33 UTC 2025", "10-19 13:05:33"),
        ("[19/Oct/2025:13:05:33 +0000]", "10-19 13:05:33"),
        ("Sun 13:05", "10-19 13:05:00"),
        ("Mon 13:05", "10-13 13:05:00"),
        ("last Sunday at 13:05", "10-12 13:05:00"),
        ("today 13:05", "10-19 13:05:00"),
        ("yesterday at 11:50 PM", "10-18 23:50:00"),
        ("23:50 yesterday", "10-18 23:50:00"),
        ("13:05 on Friday", "10-17 13:05:00"),
        ("13:05, 2025-10-18", "10-18 13:05:00"),
        ("1:05 PM Oct 18", "10-18 13:05:00"),
        ("1:05 PM on Oct 18 (UTC)", "10-18 13:05:00"),
        ("13:05 on 10/18", "10-18 13:05:00"),
        ("at 13:05", "10-19 13:05:00"),
        ("~13:05", "10-19 13:05:00"),
        ("@13:05", "10-19 13:05:00"),
        ("about 1 pm", "10-19 13:00:00"),
        ("**13:05**", "10-19 13:05:00"),
        ("**13:05:**", "10-19 13:05:00"),
        ("**13:05 –**", "10-19 13:05:00"),
        ("(13:05)", "10-19 13:05:00"),
        ("`13:05`", "10-19 13:05:00"),
        ("_13:05_", "10-19 13:05:00"),
        ("[13:05 CEST]", "10-19 11:05:00"),
        ('"13:05"', "10-19 13:05:00"),
        ("13:05 –", "10-19 13:05:00"),
        ("13:05 |", "10-19 13:05:00"),
        ("13:05.", "10-19 13:05:00"),
        ("30 minutes ago", "10-19 14:36:00"),
        ("-30m", "10-19 14:36:00"),
        ("-1h30m", "10-19 13:36:00"),
        ("an hour and 5 minutes ago:", "10-19 14:01:00"),
        ("half an hour ago", "10-19 14:36:00"),
        ("2 days ago", "10-17 15:06:00"),
        ("1w ago", "10-12 15:06:00"),
        ("13:05Z", "10-19 13:05:00"),
        ("13:05 utc", "10-19 13:05:00"),
        ("13:05 (UTC)", "10-19 13:05:00"),
        ("15:05 UTC+2", "10-19 13:05:00"),
        ("15:05 GMT-3", "10-18 18:05:00"),
        ("15:05 +0200", "10-19 13:05:00"),
        ("15:05 +02:00", "10-19 13:05:00"),
        ("15:05+0200", "10-19 13:05:00"),
        ("14:05 -03", "10-18 17:05:00"),
        ("14:05-05:00", "10-18 19:05:00"),
        ("2025-10-19 15:05 +1000", "10-19 05:05:00"),
        ("13:05 CEST", "10-19 11:05:00"),
        ("13:05 Cest", "10-19 11:05:00"),
        ("09:05 EDT", "10-19 13:05:00"),
        ("09:05 est", "10-19 14:05:00"),
        ("09:05 ET", "10-19 13:05:00"),
        ("05:05 Pacific Time", "10-19 12:05:00"),
        ("15:05 +2:00", "10-19 13:05:00"),
        ("15:05 (UTC +2)", "10-19 13:05:00"),
        ("15:05 [+2]", "10-19 13:05:00"),
        ("13\uff1a05", "10-19 13:05:00"),
        ("\uff11\uff13\uff1a\uff10\uff15", "10-19 13:05:00"),
        ("T13:05Z", "10-19 13:05:00"),
        ("13:05 o'clock", "10-19 13:05:00"),
        ("13:05 Europe/Berlin", "10-19 11:05:00"),
        ("13:05 europe/berlin", "10-19 11:05:00"),
        ("13:05 Berlin time", "10-19 11:05:00"),
        ("09:05 New York time", "10-19 13:05:00"),
        ("10:05 America/Argentina/Buenos_Aires", "10-19 13:05:00"),
    ],
)
def test_a_time_is_read_from_the_start_of_a_text(text: str, when: str) -> None:
    assert shown(f"{text} workers restarted") == (when, "workers restarted")


@pytest.mark.parametrize(
    ("text", "when", "rest"),
    [
        ("13:05-13:20 x", "10-19 13:05:00", "until 13:20: x"),
        ("13:05..13:20 x", "10-19 13:05:00", "until 13:20: x"),
        ("13:05\u202613:20 x", "10-19 13:05:00", "until 13:20: x"),
        ("13:05~13:20 x", "10-19 13:05:00", "until 13:20: x"),
        ("13\uff1a05\uff5e13\uff1a20 x", "10-19 13:05:00", "until 13:20: x"),
        ("13:05 through 13:20 x", "10-19 13:05:00", "until 13:20: x"),
        ("13:05 local time x", "10-19 13:05:00", "local time x"),
        ("13:05 +2 x", "10-19 13:05:00", "+2 x"),
        ("13:05 (local) x", "10-19 13:05:00", "(local) x"),
        ("13:05 (UTC or so) x", "10-19 13:05:00", "(UTC or so) x"),
        ("13:05 +200 x", "10-19 13:05:00", "+200 x"),
        ("15:05 UTC +2", "10-19 13:05:00", ""),
        ("15:05 UTC + 02:00", "10-19 13:05:00", ""),
        ("15:05 +2", "10-19 13:05:00", ""),
        ("13:05 UTC - 3 x", "10-19 13:05:00", "3 x"),
        ("13:05 UTC - 13:20 UTC x", "10-19 13:05:00", "until 13:20 UTC: x"),
        ("13:05 – 13:20 x", "10-19 13:05:00", "until 13:20: x"),
        ("13:05 to 13:20 UTC x", "10-19 13:05:00", "until 13:20 UTC: x"),
        ("13:05-13:20 CEST x", "10-19 11:05:00", "until 13:20 CEST: x"),
        ("13:05 UTC-13:20 UTC x", "10-19 13:05:00", "until 13:20 UTC: x"),
        ("13:05 until 13:20: x", "10-19 13:05:00", "until 13:20: x"),
        ("1:05-1:20 PM x", "10-19 13:05:00", "until 1:20 PM: x"),
        ("11:30-1:20 PM x", "10-19 11:30:00", "until 1:20 PM: x"),
        ("11:30-1:20 AM x", "10-18 23:30:00", "until 1:20 AM: x"),
        ("13.05-13.20 x", "10-19 13:05:00", "until 13.20: x"),
        ("05:05-07:00 x", "10-19 05:05:00", "until 07:00: x"),
        ("23:50 - 2025-10-19 00:10 x", "10-18 23:50:00", "until 2025-10-19 00:10: x"),
        ("13:05 - 13:20 on Oct 18 x", "10-18 13:05:00", "until 13:20 on Oct 18: x"),
        ("2025-10-19 13:40 - 14:00", "10-19 13:40:00", ""),
        ("05:05:33-07:00 x", "10-19 12:05:33", "x"),
        ("2025-10-19T05:05-07:00 x", "10-19 12:05:00", "x"),
    ],
)
def test_of_a_span_the_beginning_is_the_time_and_its_end_is_no_offset(
    text: str, when: str, rest: str
) -> None:
    assert shown(text) == (when, rest)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("13:05 -10 pods", "-10 pods"),
        ("13:05 -5% traffic", "-5% traffic"),
        ("13:05 +2 pods", "+2 pods"),
        ("13:05 - 14 pods", "14 pods"),
        ("13:05 - 1320 users", "1320 users"),
        ("13:05 to 2 pods", "to 2 pods"),
        ("13:05 yesterday's deploy", "yesterday's deploy"),
        ("13:05 Friday deploy", "Friday deploy"),
        ("13:05 5 may fail", "5 may fail"),
        ("13:05 ist der Server", "ist der Server"),
        ("13:05 met with ops", "met with ops"),
        ("13:05: MSK lag", "MSK lag"),
        ("13:05 ERROR pool", "ERROR pool"),
        ("13:05 Zebra", "Zebra"),
        ("13:05 Response time rose", "Response time rose"),
        ("13:05 (UTC x", "(UTC x"),
        ("13:05 (web)", "(web)"),
        ("13:05 checkout/api x", "checkout/api x"),
        ("13:05 US/EU x", "US/EU x"),
        ("**13:05 x**", "**x**"),
        ("(13:05 x)", "(x)"),
        ("2025-10-19 13:05:33 2025 was", "2025 was"),
    ],
)
def test_what_is_no_part_of_the_time_stays_in_the_text(text: str, rest: str) -> None:
    found = read(text)
    assert found
    assert (found.at.strftime("%H:%M"), found.text) == ("13:05", rest)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "noon",
            "14:5",
            "25:00",
            "24:00",
            "13:60",
            "13:05:60",
            "13:05x",
            "13:05Zoo",
            "2026-02-30 14:05",
        ),
        *("10:1 ratio", "0:05 PM", "13:05 AM", "13.05 seconds", "13.05% errors", "2.14 deployed"),
        *("23.10 deployed", "1305 restarted", "2025-10-19 1305 users", "3 PMs came", "1 PM's x"),
        *("13:05/13:20", "13:05+3", "13:05-10 x", "13:05–14 x", "13:05 UTC+25", "~~13:05~~", "-5s latency"),
        *(
            "30 minutes",
            "a few minutes ago",
            "5m agog",
            "5m ago/x",
            "-30mx",
            "now we restart",
            "about the deploy",
        ),
        *("2025-10-19 restarted", "2025-10-1913:05", "9999-12-31 23:59", "((((((((((13:05", "١٤:٠٥"),
    ],
)
def test_what_is_no_time_is_text(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10/11/2025 13:05 x", "`10/11/2025` can be `2025-10-11` or `2025-11-10`."),
        ("Mon 2025-10-19 13:05 x", "2025-10-19 is not on `Mon`, but on Sunday."),
        ("13:05 IST x", "`IST` is the name of several zones. Write the offset behind the time: `+05:30` or"),
        ("13:05 CST", "`CST` is the name of several zones."),
        ("13:05 MSK lag", "`MSK` can be a zone or a word."),
        ("13:05 -1000 users", "`-1000` can be an offset or a number. Write `UTC-10:00` for the offset,"),
        ("13:05 UTC +2 x", "`UTC +2` can be an offset or a number. Write `UTC+2` for the offset, or a colon"),
        ("13:05 Europe/Belin x", "`Europe/Belin` is not an IANA time zone; write one such as"),
        ("13:05 America/Argentina x", "`America/Argentina` is not an IANA time zone"),
    ],
)
def test_what_can_be_two_times_is_asked_about(text: str, said: str) -> None:
    with pytest.raises(UserError) as raised:
        read(text)
    assert raised.value.message.startswith(said)


@pytest.mark.parametrize(
    ("text", "own", "when"),
    [
        ("13:05 IST", "Asia/Kolkata", "10-19 07:35:00"),
        ("13:05 IST", "Europe/Dublin", "10-19 12:05:00"),
        ("13:05 CST", "America/Chicago", "10-18 19:05:00"),
        ("13:05 CST", "Asia/Shanghai", "10-19 05:05:00"),
        ("13:05 MSK lag", "Europe/Moscow", "10-19 10:05:00"),
        ("13:05 CET", "Europe/Berlin", "10-19 12:05:00"),
        ("13:05 local time", "Europe/Berlin", "10-19 11:05:00"),
        ("13:05 MSK", "UTC", "10-19 10:05:00"),
        ("13:05 +1000", "UTC", "10-19 03:05:00"),
        ("13:05 +13 x", "Pacific/Tongatapu", "10-19 00:05:00"),
    ],
)
def test_the_teams_own_names_and_those_at_the_end_are_sure(text: str, own: str, when: str) -> None:
    found = shown(text, ZoneInfo(own))
    assert found
    assert found[0] == when


def test_just_now_is_now() -> None:
    assert read("just now") == SaidTime(NOW, relative=True)


def test_a_time_of_today_that_is_ahead_is_left_to_who_asked() -> None:
    found = read("tomorrow 10:00")
    assert found
    assert found.at == datetime(2025, 10, 20, 10, tzinfo=UTC)
    midnight = datetime(2025, 10, 19, 23, 58, tzinfo=UTC)
    soon = read("00:01", now=midnight)
    assert soon
    assert soon.at == midnight + timedelta(minutes=3)
    late = read("today 23:50", now=midnight)
    assert late
    assert late.at == midnight - timedelta(minutes=8)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("10:00", "10-20 10:00:00"),
        ("16:00 Zoom", "10-19 16:00:00"),
        ("Sunday 10:00", "10-26 10:00:00"),
        ("next Monday 10:00", "10-20 10:00:00"),
        ("in 2 hours", "10-19 17:06:00"),
        ("in an hour", "10-19 16:06:00"),
        ("2025-10-18 10:00", "10-18 10:00:00"),
        ("10 minutes ago", "10-19 14:56:00"),
    ],
)
def test_what_comes_is_the_next_such_time(text: str, when: str) -> None:
    found = read_time(text, ZULU, NOW)
    assert found
    assert found.at.strftime("%m-%d %H:%M:%S") == when


@pytest.mark.parametrize(
    ("now", "text", "when"),
    [
        ("2025-10-26T00:45", "02:30", "2025-10-26T00:30"),
        ("2025-10-26T01:45", "02:30", "2025-10-26T01:30"),
        ("2025-10-26T01:15", "02:30", "2025-10-26T00:30"),
        ("2025-10-26T09:00", "02:30 CEST", "2025-10-26T00:30"),
        ("2025-10-26T09:00", "2025-10-26 02:30", "2025-10-26T01:30"),
        ("2026-03-29T00:45", "02:30", "2026-03-28T01:30"),
    ],
)
def test_an_hour_that_was_there_twice_is_the_later_one_that_has_been(now: str, text: str, when: str) -> None:
    found = read(text, BERLIN, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found
    assert found.at == datetime.fromisoformat(when).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["02:30", "2026-03-29 02:30", "yesterday 02:30"])
def test_a_time_that_clocks_never_showed_is_asked_about(text: str) -> None:
    day = 30 if "yesterday" in text else 29
    with pytest.raises(UserError, match="02:30 did not exist on 2026-03-29 in Europe/Berlin"):
        read(text, BERLIN, datetime(2026, 3, day, 9, tzinfo=UTC))


def test_a_meeting_is_never_at_a_time_that_does_not_exist() -> None:
    with pytest.raises(UserError, match="did not exist"):
        read_time("2026-03-29 02:30", BERLIN, NOW)


ZONES = [
    *("UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/Sao_Paulo"),
    *("America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Shanghai", "Australia/Lord_Howe"),
    *("Pacific/Auckland", "Pacific/Tongatapu", "Africa/Casablanca", "Europe/Moscow", "Pacific/Guam"),
]
WAYS = [
    *("%Y-%m-%d %H:%M:%S %Z", "%Y-%m-%dT%H:%M:%S%z", "%Y/%m/%d %H:%M:%S %z", "%d.%m.%Y %H:%M:%S %Z"),
    *("%b %d, %Y at %I:%M:%S %p %Z", "%d %B %Y %H:%M:%S %z", "%a, %d %b %Y %H:%M:%S %z", "%c %z"),
    *(
        "**%Y-%m-%d %H:%M:%S %Z**",
        "[%d/%b/%Y:%H:%M:%S %z]",
        "%H:%M:%S %Z on %Y-%m-%d",
        "~%d-%b-%Y %H:%M:%S%z",
    ),
]
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
BORDERS = [
    *("2025-03-30T00:59:59", "2025-03-30T01:00:00", "2025-10-26T00:59:59", "2025-10-26T01:00:00"),
    *("2025-03-09T06:59:59", "2025-03-09T07:00:00", "2025-11-02T05:59:59", "2025-11-02T06:30:00"),
    *("2025-04-05T14:59:59", "2025-04-05T15:30:00", "2025-10-04T15:29:59", "2024-02-29T23:59:59"),
]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("way", WAYS)
def test_each_spelling_of_a_moment_names_that_moment_around_each_change_of_the_clocks(
    name: str, way: str
) -> None:
    zone = ZoneInfo(name)
    for border in BORDERS:
        moment = datetime.fromisoformat(border).replace(tzinfo=UTC)
        for step in range(-3, 4):
            at = moment + timedelta(minutes=30 * step)
            written = at.astimezone(zone).strftime(way)
            found = read(f"{written} workers restarted", zone, at + timedelta(days=9))
            assert found, written
            assert (found.at, found.rest) == (at, "workers restarted"), written


@given(
    st.integers(0, 50_000_000).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
    st.sampled_from(ZONES),
    st.timedeltas(timedelta(), timedelta(days=400)),
)
@example(datetime(2025, 10, 26, 0, 30, tzinfo=UTC), "Europe/Berlin", timedelta(hours=9))
@example(datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "Europe/Berlin", timedelta(hours=9))
def test_what_is_shown_and_typed_again_is_the_same(at: datetime, name: str, ago: timedelta) -> None:
    zone, now = ZoneInfo(name), at + ago
    found = read(clock_time(at, zone, near=now), zone, now)
    assert found
    assert (found.at, found.rest) == (at, "")


@given(st.text(max_size=60), st.sampled_from(ZONES))
@example("13:05 - - - -", "UTC")
@example("UTC+", "UTC")
def test_no_text_breaks_it(text: str, name: str) -> None:
    for before in ("", "13:05 ", "2025-10-19 "):
        try:
            found = read(before + text, ZoneInfo(name))
        except UserError:
            continue
        assert found is None or found.at.tzinfo is UTC


@pytest.mark.parametrize(
    "sign", [" ", "1", "13:05 ", "(", "*", "-", "13:05-", "a ", "1 hour ", "Oct 1 ", "\t"]
)
def test_a_long_text_is_looked_at_where_a_time_can_be(sign: str) -> None:
    text = sign * (65_536 // len(sign))
    try:
        found = read(text)
    except UserError:
        return
    assert found is None or len(found.rest) <= len(text)
