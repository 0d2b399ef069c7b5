"""Declaring: by form, by `gh issue create`, by adding the label later; who may, and what the issue says."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from allclear_lab.github import Delivery
from conversations.room import ROOT, Room, minutes

FORM = """### Severity

P1 - High (Urgent)

### What is happening

Tiles do not load

### Started

2025-10-19 13:40

### Detected by

User report

### User impact

Half of all merchants

### Affected services

api, web
"""


def test_item_000_08_as_it_is_typed_declares_with_its_literal_backslash_n(room: Room) -> None:
    room.opens(
        "cat", "[INCIDENT P0] Production down", "Started: 2025-10-19T13:58:00Z\\nStatus: Investigating"
    )
    incident = room.incident
    assert (incident.stage, incident.severity, incident.title) == ("open", "P0", "Production down")
    assert incident.reached("started") == datetime(2025, 10, 19, 13, 58, tzinfo=UTC)


def test_the_issue_form_names_severity_start_detection_impact_and_services(room: Room) -> None:
    room.opens("cat", "Tiles do not load", FORM, form_labels=("incident",))
    incident = room.incident
    assert (incident.severity, incident.severity_asked) == ("P1", False)
    assert incident.reached("started") == datetime(2025, 10, 19, 13, 40, tzinfo=UTC)
    assert (incident.detected_by, incident.impact.text, incident.impact.services) == (
        "User report",
        "Half of all merchants",
        ("api", "web"),
    )


def test_the_label_added_later_declares_from_then_on_by_who_added_it(room: Room) -> None:
    room.opens("out", "Checkout is slow", labels=("nothing",))
    assert room.comments == ()
    room.clock.advance(minutes(60))
    room.people["cat"].label(room.number, "incident")
    room.deliver()
    incident = room.incident
    assert incident.reached("declared") == datetime(2025, 10, 19, 15, 2, tzinfo=UTC)
    assert incident.team.reporter is not None
    assert incident.team.reporter.login == "out"


def test_labels_come_with_colours_and_descriptions_when_the_repository_has_none(room: Room) -> None:
    room.opens("ann")
    assert room.label("status:monitoring")["color"] == "006b75"
    assert room.label("P3")["description"] == "Low (Tracking): Cosmetic issues, No user impact"


@pytest.mark.parametrize(
    ("title", "labels", "severity", "asked"),
    [
        ("[INCIDENT P1] Down", ("incident", "P0"), "P0", True),
        ("[INCIDENT P1] Down", ("incident", "P1"), "P1", False),
        ("[P3] Typo", ("incident",), "P3", False),
        ("Down", ("incident", "P1", "P0"), "P0", True),
        ("Down", ("incident",), "P2", True),
        ("[INCIDENT high] Down", ("incident",), "P1", False),
        ("[INCIDENT] Down", ("incident",), "P2", True),
    ],
)
def test_the_highest_severity_named_counts_and_contradictions_are_asked_about(
    room: Room, title: str, labels: tuple[str, ...], severity: str, asked: bool
) -> None:
    room.opens("ann", title, labels=labels)
    assert (room.incident.severity, room.incident.severity_asked) == (severity, asked)
    assert ("`/sev <severity>`" in room.replies[0].body) is asked
    assert severity in room.issue.labels


def test_the_plan_says_what_happens_when_with_clock_times_and_zone(room: Room) -> None:
    room.opens("ann")
    reply = room.replies[0].body
    assert "| 14:07 UTC | Response due, unless acknowledged | DevOps (bob, cat) |" in reply
    assert "| 2 hours after the fix | End of monitoring, unless closed |" in reply
    assert "🚨 P0 INCIDENT: Production down - All hands" in reply  # 000-10
    assert "@ann" in reply  # 000-05, 000-A8: the CEO at once


def test_an_outsiders_report_pages_nobody_until_somebody_confirms_it(room: Room) -> None:
    room.opens("out", "[INCIDENT P0] Everything is down", form_labels=("incident", "P0"))
    assert room.issue.labels >= {"incident", "status:reported"}
    assert room.incident.stage == "report"
    assert not any("@" in c.body.split("\n", 1)[1].replace("@\u2060", "") for c in room.comments)
    assert "report, not an incident yet" in room.says("cat", "/ack")
    answer = room.says("bob", "/confirm")
    assert "What will happen when" in answer
    assert "@bob" in answer
    incident = room.incident
    assert (incident.stage, incident.severity) == ("open", "P0")
    assert "status:reported" not in room.issue.labels


def test_a_report_that_is_dismissed_is_closed_as_not_planned(room: Room) -> None:
    room.opens("out", "Everything is down", form_labels=("incident",))
    room.says("bob", "/dismiss works for me")
    assert (room.issue.state, room.issue.state_reason) == ("closed", "not_planned")


def test_a_reporter_may_withdraw_the_report_by_closing_it(room: Room) -> None:
    room.opens("out", "Everything is down", form_labels=("incident",))
    room.clock.advance(60)
    room.people["out"].close(room.number)
    room.deliver()
    assert room.incident.stage == "dismissed"
    assert room.issue.state == "closed"


def test_a_drill_mentions_nobody(room: Room) -> None:
    room.opens("ann", "[DRILL P0] Database lost", labels=("incident", "P0"))
    assert room.incident.kind == "drill"
    assert not any("@" in c.body.replace("@\u2060", "") for c in room.comments)


def test_an_issue_without_the_label_is_none_of_ours(room: Room) -> None:
    room.opens("ann", "A question", labels=("question",))
    assert room.says("ann", "/ack") == ""
    assert room.comments[-1].author == "ann"


def test_a_start_that_cannot_be_read_is_asked_for(room: Room) -> None:
    room.opens("ann", body="Started: yesterday evening")
    assert "`Started: yesterday evening` could not be read" in room.replies[0].body


def test_a_lost_declaration_is_caught_up_by_the_sweep(room: Room) -> None:
    room.people["ann"].open_issue("[INCIDENT P1] Tiles", "", labels=("incident", "P1"))
    room.number, room.delivered = 1, len(room.hub.deliveries)
    room.clock.advance(minutes(20))
    room.sweep()
    assert room.incident.stage == "open"
    assert "@bob @cat\n**⏰ Response due**" in room.replies[0].body
    assert "This was due at 14:17 UTC and comes 5 min late." in room.replies[0].body


def without_labels(delivery: Delivery) -> Delivery:
    """The event of an opening as GitHub sends it when it sets the labels afterwards."""
    if delivery.payload.get("action") != "opened":
        return delivery
    payload = {**delivery.payload, "issue": {**delivery.payload["issue"], "labels": []}}
    return replace(delivery, payload=payload)


@pytest.mark.parametrize("workflow", [True, False], ids=["dispatched", "no workflow file"])
@pytest.mark.parametrize("labels", [True, False], ids=["opened with labels", "opened without"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)], ids=str)
def test_an_opening_is_answered_once_whatever_its_events_carry_and_in_whichever_order(
    room: Room, order: tuple[int, ...], *, labels: bool, workflow: bool
) -> None:
    if workflow:
        file = ROOT / ".github" / "workflows" / "respond.yml"
        room.repo.put_file(".github/workflows/respond.yml", file.read_text(encoding="utf-8"))
    room.delivered = len(room.hub.deliveries)
    room.number = room.people["ann"].open_issue("Production down", "", labels=("incident", "P0"))
    opening = [one for one in room.hub.deliveries[room.delivered :] if one.event == "issues"]
    room.delivered = len(room.hub.deliveries)
    for at in order:
        room.receive(opening[at] if labels else without_labels(opening[at]))
    room.deliver()
    assert len([one for one in room.replies if "Incident declared" in one.body]) == 1
    assert room.incident.severity == "P0"
    assert set(room.codes) == {0}
