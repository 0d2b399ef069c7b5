"""The hands: one request an effect, and what each does when its object is gone."""

import pytest

from allclear.adapters.github.errors import InvalidError, NotFoundError, UnavailableError
from allclear.adapters.github.write import Writer
from allclear.core.model.effects import (
    AddLabels,
    DeleteComment,
    JoinOther,
    PutPanel,
    React,
    RemoveLabel,
    Reply,
)
from allclear.core.model.snapshot import Repository
from allclear.core.policy.settings import ACTIONS_BOT
from allclear.core.record.entry import Block, Entry, encode, genesis
from allclear.core.record.progress import Noted
from conversations.room import START, Room

MARKER = "<!-- allclear:join x -->"


def writer(room: Room, number: int = 1) -> Writer:
    token = room.hub.actions_token(room.repo, permissions={"issues": "write"})
    client = room.client(token)
    where = Repository(room.repo.id, "acme/shop", "https://github.com/acme/shop")
    return Writer(client, where, number, (ACTIONS_BOT,))


def quiet(room: Room) -> int:
    room.number = room.people["ann"].open_issue("A question")
    return room.number


def test_a_comment_that_is_gone_already_is_deleted_reacted_to_and_unlabelled_without_a_word(
    room: Room,
) -> None:
    quiet(room)
    for effect in (DeleteComment(9), React(9, "-1"), RemoveLabel("nope/ä")):
        writer(room).perform(effect)
    assert room.comments == ()


def test_a_comment_that_is_there_is_deleted(room: Room) -> None:
    quiet(room)
    comment = room.people["bob"].comment(room.number, "x")
    writer(room).perform(DeleteComment(comment))
    assert room.comments == ()


def test_what_has_to_be_there_and_is_not_is_a_failure(room: Room) -> None:
    with pytest.raises(NotFoundError):
        writer(room, 77).perform(AddLabels(("incident",)))


@pytest.mark.parametrize("applied", [False, True])
def test_a2_three_bad_answers_to_a_reply_are_the_end_of_it(room: Room, applied: bool) -> None:
    quiet(room)
    room.hub.faults.add("error_before", lambda method, _: method == "POST", times=3)
    if applied:
        room.people["bob"].comment(room.number, "no entries")
    with pytest.raises(UnavailableError):
        writer(room).perform(Reply("hello", ("c1.0",)))
    assert len(room.comments) == applied


def test_a2_a_strangers_copy_of_the_reply_is_not_taken_for_it(room: Room) -> None:
    quiet(room)
    entry = Entry(key="c1.0", what="ack", at=START, facts=(Noted(at=START, text="x"),)).chained(
        genesis(room.repo.id, room.number)
    )
    body = encode(Block(repo=room.repo.id, issue=room.number, entries=(entry,)))
    room.people["out"].comment(room.number, body)
    room.hub.faults.add("error_before", lambda method, _: method == "POST", times=1)
    writer(room).perform(Reply(body, ("c1.0",)))
    assert [comment.author for comment in room.comments] == ["out", "github-actions[bot]"]


def test_a2_a_garbled_comment_of_ours_is_not_taken_for_the_reply(room: Room) -> None:
    quiet(room)
    hands = writer(room)
    hands.perform(PutPanel('<!-- allclear:entries {"nonsense', None, pinned=True))
    room.hub.faults.add("error_before", lambda method, _: method == "POST", times=1)
    hands.perform(Reply("hello", ("c1.0",)))
    assert [c.body for c in room.comments][-1] == "hello"


def test_a14_a_record_too_long_in_itself_is_a_failure_said_by_its_type(room: Room) -> None:
    quiet(room)
    with pytest.raises(InvalidError):
        writer(room).perform(Reply("x" * 70_000, ("c1.0",)))


def test_a_join_is_told_once_with_its_people_and_to_nobody_when_the_other_is_gone(room: Room) -> None:
    original = quiet(room)
    second = quiet(room)
    join = JoinOther(original, MARKER, f"{MARKER}\n\nthe same", ("bob",))
    for _ in range(2):
        writer(room, second).perform(join)
    assert [c.body for c in room.repo.issue(original).comments] == [join.body]
    assert room.repo.issue(original).assignees == ("bob",)
    writer(room, second).perform(JoinOther(99, MARKER, "x", ("bob",)))
    writer(room, second).perform(JoinOther(second, MARKER, f"{MARKER}\n\nalone", ()))
    assert room.issue.assignees == ()


def test_a_strangers_copy_of_the_join_is_not_taken_for_it(room: Room) -> None:
    original = quiet(room)
    room.people["out"].comment(original, f"{MARKER}\n\nthe same")
    second = quiet(room)
    writer(room, second).perform(JoinOther(original, MARKER, f"{MARKER}\n\nthe same", ()))
    assert [one.author for one in room.repo.issue(original).comments] == ["out", "github-actions[bot]"]
