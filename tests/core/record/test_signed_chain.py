"""Reading a record that is signed: what counts, what a key takes over, and what is named."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from allclear.core.model.people import Person
from allclear.core.model.snapshot import Comment, Issue, LastEdit, Snapshot
from allclear.core.model.structs import replace
from allclear.core.record.audit import Adopted, Tampered
from allclear.core.record.chain import Journal, checkpoint_of, read
from allclear.core.record.entry import Block, Entry, NewerFormatError, encode, genesis
from allclear.core.record.life import SeveritySet
from allclear.core.record.progress import Noted
from allclear.core.record.seal import Keyring, Trust, new_key, parse_keys
from stories import ADA, ISSUE_URL, NOON, REPOSITORY, Story

BOT = Person(id=41898282, login="github-actions[bot]")
DAY = NOON.date()
BEFORE = NOON - timedelta(days=30)
STORY = Story().middle().entries
START = genesis(REPOSITORY.id, 42)


def ring(*days: date) -> Keyring:
    """Keys that came into use on these days, the first of them signing."""
    found = parse_keys(" ".join(new_key(day, f"{day:%Y%m%d}".encode() * 4) for day in days))
    assert found is not None
    return found


NEW, OLD, BOTH = ring(DAY), ring(BEFORE.date()), ring(DAY, BEFORE.date())


def trust(keys: Keyring | None) -> Trust:
    return Trust.of((BOT.id,), keys)


def comment(
    number: int, entries: Sequence[Entry], keys: Keyring | None = None, at: datetime = NOON, by: Person = BOT
) -> Comment:
    written = at + timedelta(seconds=number)
    block = Block(repo=REPOSITORY.id, issue=42, at=written if keys else None, entries=tuple(entries))
    return Comment(number, by, f"{encode(block, keys)}\n\nhi", written, written, f"u{number}")


def snapshot(*comments: Comment, now: datetime = NOON) -> Snapshot:
    issue = Issue(42, "Down", "", ADA, "open", frozenset({"incident"}), (), BEFORE, ISSUE_URL)
    return Snapshot(REPOSITORY, issue, tuple(sorted(comments, key=lambda one: one.id)), now)


def note(text: str, prev: str, key: str = "c9.0") -> Entry:
    return Entry(key=key, what="note", by=ADA, at=NOON, facts=(Noted(at=NOON, text=text),)).chained(prev)


def named(journal: Journal) -> list[str]:
    return [one.key for one in journal.broken]


def adopting(journal: Journal, at: datetime = NOON) -> Entry:
    assert journal.adopt is not None
    entry = Entry(key=f"adopted:{journal.adopt.heads[-1]}", what="adopted", at=at, facts=(journal.adopt,))
    return entry.chained(journal.head)


def test_what_the_key_signed_counts() -> None:
    journal = read(snapshot(comment(1, STORY[:2], NEW), comment(2, STORY[2:], NEW)), trust(NEW))
    assert journal.entries == tuple(STORY)
    assert (journal.broken, journal.adopt) == ((), None)


def test_a_job_without_the_key_reads_a_signed_record_as_one_that_nobody_signed() -> None:
    journal = read(snapshot(comment(1, STORY[:2], NEW), comment(2, STORY[2:], NEW)), trust(None))
    assert (journal.entries, journal.broken, journal.adopt) == (tuple(STORY), (), None)


@pytest.mark.parametrize("keys", [None, ring(DAY + timedelta(days=1))], ids=["nobody", "another key"])
def test_what_the_key_did_not_sign_does_not_count_and_is_named(keys: Keyring | None) -> None:
    perfect = note("all is well", STORY[-1].hash)
    journal = read(snapshot(comment(1, STORY, NEW), comment(2, [perfect], keys)), trust(NEW))
    assert journal.entries == tuple(STORY)
    assert named(journal) == ["tampered:unsigned:2"]
    said = Entry(key=named(journal)[0], what="tampered", at=NOON, facts=(journal.broken[0].fact,))
    told = comment(3, [said.chained(journal.head)], NEW)
    again = read(snapshot(comment(1, STORY, NEW), comment(2, [perfect], keys), told), trust(NEW))
    assert (named(again), len(again.entries)) == ([], len(STORY) + 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"severity":"P0"', '"severity":"P3"'), ('"repo":7001', '"repo":7001,"v":1'), ('"at":"', '"at" :"')],
)
def test_a_signed_reply_that_was_changed_anywhere_on_line_one_does_not_count(old: str, new: str) -> None:
    whole = comment(1, STORY, NEW)
    changed = replace(whole, body=whole.body.replace(old, new, 1), updated_at=NOON + timedelta(minutes=1))
    assert changed.body != whole.body
    journal = read(snapshot(changed), trust(NEW))
    assert journal.entries == ()
    assert len(journal.broken) == 1


def test_words_for_people_may_be_edited_the_record_stands_on_line_one() -> None:
    whole = comment(1, STORY, NEW)
    edited = replace(whole, body=f"{whole.body}!", updated_at=NOON + timedelta(hours=1))
    journal = read(snapshot(edited), trust(NEW))
    assert (journal.entries, journal.broken) == (tuple(STORY), ())


def test_an_old_reply_written_once_more_does_not_count() -> None:
    """A writer deletes a reply, and has a workflow write it again, where it would be the newest word."""
    first, second = comment(1, STORY[:5], NEW), comment(2, STORY[5:], NEW)
    later = NOON + timedelta(hours=1)
    again = replace(second, id=3, created_at=later, updated_at=later)
    journal = read(snapshot(first, again), trust(NEW))
    assert (journal.entries, named(journal)) == (tuple(STORY[:5]), ["tampered:stray:3"])
    timeless = encode(Block(repo=REPOSITORY.id, issue=42, entries=tuple(STORY[5:])), NEW)
    assert named(read(snapshot(first, replace(again, body=timeless)), trust(NEW))) == ["tampered:stray:3"]


def test_after_a_deleted_reply_what_is_signed_still_counts_and_the_gap_is_named() -> None:
    journal = read(snapshot(comment(1, STORY[:2], NEW), comment(3, STORY[3:], NEW)), trust(NEW))
    assert journal.entries == (*STORY[:2], *STORY[3:])
    assert named(journal) == ["tampered:gap:3"]


def test_two_runs_at_once_both_count() -> None:
    first = note("one", START, "c1.0")
    second, third = note("one", START, "c1.0"), note("two", START, "c2.0")
    journal = read(snapshot(comment(1, [first], NEW), comment(2, [second, third], NEW)), trust(NEW))
    assert [entry.key for entry in journal.entries] == ["c1.0", "c2.0"]


# -- from an open record to a signed one


def test_the_first_pass_with_a_key_takes_over_what_was_written_before() -> None:
    before = comment(1, STORY, at=BEFORE)
    journal = read(snapshot(before), trust(NEW))
    assert journal.entries == tuple(STORY)
    assert journal.adopt == Adopted(heads=(STORY[-1].hash,), count=len(STORY))
    adopted = comment(2, [adopting(journal)], NEW)
    after = read(snapshot(before, adopted), trust(NEW))
    assert (len(after.entries), after.broken, after.adopt) == (len(STORY) + 1, (), None)


def test_what_was_written_before_counts_only_where_the_taking_over_leads_back_to_it() -> None:
    before = comment(1, STORY, at=BEFORE)
    adopted = comment(2, [adopting(read(snapshot(before), trust(NEW)))], NEW)
    false = note("P3 it is", STORY[2].hash)
    late = comment(3, [false], at=BEFORE)
    after = read(snapshot(before, adopted, late), trust(NEW))
    assert (len(after.entries), named(after)) == (len(STORY) + 1, ["tampered:unsigned:3"])


def test_what_was_written_after_the_keys_day_is_never_taken_over() -> None:
    last, first = NOON.replace(hour=23, minute=59, second=0), NOON + timedelta(days=1)
    assert read(snapshot(comment(1, STORY, at=last)), trust(NEW)).adopt is not None
    journal = read(snapshot(comment(1, STORY, at=first)), trust(NEW))
    assert (journal.entries, journal.adopt, named(journal)) == ((), None, ["tampered:unsigned:1"])


def test_what_was_edited_after_it_was_written_is_not_taken_over() -> None:
    before = comment(1, STORY, at=BEFORE)
    edited = replace(before, updated_at=NOON)
    assert named(read(snapshot(edited), trust(NEW))) == ["tampered:unsigned:1"]


def test_a_reply_that_follows_nothing_is_not_taken_over_either() -> None:
    far = BEFORE + timedelta(hours=1)
    before, stray = comment(1, STORY, at=BEFORE), comment(2, [note("no", STORY[1].hash)], at=far)
    journal = read(snapshot(before, stray), trust(NEW))
    assert (journal.entries, named(journal)) == (tuple(STORY), ["tampered:stray:2"])


def test_both_of_two_runs_at_once_are_taken_over_with_what_one_of_them_doubled() -> None:
    one = note("one", START, "c1.0")
    clock = Entry(key="t:x", what="x", at=NOON, facts=(Noted(at=NOON, text="t"),)).chained(one.hash)
    other = note("other words", START, "c1.0")
    two = note("two", other.hash, "c2.0")
    doubled = note("a third time", START, "c1.0")
    before = [
        comment(number, entries, at=BEFORE)
        for number, entries in enumerate(([one, clock], [other, two], [doubled]), start=1)
    ]
    journal = read(snapshot(*before), trust(NEW))
    assert [entry.key for entry in journal.entries] == ["c1.0", "t:x", "c2.0"]
    assert journal.adopt == Adopted(heads=(clock.hash, two.hash), count=3)
    after = read(snapshot(*before, comment(9, [adopting(journal)], NEW)), trust(NEW))
    assert [entry.key for entry in after.entries][:3] == ["c1.0", "t:x", "c2.0"]
    assert (after.broken, after.adopt) == ((), None)


# -- rotation, and a key that is gone


def test_a_new_key_in_front_of_the_old_one_takes_over_and_the_old_one_may_go() -> None:
    before = comment(1, STORY, OLD, at=BEFORE)
    journal = read(snapshot(before), trust(BOTH))
    assert (journal.entries, journal.broken) == (tuple(STORY), ())
    adopted = comment(2, [adopting(journal)], BOTH)
    for keys in (BOTH, NEW):
        after = read(snapshot(before, adopted), trust(keys))
        assert (len(after.entries), after.broken, after.adopt) == (len(STORY) + 1, (), None)


def test_nothing_that_did_not_count_under_the_old_key_counts_under_both() -> None:
    before, false = comment(1, STORY, OLD, at=BEFORE), note("no", STORY[-1].hash)
    forged = comment(2, [false], at=BEFORE + timedelta(days=3))
    journal = read(snapshot(before, forged), trust(BOTH))
    assert (journal.entries, named(journal)) == (tuple(STORY), ["tampered:unsigned:2"])


def test_a_key_that_is_lost_leaves_what_it_signed_as_if_nobody_had() -> None:
    before = comment(1, STORY, OLD, at=BEFORE)
    journal = read(snapshot(before), trust(NEW))
    assert journal.entries == tuple(STORY)
    assert journal.adopt is not None


def test_the_old_key_in_front_again_takes_over_what_the_new_one_signed() -> None:
    journal = read(snapshot(comment(1, STORY, NEW)), trust(ring(BEFORE.date(), DAY)))
    assert (journal.entries, journal.adopt is not None) == (tuple(STORY), True)


# -- formats


def newer(keys: Keyring | None, issue: int = 42) -> Comment:
    text = f'{{"v":3,"repo":{REPOSITORY.id},"issue":{issue},"who":"knows"'
    if keys:
        text += f',"sig":"{keys.sign("entries", REPOSITORY.id, issue, text + "}")}"'
    return Comment(7, BOT, f"<!-- allclear:entries {text}}} -->", NOON, NOON, "https://x/7")


@pytest.mark.parametrize("keys", [None, NEW], ids=["open", "signed"])
def test_a_record_of_a_newer_version_stops_everything_with_a_word_about_what_to_do(
    keys: Keyring | None,
) -> None:
    with pytest.raises(
        NewerFormatError, match=r"https://x/7 holds a record in format 3.* Nothing was written"
    ):
        read(snapshot(comment(1, STORY, keys), newer(keys)), trust(keys))


def test_a_newer_format_that_nobody_signed_or_of_another_place_stops_nothing() -> None:
    journal = read(snapshot(comment(1, STORY, NEW), newer(None)), trust(NEW))
    assert (journal.entries, named(journal)) == (tuple(STORY), ["tampered:unsigned:7"])
    assert read(snapshot(comment(1, STORY), newer(None, issue=43)), trust(None)).entries == tuple(STORY)


def test_a_reply_without_any_entry_says_nothing() -> None:
    assert read(snapshot(comment(1, [])), trust(NEW)).broken == ()


# -- without a key


def test_without_a_key_a_reply_counts_where_it_follows_the_newest_or_another_run_answered_at_once() -> None:
    late = NOON + timedelta(minutes=16)
    aside = note("aside", STORY[3].hash)
    whole = snapshot(comment(1, STORY[:4]), comment(2, STORY[4:]), comment(3, [aside]))
    assert [entry.key for entry in read(whole, trust(None)).entries][-1] == "c9.0"
    too_late = snapshot(comment(1, STORY[:4]), comment(2, STORY[4:]), comment(3, [aside], at=late))
    assert named(read(too_late, trust(None))) == ["tampered:stray:3"]


def test_without_a_key_the_entries_of_one_reply_follow_one_another() -> None:
    torn = comment(1, [STORY[0], *STORY[2:]])
    assert named(read(snapshot(torn), trust(None))) == ["tampered:stray:1"]


def test_what_turned_out_to_be_untrue_keeps_its_place_and_says_nothing() -> None:
    false = Entry(key="declare", what="x", at=NOON, facts=(SeveritySet(to="P3"),)).chained(STORY[-1].hash)
    fact = Tampered(what="untrue", url="u2", entry=false.hash)
    said = Entry(key=f"tampered:untrue:2:{false.hash}", what="tampered", at=NOON, facts=(fact,))
    true = Entry(key="declare", what="x", at=NOON, facts=(SeveritySet(to="P1"),))
    told = said.chained(false.hash)
    replies = comment(1, STORY), comment(2, [false]), comment(3, [told, true.chained(told.hash)])
    for keys in (None, NEW):
        early = [replace(one, created_at=BEFORE, updated_at=BEFORE) for one in replies]
        journal = read(snapshot(*early), trust(keys))
        assert [entry.key for entry in journal.entries][len(STORY) :] == [told.key, "declare"]
        assert journal.entries[-1].facts == (SeveritySet(to="P1"),)
        assert journal.broken == ()


def test_without_a_key_the_panel_counts_only_pinned_and_edited_by_the_bot_alone() -> None:
    panel = Comment(1, BOT, Story().middle().panel(), NOON, NOON)
    seen = replace(snapshot(), panel=panel, panel_edit=LastEdit(BOT, NOON))
    seen = replace(seen, issue=replace(seen.issue, pinned_comment=1))
    assert checkpoint_of(seen, trust(None)) is not None
    for edit in (None, LastEdit(ADA, NOON), LastEdit(None, NOON), LastEdit(BOT, NOON, known=False)):
        assert checkpoint_of(replace(seen, panel_edit=edit), trust(None)) is None
    assert checkpoint_of(replace(seen, issue=replace(seen.issue, pinned_comment=9)), trust(None)) is None
    assert checkpoint_of(seen, trust(NEW)) is None
