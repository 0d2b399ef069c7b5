"""A4 to A7: GitHub says not now. No call before it may be, one clear line, and the next run goes on."""

from datetime import timedelta

import pytest

from conversations.room import Room, minutes


def replies(method: str, where: str) -> bool:
    return method == "POST" and where.endswith("/comments")


def asked(room: Room, known: int) -> list[tuple[str, str]]:
    return [(record.method, record.path) for record in room.hub.requests[known:]]


@pytest.mark.parametrize("status", [403, 429])
def test_a4_no_request_goes_out_before_retry_after_has_passed(room: Room, status: int) -> None:
    room.opens("ann")
    known = len(room.hub.requests)
    room.hub.faults.add("secondary", replies, status=status, retry_after=25)
    start = room.clock.now()
    assert "✅ `/note seen" in room.says("bob", "/note seen")
    room.hub.faults.clear()
    limited = next(n for n, record in enumerate(room.hub.requests) if record.fault)
    assert limited >= known
    times = [record.headers["Date"] for record in room.hub.requests[limited : limited + 2]]
    assert times == [f"{start + timedelta(seconds=s):%a, %d %b %Y %H:%M:%S} GMT" for s in (10, 35)]
    assert (room.codes[-1], len(room.replies)) == (0, 2)


def test_a4_a_wait_beyond_patience_ends_the_run_red_with_one_line_and_the_next_resumes(room: Room) -> None:
    room.opens("ann")
    room.hub.faults.add("secondary", replies, retry_after=600)
    comment = room.writes("bob", "/sev P1")
    start, known, before = room.clock.now(), len(room.hub.requests), len(room.printed)
    assert room.run() == 1
    last = room.hub.requests[-1]
    assert (last.method, last.fault, room.clock.now()) == ("POST", "secondary", start)
    assert len(room.hub.requests) - known <= 5
    (line,) = room.printed[before:]
    assert line.startswith(
        "::error::GitHub's rate limit is used up until 14:12:00 UTC, so this run stopped (POST "
    )
    assert line.endswith("Nothing is lost: the next run does what this one did not.")
    room.clock.advance(600)
    assert room.run() == 0
    assert room.incident.severity == "P1"
    assert [entry.source for entry in room.journal.entries if entry.source] == [comment]


def test_a5_without_retry_after_it_waits_a_minute_once_and_stops_when_that_does_not_help(room: Room) -> None:
    room.opens("ann")
    fault = room.hub.faults.add("secondary", replies, times=1000)
    room.writes("bob", "/sev P1")
    start = room.clock.now()
    assert room.run() == 1
    assert (fault.seen, room.clock.now() - start) == (2, timedelta(minutes=1))
    room.hub.faults.clear()
    assert room.run() == 0
    assert room.incident.severity == "P1"


def test_a6_a_used_up_hour_is_not_asked_again_before_its_reset(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")
    room.hub.faults.add("primary_exhausted", times=1000)
    known = len(room.hub.requests)
    assert room.run() == 1
    assert asked(room, known) == [("GET", "/repos/acme/shop/issues/1"), ("POST", "/graphql")]
    assert "used up until 15:02:00 UTC" in room.printed[-1]
    room.hub.faults.clear()
    room.clock.advance(minutes(60))
    assert room.run() == 0
    assert room.incident.severity == "P1"


def test_a6_a_sweep_stops_at_the_limit_instead_of_asking_for_every_incident(room: Room) -> None:
    for _ in range(3):
        room.opens("ann")
    room.clock.advance(minutes(6))
    room.hub.faults.add("primary_exhausted", replies, times=1000)
    known = len(room.hub.requests)
    assert room.sweep() == 1
    assert sum(replies(*one) for one in asked(room, known)) == 1


def test_a7_an_hour_without_new_comments_is_caught_up_with_in_one_reply(room: Room) -> None:
    room.opens("ann")
    fault = room.hub.faults.add("secondary", replies, times=1000)
    told = len(room.replies)
    for text in ("/ack", "/sev P1", "/note the database is full"):
        room.writes("bob", text)
        assert room.run() == 1
        room.clock.advance(minutes(15))
    assert fault.seen <= 6
    assert len(room.replies) == told
    room.hub.faults.clear()
    assert room.run() == 0
    assert len(room.replies) == told + 1
    assert [mark in room.replies[-1].body for mark in ("`/ack`", "`/sev P1`", "`/note")] == [True] * 3


def test_a4_a_limit_stops_a_sweep_even_at_a_comfort_such_as_pinning(room: Room) -> None:
    for title in ("[INCIDENT P1] Tiles", "[INCIDENT P2] Typos"):
        room.people["ann"].open_issue(title, labels=("incident",))
    fault = room.hub.faults.add("secondary", lambda _, where: where.endswith("/pin"), retry_after=600)
    assert room.sweep() == 1
    assert fault.seen == 1
    assert room.hub.requests[-1].path.endswith("/pin")
    room.clock.advance(600)
    assert room.sweep() == 0
    assert [issue.pinned_comment_id is not None for issue in room.repo.issues()] == [True, True]
