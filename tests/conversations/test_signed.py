"""A record that is signed: another workflow repeats what a stranger writes, and keys come and go."""

from datetime import timedelta

import pytest

from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.record.entry import Block, Entry, decode, encode
from allclear.core.record.facts import Fact
from allclear.core.record.join import Join
from allclear.core.record.life import Cleared, SeveritySet
from allclear.core.record.panel_text import first_line
from allclear.core.record.seal import new_key
from conversations.room import KEY, START, Room, minutes

NEWER_KEY = new_key(START.date() + timedelta(days=1), bytes(range(1, 33)))


def perfect(room: Room, *said: Fact, key: str = "c9.0") -> str:
    """What our own code would write next, by somebody who may."""
    ann = Person(id=room.people["ann"].id, login="ann")
    entry = Entry(key=key, what="sev", by=ann, at=room.clock.now(), facts=said).chained(room.journal.head)
    return f"{encode(Block(repo=room.repo.id, issue=room.number, entries=(entry,)))}\n\nWelcome!"


@pytest.fixture
def signed(room: Room) -> Room:
    room.key = KEY
    room.opens("ann")
    room.says("bob", "/ack")
    return room


def test_a_strangers_text_that_another_workflow_repeats_closes_nothing_and_is_seen(signed: Room) -> None:
    echo = signed.echoes("out", perfect(signed, SeveritySet(to="P3"), Cleared(text="all is well")))
    signed.run()
    assert (signed.incident.stage, signed.incident.severity, signed.issue.state) == ("open", "P0", "open")
    assert f"issuecomment-{echo}" in signed.panel.body
    assert "is not signed, and does not count" in signed.panel.body
    said = len(signed.replies)
    signed.run()
    assert len(signed.replies) == said


def test_a_panel_that_another_workflow_repeats_is_taken_away(signed: Room) -> None:
    panel, body = signed.panel.id, signed.panel.body
    signed.bot_says(body.replace("P0", "P3"))
    signed.run()
    assert (signed.panel.id, signed.incident.severity) == (panel, "P0")


def test_a_panel_that_a_workflow_wrote_before_us_is_made_ours(room: Room) -> None:
    room.key = KEY
    room.number = room.people["ann"].open_issue("[INCIDENT P0] Down", "", ("incident", "P0"))
    room.bot_says(first_line(room.repo.id, room.number) + "\n\nDRILL P3")
    room.deliver()
    assert room.incident.severity == "P0"
    assert "DRILL" not in room.panel.body
    assert '"sig":' in room.panel.body


def test_a_join_that_another_workflow_repeats_brings_nobody(signed: Room) -> None:
    eve = Person(id=signed.people["out"].id, login="out")
    signed.echoes("out", Join(repo=signed.repo.id, issue=7, of=signed.number, people=(eve,)).marker)
    signed.run()
    assert "out" not in signed.issue.assignees
    assert "brings nobody along" in signed.replies[-1].body


def test_a_duplicate_brings_its_people_by_a_signed_join(signed: Room) -> None:
    first = signed.number
    signed.opens("ann", "[INCIDENT P1] The same")
    signed.says("cat", "/ack")
    signed.says("bob", f"/duplicate #{first}")
    signed.number = first
    assert "cat" in {person.login for person in signed.incident.team.responders}


def test_who_writes_and_edits_the_bots_reply_without_the_key_changes_nothing(signed: Room) -> None:
    signed.says("bob", "/sev P1 a part")
    reply = signed.replies[-1]
    block = decode(reply.body)
    assert block is not None
    false = replace(block.entries[-1], facts=(SeveritySet(to="P3"),)).chained(block.entries[-1].prev)
    signed.clock.advance(60)
    careful = encode(replace(block, entries=(*block.entries[:-1], false)))
    signed.people["bob"].edit_comment(reply.id, careful)
    signed.people["bob"].delete_comment(signed.panel.id)
    signed.deliver()
    assert signed.incident.severity == "P1"
    assert "[!CAUTION]" in signed.panel.body


