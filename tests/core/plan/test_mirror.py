"""Mirrors of the record on the issue: people, labels, state, panel."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.effects import (
    AddLabels,
    Assign,
    Close,
    DeleteComment,
    Effect,
    JoinOther,
    PutPanel,
    React,
    RemoveLabel,
    Reopen,
    Reply,
)
from allclear.core.model.people import Person
from allclear.core.model.snapshot import LastEdit, OtherIssue
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.policy.settings import Settings
from allclear.core.record.chain import checkpoint_of
from allclear.core.record.read_again import STRIDE
from core.issue_desk import BOT, EVE, IssueDesk, declared
from stories import ADA, BOB, CAT, SETTINGS


def only(plan: Plan, kind: type[Effect]) -> list[Effect]:
    return [effect for effect in plan.effects if isinstance(effect, kind)]


def after(text: str, **more: object) -> Plan:
    """What a pass decides after bob wrote something."""
    desk = declared(others={7: OtherIssue(7, "Other", incident=True, open=True)}, **more)
    desk.says(BOB, text)
    return desk.run()


def test_the_reply_comes_first_and_the_panel_last() -> None:
    kinds = [type(effect) for effect in after("/sev P0\n/ack").effects]
    assert kinds == [Reply, Assign, AddLabels, RemoveLabel, PutPanel]


# -- people


def test_who_newly_responds_is_assigned_and_who_was_taken_off_since_stays_off() -> None:
    desk = declared()
    desk.says(BOB, "/ack\n/comms @cat\n/comms none")
    assert only(desk.run(), Assign) == [Assign(("bob", "cat"))]
    desk.assignees = ()
    desk.says(ADA, "/ack")
    assert only(desk.run(), Assign) == [Assign(("ada",))]


def test_nobody_is_assigned_twice_nor_beyond_what_an_issue_takes() -> None:
    assert only(after("/ack", assignees=(Person(id=2, login="BOB"),)), Assign) == []
    crowd = tuple(Person(id=100 + n, login=f"p{n}") for n in range(10))
    assert only(after("/ack", assignees=crowd), Assign) == []


# -- state


def test_a_duplicate_tells_the_other_issue_hands_over_its_people_and_is_closed() -> None:
    plan = after("/ack\n/duplicate #7")
    (join,) = only(plan, JoinOther)
    assert isinstance(join, JoinOther)
    assert (join.issue, join.assign) == (7, ("bob",))
    assert join.body.endswith("#42 is the same incident. Its people are added here.")
    assert only(plan, Assign) == []
    assert only(plan, Close) == [Close("duplicate")]


def test_an_incident_that_was_closed_by_hand_is_opened_again() -> None:
    desk = declared()
    desk.does(BOB, "closed")
    plan = desk.run()
    assert only(plan, Reopen) == [Reopen()]
    assert desk.state == "open"


def test_what_ended_is_closed_when_it_was_opened_without_the_right_to() -> None:
    desk = declared()
    desk.author = EVE
    report = IssueDesk(author=EVE)
    report.run()
    report.says(BOB, "/dismiss a question")
    assert only(report.run(), Close) == [Close("not_planned")]
    report.does(EVE, "reopened")
    assert only(report.run(), Close) == [Close("not_planned")]


def test_the_issue_is_left_as_it_is_while_a_command_waits() -> None:
    desk = declared()
    desk.does(BOB, "closed")
    desk.access.pop("bob")
    desk.access["bob"] = replace(desk.access["ada"], rights=None)
    plan = desk.run()
    assert plan.waiting
    assert (only(plan, Reopen), only(plan, Close)) == ([], [])


def test_the_label_of_a_record_is_put_back() -> None:
    desk = declared()
    desk.does(BOB, "unlabeled", "incident")
    assert only(desk.run(), AddLabels) == [AddLabels(("incident",))]


# -- strangers


def test_a_stranger_is_answered_once_then_gets_one_reaction_a_comment() -> None:
    desk = declared()
    assert "GitHub says that you have `read`" in desk.answered(EVE, "/ack")
    number = desk.says(EVE, "/ack\n/sev P0")
    plan = desk.run()
    assert (only(plan, Reply), only(plan, React)) == ([], [React(number, "-1")])
    assert desk.run().effects == ()


# -- the panel


def test_a_second_panel_that_a_killed_run_left_is_removed() -> None:
    desk = declared()
    assert desk.panel is not None
    second = desk.write(BOT, desk.panel.body)
    assert only(desk.run(), DeleteComment) == [DeleteComment(second)]
    assert desk.run().effects == ()


def test_a_panel_that_lost_its_pin_is_pinned_again() -> None:
    desk = declared()
    desk.pinned = False
    (put,) = only(desk.run(), PutPanel)
    assert isinstance(put, PutPanel)
    assert (put.comment, put.pinned) == (1, False)
    assert desk.run().effects == ()


@pytest.mark.parametrize(("minutes", "kept"), [(9, True), (10, False)])
def test_a_click_is_left_on_the_panel_for_ten_minutes_while_nobody_knows_whose_it_is(
    minutes: int, kept: bool
) -> None:
    """A8."""
    desk = declared()
    desk.ticks(BOB, "Status page updated")
    desk.clicked = LastEdit(None, desk.now, known=False)
    desk.later(minutes)
    assert (only(desk.plan(), PutPanel) == []) is kept


def test_a_click_of_somebody_who_may_becomes_a_command() -> None:
    desk = declared()
    desk.ticks(CAT, "Status page updated")
    plan = desk.run()
    assert plan.incident.progress.ticks["status-page"].by == CAT
    assert desk.panel is not None
    assert "[x] Status page updated" in desk.panel.body


def test_settings_in_trouble_are_not_kept_as_the_last_good_ones() -> None:
    desk = declared()
    good = kept(desk)
    assert read_authored(Settings, json.loads(good)) == SETTINGS
    desk.trouble, desk.settings = ("`people` is no mapping.",), Settings()
    desk.says(BOB, "/ack")
    desk.run()
    assert kept(desk) == good
    fresh = declared(trouble=("`people` is no mapping.",))
    assert kept(fresh) == ""


def kept(desk: IssueDesk) -> str:
    """The settings that the panel keeps."""
    found = checkpoint_of(desk.snapshot, desk.policy.trust)
    assert found is not None
    return found.settings


def test_a_quiet_issue_is_left_alone() -> None:
    desk = declared()
    desk.now += timedelta(seconds=30)
    assert desk.run().effects == ()


def test_while_github_does_not_say_who_did_something_by_hand_nothing_of_it_is_put_back() -> None:
    desk = declared()
    desk.does(BOB, "labeled", "P2")
    desk.unsaid = frozenset({"events"})
    assert [type(effect) for effect in desk.run().effects if not isinstance(effect, PutPanel)] == []
    assert "P2" in desk.labels
    desk.unsaid = frozenset()
    assert desk.run().incident.severity == "P2"


def test_where_labels_are_many_what_goes_makes_room_for_what_comes() -> None:
    desk = declared()
    desk.labels |= {f"area-{number}" for number in range(97)}
    desk.says(BOB, "/sev P2")
    kinds = [type(effect) for effect in desk.plan().effects]
    assert kinds.index(RemoveLabel) < kinds.index(AddLabels)


def test_a_stranger_gets_no_second_reaction_where_the_first_may_be_among_what_is_not_read_again() -> None:
    desk = declared(brief=True)
    desk.says(EVE, "/ack")
    desk.run()
    for _ in range(2 * STRIDE):
        desk.later(1 / 60).write(CAT, "Any news?")
    desk.run()
    desk.says(EVE, "/ack")
    assert only(desk.run(), React) == []


def test_a_stranger_gets_a_reaction_at_the_start_of_an_hour_only() -> None:
    desk = declared()
    desk.says(EVE, "/ack")
    desk.run()
    for minutes, reactions in ((1, 1), (1, 0), (20, 0), (39, 1), (1, 0), (70, 0)):
        desk.later(minutes - 1).says(EVE, "/ack")
        assert len(only(desk.run(), React)) == reactions
