"""Who may be assigned: several people in one request, and nobody where GitHub does not say."""

from __future__ import annotations

import pytest

from allclear.adapters.github.assignable import assignable, query
from allclear.adapters.github.errors import RateLimitedError, UnauthorizedError
from allclear.core.model.snapshot import Repository
from allclear_lab.github.faults import Kind
from conversations.room import Room
from fidelity.schema import github_schema, query_problems, schema_path

PEOPLE = ("bob", "cat", "nobody-here", "out")


def asked(room: Room) -> dict[str, bool]:
    client = room.client(room.hub.actions_token(room.repo, permissions={"issues": "write"}))
    found = assignable(client, Repository(room.repo.id, "acme/shop", ""), PEOPLE)
    assert client.asked == 1
    return dict(found)


@pytest.mark.needs("graphql")
@pytest.mark.parametrize("count", [1, 20])
def test_github_would_answer_about_so_many(count: int) -> None:
    assert list(query_problems(github_schema(schema_path()), query(count))) == []


def test_whoever_works_on_the_repository_may_be_assigned(room: Room) -> None:
    assert asked(room) == {"bob": True, "cat": True, "nobody-here": False, "out": False}


def test_a_login_of_which_another_is_a_part_is_not_taken_for_it(room: Room) -> None:
    room.repo.grant(room.hub.create_user("outer"), "write")
    assert asked(room)["out"] is False


@pytest.mark.parametrize("kind", ["html_200", "nonsense", "not_accessible", "gone", "primary_exhausted"])
def test_where_github_does_not_say_it_is_nobody(room: Room, kind: Kind) -> None:
    room.hub.faults.add(kind, times=9)
    client = room.client(room.hub.actions_token(room.repo, permissions={"issues": "write"}))
    found = assignable(client, Repository(room.repo.id, "acme/shop", ""), PEOPLE)
    assert dict(found) == dict.fromkeys(PEOPLE, False)


@pytest.mark.parametrize(
    ("kind", "error"), [("secondary", RateLimitedError), ("unauthorized", UnauthorizedError)]
)
def test_where_nothing_more_may_be_asked_that_is_said(room: Room, kind: Kind, error: type[Exception]) -> None:
    room.hub.faults.add(kind, times=9)
    client = room.client(room.hub.actions_token(room.repo, permissions={"issues": "write"}))
    with pytest.raises(error):
        assignable(client, Repository(room.repo.id, "acme/shop", ""), PEOPLE)
