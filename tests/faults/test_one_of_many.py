"""One command cannot poison the rest: every look-up and every write, with every kind of refusal."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from allclear_lab.github import HubSnapshot
from allclear_lab.github.faults import Kind
from conversations.room import SETTINGS, Room, open_room
from sampling import Proof

ERRORS: dict[str, tuple[Kind, dict[str, Any]]] = {
    "403": ("not_accessible", {}),
    "404": ("gone", {"status": 404}),
    "409": ("error_before", {"status": 409}),
    "410": ("gone", {"status": 410}),
    "422": ("error_before", {"status": 422}),
    "451": ("gone", {"status": 451}),
    "500": ("error_before", {"status": 500}),
    "502": ("error_before", {"status": 502}),
    "502 after": ("error_after", {"status": 502}),
    "no answer": ("drop_before", {}),
    "half an answer": ("truncated_json", {}),
    "a page": ("html_200", {}),
    "nonsense": ("nonsense", {}),
    "moved": ("redirect", {"location": "https://elsewhere.example/"}),
}
LIMITS: dict[str, tuple[Kind, dict[str, Any]]] = {
    "limited": ("secondary", {}),
    "limited for 60 s": ("secondary", {"retry_after": 60}),
    "limited, 429": ("secondary", {"status": 429, "retry_after": 30}),
    "limited for long": ("secondary", {"retry_after": 900}),
}
"""A secondary limit. A look-up that meets it ends the run (test_limits.py): no more may be asked then."""
SERVICES = """
rights: { rollback: write }
services:
  app:
    provider: deploy-workflow
    values: { workflow: deploy.yml }
    health: ["https://app.example.com/health"]
