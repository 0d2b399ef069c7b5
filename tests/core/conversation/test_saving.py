"""Saving: what waits while little is left of what GitHub lets us ask and write."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.conversation.opening import admitted, askable, left_to_others, plenty
from allclear.core.conversation.saving import LONGEST_HOLD, hold, scarce
from allclear.core.model.budget import Budget
from allclear.core.model.effects import AddLabels, Assign, PutPanel, React, RemoveLabel, Reply
from allclear.core.model.structs import replace
from allclear.core.policy.settings import ACTIONS_BOT
from core.issue_desk import BOT, EVE, IssueDesk, declared
from stories import BOB, NOON

HOUR = timedelta(hours=1)


def left(remaining: int) -> Budget:
    return Budget(1000, remaining, NOON + HOUR)


LITTLE = left(249)


def kinds(desk: IssueDesk) -> list[type]:
    return [type(effect) for effect in desk.run().effects]


def test_a_fourth_of_the_hours_requests_is_kept() -> None:
    assert [left(n).scarce for n in (1000, 250, 249, 0)] == [False, False, True, True]


@pytest.mark.parametrize(("seconds", "few", "many"), [(30, 59, 60), (30 * 60, 374, 375)])
def test_a_fourth_of_the_writes_is_kept_as_far_as_our_own_comments_show_them(
    seconds: int, few: int, many: int
) -> None:
    desk = declared()
    for _ in range(few):
        desk.write(BOT, "written")
    desk.write(EVE, "theirs")
    desk.write(None, "gone")
    desk.now += timedelta(seconds=seconds)
    seen = replace(desk.snapshot, comments=tuple(desk.comments[-few - 2 :]))
    assert not scarce(seen, (ACTIONS_BOT,))
    one = replace(seen.comments[0], id=1)
    assert scarce(replace(seen, comments=(*seen.comments, *[one] * (many - few))), (ACTIONS_BOT,))


def test_answers_people_and_what_is_new_on_the_panel_go_out_and_labels_wait() -> None:
    desk = declared()
    desk.budget = LITTLE
    desk.says(BOB, "/sev P0\n/ack")
    assert kinds(desk) == [Reply, Assign, PutPanel]
    assert kinds(desk) == []
    desk.budget = left(1000)
    assert kinds(desk) == [AddLabels, RemoveLabel]


def test_a_page_goes_out_however_little_is_left() -> None:
    desk = declared()
    desk.budget = left(1)
    desk.later(60)
    assert kinds(desk)[0] is Reply


def test_a_strangers_refusal_and_reaction_wait_for_a_better_hour() -> None:
    desk = declared()
    desk.budget = LITTLE
    desk.says(EVE, "/ack")
    assert kinds(desk) == []
    desk.budget = None
    plan = desk.run()
    assert [type(effect) for effect in plan.effects] == [Reply, PutPanel]
    desk.budget = LITTLE
    desk.says(EVE, "/ack")
    assert kinds(desk) == []
    desk.budget = None
    assert kinds(desk) == [React]


def test_of_a_flood_the_panel_is_written_so_that_it_is_not_read_again() -> None:
    desk = declared()
    desk.budget = LITTLE
    for _ in range(120):
        desk.write(EVE, "/ack")
    plan = desk.run()
    assert plan.saved
    assert [type(effect) for effect in plan.effects] == [PutPanel]


def test_a_run_keeps_its_turn_only_while_little_is_left_and_never_long() -> None:
    assert hold(None, 5, NOON) == hold(left(250), 5, NOON) == timedelta()
    assert hold(LITTLE, 5, NOON) == HOUR / 49
    assert hold(left(3), 0, NOON) == hold(left(0), 9, NOON) == LONGEST_HOLD
    assert hold(LITTLE, 5, NOON + 2 * HOUR) == timedelta()


def test_an_opening_is_looked_at_unless_its_author_opened_too_many() -> None:
    assert [admitted(older, LITTLE) for older in (0, 2, 3)] == [True, True, False]
    assert [admitted(None, one) for one in (None, left(250), LITTLE)] == [True, True, False]
    assert [plenty(one) for one in (None, left(750), left(749))] == [True, True, False]
    lefts = [(None, None), (left(250), left(750)), (LITTLE, None), (None, left(749))]
    assert [left_to_others(*one) for one in lefts] == [False, False, True, True]
    assert [askable(one) for one in (None, left(125), left(124))] == [True, True, False]
