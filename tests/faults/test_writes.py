"""A1 to A3: GitHub fails before or after it did what was asked; there is exactly one of everything."""

from collections.abc import Callable

import pytest

from allclear import app
from allclear_lab.github.faults import Kind
from conversations.room import Room, minutes, open_room

Act = Callable[[Room], object]
FAULTS: tuple[Kind, ...] = (
    "error_before",
    "error_after",
    "drop_before",
    "drop_after",
    "truncated_json",
    "html_200",
)


def path(method: str, end: str) -> Callable[[str, str], bool]:
    return lambda verb, where: verb == method and where.endswith(end)


def declare(room: Room) -> object:
    return room.opens("ann")


def resolved(room: Room) -> None:
    room.opens("ann")
    for text in ("/ack", "/finding a bad migration", "/status monitoring", "/check verification"):
        room.says("bob", text)
    room.says("bob", "/resolve rolled back")
    room.clock.advance(minutes(121))


def shape(room: Room) -> dict[str, object]:
    """What people see, and how many of it there are; retries cost seconds, so times are left out."""
    return {
        "labels": room.issue.labels,
        "state": (room.issue.state, room.issue.state_reason),
        "assignees": room.issue.assignees,
        "pinned": room.issue.pinned_comment_id == room.panel.id,
        "keys": [entry.key for entry in room.journal.entries],
        "broken": room.journal.broken,
        "replies": len(room.replies),
        "panels": sum(c.body.startswith("<!-- allclear:panel ") for c in room.comments),
        "pulls": [(pull.head, pull.title, pull.reviewers) for pull in room.repo.pulls()],
        "files": room.repo.files(),
        "dislikes": [c.reactions for c in room.comments],
        "codes": room.codes,
    }


def nothing(room: Room) -> None:
    """Some effects need no story before them."""


def close_by_hand(room: Room) -> None:
    room.opens("ann")
    room.clock.advance(10)


def reopen_after_close(room: Room) -> None:
    room.people["bob"].close(room.number)
    room.deliver()


def written(mutation: str) -> Callable[[str, str], bool]:
    """The document in which that is written, with whatever else is in it."""
    return lambda _, where: where.startswith("/graphql#") and mutation in where


CASES: dict[str, tuple[Act, Act, Callable[[str, str], bool]]] = {
    "reply": (declare, lambda room: room.says("bob", "/note seen"), path("POST", "/comments")),
    "first reply": (nothing, declare, path("POST", "/comments")),
    "panel edit": (
        declare,
        lambda room: room.says("bob", "/sev P1"),
        written("updateIssueComment"),
    ),
    "label creation": (nothing, declare, path("POST", "/shop/labels")),
    "label added": (declare, lambda room: room.says("bob", "/sev P1"), written("addLabels")),
    "label removed": (declare, lambda room: room.says("bob", "/sev P1"), written("removeLabels")),
    "pin": (nothing, declare, path("PUT", "/pin")),
    "assign": (declare, lambda room: room.says("bob", "/ack"), written("addAssignees")),
    "reaction": (
        lambda room: (room.opens("ann"), room.says("out", "/resolve")),
        lambda room: room.says("out", "/ack"),
        path("POST", "/reactions"),
    ),
    "close": (resolved, lambda room: room.says("bob", "/all-clear"), written("closeIssue")),
    "reopen": (close_by_hand, reopen_after_close, written("reopenIssue")),
}
ALONE: dict[str, tuple[str, Callable[[str, str], bool]]] = {
    "panel edit": ("updateIssueComment", lambda v, p: v == "PATCH" and "/comments/" in p),
    "label added": ("addLabelsToLabelable", path("POST", "/1/labels")),
    "label removed": ("removeLabelsFromLabelable", path("DELETE", "/labels/P0")),
    "assign": ("addAssigneesToAssignable", path("POST", "/assignees")),
    "close": ("closeIssue", path("PATCH", "/issues/1")),
    "reopen": ("reopenIssue", path("PATCH", "/issues/1")),
}
"""What is done by itself when it is refused in a document: the mutation, and the request."""

STEPS = {
    "branch": path("POST", "/git/refs"),
    "contents": lambda verb, where: verb == "PUT" and "/contents/" in where,
    "pull request": path("POST", "/pulls"),
    "reviewers": path("POST", "/requested_reviewers"),
    "the record of it": path("POST", "/comments"),
}


def write_up(room: Room) -> None:
    """The all-clear without its post-mortem, then the job that writes it."""
    resolved(room)
    room.writes("bob", "/all-clear")
    room.door(app.respond, "workflow_dispatch", {"inputs": {"issue": "1"}})
    room.write_up()


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """The same stories in good weather."""
    found = {}
    for case, (before, act, _) in CASES.items():
        with open_room(tmp_path_factory.mktemp("good")) as room:
            before(room)
            act(room)
            found[case] = shape(room)
    with open_room(tmp_path_factory.mktemp("good")) as room:
        write_up(room)
        found["write-up"] = shape(room)
    return found


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("case", CASES)
def test_a1_a2_a3_one_bad_answer_leaves_exactly_one_of_everything(
    room: Room, case: str, kind: Kind, wanted: dict[str, dict[str, object]]
) -> None:
    before, act, struck = CASES[case]
    before(room)
    fault = room.hub.faults.add(kind, struck)
    act(room)
    assert fault.seen > 0
    room.hub.faults.clear()
    assert shape(room) == wanted[case]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("case", ALONE)
def test_a_change_that_a_document_refuses_is_made_once_by_itself(
    room: Room, case: str, kind: Kind, wanted: dict[str, dict[str, object]]
) -> None:
    (before, act, _), (mutation, struck) = CASES[case], ALONE[case]
    before(room)
    room.hub.faults.refuse(mutation)
    fault = room.hub.faults.add(kind, struck)
    act(room)
    assert fault.seen > 0
    room.hub.faults.clear()
    assert shape(room) == wanted[case]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_a2_a_post_mortem_that_broke_off_is_finished_by_the_next_sweep(
    room: Room, step: str, kind: Kind, wanted: dict[str, dict[str, object]]
) -> None:
    resolved(room)
    room.writes("bob", "/all-clear")
    room.door(app.respond, "workflow_dispatch", {"inputs": {"issue": "1"}})
    fault = room.hub.faults.add(kind, STEPS[step])
    room.write_up()
    assert fault.seen > 0
    room.hub.faults.clear()
    room.pending = []
    room.sweep()
    expected = wanted["write-up"]
    found = shape(room)
    assert found | {"codes": 0} == expected | {"codes": 0}
    assert all(
        "GitHub did not do what it was asked to" in line for line in room.printed if "::error::" in line
    )
