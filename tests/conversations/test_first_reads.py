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
NEWEST = "/graphql"
RIGHTS = "/repos/acme/shop/collaborators/bob/permission"


def crowd(room: Room, count: int) -> None:
    for _ in range(count):
        room.clock.advance(10)
        room.writes("rae", "Any news?")
    room.sweep()


def test_a_command_reads_issue_comments_and_rights_and_each_of_them_once(room: Room) -> None:
    assert asked(room, "bob", "/note saw it") == [ISSUE, COMMENTS, RIGHTS]
    assert room.replies[-1].body.count("saw it") >= 1


def test_a_command_that_names_somebody_reads_their_rights_with_these_and_once(room: Room) -> None:
    cats = RIGHTS.replace("bob", "cat")
    assert asked(room, "bob", "/ic @Cat") == [ISSUE, COMMENTS, RIGHTS, cats]
    assert room.incident.team.roles["ic"].login == "cat"
    assert asked(room, "bob", "/note thanks @cat") == [ISSUE, COMMENTS, RIGHTS]


def test_a_stranger_who_names_somebody_costs_no_read_more(room: Room) -> None:
    strangers = RIGHTS.replace("bob", "out")
    assert asked(room, "out", "/ic @cat @mia")[:3] == [ISSUE, COMMENTS, strangers]
    assert "needs `triage` access" in room.replies[-1].body
    assert RIGHTS.replace("bob", "cat") not in [one.path for one in room.hub.requests]


@pytest.mark.parametrize("login", ["nobody-there", "out"])
def test_whoever_may_not_help_is_refused_by_what_was_read_early(room: Room, login: str) -> None:
    known = len(room.hub.requests)
    assert f"`{login}`" in room.says("bob", f"/handoff @{login}")
    paths = [one.path for one in room.hub.requests[known:]]
    assert paths.count(RIGHTS.replace("bob", login)) == 1
    assert "ic" not in room.incident.team.roles


def test_among_many_comments_those_are_read_that_changed_last(room: Room) -> None:
    crowd(room, 120)
    assert asked(room, "bob", "/note saw it") == [ISSUE, NEWEST, RIGHTS]
    room.clock.advance(86_400)
    assert asked(room, "bob", "/note a day later")[:3] == [ISSUE, NEWEST, RIGHTS]


def test_so_they_are_where_nothing_is_signed_and_who_edited_the_panel_with_them(room: Room) -> None:
    room.key = ""
    crowd(room, 120)
    assert asked(room, "bob", "/note saw it") == [ISSUE, NEWEST, RIGHTS]


def test_where_more_was_written_than_that_those_are_read_that_the_panel_has_not_seen(room: Room) -> None:
    since = f"{COMMENTS} since"
    crowd(room, 120)
    for _ in range(120):
        room.writes("rae", "Any news?")
    assert asked(room, "bob", "/note saw it") == [ISSUE, NEWEST, since, RIGHTS, since]
    assert "saw it" in room.replies[-1].body


@pytest.mark.parametrize("fault", ["error_before", "drop_before", "html_200", "nonsense", "secondary"])
@pytest.mark.parametrize("key", [KEY, ""], ids=["signed", "unsigned"])
def test_where_graphql_does_not_say_rest_is_asked(room: Room, key: str, fault: Kind) -> None:
    room.key = key
    crowd(room, 120)
    room.hub.faults.add(fault, lambda _, where: where.endswith(NEWEST))
    editor = [] if key else [NEWEST]
    assert asked(room, "bob", "/note saw it") == [ISSUE, NEWEST, f"{COMMENTS} since", RIGHTS, *editor]
    assert "saw it" in room.replies[-1].body


def test_who_edited_a_panel_is_asked_again_where_its_text_came_another_way(room: Room) -> None:
    """Somebody puts an old panel in the place of the new one, between the two answers of one round."""
    room.key = ""
    crowd(room, 120)
    old = room.panel.body
    room.says("bob", "/sev P3")
    panel = room.repo.state.comments[room.panel.id]
    bots = panel.body, list(panel.revisions)
    room.people["bob"].edit_comment(panel.id, old)
    bobs = panel.body, list(panel.revisions)
    states = iter((bots, bobs))

    def meanwhile(_method: str, where: str) -> bool:
        if where.endswith(NEWEST):
            panel.body, panel.revisions = next(states, bobs)
        return False

    room.hub.faults.add("error_before", meanwhile)
    room.delivered = len(room.hub.deliveries)
    assert asked(room, "bob", "/note saw it")[:5] == [ISSUE, NEWEST, RIGHTS, NEWEST, COMMENTS]
    assert room.incident.severity == "P3"


def test_a_word_of_thanks_costs_two_reads(room: Room) -> None:
    assert asked(room, "rae", "Thanks!") == [ISSUE, COMMENTS]


def test_a_dispatch_reads_issue_and_comments_once(room: Room) -> None:
    known = len(room.hub.requests)
    assert room.run() == 0
    reads = [one.path for one in room.hub.requests[known:] if not one.mutating]
    assert reads == [ISSUE, NEWEST]


@pytest.mark.parametrize("place", ["/issues/1", "/comments", "/permission"])
@pytest.mark.parametrize("fault", ["error_before", "drop_before", "html_200", "secondary"])
def test_an_early_read_that_fails_is_read_again(room: Room, place: str, fault: Kind) -> None:
    room.hub.faults.add(fault, lambda method, where: method == "GET" and where.endswith(place))
    assert "saw it" in room.says("bob", "/note saw it")
    assert room.codes[-1] == 0


@pytest.mark.parametrize("fault", ["error_before", "drop_before", "html_200", "secondary"])
def test_so_are_the_rights_of_somebody_whom_a_command_names(room: Room, fault: Kind) -> None:
    room.hub.faults.add(fault, lambda _, where: where.endswith("/cat/permission"))
    assert "is now **cat**" in room.says("bob", "/ic @cat")
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
