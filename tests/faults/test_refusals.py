"""A8 to A11, A14 and A20: what GitHub will not do, and what we do then."""

import pytest

from allclear import app
from conversations.room import Room, minutes


def test_a9_a_token_that_ends_mid_run_stops_it_and_the_next_run_goes_on(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")

    def writes(method: str, path: str) -> bool:
        return method != "GET" and path != "/graphql"

    room.hub.faults.add("unauthorized", writes, nth=2, times=1000)
    known = len(room.hub.requests)
    assert room.run() == 1
    asked = room.hub.requests[known:]
    assert [one.route.rpartition("/")[2] for one in asked if one.mutating] == ["comments"]
    assert [one.status for one in asked].count(401) == 1
    assert room.printed[-1].startswith("::error::The token is not valid, or no longer")
    room.hub.faults.clear()
    assert room.run() == 0
    assert room.issue.labels == {"incident", "P1", "status:investigating"}
    assert len([c for c in room.replies if "`/sev P1`" in c.body]) == 1


def test_a10_a_missing_permission_is_named_once_and_not_tried_again(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/note seen")
    blind = room.hub.actions_token(room.repo, permissions={"issues": "read", "contents": "read"})
    known, before = len(room.hub.requests), len(room.printed)
    event = {"inputs": {"issue": str(room.number)}}
    assert room.door(app.respond, "workflow_dispatch", event, GITHUB_TOKEN=blind) == 1
    assert [record.status for record in room.hub.requests[known:]].count(403) == 1
    (line,) = room.printed[before:]
    assert line.startswith("::error::The token lacks a permission (POST /repos/acme/shop/issues/1/comments: ")
    assert "Resource not accessible by integration; it takes issues=write" in line
    assert "Compare the job's `permissions:` with those of the workflow as it is shipped." in line
    assert room.run() == 0
    assert room.journal.entries[-1].what == "note"


def test_a11_a_reaction_to_a_comment_that_was_deleted_is_skipped(room: Room) -> None:
    room.opens("ann")
    room.says("out", "/resolve")
    room.writes("bob", "/sev P1")
    room.people["out"].comment(room.number, "/ack")
    room.delivered = len(room.hub.deliveries)
    fault = room.hub.faults.add("gone", lambda _, where: where.endswith("/reactions"))
    assert room.run() == 0
    assert (fault.seen, room.incident.severity) == (1, "P1")
    assert room.issue.labels >= {"P1"}


def test_a11_a_panel_deleted_before_it_is_edited_is_written_anew(room: Room) -> None:
    room.opens("ann")
    panel = room.panel.id
    deleted: list[int] = []

    def just_before_the_edit(method: str, where: str) -> bool:
        if "updateIssueComment" in where and not deleted:
            deleted.append(panel)
            room.people["ann"].delete_comment(panel)
        return False

    room.hub.faults.add("gone", just_before_the_edit)
    room.says("bob", "/sev P1")
    assert deleted == [panel]
    assert room.panel.id != panel
    assert (room.issue.pinned_comment_id, room.codes[-1]) == (room.panel.id, 0)


def test_a11_a_label_taken_off_by_somebody_meanwhile_is_no_failure(room: Room) -> None:
    room.opens("ann")
    room.hub.faults.add("gone", lambda method, where: method == "DELETE" and where.endswith("/labels/P0"))
    room.says("bob", "/sev P1")
    assert (room.codes[-1], room.incident.severity) == (0, "P1")


@pytest.mark.parametrize("status", [403, 404, 422])
def test_a14_a_server_without_pinning_still_has_its_panel(room: Room, status: int) -> None:
    room.hub.faults.add("error_before", lambda _, where: where.endswith("/pin"), status=status, times=9)
    room.opens("ann")
    room.says("bob", "/sev P1")
    assert room.codes == [0] * len(room.codes)
    assert (room.issue.pinned_comment_id, room.incident.severity) == (None, "P1")
    assert "P1" in room.panel.body
    known = len(room.replies)
    room.sweep()
    assert len(room.replies) == known


def test_a14_an_answer_too_long_after_all_keeps_its_record(room: Room) -> None:
    room.opens("ann")
    room.hub.faults.add(
        "error_before", lambda method, where: method == "POST" and where.endswith("/comments"), status=422
    )
    answer = room.says("bob", "/sev P1")
    assert answer.startswith("*The answer was too long for GitHub")
    assert room.incident.severity == "P1"
    assert room.journal.broken == ()


def test_a14_sixty_long_commands_are_answered_in_as_many_replies_as_it_takes(room: Room) -> None:
    room.opens("ann")
    known = len(room.replies)
    for _ in range(4):
        room.writes("bob", "\n".join(f"/note {'🔥' * 700} {n}" for n in range(40)))
    assert room.run() == 0
    assert len(room.replies) > known + 1
    assert max(len(c.body) for c in room.comments) <= 65_536
    assert len(room.journal.entries) == 4 + 160
    assert room.journal.broken == ()


def test_a14_labels_that_somebody_else_created_meanwhile_are_taken_as_they_are(room: Room) -> None:
    known = len(room.hub.requests)
    room.hub.faults.add(
        "error_before",
        lambda method, where: method == "POST" and where.endswith("/shop/labels"),
        status=422,
        times=3,
    )
    room.opens("ann")
    created = [r for r in room.hub.requests[known:] if r.method == "POST" and r.path.endswith("/shop/labels")]
    assert [r.status for r in created[:4]] == [422, 422, 422, 201]
    assert room.codes == [0] * len(room.codes)


def test_a20_nothing_is_written_to_an_issue_that_was_transferred(room: Room) -> None:
    room.opens("ann")
    other = room.hub.create_repository("acme/attic")
    other.grant(room.hub.world.accounts[room.people["ann"].id], "admin")
    room.writes("bob", "/sev P1")
    moved = room.people["ann"].transfer_issue(room.number, "acme/attic")
    there = other.issue(moved)
    known = len(room.hub.requests)
    assert room.run() == 1
    assert [(r.method, r.mutating) for r in room.hub.requests[known:]] == [("GET", False), ("POST", False)]
    assert f"/repos/acme/attic/issues/{moved}" in room.printed[-1]
    assert other.issue(moved) == there


def test_a20_a_transferred_incident_does_not_keep_a_sweep_from_the_others(room: Room) -> None:
    first = room.opens("ann")
    second = room.opens("ann")
    room.clock.advance(minutes(6))
    location = f"{room.hub.api_url}/repos/acme/attic/issues/9"
    room.hub.faults.add("redirect", lambda _, where: where.endswith(f"/issues/{first}"), location=location)
    assert room.sweep() == 1
    assert f"Issue {first}: " in "".join(line for line in room.printed if "::error::" in line)
    room.number = second
    assert (
        "Nobody has acknowledged yet" in room.replies[-1].body
        or "escalate to the CEO" in room.replies[-1].body
    )


def test_a20_a_repository_renamed_mid_run_is_left_alone_and_goes_on_under_its_new_name(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")
    room.hub.rename_repository(room.repo, "store")
    known = len(room.hub.requests)
    assert room.run() == 1
    assert not any(record.mutating for record in room.hub.requests[known:])
    event = {"inputs": {"issue": str(room.number)}}
    assert room.door(app.respond, "workflow_dispatch", event, GITHUB_REPOSITORY="acme/store") == 0
    assert room.issue.labels >= {"P1"}
    assert len([c for c in room.replies if "`/sev P1`" in c.body]) == 1
