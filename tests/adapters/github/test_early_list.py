"""The comments that changed last, by GraphQL: the same as by REST, or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from allclear.adapters.github.early_list import Newest, newest, question, wanted_since
from allclear.adapters.github.read import comment
from allclear.core.model.snapshot import Comment
from allclear.core.model.times import stamp
from allclear_lab.github import Account
from conversations.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room without a socket: much is asked here."""
    with open_room(tmp_path) as opened:
        opened.hub.limits_writes = False
        yield opened


BOT = {"__typename": "Bot", "login": "github-actions", "databaseId": 41898282}
TIME = "2025-10-19T14:02:00Z"
NODE: dict[str, Any] = {
    "id": "IC_1",
    "fullDatabaseId": "3000000001",
    "body": "Any news?",
    "createdAt": TIME,
    "updatedAt": TIME,
    "author": BOT,
    "reactions": {"totalCount": 0},
}


def answer(*nodes: object, more: object = False, **beside: object) -> str:
    """What GraphQL says."""
    comments = {"nodes": nodes, "pageInfo": {"hasNextPage": more}}
    issue = {"url": "https://github.com/acme/shop/issues/1", "comments": comments}
    return json.dumps({"data": {"repository": {"issue": issue}}, **beside})


class History:
    """An issue on which whatever can happen to comments happens, by chance."""

    def __init__(self, room: Room, seed: int) -> None:
        self.room, self.chance = room, Random(seed)
        self.guests: list[Account] = []

    def happen(self, times: int) -> None:
        for _ in range(times):
            self.room.clock.advance(self.chance.choice([0, 0, 1, 5, 60]))
            self._deed()
        self.room.delivered = len(self.room.hub.deliveries)

    def _deed(self) -> None:
        room, chance = self.room, self.chance
        one = chance.choice(room.comments)
        deed = chance.randrange(12)
        if deed == 0:
            room.people["bob"].edit_comment(one.id, chance.choice(["/note changed", "never\r\nmind"]))
        elif deed == 1 and len(room.comments) > 1:
            room.people["ann"].delete_comment(one.id)
        elif deed == 2:
            room.people["mia"].react(one.id, chance.choice(["-1", "+1"]))
        elif deed == 3:
            room.bot_says("Hello!")
        elif deed == 4:
            login = f"guest{len(self.guests)}" + chance.choice(["", "[bot]"])
            guest = room.hub.create_user(login)
            self.guests.append(guest)
            room.repo.person(guest).comment(room.number, "\u0416 who \U0001f600?")
        elif deed == 5 and self.guests:
            room.hub.delete_user(self.guests.pop())
        else:
            room.writes(chance.choice(["ann", "bob", "rae", "out"]), chance.choice(["Any news?", "/ack"]))


@pytest.mark.parametrize("editors", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_what_they_say_is_what_rest_says_however_far_back_it_is_wanted(
    room: Room, seed: int, editors: bool
) -> None:
    room.number = room.people["ann"].open_issue("Slow", "")
    for _ in range(5 if seed % 2 else 95):
        room.writes("rae", "Any news?")
    History(room, seed).happen(60)
    client = room.client(room.hub.actions_token(room.repo, permissions={"issues": "read"}))
    asked = json.loads(question("acme/shop", room.number, editors=editors))
    found = newest(json.dumps({"data": client.graphql(asked["query"], asked["variables"])}))
    assert found is not None
    path = f"/repos/acme/shop/issues/{room.number}/comments"
    told = 0
    times = sorted({one.updated_at for one in room.repo.state.comments.values()})
    for at in times[:: len(times) // 12]:
        for since in (stamp(at + timedelta(seconds=seconds)) for seconds in (0, 1)):
            by_rest = comments(client.items(path, {"since": since}))
            here = found.since(since)
            assert here is None or comments(here) == by_rest
            assert here is not None or len(by_rest) >= 100 or not found.more
            told += here is not None
    assert told
    assert found.more is (len(room.comments) > 100)
    if not found.more:
        assert comments(found.since("") or []) == comments(client.items(path))


def comments(raw: list[dict[str, Any]]) -> list[Comment]:
    return [comment(one) for one in raw]


def test_who_edited_them_comes_with_them_where_that_was_asked() -> None:
    edited = NODE | {"lastEditedAt": TIME, "editor": BOT}
    (shown,) = (newest(answer(edited)) or Newest([], more=False)).comments
    assert shown["edit"] == {"lastEditedAt": TIME, "editor": BOT}
    (silent,) = (newest(answer(NODE)) or Newest([], more=False)).comments
    assert "edit" not in silent


def test_where_there_are_more_those_of_the_time_of_the_last_one_may_be_missing() -> None:
    found = newest(answer(NODE, more=True))
    assert found is not None
    assert found.since(TIME) is None
    assert found.since("2025-10-19T14:02:01Z") == []
    assert Newest([], more=True).since(TIME) is None


WRONG: dict[str, Callable[[], str]] = {
    "no JSON": lambda: "<html>",
    "nothing": lambda: "{}",
    "a list": lambda: "[]",
    "an error beside data": lambda: answer(NODE, errors=[{"type": "SOME"}]),
    "no such issue": lambda: '{"data": {"repository": {"issue": null}}}',
    "no such repository": lambda: '{"data": {"repository": null}}',
    "no data": lambda: '{"data": null, "errors": []}',
    "a comment that is null": lambda: answer(NODE, None),
    "out of order": lambda: answer(NODE, NODE | {"fullDatabaseId": "2", "updatedAt": "2025-10-19T14:03:00Z"}),
    "the same twice": lambda: answer(NODE, NODE),
    "no word of the rest": lambda: answer(NODE, more=None),
    "an account of another kind": lambda: answer(
        NODE | {"author": {"__typename": "Mannequin", "login": "old"}}
    ),
    "a time of another form": lambda: answer(NODE | {"updatedAt": "2025-10-19T14:02:00+00:00"}),
    "no time": lambda: answer(NODE | {"createdAt": None}),
    "no text": lambda: answer(NODE | {"body": None}),
    "no number": lambda: answer(NODE | {"fullDatabaseId": None}),
    "no reactions": lambda: answer(NODE | {"reactions": None}),
    "nested without end": lambda: "[" * 100_000,
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_such_list_is_none(what: str) -> None:
    assert newest(answer(NODE)) is not None
    assert newest(WRONG[what]()) is None


def test_an_issue_without_a_panel_says_nothing_of_when() -> None:
    assert wanted_since('{"pinned_comment": {"body": "hello"}}') == ""
