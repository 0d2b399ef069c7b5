"""Declarations that take more than the text of one issue: labels of the repository, labels and closes by
hand, people who change. Each story carries the id of its row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.room import SETTINGS, Room, minutes, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def writes(room: Room) -> int:
    return sum(one.mutating for one in room.hub.requests)


def settled(room: Room) -> bool:
    """Whether three more runs and sweeps write nothing."""
    before = writes(room)
    for _ in range(3):
        room.run()
        room.sweep()
    return writes(room) == before and set(room.codes) == {0}


@pytest.mark.parametrize(
    ("there", "labels", "shown"),
    [
        pytest.param(("p0", "p1"), ("incident", "p0"), {"incident", "p0", "status:investigating"}, id="E031"),
        pytest.param(("Incident",), ("incident",), {"Incident", "P2", "status:investigating"}, id="F001"),
        pytest.param(("INCIDENT",), ("incident",), {"INCIDENT", "P2", "status:investigating"}, id="F002"),
        pytest.param(
            ("Status:Investigating",), ("incident",), {"incident", "P2", "Status:Investigating"}, id="F004"
        ),
        pytest.param(("backlog",), ("incident", "backlog"), None, id="C132"),
        pytest.param((), ("incident", "status: in progress"), None, id="C128"),
        pytest.param((), ("incident", "status:needs-triage"), None, id="C129"),
        pytest.param((), ("incident", "duplicate"), None, id="C131"),
        pytest.param((), ("incident", "P1", "bug", "good first issue", "help wanted"), None, id="C133"),
    ],
)
def test_labels_that_were_there_before_declare_and_are_left_as_they_are(
    room: Room, there: tuple[str, ...], labels: tuple[str, ...], shown: set[str] | None
) -> None:
    for name in there:
        room.repo.create_label(name)
    room.opens("ann", "Checkout is down", labels=labels)
    assert room.incident.stage == "open"
    assert room.issue.labels >= set(labels) if shown is None else room.issue.labels == shown
    assert settled(room)


def test_f002_an_issue_whose_event_was_lost_is_declared_by_the_sweep(room: Room) -> None:
    room.repo.create_label("INCIDENT")
    room.number = room.people["ann"].open_issue("Checkout is down", "", labels=("incident",))
    room.delivered = len(room.hub.deliveries)
    room.sweep()
    assert room.incident.stage == "open"
    assert settled(room)


@pytest.mark.parametrize("label", ["SEV1", "sev-1", "severity/1", "priority: high"])
def test_e030_a_severity_label_of_the_team_set_by_hand_is_the_command(room: Room, label: str) -> None:
    room.repo.create_label(label)
    room.opens("ann", "Checkout is down", labels=("incident", "P2"))
    room.clock.advance(10)
    room.people["bob"].label(room.number, label)
    room.deliver()
    assert room.incident.severity == "P1"
    assert "P1" in room.replies[-1].body
    assert settled(room)


@pytest.mark.parametrize(
    "label", ["🔥 incident", "🚨 incident", "type: incident", "kind/incident", "incident 🚒", "Incidents"]
)
def test_f006_c125_c126_a_teams_own_incident_label_is_told(room: Room, label: str) -> None:
    room.repo.create_label(label)
    room.opens("ann", "Checkout is down", labels=(label,))
    room.sweep()
    said = "\n".join(room.printed)
    assert f"`{label}`" in said
    assert f'incident: "{label}"' in said
    assert "ALLCLEAR_LABEL" in said


def test_f006_the_teams_own_incident_label_is_a_setting(tmp_path: Path) -> None:
    with open_room(tmp_path, SETTINGS + 'labels:\n  incident: "🔥 incident"\n') as room:
        room.opens("ann", "Checkout is down", labels=("🔥 incident",))
        room.sweep()
        assert room.incident.stage == "open"
        assert "ALLCLEAR_LABEL" not in "\n".join(room.printed)


def test_e006_a_severity_that_the_text_names_later_is_told_once(room: Room) -> None:
    room.opens("ann", "Checkout is down", "Nobody can pay.")
    room.clock.advance(minutes(5))
    room.says("bob", "/sev P2")
    room.clock.advance(minutes(5))
    room.people["ann"].edit_issue(room.number, body="Nobody can pay.\n\nSeverity: P1")
    room.deliver()
    assert room.incident.severity == "P2"
    assert "`/sev P1`" in room.replies[-1].body
    assert settled(room)


# -- labels and closes by hand


def test_e033_a_label_swapped_by_hand_is_one_change_and_no_war(room: Room) -> None:
    room.opens("ann")
    answers = len(room.replies)
    room.clock.advance(10)
    room.people["bob"].unlabel(room.number, "P0")
    room.people["bob"].label(room.number, "P1")
    room.deliver()
    assert room.incident.severity == "P1"
    assert len(room.replies) == answers + 1
    assert settled(room)


def test_e035_a_close_as_not_planned_is_told_how_a_false_alarm_ends(room: Room) -> None:
    room.opens("ann")
    room.clock.advance(10)
    room.people["bob"].close(room.number, reason="not_planned")
    room.deliver()
    assert "/all-clear" in room.replies[-1].body
    assert "--override" in room.replies[-1].body
    assert room.issue.state == "open"


def test_e036_a_close_as_duplicate_is_told_of_the_command(room: Room) -> None:
    first = room.opens("ann", "Checkout is down", labels=("incident", "P1"))
    room.opens("ann", "Nobody can pay", labels=("incident", "P1"))
    room.clock.advance(10)
    room.people["bob"].close(room.number, reason="duplicate")
    room.deliver()
    assert "/duplicate #" in room.replies[-1].body
    assert "same incident" in room.says("bob", f"/duplicate #{first}")


def test_e038_of_two_severities_within_a_second_the_last_counts_and_both_are_answered(room: Room) -> None:
    room.opens("ann", "Checkout is down", labels=("incident", "P3"))
    room.writes("bob", "/sev P1")
    room.writes("cat", "/sev P0")
    known = {one.id for one in room.comments}
    room.run()
    said = room.visible(known)
    assert room.incident.severity == "P0"
    assert ("raised from P3 to **P1**" in said, "raised from P1 to **P0**" in said) == (True, True)


def test_e039_a_dismissal_of_the_teams_own_incident_is_refused_with_the_way_out(room: Room) -> None:
    room.opens("ann")
    assert "/all-clear" in room.says("bob", "/dismiss false alarm")
    assert room.incident.stage == "open"


def test_e046_a_long_log_under_a_note_leaves_the_incident_going_on(room: Room) -> None:
    room.opens("ann")
    assert room.says("bob", "/note\n" + "GET /checkout 500\n" * 3400)
    assert "Responding" in room.says("bob", "/ack") or room.incident.team.responders


def test_e049_of_three_commands_the_wrong_one_in_the_middle_is_told_and_the_others_count(room: Room) -> None:
    room.opens("ann", "Checkout is down", labels=("incident", "P2"))
    said = room.says("bob", "/ack\n/sev enormous\n/affects web")
    assert "`enormous` is not a severity" in said
    assert (room.incident.impact.services, room.incident.reached("acknowledged") is not None) == (
        ("web",),
        True,
    )


def test_e043_a_moved_incident_stops_nothing_here(room: Room) -> None:
    room.opens("ann")
    other = room.hub.create_repository("acme/other", organization=True)
    other.grant(room.account("ann"), "admin")
    room.people["ann"].transfer_issue(room.number, "acme/other")
    room.deliver()
    assert room.sweep() == 0


def test_e044_a_command_on_a_locked_incident_counts(room: Room) -> None:
    room.opens("ann")
    room.people["ann"].lock(room.number, "too heated")
    room.deliver()
    room.says("bob", "/ack")
    assert room.incident.reached("acknowledged") is not None
    assert set(room.codes) == {0}


# -- people who change


def test_e020_the_record_keeps_a_login_whose_account_is_gone_and_others_go_on(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/ack")
    room.hub.delete_user(room.account("bob"))
    room.says("cat", "/note here")
    assert [one.login for one in room.incident.team.responders][:1] == ["bob"]
    assert set(room.codes) == {0}


def test_e021_an_opener_who_is_gone_stops_nothing(room: Room) -> None:
    room.opens("ann")
    room.hub.delete_user(room.account("ann"))
    room.says("bob", "/ack")
    assert room.incident.reached("acknowledged") is not None
    assert set(room.codes) == {0}


def test_e023_a_renamed_responder_is_the_same_person(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/ack")
    room.hub.rename_user(room.account("bob"), "robert")
    room.says("bob", "/sev P1")
    assert room.incident.severity == "P1"
    assert len(room.incident.team.responders) == 1


def test_e024_who_has_no_access_any_more_changes_nothing(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/ack")
    room.repo.revoke(room.account("bob"))
    room.says("bob", "/sev P3")
    assert room.incident.severity == "P0"
