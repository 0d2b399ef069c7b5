"""A repository that had labels before: other spellings, other names, labels that people put there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.room import SETTINGS, Room, open_room

OLD_NAMES = ("Incident", "p0", "p1", "Status:Investigating", "STATUS:resolved", "Postmortem:Pending")
RENAMED = """
labels:
  incident: 🔥 incident
  reported: "state: reported"
  postmortem: "docs: post-mortem"
  severities: { P0: "severity: critical", P1: "severity: high" }
  states: { investigating: "state: investigating" }
"""


@pytest.fixture
def renamed(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path, SETTINGS + RENAMED) as room:
        yield room


def make(room: Room, *names: str) -> None:
    for name in names:
        room.repo.create_label(name)


def writes(room: Room) -> int:
    return sum(one.mutating for one in room.hub.requests)


def test_a_repository_with_labels_in_another_case_works_as_any_other(room: Room) -> None:
    make(room, *OLD_NAMES)
    room.opens("ann", "Production down", labels=("incident", "P0"))
    assert room.incident.severity == "P0"
    assert not room.incident.severity_asked
    assert room.issue.labels == {"Incident", "p0", "Status:Investigating"}
    assert "Responding" in room.says("bob", "/ack") or room.incident.team.responders


def test_nothing_is_written_while_nothing_happens_there(room: Room) -> None:
    make(room, *OLD_NAMES)
    room.opens("ann", "Production down", labels=("incident", "P0"))
    room.says("bob", "/ack")
    before = writes(room)
    for _ in range(3):
        room.run()
        room.sweep()
    assert writes(room) == before


def test_labels_in_another_case_are_taken_off_and_changed_by_hand_as_others(room: Room) -> None:
    make(room, *OLD_NAMES)
    room.opens("ann", "Production down", labels=("Incident", "p0"))
    room.clock.advance(10)
    room.people["bob"].label(room.number, "p1")
    room.deliver()
    assert room.incident.severity == "P1"
    assert room.issue.labels == {"Incident", "p1", "Status:Investigating"}
    room.clock.advance(10)
    room.people["bob"].unlabel(room.number, "p1")
    room.deliver()
    assert "p1" in room.issue.labels
    room.clock.advance(10)
    room.people["bob"].unlabel(room.number, "Incident")
    room.deliver()
    assert "Incident" in room.issue.labels


def test_a_sweep_finds_incidents_by_a_label_in_another_case(room: Room) -> None:
    make(room, "INCIDENT")
    room.number = room.people["ann"].open_issue("Production down", "", labels=("incident",))
    room.delivered = len(room.hub.deliveries)
    room.sweep()
    assert room.incident.stage == "open"


def test_an_issue_of_another_case_is_known_to_be_an_incident(room: Room) -> None:
    make(room, "Incident")
    first = room.opens("ann", "Production down", labels=("incident", "P0"))
    room.opens("bob", "Everything is down", labels=("incident", "P1"))
    assert "same incident" in room.says("bob", f"/duplicate #{first}")


def test_the_names_of_the_settings_are_the_labels(renamed: Room) -> None:
    room = renamed
    room.opens("ann", "Production down", labels=("🔥 incident", "Severity: Critical"))
    assert (room.incident.stage, room.incident.severity) == ("open", "P0")
    assert room.issue.labels == {"🔥 incident", "Severity: Critical", "state: investigating"}
    room.says("bob", "/sev P1")
    assert room.issue.labels == {"🔥 incident", "severity: high", "state: investigating"}
    room.says("bob", "/sev P2")
    assert room.issue.labels == {"🔥 incident", "P2", "state: investigating"}


def test_an_issue_with_the_usual_label_is_no_incident_where_the_settings_name_another(renamed: Room) -> None:
    renamed.opens("ann", "Production down", labels=("incident", "P0"))
    assert renamed.comments == ()


def test_a_report_has_the_label_of_the_settings(renamed: Room) -> None:
    make(renamed, "🔥 incident")
    renamed.opens("out", "Checkout is slow", form_labels=("🔥 incident",))
    assert renamed.issue.labels == {"🔥 incident", "state: reported"}


def test_a_sweep_makes_and_finds_the_labels_of_the_settings(renamed: Room) -> None:
    renamed.sweep()
    assert renamed.label("🔥 incident")["name"] == "🔥 incident"
    renamed.number = renamed.people["ann"].open_issue("Production down", "", labels=("🔥 incident",))
    renamed.delivered = len(renamed.hub.deliveries)
    renamed.sweep()
    assert renamed.incident.stage == "open"


@pytest.mark.parametrize("label", ["sev1", "SEV-1", "severity/1", "priority: high"])
def test_a_severity_is_read_off_a_label_that_the_team_used_before(room: Room, label: str) -> None:
    make(room, label)
    room.opens("ann", "Checkout is down", labels=("incident", label))
    assert (room.incident.severity, room.incident.severity_asked) == ("P1", False)
    assert room.issue.labels == {"incident", label, "P1", "status:investigating"}


def test_such_a_label_set_by_hand_is_the_command_and_stays(room: Room) -> None:
    make(room, "SEV1")
    room.opens("ann", "Checkout is down", labels=("incident", "P2"))
    room.clock.advance(10)
    room.people["bob"].label(room.number, "SEV1")
    room.deliver()
    assert room.incident.severity == "P1"
    assert room.issue.labels == {"incident", "P1", "SEV1", "status:investigating"}
    room.says("bob", "/sev P3")
    before = writes(room)
    room.run()
    assert (writes(room), room.incident.severity) == (before, "P3")
    assert "SEV1" in room.issue.labels


def test_a_backlog_label_of_the_team_stays_on_an_incident_that_was_never_a_p3(room: Room) -> None:
    make(room, "Backlog")
    room.opens("ann", "Checkout is down", labels=("incident", "P2", "Backlog"))
    assert "Backlog" in room.issue.labels
    room.says("bob", "/sev P3")
    room.says("bob", "/sev P2")
    assert "Backlog" not in room.issue.labels
