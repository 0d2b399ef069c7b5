"""The panel is a cache: lost or spoilt, it comes back to the byte. The replies are the truth: lost or spoilt,
that is said. What was read of a long conversation makes no difference to what is decided.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.policy.settings import ACTIONS_BOT
from allclear.core.record.chain import checkpoint_of
from conversations.room import Room, minutes
from packing import packed, unpacked
from proof.story import PANEL, SCRIPT, Stage, keys, outcome, panels

Spoil = Callable[[str], str]

SPOILT: dict[str, Spoil] = {
    "cut in the middle": lambda body: body[: len(body) // 2],
    "cut before its last line": lambda body: body.rpartition("\n")[0],
    "said to be of another issue": lambda body: body.replace('"issue":1', '"issue":2', 1),
    "garbage behind its marker": lambda _: f"{PANEL}\x00garbage -->\n" + "x" * 60_000,
    "another severity in sight": lambda body: body.replace("P1", "P3"),
    "one sign of the packed part": lambda body: body.replace('"packed":"1.e', '"packed":"1.f', 1),
    "windows line ends": lambda body: body.replace("\n", "\r\n"),
}


def busy(room: Room) -> None:
    room.opens("ann")
    for text in ("/ack\n/sev P1 a part", "/ic @ann", "/finding a lock", "/note 14:00 seen", "/check 4"):
        room.says("bob", text)
    room.says("out", "/resolve")


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_panel_comes_back_to_the_byte(room: Room, how: str) -> None:
    busy(room)
    before, body, said = outcome(room), room.panel.body, len(room.replies)
    room.people["bob"].edit_comment(room.panel.id, SPOILT[how](body))
    assert room.run() == 0
    assert (room.panel.body, len(room.replies)) == (body, said)
    assert outcome(room) == before


def repacked(body: str, old: str, new: str) -> str:
    """The panel with something else in its packed record; the sum over it stays what it was."""
    before = body.rpartition('"packed":"')[2].partition('"')[0]
    record = unpacked(before)
    assert old in record
    return body.replace(before, packed(record.replace(old, new)))


def test_a_record_put_into_the_panel_does_not_count(room: Room) -> None:
    busy(room)
    before, body = outcome(room), room.panel.body
    room.people["bob"].edit_comment(room.panel.id, repacked(body, '"severity":"P1"', '"severity":"P3"'))
    assert room.run() == 0
    assert room.panel.body == body
    assert outcome(room) == before


def test_a_checkpoint_counts_only_where_we_wrote_it(room: Room) -> None:
    busy(room)
    snapshot, trust = room.snapshot, room.trust
    panel, issue = snapshot.panel, snapshot.issue
    assert panel is not None
    assert checkpoint_of(snapshot, trust) is not None
    for author in (None, Person(id=ACTIONS_BOT + 1, login="github-actions[bot]")):
        assert checkpoint_of(replace(snapshot, panel=replace(panel, author=author)), trust) is None
    assert checkpoint_of(replace(snapshot, repository=replace(snapshot.repository, id=9)), trust) is None
    assert checkpoint_of(replace(snapshot, issue=replace(issue, number=2)), trust) is None


def test_without_a_key_a_checkpoint_counts_while_only_the_bot_edited_the_pinned_panel(room: Room) -> None:
    busy(room)
    snapshot, trust = room.snapshot, room.trust
    assert snapshot.panel_edit is not None
    bob = Person(id=room.people["bob"].id, login="bob")
    for edit in (
        None,
        replace(snapshot.panel_edit, editor=bob),
        replace(snapshot.panel_edit, editor=None),
        replace(snapshot.panel_edit, known=False),
    ):
        assert checkpoint_of(replace(snapshot, panel_edit=edit), trust) is None
    unpinned = replace(snapshot, issue=replace(snapshot.issue, pinned_comment=None))
    assert checkpoint_of(unpinned, trust) is None


@pytest.mark.parametrize("left", ["-", "hello\n{}"], ids=["emptied", "a word in front"])
def test_what_is_no_panel_any_more_is_left_alone_and_there_is_a_new_one(room: Room, left: str) -> None:
    busy(room)
    before, old = outcome(room), room.panel
    room.people["bob"].edit_comment(old.id, left.format(old.body))
    assert room.run() == 0
    assert room.panel.body == old.body
    assert room.panel.id == room.issue.pinned_comment_id != old.id
    assert outcome(room) == before


@pytest.mark.parametrize("stage", ["early", "closed"])
def test_a_deleted_panel_comes_back_to_the_byte_and_is_pinned(room: Room, stage: str) -> None:
    if stage == "closed":
        script = Stage(room)
        for n in range(len(SCRIPT)):
            script.act()
            script.run(n)
    else:
        busy(room)
    before, old = outcome(room), room.panel
    room.people["ann"].delete_comment(old.id)
    assert room.run() == 0
    assert room.panel.body == old.body
    assert room.panel.id == room.issue.pinned_comment_id != old.id
    assert outcome(room) == before


def test_a_second_panel_is_taken_away(room: Room) -> None:
    busy(room)
    body = room.panel.body
    room.bot_says(body)
    room.run()
    assert (room.panel.body, room.issue.pinned_comment_id) == (body, room.panel.id)


def test_a_panel_somebody_else_wrote_is_no_panel(room: Room) -> None:
    busy(room)
    ours = room.panel
    theirs = room.writes("bob", ours.body.replace("P1", "P3"))
    room.people["bob"].pin_comment(theirs)
    room.people["bob"].delete_comment(ours.id)
    room.run()
    (mine,) = [c for c in panels(room) if c.author == "github-actions[bot]"]
    assert mine.body == ours.body
    assert room.issue.pinned_comment_id == mine.id
    assert theirs in {c.id for c in room.comments}


def test_a_deleted_reply_is_answered_again_and_the_gap_is_said(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/ack")
    room.says("cat", "/note the queue is full")
    gone = room.replies[-1]
    room.says("bob", "/sev P1 a part")
    answered = keys(room)
    room.people["ann"].delete_comment(gone.id)
    # The panel still knows the entry: as long as it is there, nothing is lost, and nothing is said twice.
    said = len(room.replies)
    room.run()
    assert len(room.replies) == said
    room.people["ann"].delete_comment(room.panel.id)
    room.run()
    assert "The record was changed by hand" in room.replies[-1].body
    assert "does not follow the reply before it" in room.panel.body
    counted = sorted(entry.key for entry in room.journal.entries if entry.key.startswith("c"))
    assert counted == sorted(key for key in answered if key.startswith("c"))
    incident = room.incident
    assert (incident.severity, [line.text for line in incident.timeline if line.what == "Note"]) == (
        "P1",
        ["the queue is full"],
    )
    known = len(room.replies)
    room.run()
    assert len(room.replies) == known


def test_the_declarations_reply_deleted_with_the_panel_is_declared_again_and_said(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/sev P1 a part\n/ack")
    acknowledged = room.incident.reached("acknowledged")
    room.people["ann"].delete_comment(room.replies[0].id)
    room.people["ann"].delete_comment(room.panel.id)
    room.run()
    assert (room.incident.stage, room.incident.severity) == ("open", "P1")
    assert room.incident.reached("acknowledged") == acknowledged
    body = room.panel.body
    room.people["ann"].delete_comment(room.panel.id)
    room.run()
    assert room.panel.body == body
    assert "The record was changed by hand" in room.replies[-1].body


@pytest.mark.parametrize("pace", [10.0, 0.0], ids=["ten seconds apart", "all in one second"])
def test_a_crowd_makes_no_difference_to_what_is_read_later(room: Room, pace: float) -> None:
    room.opens("ann")
    for n in range(130):
        room.clock.advance(pace)
        room.people["rae"].comment(room.number, f"any news? {n}")
        if n % 40 == 7:
            room.people["bob"].comment(room.number, f"/note {n}")
        if n % 60 == 59:
            room.run()
    room.says("bob", "/ack")
    room.clock.advance(minutes(1))
    steady = room.panel.body
    entries = room.journal.entries
    room.people["ann"].delete_comment(room.panel.id)
    room.run()
    assert room.panel.body == steady
    assert room.journal.entries == entries
