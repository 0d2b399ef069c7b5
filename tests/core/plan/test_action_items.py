"""A pass says that an action item is due, with its whole text (004-34)."""

from __future__ import annotations

from datetime import timedelta

from allclear.core.model.snapshot import Wants
from allclear.core.record.progress import Fired
from allclear.core.record.read_again import STRIDE
from core.issue_desk import EVE, IssueDesk, facts, told
from stories import ADA, BOB

LONG = "An alert on the connection pool, before it is exhausted as it was on Sunday"


def due_today() -> IssueDesk:
    """Two weeks after the declaration, on the day that bob's action item is due."""
    desk = IssueDesk(brief=True)
    desk.run()
    desk.answered(BOB, f"/ack\n/action @bob due:2025-11-03 {LONG}\n/action later")
    desk.answered(ADA, '/resolve fixed\n/all-clear --override "all is well"')
    for _ in range(2 * STRIDE):
        desk.says(EVE, "thank you")
    desk.run()
    desk.run()
    desk.later(15 * 24 * 60)
    return desk


def test_a_reminder_has_the_whole_text_though_the_checkpoint_keeps_its_beginning() -> None:
    desk = due_today()
    plan = desk.run()
    assert Wants(history=True) in desk.asked
    assert f"- **1** {LONG} (bob, due 2025-11-03)" in told(plan)
    assert "@bob" in told(plan)
    assert "later" not in told(plan).split("Action items due")[1]
    assert [one.to for one in facts(plan) if isinstance(one, Fired) and "action" in one.timer] == [("bob",)]


def test_no_comments_are_read_for_action_items_that_are_not_due() -> None:
    desk = due_today()
    desk.run()
    desk.now += timedelta(days=3)
    desk.run()
    assert not any(asked.history for asked in desk.asked)
