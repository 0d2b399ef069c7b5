"""What a plan does after its reply: at once where it can be, in its order where one waits for another."""

import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from allclear.adapters.github.at_once import MOST, Call, in_turn, together
from allclear.adapters.github.document import Nodes
from allclear.core.model.effects import (
    AddLabels,
    Assign,
    Close,
    CreateLabel,
    Dispatch,
    Effect,
    JoinOther,
    PutPanel,
    React,
    RemoveLabel,
    Reply,
)
from allclear.jobs.apply import sorted_out
from allclear_lab.github.faults import Kind
from conversations.room import KEY, SETTINGS, Room, open_room
from conversations.test_broken_files import change
from conversations.test_budget import PRODUCTION

NODES = Nodes("I_1", {7: "IC_7"}, {"P0": "LA_0", "P2": "LA_2"}, {"bob": "U_1"})
REPLY = Reply("text", ("key",))
PANEL = PutPanel("text", 7, pinned=True)
JOIN = JoinOther(1, "<!-- x -->", "text", ())


@pytest.mark.parametrize(
    ("effects", "written", "alone"),
    [
        ((REPLY, Assign(("bob",)), PANEL), [1, 2], []),
        ((REPLY, PANEL), [], [1]),
        ((REPLY, AddLabels(("P1",)), RemoveLabel("P0"), PANEL), [2, 3], [1]),
        ((REPLY, RemoveLabel("P0"), AddLabels(("P1",)), PANEL), [1, 3], []),
        ((REPLY, AddLabels(("P2",)), RemoveLabel("P0"), PANEL), [1, 2, 3], []),
        ((REPLY, RemoveLabel("P0"), AddLabels(("P2",)), PANEL), [1, 2, 3], []),
        ((REPLY, RemoveLabel("gone"), AddLabels(("P2",)), PANEL), [], [1, 3]),
        ((REPLY, CreateLabel("P2", "", ""), AddLabels(("P2",)), PANEL), [], [3]),
        ((REPLY, CreateLabel("P1", "", ""), AddLabels(("P1",)), PANEL), [], [3]),
        ((REPLY, Assign(("cat",)), PANEL), [], [1]),
        ((REPLY, Assign(("cat",)), RemoveLabel("P0"), PANEL), [], [1, 2]),
        ((REPLY, RemoveLabel("P0"), JOIN, Close("duplicate"), PANEL), [1, 4], []),
        ((REPLY, AddLabels(("P1",)), Close("completed"), PANEL), [2, 3], [1]),
        ((REPLY, Dispatch("smoke.yml", "s1", ()), PANEL, React(8, "-1")), [], [1, 2]),
        ((REPLY, PutPanel("text", None, pinned=False)), [], []),
    ],
)
def test_what_waits_for_something_else_is_not_tried_at_once(
    effects: tuple[Effect, ...], written: list[int], alone: list[int]
) -> None:
    """A label that is made first, one that needs room, a close before the other issue heard of it, the panel
    before those are assigned whom it names as assigned.
    """
    found, others = sorted_out(effects, NODES)
    assert (list(found), others) == (written, alone)


def test_no_more_requests_than_a_handful_are_under_way_together(tmp_path: Path) -> None:
    sizes: list[int] = []

    def counted(calls: Sequence[Call]) -> None:
        sizes.append(len(calls))
        in_turn(calls)

    with open_room(tmp_path, SETTINGS + PRODUCTION) as room:
        room.at_once = counted
        room.opens("ann")
        room.says("bob", "/ack\n/sev P1\n/evidence\n/run restart\n/flag-off payments")
        started = [one for one in room.hub.deliveries if one.event == "workflow_dispatch"]
    assert max(sizes) == MOST
    assert len(started) == 3


@pytest.fixture
def over_http(tmp_path: Path) -> Iterator[Room]:
    """A room whose GitHub listens on loopback, asked by the threads of a real run. P0 freezes deploys, and P1
    does not.
    """
    with open_room(tmp_path, http=True) as opened:
        opened.at_once, opened.key = together, KEY
        opened.opens("ann", "[INCIDENT P2] A part is down", labels=("incident", "P2"))
        yield opened