def test_a_new_key_takes_an_open_incident_over_by_the_next_sweep_and_says_so_once(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/ack\n/sev P1 a part")
    assert "The record is not signed" in room.panel.body
    before = room.incident
    room.key = KEY
    assert room.sweep() == 0
    assert "From here on the record is signed" in room.replies[-1].body
    assert "The record is not signed" not in room.panel.body
    assert "is not signed.</sub>" in room.panel.body
    assert (room.incident.severity, room.incident.milestones) == (before.severity, before.milestones)
    said = len(room.replies)
    room.sweep()
    room.run()
    assert len(room.replies) == said


def test_an_incident_that_began_after_the_keys_day_is_never_taken_over(room: Room) -> None:
    room.opens("ann")
    room.clock.advance(timedelta(days=2).total_seconds())
    other = room.opens("ann", "[INCIDENT P3] Slow", labels=("incident", "P3"))
    assert room.number == other
    room.key = KEY
    room.run()
    assert "no key of this repository signed it" in "\n".join(reply.body for reply in room.replies)
    assert room.incident.severity == "P3"
    assert room.incident.adopted is None


def test_keys_are_rotated_and_the_old_one_goes(signed: Room) -> None:
    signed.clock.advance(timedelta(days=1).total_seconds())
    signed.key = f"{NEWER_KEY} {KEY}"
    signed.sweep()
    assert "From here on the record is signed" in signed.replies[-1].body
    signed.key = NEWER_KEY
    known = [entry.key for entry in signed.journal.entries]
    assert signed.journal.broken == ()
    signed.people["ann"].delete_comment(signed.panel.id)
    signed.deliver()
    assert [entry.key for entry in signed.journal.entries] == known
    assert "P0" in signed.panel.body


def test_a_lost_key_is_like_none_was_there_before_the_new_one(signed: Room) -> None:
    signed.key = NEWER_KEY
    signed.run()
    assert (signed.incident.stage, signed.incident.severity) == ("open", "P0")
    assert "What was written before is not signed with the key" in signed.replies[-1].body
    assert signed.incident.tampered == ()


def test_when_the_key_is_taken_away_everything_goes_on_and_the_panel_says_that_nobody_signs(
    signed: Room,
) -> None:
    signed.key = ""
    assert "P1" in signed.says("bob", "/sev P1 a part")
    assert signed.incident.severity == "P1"
    assert "The record is not signed" in signed.panel.body
    assert signed.incident.tampered == ()


@pytest.mark.parametrize("key", ["hunter2hunter2", KEY[:-20], f"{KEY} x"])
def test_with_a_bad_key_nothing_is_written_and_the_run_says_what_to_do(room: Room, key: str) -> None:
    room.opens("ann")
    said = len(room.comments)
    room.key = key
    room.writes("bob", "/ack")
    assert room.run() == 1
    assert room.sweep() == 1
    assert len(room.comments) == said + 1
    assert "allclear key | gh secret set ALLCLEAR_KEY" in room.printed[-1]
    assert not any(word in line for word in key.split() for line in room.printed if len(word) > 1)


def test_a_record_of_a_newer_version_stops_the_run_and_nothing_is_written(room: Room) -> None:
    room.opens("ann")
    room.bot_says(f'<!-- allclear:entries {{"v":3,"repo":{room.repo.id},"issue":{room.number},"new":1}} -->')
    room.writes("bob", "/ack")
    said = len(room.comments)
    assert room.run() == 1
    assert "holds a record in format 3" in room.printed[-1]
    assert "Use the version that wrote it, or a newer one" in room.printed[-1]
    assert len(room.comments) == said
    assert room.sweep() == 1
    assert len(room.comments) == said


def test_with_a_key_a_stranger_cannot_stop_it_with_a_newer_format(signed: Room) -> None:
    signed.echoes(
        "out", f'<!-- allclear:entries {{"v":3,"repo":{signed.repo.id},"issue":{signed.number}}} -->'
    )
    assert "Noted" in signed.says("bob", "/note seen")


def test_a_pull_request_with_the_label_declares_nothing(room: Room) -> None:
    room.repo.put_file("x", "y", "work")
    room.number = room.people["bob"].open_pull("Work", "work")
    room.people["bob"].label(room.number, "incident", "P0")
    assert room.run() == 0
    assert room.comments == ()


def test_an_edit_in_somebody_elses_name_runs_nothing(room: Room) -> None:
    room.opens("ann")
    theirs = room.writes("cat", "looking")
    room.clock.advance(minutes(1))
    room.people["bob"].edit_comment(theirs, "/sev P3 nothing to see")
    room.deliver()
    assert room.incident.severity == "P0"
    assert "was edited by bob, and not by its author" in room.replies[-1].body


def test_a_report_that_becomes_a_drill_just_after_it_was_confirmed_pages_all_the_same(room: Room) -> None:
    room.opens("out", "[INCIDENT P0] All is down", form_labels=("incident",))
    room.writes("bob", "/confirm")
    room.clock.advance(5)
    room.people["out"].edit_issue(room.number, title="[DRILL P3] All is down", body="Impact: none")
    room.deliver()
    assert (room.incident.kind, room.incident.severity, room.incident.impact.text) == ("real", "P0", "")
    assert "@bob" in "\n".join(reply.body for reply in room.replies)


def test_a_report_that_became_a_drill_before_is_confirmed_as_one_and_the_answer_says_so(room: Room) -> None:
    room.opens("out", "[INCIDENT P0] All is down", form_labels=("incident",))
    room.clock.advance(5)
    room.people["out"].edit_issue(room.number, title="[DRILL P3] All is down")
    said = room.says("bob", "/confirm")
    assert room.incident.kind == "drill"
    assert "This is now a **drill**, as the issue says" in said
    assert "out changed its title after it was opened; first it was" in said
