"""Routines as people live with them: what a sweep opens over months, and what people do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from allclear.adapters.files.settings import Loaded
from allclear.adapters.files.written_file import Earlier
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.jobs.run import Run, start
from allclear.jobs.sweep import sweep
from allclear_lab.github import IssueView
from allclear_lab.github.faults import Kind
from conversations.room import Room
from written import raw, runbook, runbook_of, small

SETTINGS = Settings(
    people={
        "On-Call": ("bob", "cat"),
        "Engineering Team": ("ann",),
        "Deployment Agent": ("mia",),
        "System Administrator": ("ann",),
    }
)
CHECKS = {"daily": {"every": "daily 09:00", "to": ["On-Call"], "steps": {"look": "Look at the alerts"}}}


def each(_run: Run, numbers: list[int], work: Callable[[int], None]) -> None:
    """The work for every issue; none of them breaks us."""
    for number in numbers:
        work(number)


@dataclass
class Keeper:
    """The sweeps of a repository with this runbook, one after the other."""

    room: Room
    runbook: Runbook
    settings: Settings = SETTINGS
    printed: list[str] = field(default_factory=list)
    seen: int = 0

    def sweep(self, at: datetime | None = None) -> list[IssueView]:
        """A sweep, at that time; the issues that it opened."""
        if at is not None:
            self.room.clock.set(at)
        before = self.number
        env = {
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REPOSITORY_ID": str(self.room.repo.id),
            "GITHUB_API_URL": self.room.hub.api_url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_TOKEN": self.room.hub.actions_token(
                self.room.repo, permissions=self.room.rights("sweep")
            ),
            "GITHUB_WORKSPACE": str(self.room.root),
        }
        run = start(env, self.room.sleep, self.printed.append, self.room.hub.transport)
        run.load = self.load
        known = len(self.room.hub.requests)
        sweep(run, each)
        self.seen = len(self.room.hub.requests) - known
        self.room.delivered = len(self.room.hub.deliveries)
        assert not run.failed
        return [self.room.repo.issue(one) for one in range(before + 1, self.number + 1)]

    def load(self, root: Path, *, last_good: str | None, earlier: Earlier) -> Loaded:
        """What the checkout would have."""
        assert (root, last_good) == (self.room.root, None)
        return Loaded(self.settings, self.runbook)

    @property
    def number(self) -> int:
        """The newest issue's."""
        return self.room.repo.state.last_number

    def through(self, first: datetime, until: datetime, step: timedelta) -> list[tuple[datetime, IssueView]]:
        """Sweeps from time to time, with the issues that they opened and when."""
        opened, at = [], first
        while at <= until:
            opened += [(at, one) for one in self.sweep(at)]
            at += step
        return opened