hosts: [app.example.com]
"""
LOOK_UPS = {
    "/ic @cat": "GET .*/collaborators/cat/permission",
    "/handoff @cat": "GET .*/collaborators/cat/permission",
    "/action @cat mend it": "GET .*/collaborators/cat/permission",
    "/duplicate #1": "GET .*/issues/1",
    "/rollback app": "POST .*/graphql",
    "/rollback app ": "GET .*/compare/.*",
    "/rollback  app": "GET .*/environments/.*",
}
"""A command, and the requests that it needs; spaces keep the keys apart."""
WRITES = {
    "POST .*/issues/2/labels": "addLabelsToLabelable",
    "DELETE .*/issues/2/labels/.*": "removeLabelsFromLabelable",
    "POST .*/issues/2/assignees": "addAssigneesToAssignable",
    "POST /graphql#.*": "",
    "POST .*/reactions": "",
    "PUT .*/pin": "",
}
"""A request, and the mutation that does the same: it is refused, so that the request is made."""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path, SETTINGS + SERVICES) as opened:
        for text in ("1", "2"):
            opened.repo.deploy(opened.repo.put_file("version", text))
        opened.opens("ann", "[INCIDENT P3] A typo", labels=("incident", "P3"))
        opened.opens("ann")
        opened.people["bob"].push_file("work", "work.md", "done\n")
        opened.people["bob"].open_pull("Work", "work")
        opened.sweep()  # freezes it
        yield opened


def strike(room: Room, error: str, request: str) -> Any:
    kind, more = (ERRORS | LIMITS)[error]
    if WRITES.get(request):
        room.hub.faults.refuse(WRITES[request])
    wanted = re.compile(request)
    return room.hub.faults.add(
        kind, lambda method, path: bool(wanted.fullmatch(f"{method} {path}")), times=1000, **more
    )


def back(room: Room, quiet: HubSnapshot, number: int) -> None:
    """The issue as it was, in good weather."""
    room.hub.faults.clear()
    room.hub.restore(quiet)
    room.number, room.pending, room.delivered = number, [], len(room.hub.deliveries)


LOOKED = [(command, error) for command in LOOK_UPS for error in ERRORS]
WRITTEN = [(request, error) for request in WRITES for error in ERRORS]
LIMITED = [(request, error) for request in WRITES for error in LIMITS]


def test_a_look_up_that_fails_fails_its_command_and_no_other(room: Room, proof: Proof) -> None:
    quiet, number = room.hub.snapshot(), room.number
    for command, error in proof(LOOKED, 16):
        back(room, quiet, number)
        fault = strike(room, error, LOOK_UPS[command])
        answer = room.says("bob", f"{command}\n\n/note before all else")
        assert fault.seen, command
        assert "Noted" in answer, (command, error)
        assert command.split()[0] in answer, (command, error)
        room.hub.faults.clear()
        assert "Noted" in room.says("bob", "/note and after it"), (command, error)
        assert room.run() == 0


def test_a_write_that_fails_leaves_the_rest_of_the_pass_as_it_is(room: Room, proof: Proof) -> None:
    room.says("out", "/ack")
    quiet, number = room.hub.snapshot(), room.number
    for request, error in proof(WRITTEN, 12):
        back(room, quiet, number)
        fault = strike(room, error, request)
        room.writes("out", "/ack again")
        room.says("bob", "/ack\n/sev P1")
        assert fault.seen or request.endswith("pin"), request
        room.hub.faults.clear()
        assert room.incident.severity == "P1", (request, error)
        assert "P1 ·" in room.panel.body, (request, error)
        assert "Responders: [bob]" in room.panel.body, (request, error)
        assert "Noted" in room.says("bob", "/note and after it")
        assert room.run() == 0
        assert {"P1", "incident"} <= room.issue.labels, (request, error)
        assert "P0" not in room.issue.labels, (request, error)


def test_a_write_that_meets_a_limit_does_not_keep_the_panel_back(room: Room, proof: Proof) -> None:
    """Nothing goes out before the limit ends; then the panel does, unless that takes too long."""
    room.says("out", "/ack")
    quiet, number = room.hub.snapshot(), room.number
    for request, error in proof(LIMITED, 8):
        back(room, quiet, number)
        fault = strike(room, error, request)
        room.writes("out", "/ack again")
        room.says("bob", "/ack\n/sev P1")
        assert fault.seen or request.endswith("pin"), request
        assert room.incident.severity == "P1", (request, error)
        if error != "limited for long":
            assert "P1 ·" in room.panel.body, (request, error)
        assert "Noted" in room.says("bob", "/note while it goes on"), (request, error)
        room.hub.faults.clear()
        room.clock.advance(900)
        assert room.run() == 0
        assert "P1 ·" in room.panel.body, (request, error)
        assert {"P1", "incident"} <= room.issue.labels, (request, error)
        assert "P0" not in room.issue.labels, (request, error)


@pytest.mark.parametrize("error", list(ERRORS))
def test_events_that_cannot_be_read_lose_nothing_that_was_done_by_hand(room: Room, error: str) -> None:
    room.clock.advance(10)
    strike(room, error, "GET .*/issues/2/events")
    room.people["bob"].label(room.number, "P1")
    room.deliver()
    assert room.incident.severity == "P0"
    assert {"P0", "P1"} <= room.issue.labels
    assert "Noted" in room.says("bob", "/note it goes on")
    room.hub.faults.clear()
    room.run()
    assert room.incident.severity == "P1"
    assert "P0" not in room.issue.labels


@pytest.mark.parametrize("error", list(ERRORS))
def test_labels_and_accounts_that_cannot_be_read_do_not_keep_a_page_back(room: Room, error: str) -> None:
    strike(room, error, "GET .*(/labels|/collaborators/(bob|cat|mia)/permission)")
    room.opens("ann", "Production down", labels=("incident", "P0"))
    paged = "@ann" if error == "404" else "@bob @cat"  # 404: there is no such account
    assert paged in "\n".join(comment.body for comment in room.replies)
    assert room.incident.stage == "open"


def test_an_issue_with_a_hundred_labels_keeps_its_severity_right(room: Room) -> None:
    names = [f"area-{number}" for number in range(97)]
    for name in names:
        room.repo.create_label(name)
    room.people["ann"].label(room.number, *names)
    room.deliver()
    assert len(room.issue.labels) == 100
    room.says("bob", "/sev P1")
    assert {"incident", "P1", "status:investigating"} <= room.issue.labels
    assert len(room.issue.labels) == 100


OTHERS: dict[str, tuple[str, ...]] = {
    "/evidence app": ("GET /repos/acme/shop", "POST .*/evidence.yml/dispatches"),
    "/smoke app": ("POST .*/smoke.yml/dispatches",),
    "/hotfix release it": (
        "GET .*/pulls",
        "GET .*/git/ref/heads/.*",
        "GET .*/git/commits/.*",
        "POST .*/git/commits",
        "POST .*/git/refs",
        "POST .*/pulls",
    ),
    "/duplicate #1": ("GET .*/issues/1/comments", "POST .*/issues/1/comments", "PATCH .*/issues/2"),
    "/postmortem": ("GET .*/contents/.*", "GET .*/compare/.*", "GET .*/git/ref/.*", "PUT .*/contents/.*"),
    "/status monitoring": ("GET .*/issues", "POST .*/dispatches", "POST .*/issues/2/labels"),
    "/sev P1": ("POST .*/graphql",),
}
"""A command, and the requests that it makes besides those that every command makes."""
AFTERWARDS = [
    (command, one, error) for command, all_of_it in OTHERS.items() for one in all_of_it for error in ERRORS
]


def test_whatever_fails_of_what_a_command_does_the_next_is_answered(room: Room, proof: Proof) -> None:
    quiet, number = room.hub.snapshot(), room.number
    for command, request, error in proof(AFTERWARDS, 20):
        back(room, quiet, number)
        fault = strike(room, error, request)
        with suppress(AttributeError, LookupError, TypeError, ValueError):  # raised, and said on the issue
            room.says("bob", f"{command}\n\n/note before all else")
        assert fault.seen, (command, request)
        room.hub.faults.clear()
        room.run()
        after = room.says("bob", "/note and after it")
        case = (command, request, error, after)
        assert "Noted" in after, case
        texts = [line.text for line in room.incident.timeline if line.what == "Note"]
        assert texts == ["before all else", "and after it"], case
        assert room.run() == 0, case


def test_a_workflow_is_started_later_when_github_answers_in_another_form(room: Room) -> None:
    strike(room, "nonsense", "GET /repos/acme/shop")
    assert "Noted" in room.says("bob", "/smoke app\n\n/note before all else")
    assert not any("Allclear failed here" in comment.body for comment in room.comments)
    assert any("not documented" in line for line in room.printed)
    room.hub.faults.clear()
    assert room.run() == 0
