"""What people do to the issue itself: labels, closing, reopening, boxes, the bot's own comments."""

from conversations.room import Room, minutes


def act(room: Room, *seconds: float) -> None:
    room.clock.advance(seconds[0] if seconds else 10)


def test_a_severity_label_set_by_hand_is_taken_as_the_command(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].label(room.number, "P1")
    room.deliver()
    assert room.incident.severity == "P1"
    assert room.issue.labels >= {"P1"}
    assert "P0" not in room.issue.labels
    assert "lowered from P0 to **P1**" in room.replies[-1].body


def test_a_label_swapped_by_hand_is_one_change(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].unlabel(room.number, "P0")
    room.people["bob"].label(room.number, "P2")
    room.deliver()
    assert room.incident.severity == "P2"
    assert room.issue.labels & {"P0", "P1", "P2", "P3"} == {"P2"}


def test_a_severity_label_taken_off_is_put_back_with_a_word(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].unlabel(room.number, "P0")
    room.deliver()
    assert "P0" in room.issue.labels
    assert "An incident has one severity label" in room.replies[-1].body
    answers = len(room.replies)
    room.run()
    assert len(room.replies) == answers


def test_foreign_labels_are_left_alone(room: Room) -> None:
    room.opens("ann", labels=("incident", "P0", "team-a"))
    room.says("bob", "/sev P1")
    assert "team-a" in room.issue.labels


