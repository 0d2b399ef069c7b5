"""What an unsigned record says although the issue or the clock says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from allclear.core.model.effects import Dispatch
from allclear.core.model.operation import OperationKind
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.snapshot import Comment, IssueEvent, Wants
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.record.audit import RunbookChanged, Tampered, Undone
from allclear.core.record.chain import read
from allclear.core.record.entry import Block, Entry, encode
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Stage
from allclear.core.record.life import Declared
from allclear.core.record.people import Acknowledged
from allclear.core.record.production import OperationApproved, OperationAsked
from allclear.core.record.progress import Fired
from core.issue_desk import BOT, EVE, IssueDesk, declared, facts, told
from stories import ADA, BOB, CAT, HOTDASH, NOON, REPOSITORY

DECLARED = Declared(severity="P0", title="x", runbook="hotdash", runbook_hash=HOTDASH.hash)


def forge(
    desk: IssueDesk, *said: Fact, key: str = "t:forged", by: Person | None = None, source: int | None = None
) -> None:
    """Another workflow writes a perfect reply, a minute later."""
    desk.later(1)
    entry = Entry(key=key, what="x", by=by, at=desk.now, source=source, facts=said)
    journal = read(desk.snapshot, desk.policy.trust)
    linked = entry.chained(journal.head)
    desk.write(BOT, encode(Block(repo=REPOSITORY.id, issue=42, entries=(linked,))))


def fired(timer: str, due: datetime = NOON, *covers: str) -> Fired:
    return Fired(timer=timer, deadline="Escalated", due=due, to=("CEO",), covers=covers)


def untrue(plan: Plan) -> list[str]:
    return [fact.what for fact in facts(plan) if isinstance(fact, Tampered)]


RESPONSE = next(one for one in HOTDASH.deadlines if one.id == "response")


@pytest.mark.parametrize(
    "fact",
    [
        fired(f"{RESPONSE.id}/0/0"),
        fired(f"{RESPONSE.id}/0/0", NOON + timedelta(days=1)),
        fired(f"{RESPONSE.id}/1/0"),
        fired(f"{RESPONSE.id}/0/x"),
        fired(RESPONSE.id),
        fired("nothing/0/0"),
        fired("all-clear-report/0/0"),
        fired("devops-1/0/0", NOON, f"{RESPONSE.id}/0/0"),
    ],
    ids=["early", "says so", "interval", "number", "no number", "no such", "not begun", "covered"],
)
def test_a_deadline_that_was_not_due_did_not_come_due_whoever_says_so(fact: Fired) -> None:
    desk = declared()
    forge(desk, fact)
    plan = desk.run()
    assert untrue(plan) == ["untrue"]
    assert fact.timer not in plan.incident.progress.fired or fact.covers
    assert "says otherwise, so that part of it does not count" in told(plan)
    assert "says what did not happen" in str(desk.panel)
    desk.later(120)
    told_of = [one for one in facts(desk.run()) if isinstance(one, Fired)]
    assert any(f"{RESPONSE.id}/0/0" in (one.timer, *one.covers) for one in told_of)
    assert untrue(desk.run()) == []


def test_a_deadline_that_was_due_counts() -> None:
    desk = declared()
    desk.later(16)
    desk.run()
    desk.panel = None
    plan = desk.run()
    assert (untrue(plan), f"{RESPONSE.id}/0/0" in plan.incident.progress.fired) == ([], True)


def test_what_was_due_by_another_runbook_alone_counts() -> None:
    desk = declared()
    forge(desk, RunbookChanged(name="other", hash="0" * 12), key="runbook:0:1")
    forge(desk, fired("theirs/0/0"))
    assert untrue(desk.run()) == []
    forge(desk, RunbookChanged(name="other", hash="0" * 12), key="runbook:0:2")
    forge(desk, fired("theirs/0/1", desk.now + timedelta(hours=1)), key="t:theirs/0/1")
    assert untrue(desk.run()) == ["untrue"]


def test_another_runbook_is_no_excuse_for_a_deadline_of_ours_unless_it_was_long_ago() -> None:
    desk = declared()
    forge(desk, RunbookChanged(name="other", hash="0" * 12), key="runbook:0:1")
    forge(desk, fired(f"{RESPONSE.id}/0/0"))
    assert [fact.what for fact in facts(desk.plan()) if isinstance(fact, Tampered)] == ["untrue"]
    desk.later(60 * 25)
    assert untrue(desk.run()) == []


def test_what_was_taken_back_is_gone_when_a_deadline_is_looked_at() -> None:
    desk = declared()
    desk.says(BOB, "/status monitoring")
    desk.run()
    known = read(desk.snapshot, desk.policy.trust).entries
    forge(desk, Undone(key=known[-1].key), key="c9999.0", by=BOB)
    desk.panel = None
    forge(desk, fired(f"monitoring-over/0/{desk.now:%Y%m%dT%H%M%S}/0"))
    assert untrue(desk.run()) == ["untrue"]


# -- declarations


def opened_by_eve() -> IssueDesk:
    return IssueDesk(author=EVE, labels=frozenset({"incident"}), title="Help")


@pytest.mark.parametrize("by", [None, BOB, EVE], ids=["nobody", "who did not", "who may not"])
def test_who_did_not_declare_it_or_may_not_did_not_declare_it(by: Person | None) -> None:
    desk = opened_by_eve()
    forge(desk, DECLARED, key="declare", by=by)
    plan = desk.run()
    assert untrue(plan) == ["untrue"]
    assert plan.incident.stage == Stage.REPORT
    assert (untrue(desk.run()), desk.run().incident.stage) == ([], Stage.REPORT)
    desk.panel = None
    assert (untrue(desk.run()), desk.run().incident.stage) == ([], Stage.REPORT)


def test_who_labelled_or_opened_it_may_have_declared_it() -> None:
    desk = opened_by_eve()
    desk.events.append(IssueEvent(1, "labeled", CAT, NOON, "incident"))
    forge(desk, DECLARED, key="declare", by=CAT)
    assert (untrue(desk.run()), desk.asked[0]) == ([], Wants(events=True))
    desk = IssueDesk()
    forge(desk, DECLARED, key="declare", by=ADA)
    assert untrue(desk.run()) == []
    assert Wants(logins=frozenset({"ada"})) in desk.asked


@pytest.mark.parametrize("rights", [Rights.NONE, None], ids=["none", "unknown"])
def test_who_declared_it_long_ago_may_have_left(rights: Rights | None) -> None:
    desk = declared()
    desk.panel = None
    desk.access["ada"] = Access(rights)
    if rights is None:
        assert untrue(desk.run()) == []
        return
    desk.later(60 * 25)
    plan = desk.run()
    assert (untrue(plan), plan.incident.stage) == ([], Stage.OPEN)


def test_a_report_is_confirmed_by_the_comment_that_says_so() -> None:
    desk = opened_by_eve()
    desk.run()
    theirs = desk.says(EVE, "/confirm, please")
    forge(desk, DECLARED, key=f"c{theirs}.0", by=BOB, source=theirs)
    plan = desk.run()
    assert (untrue(plan), plan.incident.stage) == (["untrue"], Stage.REPORT)
    nobodys = desk.says(None, "/confirm")
    forge(desk, DECLARED, key=f"c{nobodys}.0", by=BOB, source=nobodys)
    assert untrue(desk.run()) == ["untrue"]
    mine = desk.says(BOB, "/confirm")
    forge(desk, DECLARED, key=f"c{mine}.0", by=BOB, source=mine)
    assert untrue(desk.run()) == []


def test_a_confirmation_whose_comment_is_gone_is_held_against_the_rights_alone() -> None:
    desk = opened_by_eve()
    desk.run()
    forge(desk, DECLARED, key="c7.0", by=BOB, source=7)
    assert untrue(desk.run()) == []


# -- production


def asked(kind: OperationKind = "rollback", **more: object) -> OperationAsked:
    said = {"op": "rollback-00000001", "kind": kind, "service": "web", "target": "v1"} | more
    return read_values(OperationAsked, said)


APPROVED = OperationApproved(op="rollback-00000001")


@pytest.mark.parametrize(
    ("fact", "text", "true"),
    [
        (asked(), "/rollback web", True),
        (asked("action", name="x"), "/run x", True),
        (asked("action", name="x"), "/flag-off x", True),
        (APPROVED, "/approve", True),
        (asked(), "/approve", False),
        (asked(), "/cancel", False),
        (asked("action", name="x"), "/rollback web", False),
        (APPROVED, "/rollback web", False),
        (asked(), "roll it back?", False),
        (asked(), "/rollbak web", False),
        (asked(), "\uff0frollback web", False),
        (asked("smoke"), "anything", True),
    ],
)
def test_what_changes_production_was_asked_for_in_a_comment_of_its_author(
    fact: Fact, text: str, true: bool
) -> None:
    desk = declared()
    source = desk.says(ADA, text)
    forge(desk, fact, key=f"c{source}.0", by=ADA, source=source)
    assert [one.what for one in facts(desk.plan()) if isinstance(one, Tampered)] == (
        [] if true else ["untrue"]
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, author=BOB),
        lambda one: replace(one, author=None),
        lambda one: replace(one, updated_at=one.updated_at + timedelta(minutes=1)),
        lambda one: replace(one, body=f"> {one.body}"),
        lambda one: replace(one, id=2),
    ],
    ids=["another's", "nobody's", "edited", "quoted", "gone"],
)
def test_what_its_comment_does_not_say_was_not_asked_for(change: Callable[[Comment], Comment]) -> None:
    desk = declared()
    source = desk.says(ADA, "/rollback web")
    desk.comments[-1] = change(desk.comments[-1])
    forge(desk, asked(), key=f"c{source}.0", by=ADA, source=source)
    plan = desk.run()
    assert untrue(plan) == ["untrue"]
    assert not plan.incident.production.operations


@pytest.mark.parametrize("key", ["c{}.1", "c{}.x", "c{}.00001", "c{}", "o:rollback-00000001", "t:x"])
def test_a_command_stands_at_its_place_in_its_comment(key: str) -> None:
    desk = declared()
    source = desk.says(ADA, "/rollback web")
    forge(desk, asked(), key=key.format(source), by=ADA, source=source)
    assert untrue(desk.run()) == ["untrue"]


def test_nobody_asks_for_a_change_of_production() -> None:
    desk = declared()
    source = desk.says(ADA, "/rollback web")
    forge(desk, asked(), key=f"c{source}.0", source=source)
    assert untrue(desk.run()) == ["untrue"]


def test_what_was_started_by_hand_is_told_by_its_run_and_never_started_again() -> None:
    desk = declared()
    forge(desk, asked(op="hand-000001", by_hand=True), key="o:hand-000001", by=ADA)
    plan = desk.run()
    assert untrue(plan) == []
    assert not any(isinstance(effect, Dispatch) for effect in plan.effects)
    forge(desk, asked(op="rollback-00000002", by_hand=True), key="o:rollback-00000002", by=ADA)
    assert untrue(desk.run()) == ["untrue"]


def test_long_after_nobody_has_to_keep_the_comment_that_asked() -> None:
    desk = declared()
    forge(desk, asked(), key="c7.0", by=ADA, source=7)
    desk.later(60 * 25)
    assert untrue(desk.run()) == []


def test_facts_of_other_kinds_are_nobodys_to_refute() -> None:
    desk = declared()
    forge(desk, Acknowledged(by=BOB), key="c7.0", by=BOB, source=7)
    plan = desk.run()
    assert (untrue(plan), desk.asked) == ([], [])
