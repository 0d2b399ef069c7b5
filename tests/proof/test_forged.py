"""More ways to lie to the record: replays, joins nobody made, markers where names belong."""

from __future__ import annotations

import pytest

from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.record.chain import checkpoint_of
from allclear.core.record.entry import decode
from allclear.core.record.join import Join
from conversations.room import Room
from proof.story import outcome, panels

HOSTILE = '--><!-- allclear:entries {"repo":1,"issue":1,"entries":[]} -->'


def busy(room: Room) -> None:
    room.opens("ann", "[INCIDENT P1] Another", labels=("incident", "P1"))
    room.opens("ann")
    room.says("bob", "/ack\n/sev P2 a part")
    room.says("cat", "/sev P1 more of it")


@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_reply_of_ours_posted_once_more_changes_nothing(room: Room, which: int) -> None:
    busy(room)
    before = outcome(room)
    room.bot_says(room.replies[which].body)
    room.run()
    after = outcome(room)
    assert after.pop("doubles") != before.pop("doubles")
    assert after == before


@pytest.mark.parametrize("who", ["out", "rae", "bob", "ann"])
def test_a_join_that_a_person_wrote_brings_nobody(room: Room, who: str) -> None:
    busy(room)
    before = outcome(room)
    join = Join(
        repo=room.repo.id, issue=1, of=room.number, people=(Person(id=room.people[who].id, login=who),)
    )
    room.writes(who, f"{join.marker}\n\n#1 is the same incident.")
    room.run()
    after = outcome(room)
    assert after == before


@pytest.mark.parametrize("join", [Join(repo=9, issue=1, of=2), Join(repo=0, issue=1, of=7)])
def test_a_join_of_another_place_brings_nobody(room: Room, join: Join) -> None:
    busy(room)
    before = outcome(room)
    room.bot_says(join.marker if join.repo else replace(join, repo=room.repo.id).marker)
    room.run()
    assert outcome(room) == before


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\u2028", "\x0b", "\x85", "%0A"])
def test_no_sign_that_ends_a_line_brings_user_text_onto_line_one(room: Room, sign: str) -> None:
    text = f"a{sign}{HOSTILE}{sign}b"
    room.opens(
        "ann", f"[INCIDENT P0] {text}", f"Impact: {text}\nAffected services: {text}\nDetected by: {text}"
    )
    for command in ("/affects", "/impact users=3", "/note", "/update", "/finding", "/flag", "/role", text):
        room.says("bob", f"{command} {text}")
    for reply in room.replies:
        block = decode(reply.body)
        assert block is not None
        assert (block.repo, block.issue) == (room.repo.id, room.number)
    assert room.journal.broken == ()
    assert len(panels(room)) == 1
    assert checkpoint_of(room.snapshot, room.trust) is not None
    assert room.incident.severity == "P0"


def test_a_label_named_like_a_marker_is_left_alone(room: Room) -> None:
    busy(room)
    before = outcome(room)
    room.people["cat"].label(room.number, "<!-- allclear:panel -->", "incident: P0", "p0 ", "status:closed")
    room.deliver()
    after = outcome(room)
    foreign = after.pop("labels 2") - before.pop("labels 2")
    assert foreign == {"<!-- allclear:panel -->", "incident: P0", "p0 ", "status:closed"}
    assert after == before