def test_the_incident_label_taken_off_comes_back_with_a_word(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["cat"].unlabel(room.number, "incident")
    room.deliver()
    assert "incident" in room.issue.labels
    assert "marks the incident, so it was put back" in room.replies[-1].body


def test_closing_by_hand_before_the_gates_hold_reopens_and_lists_what_is_open(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].close(room.number)
    room.deliver()
    assert room.issue.state == "open"
    reply = room.replies[-1].body
    assert "Closing the issue does not end the incident; it was opened again." in reply
    assert "Not resolved yet: `/resolve <what fixed it>`" in reply


def test_a_closing_keyword_does_not_end_an_incident(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].close(room.number, commit_sha="a" * 40)
    room.deliver()
    assert room.issue.state == "open"
    assert "A closing keyword does not end an incident" in room.replies[-1].body  # 000-A1


def test_closing_by_hand_when_the_gates_hold_is_the_all_clear(room: Room) -> None:
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    for text in ("/ack", "/finding a typo", "/status monitoring", "/check verification", "/resolve fixed"):
        room.says("bob", text)
    act(room)
    room.people["bob"].close(room.number)
    room.deliver()
    assert room.incident.stage == "closed"
    assert room.issue.state == "closed"


def test_an_outsider_who_closes_an_incident_ends_nothing(room: Room) -> None:
    room.opens("out", "[INCIDENT P3] Typo", labels=("nothing",))
    room.people["cat"].label(room.number, "incident")
    room.deliver()
    act(room)
    room.people["out"].close(room.number)
    room.deliver()
    assert room.issue.state == "open"
    assert "needs `write` access" in room.replies[-1].body


def test_reopening_by_hand_starts_a_new_interval(room: Room) -> None:
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    room.says("mia", '/all-clear --override "it was nothing"')
    assert room.issue.state == "closed"
    act(room, minutes(30))
    room.people["bob"].reopen(room.number)
    room.deliver()
    assert (room.incident.stage, room.incident.interval, room.issue.state) == ("open", 1, "open")


def test_a_click_on_a_box_is_the_check_of_who_clicked(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].tick(room.panel.id, "Verification completed")
    room.deliver()
    tick = room.incident.progress.ticks["verification"]
    assert tick.by is not None
    assert tick.by.login == "bob"
    assert "- [x] Verification completed" in room.panel.body


def test_a_click_whose_event_was_lost_is_found_by_the_next_run(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].tick(room.panel.id, "Verification completed")
    room.delivered = len(room.hub.deliveries)
    room.says("cat", "/ack")
    assert room.incident.progress.ticks["verification"].by is not None


def test_a_box_unticked_by_hand_is_open_again(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/check verification")
    act(room)
    room.people["bob"].untick(room.panel.id, "Verification completed")
    room.deliver()
    assert "verification" not in room.incident.progress.ticks


def test_an_edited_panel_is_restored_to_the_byte(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/ack")
    before = room.panel.body
    act(room)
    room.people["bob"].edit_comment(room.panel.id, before.replace("P0", "P3"))
    room.deliver()
    assert room.panel.body == before


def test_a_deleted_panel_is_rebuilt_to_the_byte(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/ack")
    before = room.panel.body
    act(room)
    room.people["bob"].delete_comment(room.panel.id)
    room.deliver()
    assert room.panel.body == before
    assert room.issue.pinned_comment_id == room.panel.id


def test_an_unpinned_panel_is_pinned_again(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].unpin_comment(room.panel.id)
    room.says("bob", "/ack")
    assert room.issue.pinned_comment_id == room.panel.id


def test_a_deleted_reply_is_said_loudly_and_its_command_answered_again(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/sev P1")
    room.says("bob", "/ack")
    reply = next(c for c in room.replies if '"t":"severity"' in c.body)
    act(room)
    room.people["bob"].delete_comment(reply.id)
    room.people["bob"].delete_comment(room.panel.id)
    room.deliver()
    assert room.incident.severity == "P1"
    assert "changed by hand" in "\n".join(c.body for c in room.replies)
    assert "[!CAUTION]" in room.panel.body


def test_an_edited_command_runs_nothing_twice(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/sev P1")
    comment = next(c for c in room.comments if c.body == "/sev P1")
    act(room)
    room.people["bob"].edit_comment(comment.id, "/sev P3\n/ack")
    room.deliver()
    assert room.incident.severity == "P1"
    assert room.incident.reached("acknowledged") is None


def test_a_command_deleted_before_it_was_read_is_withdrawn(room: Room) -> None:
    room.opens("ann")
    act(room)
    comment = room.writes("bob", "/sev P3")
    room.people["bob"].delete_comment(comment)
    room.deliver()
    assert room.incident.severity == "P0"


def test_a_duplicate_stops_its_clocks_links_both_ways_and_moves_its_people(room: Room) -> None:
    first = room.opens("ann", "[INCIDENT P1] Tiles", labels=("incident", "P1"))
    second = room.opens("ann", "[INCIDENT P0] Everything", labels=("incident", "P0"))
    room.says("cat", "/ack")
    room.says("bob", f"/duplicate #{first}")
    assert (room.issue.state, room.issue.state_reason) == ("closed", "duplicate")
    room.clock.advance(minutes(120))
    known = len(room.replies)
    room.sweep()
    assert len(room.replies) == known
    room.number = first
    assert "cat" in room.issue.assignees
    assert any(f"#{second} is the same incident" in c.body for c in room.replies)
    assert {person.login for person in room.incident.team.responders} >= {"cat"}


def test_a_close_that_was_answered_is_not_answered_again_when_the_reopening_was_cut_off(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].close(room.number)
    room.hub.faults.add(
        match=lambda method, path: (
            "reopenIssue" in path or (method == "PATCH" and path.endswith("/issues/1"))
        ),
        kind="drop_before",
        times=4,
    )
    room.deliver()
    assert room.issue.state == "closed"
    answers = len(room.replies)
    room.run()
    assert (room.issue.state, len(room.replies)) == ("open", answers)


def test_an_outsider_who_closes_again_and_again_is_answered_once(room: Room) -> None:
    room.opens("out", "[INCIDENT P3] Typo", labels=("nothing",))
    room.people["cat"].label(room.number, "incident")
    room.deliver()
    answers = len(room.replies)
    for _ in range(3):
        act(room)
        room.people["out"].close(room.number)
        room.deliver()
        assert room.issue.state == "open"
    assert len(room.replies) == answers + 1


def test_an_app_that_closes_stale_issues_ends_no_incident(room: Room) -> None:
    room.opens("ann")
    act(room)
    app = room.hub.create_user("stale[bot]")
    room.repo.grant(app, "triage")
    room.repo.person(app).close(room.number)
    room.deliver()
    assert room.issue.state == "open"


def test_a_better_title_is_followed(room: Room) -> None:
    room.opens("ann")
    act(room)
    room.people["bob"].edit_issue(room.number, title="[INCIDENT P0] Database lost its disk")
    room.deliver()
    assert "Database lost its disk" in room.panel.body