def shown(room: Room) -> tuple[object, ...]:
    severity = room.incident.severity
    return (room.issue.labels, room.issue.assignees, severity, f"{severity} ·" in room.panel.body)


def done(severity: str) -> tuple[object, ...]:
    return ({"incident", severity, "status:investigating"}, ("bob",), severity, True)


DONE = done("P1")


def added(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/issues/1/labels")


def written(_: str, path: str) -> bool:
    return path.startswith("/graphql#")


def looked(_: str, path: str) -> bool:
    return path == "/graphql"


def freezes(room: Room) -> bool:
    """Whether the run that began the freeze left nothing to be done."""
    known = len(room.hub.requests)
    assert room.run() == 0
    return shown(room) == done("P0") and not any(one.mutating for one in room.hub.requests[known:])


@pytest.mark.parametrize("severity", ["P0", "P1"])
def test_threads_do_the_same_as_one_after_the_other(over_http: Room, severity: str) -> None:
    room = over_http
    room.says("bob", f"/ack\n/sev {severity}")
    assert shown(room) == done(severity)
    known = len(room.hub.requests)
    assert room.run() == 0
    assert not any(one.mutating for one in room.hub.requests[known:])


@pytest.mark.parametrize("struck", [added, written], ids=["the label", "the document"])
@pytest.mark.parametrize("kind", ["error_before", "error_after", "drop_after", "secondary", "html_200"])
def test_a_write_that_fails_among_others_is_made_up_for_in_the_same_run(
    over_http: Room, kind: Kind, struck: object
) -> None:
    room = over_http
    fault = room.hub.faults.add(kind, added if struck is added else written)
    room.says("bob", "/ack\n/sev P1")
    assert fault.seen
    assert (room.codes[-1], shown(room)) == (0, DONE)


def test_a_write_that_is_refused_among_others_is_said_once_and_keeps_none_of_them_back(
    over_http: Room,
) -> None:
    room = over_http
    fault = room.hub.faults.add("not_accessible", added, times=9)
    before = len(room.printed)
    room.says("bob", "/ack\n/sev P1")
    assert fault.seen == 1
    assert shown(room) == ({"incident", "status:investigating"}, *DONE[1:])
    (line,) = [line for line in room.printed[before:] if line.startswith("::warning::")]
    assert line.startswith("::warning::AddLabels is left undone until the next run. The token lacks")
    room.hub.faults.clear()
    room.run()
    assert shown(room) == DONE


def test_a_token_that_ends_among_the_writes_ends_the_run(over_http: Room) -> None:
    room = over_http
    fault = room.hub.faults.add("unauthorized", added, times=9)
    room.says("bob", "/ack\n/sev P1")
    assert (fault.seen, room.codes[-1]) == (1, 1)
    assert room.printed[-1].startswith("::error::The token is not valid")
    room.hub.faults.clear()
    assert room.run() == 0
    assert shown(room) == DONE


def test_a_limit_that_takes_too_long_leaves_undone_what_can_wait(over_http: Room) -> None:
    room = over_http
    fault = room.hub.faults.add("secondary", added, times=9, retry_after=900)
    room.says("bob", "/ack\n/sev P1")
    assert (fault.seen, room.codes[-1]) == (1, 1)
    assert any("What can wait is left undone" in line for line in room.printed)
    assert shown(room)[1:] == DONE[1:]
    room.hub.faults.clear()
    room.clock.advance(900)
    assert room.run() == 0
    assert shown(room) == DONE


@pytest.mark.parametrize(
    "kind",
    [
        "error_before",
        "drop_before",
        "html_200",
        "nonsense",
        "not_accessible",
        "primary_exhausted",
        "secondary",
    ],
)
def test_a_look_beside_the_reply_that_fails_keeps_nothing_back(over_http: Room, kind: Kind) -> None:
    """Then the label is put on by REST, also where the hour of GraphQL is used up."""
    room = over_http
    fault = room.hub.faults.add(kind, looked)
    known = len(room.hub.requests)
    room.says("bob", "/ack\n/sev P0")
    assert fault.seen
    assert room.codes[-1] == 0
    assert [one for one in room.hub.requests[known:] if added(one.method, one.path)]
    assert freezes(room)


def test_a_limit_beside_the_reply_that_takes_too_long_leaves_the_rest_to_the_next_run(
    over_http: Room,
) -> None:
    room = over_http
    room.hub.faults.add("secondary", looked, retry_after=900)
    known = len(room.hub.requests)
    assert "P0" in room.says("bob", "/ack\n/sev P0")
    assert [one.route.rpartition("/")[2] for one in room.hub.requests[known:] if one.mutating] == ["comments"]
    assert room.codes[-1] == 1
    room.clock.advance(900)
    assert room.run() == 0
    assert freezes(room)


def test_a_label_whose_mutation_is_refused_is_put_on_by_rest(over_http: Room) -> None:
    room = over_http
    room.hub.faults.refuse("addLabelsToLabelable")
    room.says("bob", "/ack\n/sev P0")
    assert freezes(room)


@pytest.mark.parametrize("early", [True, False], ids=["before the look", "after the look"])
def test_a_label_that_is_gone_is_made_again_as_it_is_put_on(tmp_path: Path, early: bool) -> None:
    def removing(calls: Sequence[Call]) -> None:
        labels = room.repo.state.labels
        if early:
            labels.pop(gone.id, None)
        in_turn(calls)
        labels.pop(gone.id, None)

    with open_room(tmp_path) as room:
        room.opens("ann", "[INCIDENT P2] A part is down", labels=("incident", "P2"))
        gone = next(one for one in room.repo.state.labels.values() if one.name == "P0")
        room.at_once = removing
        room.says("bob", "/ack\n/sev P0")
        assert freezes(room)


def test_labels_with_other_names_in_other_spellings_are_put_on_together(tmp_path: Path) -> None:
    names = "labels: { severities: { P0: Worst } }\n"
    with open_room(tmp_path, SETTINGS + names) as room:
        change(room, "runbooks/hotdash.yml", "name: Critical", "labels: [war room]\n    name: Critical")
        room.repo.create_label("WORST")
        room.opens("ann", "[INCIDENT P2] A part is down", labels=("incident", "P2"))
        known = len(room.hub.requests)
        room.says("bob", "/ack\n/sev P0")
        assert not [one for one in room.hub.requests[known:] if added(one.method, one.path)]
        assert room.issue.labels == {"incident", "WORST", "war room", "status:investigating"}


def test_without_threads_all_of_it_is_done_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    done: list[int] = []
    together([partial(done.append, one) for one in range(4)])
    assert done == [0, 1, 2, 3]


def test_a_crash_here_waits_for_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[threading.Thread] = []
    join = threading.Thread.join

    def joined(thread: threading.Thread) -> None:
        waited.append(thread)
        join(thread)

    def crash() -> None:
        raise LookupError

    monkeypatch.setattr(threading.Thread, "join", joined)
    with pytest.raises(LookupError):
        together([crash, lambda: None, lambda: None])
    assert len(waited) == 2


def assigns(_: str, path: str) -> bool:
    return path.endswith("/issues/1/assignees") or "addAssignees" in path


def test_who_could_not_be_assigned_is_named_for_no_later_run_does_it(over_http: Room) -> None:
    """Who was taken off stays off, so the panel keeps who was assigned, and it is not kept back for that."""
    room = over_http
    fault = room.hub.faults.add("error_before", assigns, times=9)
    room.says("bob", "/ack")
    assert fault.seen > 1
    (line,) = [line for line in room.printed if line.startswith("::warning::")]
    assert line.startswith("::warning::bob could not be assigned, and no later run does it: assign by hand.")
    room.hub.faults.clear()
    assert room.run() == 0
    assert room.issue.assignees == ()


def test_who_is_not_assigned_because_of_a_limit_is_named_too(over_http: Room) -> None:
    room = over_http
    room.hub.faults.add("secondary", added, times=9, retry_after=900)
    room.hub.faults.refuse("addAssigneesToAssignable")
    room.says("bob", "/ack\n/sev P1")
    assert any(line.startswith("::warning::bob could not be assigned") for line in room.printed)
