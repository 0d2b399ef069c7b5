"""What is overdue, once a week for each owner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from allclear.core.model.people import Person
from allclear.core.model.snapshot import Issue
from allclear.core.model.structs import replace
from allclear.core.plan.digest import (
    MOST_LINES,
    MOST_OWNERS,
    DigestMarker,
    by_owner,
    digest_body,
    digest_marker,
    overdue,
    owner_comment,
    week_name,
    week_of,
)
from stories import BOB, CAT

UTC_ZONE, TOKYO = ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo")
MONDAY = datetime(2025, 11, 3, 9, tzinfo=UTC)
PLAIN = Issue(
    7, "Alert", "Due: 2025-11-01", BOB, "open", frozenset(), (BOB,), MONDAY - timedelta(days=9), "u"
)


def several(count: int, *owners: Person) -> list[Issue]:
    return [replace(PLAIN, number=number, assignees=owners) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("now", "zone", "week"),
    [
        (MONDAY, UTC_ZONE, MONDAY),
        (MONDAY - timedelta(minutes=1), UTC_ZONE, MONDAY - timedelta(days=7)),
        (MONDAY + timedelta(days=6, hours=23), UTC_ZONE, MONDAY),
        (MONDAY, TOKYO, MONDAY - timedelta(hours=9)),
    ],
)
def test_a_week_begins_at_nine_on_its_day(now: datetime, zone: ZoneInfo, week: datetime) -> None:
    assert week_of("mon", now, zone) == week
    assert week_name(week, zone) in ("2025-11-03", "2025-10-27")


def test_another_day_may_be_chosen_and_none() -> None:
    assert week_of("fri", MONDAY, UTC_ZONE) == datetime(2025, 10, 31, 9, tzinfo=UTC)
    assert week_of("never", MONDAY, UTC_ZONE) is None


@pytest.mark.parametrize(
    ("issue", "owner"),
    [
        (PLAIN, "bob"),
        (replace(PLAIN, assignees=()), ""),
        (replace(PLAIN, assignees=(CAT, BOB)), "cat"),
    ],
)
def test_it_is_its_first_assignees(issue: Issue, owner: str) -> None:
    (found,) = overdue([issue], MONDAY, UTC_ZONE)
    assert (found.number, found.title, found.due, found.owner) == (7, "Alert", "2025-11-01", owner)


@pytest.mark.parametrize(
    "issue",
    [
        replace(PLAIN, state="closed"),
        replace(PLAIN, body="no date"),
        replace(PLAIN, body="Due: 2025-11-03"),
        replace(PLAIN, created_at=MONDAY + timedelta(hours=1)),
    ],
)
def test_what_is_done_has_no_date_or_came_later_is_not(issue: Issue) -> None:
    assert overdue([issue], MONDAY, UTC_ZONE) == ()


def test_the_list_notifies_nobody_and_the_comment_its_owner() -> None:
    found = overdue([PLAIN, replace(PLAIN, number=8, title="@all | x", assignees=())], MONDAY, UTC_ZONE)
    body = digest_body(found, MONDAY, UTC_ZONE)
    assert digest_marker(body) == DigestMarker(week="2025-11-03")
    assert "| #7 Alert | 2025-11-01 | bob |" in body
    assert "@\u2060all" in body
    assert "| nobody |" in body
    assert "A line `Due: 2025-11-17` in the issue's text moves the date" in body
    assert by_owner(found).keys() == {"bob"}
    comment = owner_comment("bob", by_owner(found)["bob"], MONDAY, UTC_ZONE)
    assert digest_marker(comment) == DigestMarker(week="2025-11-03", owner="bob")
    assert "@bob One action item of yours is overdue:\n\n- #7 Alert, due 2025-11-01" in comment
    two = owner_comment("bob", (found[0], found[0]), MONDAY, UTC_ZONE)
    assert "@bob 2 action items of yours are overdue:" in two


def test_of_very_many_the_rest_is_a_number() -> None:
    found = overdue(several(MOST_LINES + 2, BOB), MONDAY, UTC_ZONE)
    assert "| and 2 more | | |" in digest_body(found, MONDAY, UTC_ZONE)
    people = [replace(PLAIN, assignees=(Person(id=n, login=f"p{n}"),)) for n in range(1, MOST_OWNERS + 5)]
    assert len(by_owner(overdue(people, MONDAY, UTC_ZONE))) == MOST_OWNERS


@pytest.mark.parametrize(
    "body", ["", "words", '<!-- allclear:digest {"week":"x"} -->', "<!-- allclear:digest ", "x" * 100_000]
)
def test_what_is_no_marker_is_none(body: str) -> None:
    assert digest_marker(body) is None
