"""Where clocks start: conditions that come true, and go, and come again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from allclear.core.clock.condition import holding
from allclear.core.clock.deadlines import due, due_time, timers
from allclear.core.policy.deadline import Condition
from allclear.core.policy.runbook import Runbook
from allclear.core.record.life import Cleared
from allclear.core.record.production import HotfixMerged, OperationAsked, OperationEnded
from allclear.core.record.progress import Fired
from commands.room import ALICE, Talk, at
from written import small


def book(**rule: Any) -> Runbook:
    return small(rules={"gravest": "none", "tell": {"tell": "CTO"} | rule})


def said(talk: Talk, clock: str) -> list[tuple[str, datetime]]:
    """What the rule says at that time, and when it was due; that it was said is in the record."""
    found = [one for one in due(talk.incident, talk.runbook, at(clock)) if one.deadline.id == "tell"]
    talk.now = at(clock)
    for one in found:
        talk.add(f"t:{one.key}", Fired(timer=one.key, deadline="x", due=one.due, covers=one.covers))
    return [(one.key, one.due) for one in found]


def test_a_flag_is_told_each_time_it_is_raised_and_late_counts_from_then() -> None:
    talk = Talk("SEV1", book=book(when={"flag": "security"}))
    assert said(talk, "14:29") == []
    talk.says("/flag security")

    assert said(talk, "14:37") == [("tell/0/c101.1/0", at("14:30"))]
    assert said(talk, "14:40") == []
    talk.says("/unflag security")
    assert said(talk, "14:45") == []
    talk.says("/flag security")
    assert said(talk, "14:50") == [("tell/0/c103.1/0", at("14:46"))]


def test_what_was_taken_back_in_time_is_told_to_nobody() -> None:
    talk = Talk("SEV1", book=book(when={"flag": "security"}, after="10m"))
    talk.says("/flag security")
    assert said(talk, "14:10") == []
    talk.says("/unflag security")

    assert said(talk, "14:30") == []
    talk.says("/flag security")
    assert said(talk, "14:41") == [("tell/0/c103.1/0", at("14:41"))]


def test_raising_it_once_more_while_it_is_up_is_nothing_new() -> None:
    talk = Talk("SEV1", book=book(when={"flag": "security"}))
    talk.says("/flag security")
    talk.says("/flag security")

    assert said(talk, "14:05") == [("tell/0/c101.1/0", at("14:01"))]


def test_any_of_several_flags_is_told_and_several_at_once_in_one_notice() -> None:
    talk = Talk("SEV1", book=book(when={"flag": ["security", "data-loss"]}))
    talk.says("/flag data-loss")
    talk.says("/flag security")

    assert said(talk, "14:05") == [("tell/0/c102.1/0", at("14:02"))]
    assert {"tell/0/c101.1/0", "tell/0/c102.1/0"} <= talk.incident.progress.fired.keys()


def test_a_reopened_incident_tells_of_a_flag_that_is_still_up() -> None:
    talk = Talk("SEV1", book=book(when={"flag": "security"}))
    talk.says("/flag security")
    said(talk, "14:05")
    talk.add("c", Cleared(override="x"), by=ALICE)
    talk.now = at("18:00")
    talk.says("/reopen it is back")

    assert said(talk, "18:02") == [("tell/1/c101.1/0", at("18:01"))]


def test_from_a_moment_on_a_flag_that_comes_later_is_told_at_once() -> None:
    talk = Talk("SEV1", book=book(**{"when": {"flag": "security"}, "from": "acknowledged", "after": "10m"}))
    talk.says("/flag security")
    assert said(talk, "14:30") == []
    talk.says("/ack")
    assert said(talk, "14:40") == []
    assert said(talk, "14:41") == [("tell/0/c101.1/0", at("14:41"))]
    talk.says("/unflag security")
    talk.now = at("14:50")
    talk.says("/flag security")

    assert said(talk, "14:51") == [("tell/0/c104.1/0", at("14:51"))]


def rolled_back(talk: Talk) -> None:
    asked = OperationAsked(op="rollback-1", kind="rollback", service="web")
    talk.add("o:a", asked, by=ALICE)
    talk.add("o:e", OperationEnded(op="rollback-1", outcome="done"))


def kinds(talk: Talk) -> set[str]:
    known = [Condition(fix="rollback"), Condition(fix="fix-forward"), Condition(fix="hotfix")]
    return {one.fix for one in known if holding(talk.incident, one)}


def test_the_newest_fix_counts_and_a_hotfix_is_a_fix_forward() -> None:
    talk = Talk("SEV1", book=book())
    assert kinds(talk) == set()
    talk.says("/status monitoring")
    assert kinds(talk) == {"fix-forward"}
    rolled_back(talk)
    assert kinds(talk) == {"rollback"}
    talk.now = at("15:00")
    talk.add("h", HotfixMerged(at=talk.now))
    assert kinds(talk) == {"fix-forward", "hotfix"}


def test_a_fix_starts_the_clock_of_a_rule_and_each_fix_anew() -> None:
    talk = Talk("SEV1", book=book(when={"fix": "rollback"}, after="5m", until="all-clear"))
    talk.now = at("14:10")
    rolled_back(talk)

    assert said(talk, "14:14") == []
    assert said(talk, "14:16") == [("tell/0/20260302T141000/0", at("14:15"))]


def test_a_fix_and_a_flag_both_have_to_hold() -> None:
    talk = Talk("SEV1", book=book(when={"fix": "rollback", "flag": "security"}))
    talk.says("/flag security")
    assert said(talk, "14:05") == []
    rolled_back(talk)

    assert said(talk, "14:06") == [("tell/0/c101.1/0", at("14:05"))]


def test_what_nobody_measured_does_not_hold() -> None:
    talk = Talk("SEV1", book=book(when={"measured": {"error-rate": 10}}))

    assert said(talk, "15:00") == []


def test_nothing_holds_before_the_declaration() -> None:
    assert holding(Talk(report=True).incident, Condition()) == ()


def test_a_rule_without_a_condition_holds_from_the_declaration() -> None:
    assert holding(Talk("SEV1", book=book()).incident, Condition()) == (("20260302T140000", at("14:00")),)


@pytest.mark.parametrize(
    "key", ["tell/0/c101.1/0", "tell/0/c101.1/1", "tell/0/c9.1/0", "tell/0/0", "called/0/c1.0/0"]
)
def test_only_what_is_there_was_due(key: str) -> None:
    talk = Talk("SEV1", book=book(when={"flag": "security"}))
    talk.says("/flag security")

    assert due_time(talk.incident, talk.runbook, key) == (at("14:01") if key == "tell/0/c101.1/0" else None)


def test_whom_people_called_was_due_at_once_and_is_told_once() -> None:
    talk = Talk("SEV1", book=book())
    talk.says("/escalate CTO it burns")
    (timer,) = (one for one in timers(talk.incident, talk.runbook, talk.now) if one.deadline.id == "called")

    assert (timer.key, timer.due, timer.to) == ("called/0/c101.1/0", at("14:01"), ("CTO",))
    assert due_time(talk.incident, talk.runbook, timer.key) == timer.due
    assert timer.values == {"who": "alice", "why": "it burns"}
    talk.add("t", Fired(timer=timer.key, deadline="x", due=timer.due))
    assert [one for one in timers(talk.incident, talk.runbook, talk.now) if one.deadline.id == "called"] == []


def test_a_reopened_incident_calls_nobody_again() -> None:
    talk = Talk("SEV1", book=book())
    talk.says("/escalate CTO")
    talk.add("c", Cleared(override="x"), by=ALICE)
    assert [one for one in due(talk.incident, talk.runbook, talk.now) if one.deadline.id == "called"] == []
    talk.now = at("18:00")
    talk.says("/reopen it is back")

    assert [one for one in due(talk.incident, talk.runbook, talk.now) if one.deadline.id == "called"] == []
    assert talk.says("/escalate").facts[0].level == 1  # type: ignore[union-attr]  # an Escalated
