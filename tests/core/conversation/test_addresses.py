from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.commands import COMMANDS
from allclear.core.conversation.addresses import aside, surely_a_page, tells_of_a_page
from allclear.core.conversation.parse import Typed
from allclear.core.conversation.words import commands_in
from commands.room import HOTDASH
from core.issue_desk import declared
from cpu_seconds import cpu_seconds
from stories import BOB

PAGES = ["login", "orders", "cart", "api", "admin", "metrics", "graphql", "wp-admin", "robots"]
TROUBLE = [
    "answers 500",
    "is down",
    "returns a 502 for me",
    "endpoint times out",
    "page is blank",
    "404s",
    "5xx since 14:02",
    "button broken",
    "does not load",
    "doesn\u2019t load",
    "is red again",
    "health check fails",
]


def spoken(body: str) -> list[str]:
    return [one.typed for one in commands_in(body, HOTDASH, COMMANDS)]


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_and_what_is_wrong_with_it_is_no_command(page: str, trouble: str) -> None:
    assert spoken(f"/{page} {trouble}") == []


@pytest.mark.parametrize("line", ["/24 network unreachable", "/1", "/s", "/me looks", "/shrug", "/ME waves"])
def test_a_number_or_an_aside_is_no_command_whatever_follows(line: str) -> None:
    assert spoken(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "/frobnicate the database",
        "/login please",
        "/status 4",
        "/monitoring 503",
        "/duplicate 503",
        "/time 13:05",
        "/nope",
        "/updaet the checkout is down",
        "/users are complaining",
        "/rollback web is down",
        "/resolve 500s are gone",
        "/resolve page loads again",
        "/status is wrong",
        "/update endpoint 500",
        "/note endpoint returns 500",
        "/hotfix endpoint returns 500",
        "/impact page is blank",
        "/lgtm it works",
        "/incident is over",
    ],
)
def test_what_may_be_meant_for_us_is_answered(line: str) -> None:
    assert spoken(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "/status endpoint returns 503",
        "/resolve endpoint fails",
        "/rollback endpoint answers 500",
        "/run path is broken",
        "/users page 404s",
        "/deploy endpoint fails",
        "/resolve answers 500",
        "/publish page is down",
        "/status returns 503",
        "/status returns an error",
        "/status is 503",
        "/status code 500",
        "/status 503",
        "/status 500 error",
        "/run is full",
        "/time is up",
        "/close button broken",
        "/login",
        "/healthz",
        "/graphql",
        "/Orders",
    ],
)
def test_a_command_that_is_spoken_of_as_an_address_is_not_done(line: str) -> None:
    assert spoken(line) == []


def test_such_a_line_stays_in_the_text_of_the_command_above() -> None:
    found = commands_in("/note what we see\n/checkout answers 500\nfor everybody\n/ack", HOTDASH, COMMANDS)
    assert found == (
        Typed("note", "what we see", "/checkout answers 500\nfor everybody"),
        Typed("ack", "", ""),
    )


def test_such_a_line_without_a_command_above_is_a_plain_comment() -> None:
    assert commands_in("/checkout answers 500\nfor everybody", HOTDASH, COMMANDS) == ()


def test_what_only_looks_like_a_command_is_told_all_the_same() -> None:
    assert commands_in("\uff0fack is down", HOTDASH, COMMANDS)[0].look_alike


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    assert tells_of_a_page(text) or not surely_a_page(text)


def test_it_takes_no_time_for_a_long_line() -> None:
    found = list[bool]()
    assert cpu_seconds(lambda: found.append(tells_of_a_page("x" * 65_536))) < 0.15
    assert cpu_seconds(lambda: found.append(surely_a_page("endpoint " * 7_000))) < 0.15
    assert found == [False, False]


def test_nothing_after_the_word_tells_of_nothing() -> None:
    assert not tells_of_a_page("")
    assert not surely_a_page("")
    assert not aside("")


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        ("/update returns 500", "`/update The /update page returns 500`"),
        ("/update fails with 500", "`/update The /update page fails with 500`"),
        ("/update page broken", "`/update The /update page broken`"),
        ("/update endpoint 500", "`/update The /update endpoint 500`"),
        ("/update 500", "`/update The /update page 500`"),
        ("/update is down", "`/update The /update page is down`"),
        ("/note returns 503", "`/note The /note page returns 503`"),
        ("/action 500", "`/action The /action page 500`"),
        ("/impact fails", "`/impact The /impact page fails`"),
    ],
)
def test_what_reads_like_the_page_of_a_command_is_told_and_not_recorded(typed: str, way: str) -> None:
    desk = declared()
    said = desk.answered(BOB, typed)
    assert "This reads like a page" in said
    assert way in said
    desk = declared()
    assert "This reads like a page" not in desk.answered(BOB, way.strip("`"))


@pytest.mark.parametrize(
    "typed",
    [
        "/update the page is broken for all",
        "/update 500s are falling",
        "/update page is back",
        "/update is it DNS?",
        "/note page is broken",
        "/note is down to 3 hosts",
        "/note fails over to eu-west",
        "/note errors on checkout",
        "/impact page is blank",
        "/impact 500",
        "/impact 502s for everybody",
        "/action page 500",
        "/note endpoint is slow",
        "/escalate returns 500",
    ],
)
def test_a_sentence_goes_through(typed: str) -> None:
    assert "This reads like a page" not in declared().answered(BOB, typed)
