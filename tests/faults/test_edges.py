"""What is rare and still has to come out right: closes, long comments, other rooms' edges, at the doors."""

import pytest

from conversations.room import Room


def test_the_hundred_and_first_command_of_a_comment_is_refused_with_a_word(room: Room) -> None:
    room.opens("ann")
    assert "Only the first 100 commands" in room.says("bob", "/note x\n" * 150)
    assert sum(entry.what == "note" for entry in room.journal.entries) == 101


def test_a_look_alike_is_answered_to_who_has_a_role(room: Room) -> None:
    room.opens("ann")
    assert "its first character is not a plain `/`" in room.says("bob", "\uff0fresolve")
    assert room.says("out", "\uff0fresolve") == ""


def test_a_command_after_the_end_is_refused_and_says_how_to_begin_anew(room: Room) -> None:
    room.opens("ann")
    room.says("mia", '/all-clear --override "over"')
    assert "This incident is over." in room.says("bob", "/sev P1")


def test_a_second_panel_that_a_killed_run_left_behind_is_removed(room: Room) -> None:
    room.opens("ann")
    body, first = room.panel.body, room.panel.id
    room.people["ann"].delete_comment(first)
    room.hub.faults.add("unauthorized", lambda method, where: where.endswith("/pin"))
    assert room.run() == 1
    room.hub.faults.clear()
    room.hub.faults.add("drop_after", lambda method, where: method == "POST" and where.endswith("/comments"))
    assert room.run() == 0
    assert room.panel.body == body
    assert room.issue.pinned_comment_id == room.panel.id


def test_a_runbook_changed_mid_incident_is_said_and_the_clocks_are_planned_anew(room: Room) -> None:
    room.opens("ann")
    book = room.root / "templates"
    text = (book / "runbooks" / "hotdash.yml").read_text(encoding="utf-8")
    target = book.resolve()
    book.unlink()
    book.mkdir()
    for part in target.iterdir():
        if part.name != "runbooks":
            (book / part.name).symlink_to(part)
    (book / "runbooks").mkdir()
    (book / "runbooks" / "hotdash.yml").write_text(
        text.replace("title: HotDash", "title: Other"), encoding="utf-8"
    )
    room.run()
    assert "changed during this incident. Its deadlines apply from now on" in room.replies[-1].body
    known = len(room.replies)
    room.run()
    assert len(room.replies) == known


@pytest.mark.parametrize("status", [404, 410])
def test_a_duplicate_of_an_issue_that_vanished_meanwhile_still_ends(room: Room, status: int) -> None:
    original = room.opens("ann")
    room.opens("ann")
    room.hub.faults.add(
        "gone",
        lambda method, where: method == "POST" and where.endswith(f"/{original}/comments"),
        status=status,
        times=9,
    )
    room.says("bob", f"/duplicate #{original}")
    assert (room.issue.state, room.issue.state_reason) == ("closed", "duplicate")


def test_the_join_of_a_duplicate_is_written_once_when_its_run_broke_off(room: Room) -> None:
    original = room.opens("ann")
    room.opens("ann")
    room.says("bob", "/ack")
    room.hub.faults.add(
        "unauthorized", lambda method, where: method == "PATCH" and where.endswith("/issues/2")
    )
    room.writes("bob", f"/duplicate #{original}")
    assert room.run() == 1
    assert room.run() == 0
    joins = [c for c in room.repo.issue(original).comments if c.body.startswith("<!-- allclear:join ")]
    assert len(joins) == 1
    assert room.issue.state == "closed"


def test_a_pull_request_that_cannot_be_seen_is_not_taken_for_merged(room: Room) -> None:
    room.opens("ann")
    room.says("mia", '/all-clear --override "over"')
    (pull,) = room.repo.pulls()
    room.hub.faults.add("gone", lambda _, where: where.endswith(f"/issues/{pull.number}"), times=9)
    assert room.run() == 0
    assert room.incident.reached("published") is None


def test_an_issue_with_hundreds_of_events_is_read_at_both_ends(room: Room) -> None:
    room.opens("ann")
    for _ in range(110):
        room.people["ann"].label(room.number, "busy")
        room.people["ann"].unlabel(room.number, "busy")
    room.clock.advance(10)
    room.people["bob"].label(room.number, "P1")
    room.delivered = len(room.hub.deliveries)
    assert room.run() == 0
    assert room.incident.severity == "P1"


def test_two_panels_of_two_runs_at_once_become_one(room: Room) -> None:
    room.opens("ann")
    with room.hub.turn():
        panel = room.repo.state.comments[room.panel.id]
        again = room.people["ann"].comment(room.number, panel.body)
        room.repo.state.comments[again].author_id = panel.author_id
    room.delivered = len(room.hub.deliveries)
    assert room.run() == 0
    assert room.panel.id != again
    assert room.issue.pinned_comment_id == room.panel.id


def test_the_people_of_a_duplicate_are_assigned_to_the_original_even_when_its_own_run_did_not(
    room: Room,
) -> None:
    original = room.opens("ann")
    second = room.opens("ann")
    room.says("bob", "/ack")
    room.hub.faults.add(
        "gone", lambda method, where: method == "POST" and where.endswith(f"/{original}/assignees"), times=1
    )
    room.says("bob", f"/duplicate #{original}")
    room.hub.faults.clear()
    room.number = original
    room.run()
    assert room.issue.assignees == ("bob",)
    assert f"#{second} is the same incident" in room.replies[-1].body


def test_an_undone_command_is_taken_back_by_a_new_entry(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/sev P2")
    room.says("bob", "/undo")
    assert room.incident.severity == "P0"
    assert room.issue.labels & {"P0", "P2"} == {"P0"}
    done = [entry.what for entry in room.journal.entries if entry.by is not None]
    assert done[-2:] == ["sev", "undo"]
