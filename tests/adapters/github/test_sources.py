"""The comments that asked for an operation, read from GitHub as they are now."""

from __future__ import annotations

import pytest

from allclear.adapters.github.errors import UnavailableError
from allclear.adapters.github.sources import read_sources
from allclear.core.model.snapshot import Repository
from allclear.core.production.source import SourceComment, Sources
from allclear_lab.github.faults import Kind
from conversations.room import Room


def sources(room: Room, *ids: int) -> Sources:
    token = room.hub.actions_token(room.repo, permissions={"issues": "read"})
    return read_sources(room.client(token), Repository(room.repo.id, "acme/shop", ""), ids)


def read(room: Room, comment: int) -> SourceComment:
    found = sources(room, comment)[comment]
    assert found is not None
    return found


def test_a_comment_is_read_with_its_author_its_issue_and_its_time(room: Room) -> None:
    room.opens("ann")
    comment = room.writes("mia", "/rollback web")
    found = read(room, comment)
    assert (found.id, found.issue, found.body, found.edited) == (comment, 1, "/rollback web", False)
    assert found.author is not None
    assert (found.author.login, found.author.id) == ("mia", room.people["mia"].id)
    assert found.at == room.clock.now()


def test_an_edit_is_seen_although_the_text_and_the_second_are_the_same(room: Room) -> None:
    room.opens("ann")
    comment = room.writes("mia", "/rollback api")
    for text in ("/rollback web", "/rollback api"):
        room.people["mia"].edit_comment(comment, text)
        seen = room.client(room.hub.actions_token(room.repo, permissions={"issues": "read"}))
        raw = seen.get(f"/repos/acme/shop/issues/comments/{comment}").data
        assert raw["created_at"] == raw["updated_at"]  # REST alone does not know
        assert read(room, comment).edited is True


def test_a_reaction_is_no_edit(room: Room) -> None:
    room.opens("ann")
    comment = room.writes("mia", "/rollback web")
    room.clock.advance(60)
    room.people["bob"].react(comment, "+1")
    assert read(room, comment).edited is False


def test_what_was_deleted_is_not_there(room: Room) -> None:
    room.opens("ann")
    gone, there = room.writes("mia", "/rollback web"), room.writes("ann", "/approve")
    room.people["mia"].delete_comment(gone)
    found = sources(room, gone, there)
    assert found[gone] is None
    assert found[there] is not None
    assert sources(room, 999_999) == {999_999: None}


@pytest.mark.parametrize("kind", ["not_accessible", "error_before"])
def test_when_github_does_not_say_whether_it_was_edited_that_is_not_known(room: Room, kind: Kind) -> None:
    room.opens("ann")
    comment = room.writes("mia", "/rollback web")
    room.hub.faults.add(kind, lambda _, path: path == "/graphql", times=99)
    assert read(room, comment).edited is None


def test_when_github_shows_no_comment_at_all_nothing_is_decided(room: Room) -> None:
    room.opens("ann")
    comment = room.writes("mia", "/rollback web")
    room.hub.faults.add("error_before", lambda _, path: "/issues/comments/" in path, times=99)
    with pytest.raises(UnavailableError):
        sources(room, comment)
