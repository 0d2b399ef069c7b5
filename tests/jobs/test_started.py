"""On which branch a workflow is started: the default one at that moment, asked for beside the reply."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from allclear.adapters.github.at_once import Call, in_turn
from allclear_lab.github.faults import Kind
from allclear_lab.github.git.objects import GitObjects
from conversations.room import KEY, SETTINGS, Room, open_room
from conversations.test_budget import PRODUCTION

REPO = "/repos/acme/shop"
NO_ANSWER: tuple[Kind, ...] = ("error_before", "drop_before", "html_200", "nonsense", "not_accessible")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path, SETTINGS + PRODUCTION) as opened:
        opened.key = KEY
        opened.opens("ann", "[INCIDENT P2] A part is down", labels=("incident", "P2"))
        yield opened


def asks(method: str, path: str) -> bool:
    return (method, path) == ("GET", REPO)


def starts(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/dispatches")


def begun(room: Room) -> list[str]:
    """The branches of the runs that were started."""
    seen = [one.payload for one in room.hub.deliveries if one.event == "workflow_dispatch"]
    return [str(one["ref"]).removeprefix("refs/heads/") for one in seen]


def count(room: Room, known: int, match: Callable[[str, str], bool]) -> int:
    return sum(match(one.method, one.path) for one in room.hub.requests[known:])


def rename(room: Room) -> None:
    refs = room.repo.state.room(GitObjects).refs
    refs["refs/heads/trunk"] = refs.pop("refs/heads/main")
    room.repo.state.default_branch = "trunk"


@pytest.mark.parametrize("late", [False, True], ids=["before the reply", "after the reply"])
def test_a_workflow_is_started_on_the_branch_that_is_the_default_one_then(room: Room, late: bool) -> None:
    def renaming(calls: Sequence[Call]) -> None:
        in_turn(calls)
        if room.repo.state.default_branch == "main":
            rename(room)

    if late:
        room.at_once = renaming
    else:
        rename(room)
    room.says("bob", "/run restart")
    assert begun(room) == ["trunk"]
    assert room.codes[-1] == 0


def test_several_workflows_are_started_with_one_question(room: Room) -> None:
    known = len(room.hub.requests)
    room.says("bob", "/evidence\n/run restart\n/flag-off payments")
    assert begun(room) == ["main"] * 3
    assert count(room, known, asks) == 1


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_without_an_answer_beside_the_reply_the_branch_is_asked_for_again(room: Room, kind: Kind) -> None:
    known = len(room.hub.requests)
    fault = room.hub.faults.add(kind, asks)
    room.says("bob", "/run restart")
    assert fault.seen
    assert (begun(room), room.codes[-1]) == (["main"], 0)
    assert (count(room, known, asks), count(room, known, starts)) == (2, 1)


def test_after_a_limit_beside_the_reply_that_is_waited_for_the_branch_is_asked_for_again(room: Room) -> None:
    """It is another moment then. P0 freezes deploys, so the open pull requests are asked for there too."""

    def waiting(seconds: float) -> None:
        room.clock.advance(seconds)
        room.repo.put_file("x", "y", branch="trunk")
        room.repo.state.default_branch = "trunk"

    room.hub.faults.add("secondary", lambda _, path: path == "/graphql", retry_after=60)
    known = len(room.hub.requests)
    room.meanwhile = waiting
    room.says("bob", "/sev P0\n/run restart")
    assert begun(room) == ["trunk"]
    assert count(room, known, asks) == 2


@pytest.mark.parametrize("kind", ["secondary", "primary_exhausted"])
def test_a_limit_that_takes_too_long_leaves_the_workflow_to_the_next_run(room: Room, kind: Kind) -> None:
    room.hub.faults.add(kind, asks, retry_after=900)
    known = len(room.hub.requests)
    room.says("bob", "/run restart")
    assert [one.route.rpartition("/")[2] for one in room.hub.requests[known:] if one.mutating] == ["comments"]
    assert room.codes[-1] == 1
    room.clock.advance(900)
    assert room.run() == 0
    assert begun(room) == ["main"]
