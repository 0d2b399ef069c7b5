"""What is asked early is what the run would ask, and takes no request more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear_lab.github.faults import Kind
from conversations.room import KEY, Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.key = KEY
        opened.opens("ann")
        yield opened


def asked(room: Room, who: str, text: str) -> list[str]:
    """The reads of the run that a comment starts."""
    known = len(room.hub.requests)
    room.says(who, text)
    reads = [one for one in room.hub.requests[known:] if not one.mutating]
    return [f"{one.path}{' since' if 'since' in one.query else ''}" for one in reads]


ISSUE = "/repos/acme/shop/issues/1"
COMMENTS = f"{ISSUE}/comments"
RIGHTS = "/repos/acme/shop/collaborators/bob/permission"


def crowd(room: Room, count: int) -> None:
    for _ in range(count):
        room.clock.advance(10)
        room.writes("rae", "Any news?")
    room.sweep()


def test_a_command_reads_issue_comments_and_rights_and_each_of_them_once(room: Room) -> None:
    assert asked(room, "bob", "/note saw it") == [ISSUE, COMMENTS, RIGHTS]
    assert room.replies[-1].body.count("saw it") >= 1


def test_among_many_comments_those_are_read_that_the_panel_has_not_seen(room: Room) -> None:
    crowd(room, 120)
    assert asked(room, "bob", "/note saw it") == [ISSUE, f"{COMMENTS} since", RIGHTS]
    room.clock.advance(86_400)
    assert asked(room, "bob", "/note a day later")[:3] == [ISSUE, f"{COMMENTS} since", RIGHTS]


def test_a_word_of_thanks_costs_two_reads(room: Room) -> None:
    assert asked(room, "rae", "Thanks!") == [ISSUE, COMMENTS]


def test_a_dispatch_reads_the_issue_once(room: Room) -> None:
    known = len(room.hub.requests)
    assert room.run() == 0
    reads = [one.path for one in room.hub.requests[known:] if not one.mutating]
    assert reads.count(ISSUE) == reads.count(COMMENTS) == 1


@pytest.mark.parametrize("place", ["/issues/1", "/comments", "/permission"])
@pytest.mark.parametrize("fault", ["error_before", "drop_before", "html_200", "secondary"])
def test_an_early_read_that_fails_is_read_again(room: Room, place: str, fault: Kind) -> None:
    room.hub.faults.add(fault, lambda method, where: method == "GET" and where.endswith(place))
    assert "saw it" in room.says("bob", "/note saw it")
    assert room.codes[-1] == 0


def test_of_a_strangers_report_nothing_is_read_before_it_is_known_whether_to_look(room: Room) -> None:
    known = len(room.hub.requests)
    room.opens("out", form_labels=("incident",))
    assert room.hub.requests[known].path == "/rate_limit"


def test_a_full_page_that_grew_in_between_is_read_page_by_page(room: Room) -> None:
    """The event tells of 98 comments; when its run begins, there are many more."""
    for _ in range(95):
        room.writes("rae", "Any news?")
    room.people["bob"].comment(room.number, "/note saw it")
    event = room.hub.deliveries[-1]
    assert event.payload["issue"]["comments"] <= 98
    for _ in range(20):
        room.writes("rae", "Any news?")
    room.receive(event)
    assert "saw it" in room.replies[-1].body


def test_what_was_read_early_is_not_read_again_after_something_was_written(room: Room) -> None:
    """Two commands in a row: the second run sees what the first one changed."""
    room.says("bob", "/sev P1")
    assert "saw it" in room.says("bob", "/note saw it")
    assert room.incident.severity == "P1"
