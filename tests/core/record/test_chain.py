"""Reading the record: what counts, what is said loudly, and how far it need not be read again."""

from collections.abc import Sequence
from datetime import timedelta

from allclear.core.model.people import Person
from allclear.core.model.snapshot import Comment, Issue, LastEdit, Snapshot
from allclear.core.model.structs import replace
from allclear.core.record.audit import Helped, Tampered
from allclear.core.record.chain import Journal, holds_for, read
from allclear.core.record.checkpoint import Checkpoint, pack, sealed
from allclear.core.record.cursor import advance
from allclear.core.record.entry import Block, Entry, encode, genesis
from allclear.core.record.panel_text import first_line
from allclear.core.record.people import Acknowledged
from allclear.core.record.production import OperationAsked
from allclear.core.record.progress import Noted
from allclear.core.record.read_again import STRIDE
from allclear.core.record.seal import Trust
from stories import ADA, BOB, NOON, REPOSITORY, Story

BOT = Person(id=41898282, login="github-actions[bot]")
BOTS = Trust.of((BOT.id,))


def issue() -> Issue:
    return Issue(42, "Down", "", ADA, "open", frozenset({"incident"}), (), NOON, "https://example.com/42")


def snapshot(*comments: Comment, panel: Comment | None = None) -> Snapshot:
    return Snapshot(REPOSITORY, issue(), comments, NOON, panel=panel)


def says(number: int, body: str, by: Person | None = ADA, edited: bool = False) -> Comment:
    at = NOON + timedelta(seconds=number)
    return Comment(number, by, body, at, at + timedelta(minutes=edited))


def reply(number: int, entries: Sequence[Entry], edited: bool = False, repo: int = REPOSITORY.id) -> Comment:
    return says(number, f"{encode(Block(repo=repo, issue=42, entries=tuple(entries)))}\n\nhi", BOT, edited)


STORY = Story().middle().entries


def keys(journal: Journal) -> list[str]:
    return [entry.key for entry in journal.entries]


def test_what_another_answer_tells_of_a_panel_holds_only_with_the_very_same_text() -> None:
    panel = says(7, "Verifying", BOT)
    asked = [(7, "Verifying"), (8, "Verifying"), (7, "Resolved"), (7, "Verifying\n")]
    assert [holds_for(panel, *one) for one in asked] == [True, False, False, False]


def test_entries_count_in_their_order() -> None:
    journal = read(snapshot(reply(1, STORY[:2]), reply(2, STORY[2:])), BOTS)
    assert keys(journal) == [entry.key for entry in STORY]
    assert (journal.head, journal.broken) == (STORY[-1].hash, ())


def test_a_reply_written_twice_counts_once() -> None:
    journal = read(snapshot(reply(1, STORY), reply(2, STORY)), BOTS)
    assert keys(journal) == [entry.key for entry in STORY]
    assert journal.broken == ()


def test_an_answer_written_twice_with_other_words_counts_as_the_first() -> None:
    first = Entry(key="c1.0", what="note", at=NOON, facts=(Noted(at=NOON, text="a"),)).chained(
        genesis(REPOSITORY.id, 42)
    )
    second = Entry(key="c1.0", what="help", at=NOON, facts=(Helped(),)).chained(first.hash)
    journal = read(snapshot(reply(1, [first]), reply(2, [second])), BOTS)
    assert journal.entries == (first,)


def test_what_others_wrote_copied_or_left_without_an_author_is_no_entry() -> None:
    copy = reply(1, STORY).body
    found = (says(1, copy), says(2, copy, None), says(3, f"> {copy}", BOT), reply(4, STORY, repo=1))
    assert read(snapshot(*found), BOTS).entries == ()


def test_a_reply_that_cannot_be_read_is_said_to_be_edited() -> None:
    garbled = says(1, reply(1, STORY).body.replace('"prev"', '"perv"'), BOT)
    journal = read(snapshot(garbled), BOTS)
    assert ([one.key for one in journal.broken], journal.entries) == (["tampered:edited:1"], ())


def test_an_entry_changed_under_its_hash_is_said_to_be_edited() -> None:
    changed = replace(STORY[0], what="other")
    journal = read(snapshot(reply(1, [changed])), BOTS)
    assert [one.fact.what for one in journal.broken] == ["edited"]


def test_an_edit_counts_as_one_until_a_later_entry_follows_it() -> None:
    alone = read(snapshot(reply(1, STORY[:1], edited=True)), BOTS)
    assert [one.fact.what for one in alone.broken] == ["edited"]
    followed = read(snapshot(reply(1, STORY[:1], edited=True), reply(2, STORY[1:])), BOTS)
    assert (followed.broken, len(followed.entries)) == ((), len(STORY))


def test_what_follows_a_deleted_reply_is_no_record_unless_the_record_tells_of_the_gap() -> None:
    journal = read(snapshot(reply(2, STORY[1:])), BOTS)
    assert ([one.key for one in journal.broken], journal.entries) == (["tampered:stray:2"], ())
    fact = Tampered(what="gap")
    tampered = Entry(key="tampered:gap:2", what="tampered", at=NOON, facts=(fact,))
    told = reply(3, [tampered.chained(STORY[-1].hash)])
    again = read(snapshot(reply(2, STORY[1:]), told), BOTS)
    assert (again.broken, len(again.entries)) == ((), len(STORY))


def test_the_cursor_moves_in_strides_and_stops_before_a_command_that_waits() -> None:
    comments = tuple(says(number, "chatter") for number in range(1, STRIDE * 2 + 20))
    seen = snapshot(*comments)
    journal = read(seen, BOTS)
    assert (advance(seen, journal, ()).count, advance(seen, journal, ()).id) == (2 * STRIDE, 2 * STRIDE)
    assert advance(seen, journal, [STRIDE + 5]).count == STRIDE
    assert advance(seen, journal, [3]).count == 0


def test_which_reply_shows_an_entry_is_known_by_its_key() -> None:
    journal = read(snapshot(reply(7, STORY[:1]), reply(9, STORY[1:]), reply(11, STORY[:1])), BOTS)
    assert journal.replies == {STORY[0].key: 7} | {entry.key: 9 for entry in STORY[1:]}


def test_an_entry_that_only_the_panel_has_was_shown_before_all_that_is_read() -> None:
    asks = OperationAsked(op="smoke-0000000", kind="smoke")
    before = Story().declare().tell(1, ADA, asks)
    kept = Checkpoint(before.state, 5, NOON, 50, "")
    later = before.tell(2, BOB, Acknowledged(by=BOB)).entries
    body = f"{first_line(REPOSITORY.id, 42)}\nhi\n"
    panel = says(5, sealed(body, pack(kept), REPOSITORY.id, 42), BOT)
    seen = snapshot(reply(9, later[2:]), panel=panel)
    pinned = replace(seen.issue, pinned_comment=5)
    journal = read(replace(seen, issue=pinned, panel_edit=LastEdit(BOT, NOON)), BOTS)
    assert journal.replies == {later[1].key: 0, later[2].key: 9}
    assert (journal.base, keys(journal)) == (kept.state, [later[2].key])
