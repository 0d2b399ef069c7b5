"""A run that goes on from what the panel kept: when it has all comments read, and that it does so once."""

from __future__ import annotations

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.snapshot import Wants
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import RunbookChanged, Tampered
from allclear.core.record.chain import checkpoint_of, read
from allclear.core.record.entry import Block, Entry, encode
from allclear.core.record.lean import WATCHED
from allclear.core.record.life import SeveritySet
from allclear.core.record.production import OperationAsked, OperationEnded
from allclear.core.record.progress import Noted
from allclear.core.record.read_again import STRIDE
from allclear.core.record.seal import new_key, parse_keys
from core.issue_desk import BOT, EVE, IssueDesk, declared, facts, new, told
from stories import BOB, CAT, NOON, REPOSITORY
from written import raw, runbook_of

KEY = new_key(NOON.date(), bytes(32))
HISTORY = Wants(history=True)


def talked(**more: object) -> IssueDesk:
    """An incident with so much talk behind it that a run reads only the end of it."""
    desk = declared(brief=True, **more)
    for who, text in ((BOB, "/ack\n/flag security"), (CAT, "/sev P0 all of it"), (BOB, "/note seen")):
        desk.says(who, text)
        desk.run()
    for _ in range(2 * STRIDE):
        desk.says(EVE, "any news?")
    desk.run()
    desk.run()
    return desk


def reads_all(desk: IssueDesk) -> bool:
    """Whether a pass had all comments read, and the one after it not again."""
    desk.run()
    asked = HISTORY in desk.asked
    desk.run()
    assert HISTORY not in desk.asked
    return asked


@pytest.mark.parametrize("key", ["", KEY], ids=["open", "signed"])
def test_a_run_goes_on_from_what_the_panel_kept(key: str) -> None:
    desk = talked(key=key)
    journal = read(desk.snapshot, desk.policy.trust)
    assert (journal.entries, journal.base is None) == ((), False)
    assert "Noted" in desk.answered(BOB, "/note 14:10 and again")
    assert HISTORY not in desk.asked
    plan = desk.plan()
    assert plan.incident.severity == "P0"
    assert plan.incident.progress.flags == frozenset({"security"})
    whole = replace(desk.snapshot, comments=tuple(desk.comments), whole=True)
    assert plan.record.count == len(read(whole, desk.policy.trust).entries)


def test_talk_that_is_read_no_more_still_counts_as_a_word() -> None:
    desk = talked()
    desk.says(BOB, "still looking")
    spoken = desk.now
    for _ in range(2 * STRIDE):
        desk.write(EVE, "any news?")
    desk.later(10).run()
    desk.run()
    kept = checkpoint_of(desk.snapshot, desk.policy.trust)
    assert kept is not None
    assert kept.word == spoken
    assert "silence-1" not in {entry.what for entry in new(desk.later(49).run())}
    assert "silence-1" in {entry.what for entry in new(desk.later(1).run())}


def test_undo_reads_all_comments() -> None:
    desk = talked()
    assert "was taken back" in desk.answered(CAT, "/undo")
    assert HISTORY in desk.asked
    assert desk.run().incident.severity == "P1"
    assert HISTORY not in desk.asked


def test_an_old_comment_that_was_edited_is_held_against_all_of_the_record() -> None:
    desk = talked()
    place = next(n for n, one in enumerate(desk.comments) if one.body == "/note seen")
    changed = desk.later(1).now
    desk.comments[place] = replace(desk.comments[place], body="/note seen\n/sev P3", updated_at=changed)
    assert reads_all(desk)  # whether the command that it adds was told already stands in our answers
    assert desk.run().incident.severity == "P0"
    assert not reads_all(desk)


def test_a_changed_runbook_has_all_comments_read_once() -> None:
    desk = talked()
    desk.runbook = runbook_of(raw("hotdash") | {"title": "Other"})
    plan = desk.run()
    assert HISTORY in desk.asked
    assert [one for one in facts(plan) if isinstance(one, RunbookChanged)]
    assert not reads_all(desk)


def test_an_operation_that_is_remembered_no_more_is_looked_up_in_all_of_the_record() -> None:
    desk = declared(brief=True, settings=read_authored(Settings, {"services": {"web": {}}}))
    said: list[OperationAsked | OperationEnded] = []
    for number in range(1, WATCHED + 2):
        op = f"smoke-{number:07}"
        said.append(read_values(OperationAsked, {"op": op, "kind": "smoke", "service": "web"}))
        said.append(OperationEnded(op=op, outcome="done"))
    written(desk, "o:all", *said)
    for _ in range(2 * STRIDE):
        desk.says(EVE, "any news?")
    desk.run()
    desk.run()
    base = read(desk.snapshot, desk.policy.trust).base
    assert base is not None
    assert len(base.incident.production.operations) == WATCHED
    assert "has ended already" in desk.answered(BOB, "/cancel smoke-0000001")
    assert HISTORY in desk.asked


def written(desk: IssueDesk, key: str, *said: SeveritySet | Noted | OperationAsked | OperationEnded) -> int:
    """A perfect reply, as another run would write it. Returns the comment's id."""
    desk.later(1)
    head = desk.plan().record.head
    entry = Entry(key=key, what="x", at=desk.now, facts=said).chained(head)
    block = Block(repo=REPOSITORY.id, issue=42, at=desk.now, entries=(entry,))
    return desk.write(BOT, encode(block, parse_keys(desk.key)))


@pytest.mark.parametrize("key", ["", KEY], ids=["open", "signed"])
def test_what_another_run_wrote_meanwhile_counts_once(key: str) -> None:
    desk = talked(key=key)
    written(desk, "t:x/0/0", Noted(at=NOON, text="by another run"))
    before = desk.plan().record.count
    assert not reads_all(desk)
    assert desk.plan().record.count == before


def test_a_signed_reply_to_what_is_not_known_has_all_comments_read() -> None:
    desk = talked(key=KEY)
    entry = Entry(key="t:x/0/0", what="x", at=desk.now, facts=(Noted(at=NOON, text="late"),)).chained(
        "0" * 24
    )
    block = Block(repo=REPOSITORY.id, issue=42, at=desk.now, entries=(entry,))
    desk.write(BOT, encode(block, parse_keys(KEY)))
    plan = desk.run()
    assert HISTORY in desk.asked
    assert [one.what for one in facts(plan) if isinstance(one, Tampered)] == ["gap"]
    assert not reads_all(desk)


def test_an_unsigned_comment_is_named_without_reading_all() -> None:
    desk = talked(key=KEY).later(3 * 24 * 60)
    entry = Entry(key="t:x/0/0", what="x", at=desk.now, facts=(SeveritySet(to="P3"),)).chained("0" * 24)
    desk.write(BOT, encode(Block(repo=REPOSITORY.id, issue=42, entries=(entry,))))
    plan = desk.run()
    assert HISTORY not in desk.asked
    assert "no key of this repository signed it" in told(plan)
    assert not reads_all(desk)


def test_a_reply_that_comes_late_between_known_ones_has_all_comments_read() -> None:
    desk = talked(key=KEY)
    number = written(desk, "t:x/0/0", Noted(at=NOON, text="late"))
    late = desk.comments.pop()
    assert late.id == number
    desk.says(BOB, "/note on time")
    desk.run()
    desk.comments.insert(len(desk.comments) - 2, replace(late, id=desk.comments[-2].id - 1))
    del desk.comments[-4]
    assert reads_all(desk)
