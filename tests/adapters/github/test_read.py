"""What GitHub shows, read into plain facts; what is missing in an answer is broken, never empty."""

from typing import Any

import pytest

from allclear.adapters.github.errors import MovedError, UnavailableError
from allclear.adapters.github.read import Reader, comment, issue, moment, rights
from allclear.core.model.people import Access, Rights
from allclear.core.model.snapshot import Repository, Wants
from allclear.core.policy.settings import ACTIONS_BOT
from allclear.core.record.seal import Trust
from conversations.room import Room

TIME = "2025-10-19T14:02:00Z"
COMMENT: dict[str, Any] = {"id": 1, "created_at": TIME, "updated_at": TIME}
ISSUE: dict[str, Any] = {
    "number": 1,
    "title": "t",
    "state": "open",
    "created_at": TIME,
    "html_url": "https://example.com/1",
}


def test_a22_a_comment_with_nothing_in_it_is_a_comment() -> None:
    found = comment(COMMENT | {"user": None, "body": None, "reactions": None, "unheard_of": 1})
    assert (found.author, found.body, found.refused) == (None, "", False)


def test_a22_an_issue_with_nothing_in_it_is_an_issue() -> None:
    found = issue(ISSUE | {"body": None, "user": None, "labels": ["a", {"name": "b"}, {"name": None}]})
    assert (found.body, found.author, found.assignees) == ("", None, ())
    assert found.labels == {"a", "b"}


@pytest.mark.parametrize("text", [None, ""])
def test_a3_an_answer_without_its_times_is_broken(text: str | None) -> None:
    with pytest.raises(UnavailableError, match="a time is missing"):
        moment(text)


@pytest.mark.parametrize(
    ("answer", "role"),
    [
        ({"role_name": "maintain", "permission": "write"}, Rights.MAINTAIN),
        ({"role_name": "triage", "permission": "read"}, Rights.TRIAGE),
        ({"role_name": "security", "user": {"permissions": {"triage": True, "pull": True}}}, Rights.TRIAGE),
        ({"role_name": "boss", "user": {"permissions": {"admin": True}}}, Rights.ADMIN),
        ({"role_name": "odd", "user": {"permissions": {"pull": False}}, "permission": "write"}, Rights.WRITE),
        ({"permission": "read"}, Rights.READ),
        ({"role_name": 7, "user": None, "permission": "weird"}, Rights.NONE),
        ({}, Rights.NONE),
    ],
)
def test_a_role_of_ones_own_counts_as_what_it_may_do(answer: dict[str, Any], role: Rights) -> None:
    assert rights(answer) is role


@pytest.fixture
def reader(room: Room) -> Reader:
    token = room.hub.actions_token(room.repo, permissions={"issues": "write", "contents": "read"})
    client = room.client(token)
    return Reader(
        client,
        Repository(room.repo.id, "acme/shop", "https://github.com/acme/shop"),
        Trust.of((ACTIONS_BOT,)),
    )


def test_a_person_nobody_knows_has_no_rights_and_one_nobody_could_be_asked_about_unknown_ones(
    room: Room, reader: Reader
) -> None:
    assert reader.access("nobody-at-all") == Access(Rights.NONE)
    room.hub.faults.add("error_before", times=9)
    assert reader.access("bob") == Access(None)


def test_a_hinted_comment_is_read_when_the_list_does_not_show_it_yet(room: Room, reader: Reader) -> None:
    room.opens("ann")
    other = room.number
    room.people["ann"].open_issue("Another")
    elsewhere = room.people["bob"].comment(2, "/sev P1")
    mine = room.writes("bob", "/sev P1")
    assert mine in {one.id for one in reader.read(other, mine).comments}
    assert elsewhere not in {one.id for one in reader.read(other, elsewhere).comments}
    assert 424242 not in {one.id for one in reader.read(other, 424242).comments}


def test_a19_a_list_that_lags_is_read_again_and_the_comment_that_woke_us_on_its_own(
    room: Room, reader: Reader
) -> None:
    room.opens("ann")
    comment_id = room.people["ann"].comment(room.number, "late")
    room.clock.advance(600)
    room.repo.state.issues[room.number].comment_ids.remove(comment_id)
    found = reader.read(room.number, comment_id)
    assert comment_id in {one.id for one in found.comments}


def test_a20_an_issue_that_answers_from_elsewhere_is_left_alone(room: Room) -> None:
    room.opens("ann")
    token = room.hub.actions_token(room.repo, permissions={"issues": "write"})
    room.hub.rename_repository(room.repo, "store")
    client = room.client(token)
    old = Reader(
        client,
        Repository(room.repo.id, "acme/shop", "https://github.com/acme/shop"),
        Trust.of((ACTIONS_BOT,)),
    )
    with pytest.raises(MovedError):
        old.read(room.number)


def test_another_issue_is_looked_up_for_what_a_command_names(room: Room, reader: Reader) -> None:
    room.opens("ann")
    room.people["ann"].open_issue("A question")
    found = reader.look_up(reader.read(1), Wants(issues=frozenset({2, 99}), panel_editor=True))
    assert found.others[99] is None
    other = found.others[2]
    assert other is not None
    assert (other.title, other.incident, other.open) == ("A question", False, True)
    assert found.panel_edit is not None


def test_all_comments_are_read_where_the_checkpoint_does_not_tell(room: Room, reader: Reader) -> None:
    room.opens("ann")
    for _ in range(60):
        room.writes("rae", "Any news?")
        room.clock.advance(20)
    room.run()
    seen = reader.read(room.number)
    assert (seen.whole, len(seen.comments) < len(room.comments)) == (False, True)
    found = reader.look_up(seen, Wants(history=True))
    assert (found.whole, len(found.comments)) == (True, len(room.comments))
    assert reader.read(room.number, whole=True).whole


def test_without_a_panel_there_is_no_editor_of_it(room: Room, reader: Reader) -> None:
    room.people["ann"].open_issue("A question")
    found = reader.look_up(reader.read(1), Wants(panel_editor=True))
    assert found.panel_edit is None
