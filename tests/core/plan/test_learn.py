"""A pass says once that an incident is learned, and the label says so."""

from __future__ import annotations

from allclear.core.record.postmortem import Learned
from core.issue_desk import IssueDesk, facts, told
from stories import ADA, BOB


def closed() -> IssueDesk:
    """A P3: nothing is asked for after it but what people promise."""
    desk = IssueDesk(title="[INCIDENT P3] A typo", labels=frozenset({"incident", "P3"}))
    desk.run()
    desk.answered(BOB, "/ack\n/action buy a dictionary")
    desk.answered(ADA, '/resolve fixed\n/all-clear --override "all is well"')
    return desk


def test_it_is_said_once_that_it_is_learned() -> None:
    desk = closed()
    assert "learned" not in desk.labels
    desk.says(BOB, "/action done 1")
    plan = desk.run()
    assert [fact for fact in facts(plan) if isinstance(fact, Learned)] == [Learned()]
    assert "The incident is **learned**" in told(plan)
    assert "learned" in desk.labels
    assert facts(desk.run()) == []


def test_what_nothing_was_asked_for_after_is_just_closed() -> None:
    desk = IssueDesk(title="[INCIDENT P3] A typo", labels=frozenset({"incident", "P3"}))
    desk.run()
    desk.says(ADA, '/ack\n/resolve fixed\n/all-clear --override "all is well"')
    plan = desk.run()
    assert not any(isinstance(fact, Learned) for fact in facts(plan))
    assert "learned" not in desk.labels