def utc(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Of the winter in which the room's time begins."""
    return datetime(2025 if month > 6 else 2026, month, day, hour, minute, tzinfo=UTC)


def daily(room: Room, **more: Any) -> Keeper:
    return Keeper(room, small(routines={"daily": CHECKS["daily"] | more}))


def test_a_runbook_without_routines_costs_no_request_more(room: Room) -> None:
    keeper = Keeper(room, small())
    keeper.sweep(utc(10, 20, 8, 57))  # makes the labels
    keeper.sweep(utc(10, 20, 9, 7))
    without = keeper.seen
    keeper.runbook = small(routines=CHECKS)
    assert len(keeper.sweep(utc(10, 20, 9, 17))) == 1
    keeper.sweep(utc(10, 20, 9, 27))
    assert keeper.seen == without + 1


def test_daily_weekly_and_monthly_checks_come_in_their_months(room: Room) -> None:
    """003-24, 003-25, 003-26, 003-29: the whole of it, over a change of the clocks."""
    keeper = Keeper(room, runbook("habit-tracker"))
    opened = keeper.through(utc(10, 24, 9, 7), utc(12, 8, 9, 7), timedelta(hours=12))
    zone = ZoneInfo(keeper.runbook.zone)

    def times(title: str) -> list[datetime]:
        return [at.astimezone(zone) for at, one in opened if one.title.startswith(title)]

    days = [at.date() for at in times("Daily Checks")]
    assert len(days) == len(set(days)) == 32
    assert all(day.weekday() < 5 for day in days)
    assert {at.hour for at in times("Daily Checks")} == {9}
    assert [at.weekday() for at in times("Weekly Checks")] == [0] * 7
    assert [(at.month, at.day) for at in times("Monthly Checks")] == [(11, 1), (12, 1)]

    monthly = next(one for _, one in opened if one.title.startswith("Monthly"))
    assert (monthly.title, monthly.assignees, monthly.labels) == (
        "Monthly Checks, 2025-11-01",
        ("ann",),
        frozenset({"routine"}),
    )
    for text in ("Disaster recovery drill", "Review and update runbooks", "Capacity planning review"):
        assert f"- [ ] {text}\n" in f"{monthly.body}\n"
    for text in ("Review performance trends", "Update dependencies", "Audit security alerts"):
        assert any(f"- [ ] {text}" in one.body for _, one in opened)
    first = next(one for _, one in opened if one.title.startswith("Daily"))
    assert first.assignees == ("bob", "cat")
    assert first.body.split("\n")[1].startswith("@bob @cat **Daily Checks**: due until ")


def test_a_daily_review_lists_the_open_incidents_of_the_least_severity(room: Room) -> None:
    """001-04"""
    typo = room.opens("ann", "[INCIDENT P3] A typo <b>@ann</b> #1", labels=("incident", "P3"))
    room.opens("ann", "[INCIDENT P1] Checkout is down", labels=("incident", "P1"))
    keeper = Keeper(room, runbook("hotdash-agents"))
    assert keeper.sweep(utc(10, 20, 9, 57)) == []
    (review,) = keeper.sweep(utc(10, 20, 14, 7))
    assert (review.title, review.assignees) == ("Daily review, 2025-10-20", ("mia",))
    assert "- [ ] Every open P3 reviewed" in review.body
    assert f"issues/{typo})" in review.body
    assert "Checkout" not in review.body
    assert "@ann" not in review.body
    assert "<b>" not in review.body


def test_a_review_comes_each_quarter_and_after_a_major_incident(room: Room) -> None:
    """004-39"""
    keeper = Keeper(room, runbook("dirt-free-crm"))
    (first,) = keeper.sweep(utc(10, 20, 9, 7))
    assert "Reviewed and updated to ensure accuracy and effectiveness" in first.body
    times = (utc(11, 20), utc(1, 20, 10), utc(1, 20, 11), utc(4, 20, 9), utc(4, 20, 10))
    opened = [(at, one.title) for at in times for one in keeper.sweep(at)]
    assert opened == [
        (utc(1, 20, 11), "Review of the runbook, 2026-01-20"),
        (utc(4, 20, 10), "Review of the runbook, 2026-04-20"),
    ]


def test_the_next_opens_whether_or_not_the_last_was_closed(room: Room) -> None:
    keeper = daily(room)
    (first,) = keeper.sweep(utc(10, 20, 9, 7))
    assert keeper.sweep(utc(10, 20, 9, 17)) == []
    (second,) = keeper.sweep(utc(10, 21, 9, 7))
    assert "**Overdue**, and still open: [Daily, 2025-10-20]" in second.body
    room.people["bob"].close(second.number)
    assert keeper.sweep(utc(10, 21, 11, 7)) == []
    (third,) = keeper.sweep(utc(10, 22, 9, 7))
    # The first one was said to be overdue already, and the second was closed.
    assert "Overdue" not in third.body
    assert room.repo.issue(first.number).state == "open"


def test_an_outage_of_eleven_hours_opens_one_and_many_days_open_one(room: Room) -> None:
    keeper = daily(room)
    keeper.sweep(utc(10, 20, 9, 7))
    (late,) = keeper.sweep(utc(10, 21, 20, 7))
    assert late.title == "Daily, 2025-10-21"
    (later,) = keeper.sweep(utc(10, 27, 3, 7))
    assert later.title == "Daily, 2025-10-26"
    assert keeper.sweep(utc(10, 27, 8, 57)) == []
    assert len(keeper.sweep(utc(10, 27, 9, 7))) == 1


def test_the_clocks_change_and_it_stays_nine_in_the_morning(room: Room) -> None:
    keeper = Keeper(room, small(zone="Europe/Berlin", routines=CHECKS))
    times = [utc(10, day, hour, 7) for day in range(24, 29) for hour in (6, 7, 8)]
    opened = [at for at in times for _ in keeper.sweep(at)]
    assert [(at.day, at.hour) for at in opened][1:] == [(24, 7), (25, 7), (26, 8), (27, 8), (28, 8)]


def test_a_label_that_is_gone_opens_nothing_twice(room: Room) -> None:
    keeper = daily(room)
    (first,) = keeper.sweep(utc(10, 20, 9, 7))
    room.people["ann"].unlabel(first.number, "routine")
    assert keeper.sweep(utc(10, 20, 9, 17)) == []
    assert len(keeper.sweep(utc(10, 21, 9, 17))) == 1


def test_nobody_but_us_can_say_that_a_turn_was_there(room: Room) -> None:
    keeper = daily(room)
    (first,) = keeper.sweep(utc(10, 20, 9, 7))
    room.clock.set(utc(10, 21, 9, 1))
    forged = first.body.replace("2025-10-20T09:00:00Z", "2025-10-21T09:00:00Z")
    room.people["ann"].open_issue("Daily, 2025-10-21", forged, labels=("routine",))
    assert len(keeper.sweep(utc(10, 21, 9, 7))) == 1


def test_whoever_spoils_the_marker_gets_no_second_issue_of_a_day(room: Room) -> None:
    keeper = Keeper(room, small(routines=CHECKS | {"second": CHECKS["daily"]}))
    first, second = keeper.sweep(utc(10, 20, 9, 7))
    room.people["ann"].edit_issue(
        first.number, body=first.body.replace("allclear:routine", "allclear:nothing")
    )
    assert keeper.sweep(utc(10, 20, 9, 17)) == []
    room.people["ann"].edit_issue(second.number, body="{} 9999-12-31")
    assert len(keeper.sweep(utc(10, 20, 9, 27))) == 2


def test_titles_without_anybody_go_to_the_first_responder(room: Room) -> None:
    keeper = daily(room, to=["Nobody"])
    keeper.settings = Settings(people={"On-call": ("cat",)})
    (issue,) = keeper.sweep(utc(10, 20, 9, 7))
    assert "@cat" in issue.body
    assert "Nobody who can be notified stands behind Nobody, so this goes to On-call." in issue.body
    assert issue.assignees == ()


def test_an_answer_that_is_lost_opens_nothing_twice(room: Room) -> None:
    keeper = daily(room)
    room.hub.faults.add("drop_after", lambda method, where: method == "POST" and where.endswith("/issues"))
    assert len(keeper.sweep(utc(10, 20, 9, 7))) == 1
    assert keeper.sweep(utc(10, 20, 9, 17)) == []


@pytest.mark.parametrize(
    ("method", "kind"),
    [("GET", "error_before"), ("GET", "nonsense"), ("POST", "secondary"), ("POST", "not_accessible")],
)
def test_a_request_that_fails_leaves_the_incidents_alone_and_comes_again(
    room: Room, kind: Kind, method: str
) -> None:
    keeper = daily(room)
    room.opens("ann", labels=("incident", "SEV1"), title="[INCIDENT SEV1] Down")
    keeper.sweep(utc(10, 20, 8, 57))

    def of_routines(verb: str, where: str) -> bool:
        return verb == method and where.partition("?")[0].endswith("/issues") and room.clock.now().hour == 9

    # The first list is that of action items.
    room.hub.faults.add(kind, of_routines, nth=1 if method == "POST" else 2, times=9)
    assert keeper.sweep(utc(10, 20, 9, 7)) == []
    assert keeper.printed[-1].startswith("1 incidents were checked")
    assert "The routines wait for the next sweep" in keeper.printed[-2]
    room.hub.faults.clear()
    assert len(keeper.sweep(utc(10, 20, 10, 7))) == 1


def test_a_published_post_mortem_opens_the_review_that_comes_after_it(room: Room) -> None:
    """004-39"""
    review = {"every": "3mo", "after": "major", "to": ["On-Call"]}
    keeper = Keeper(room, runbook_of(raw("hotdash") | {"routines": {"review": review}}))
    assert len(keeper.sweep(utc(10, 20, 9, 7))) == 1
    number = room.opens("ann", "[INCIDENT P1] Checkout is down", labels=("incident", "P1"))
    for said in ("/ack", "/resolve Released", '/all-clear --override "it is over"'):
        room.says("mia", said)
    room.merges_report("ann")
    (issue,) = keeper.sweep(utc(10, 20, 12, 7))
    assert issue.title == f"Review, after incident {number}"
    assert keeper.sweep(utc(10, 20, 12, 17)) == []


def test_while_little_is_left_of_the_hour_routines_wait(room: Room) -> None:
    keeper = daily(room)
    keeper.sweep(utc(10, 20, 8, 57))
    for window in room.hub.world.rates.values():
        window.used = 960
    assert keeper.sweep(utc(10, 20, 9, 7)) == []
    assert "The routines wait for the next sweep" in keeper.printed[-2]
    assert len(keeper.sweep(utc(10, 20, 10, 7))) == 1
