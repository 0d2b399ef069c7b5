"""Action items and their issues: what a pass records of the list, and what it opens, closes and reopens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allclear.core.model.action_marker import ActionMarker, action_marker
from allclear.core.model.budget import Budget
from allclear.core.model.effects import AssignActionIssue, OpenActionIssue, SetActionIssue
from allclear.core.model.milestones import IncidentKind
from allclear.core.model.people import Access, Person
from allclear.core.model.snapshot import Issue
from allclear.core.model.structs import replace
from allclear.core.record.life import Cleared, Resolved
from allclear.core.record.postmortem import PostmortemOpened, PostmortemPublished
from allclear.core.record.progress import ActionAdded, ActionEnded, ActionFiled, ActionReopened
from allclear.core.record.read_again import STRIDE
from core.issue_desk import BOT, EVE, IssueDesk, facts, going_on, told
from stories import ADA, BOB, CAT, NOON, REPOSITORY, Story

URL = "https://github.com/acme/shop/issues"
LONG = "An alert on the connection pool, before it is exhausted as it was on Sunday"


def story(*, followed: bool = True, kind: IncidentKind = "real") -> Story:
    told = Story().declare(severity="P3", kind=kind)
    told.tell(1, BOB, ActionAdded(number=1, owner=BOB, due="2025-11-03", text=LONG))
    told.tell(1, BOB, ActionAdded(number=2, text="Buy a dictionary"))
    told.tell(2, ADA, Resolved()).tell(3, ADA, Cleared())
    told.tell(4, None, PostmortemOpened(path="reports/incidents/down.md", branch="b", url="u", pull=5))
    return told.tell(5, None, PostmortemPublished(at=NOON + timedelta(minutes=5), followed=followed))


def desk(**more: object) -> IssueDesk:
    """Two open items; a sweep has listed no issue yet."""
    found = going_on(story(), **more)
    found.action_issues = []
    found.later(20)
    return found


def issue(number: int, item: int = 0, **more: object) -> Issue:
    """One of ours for an item, or one that bob opened for the incident."""
    marker = ActionMarker(repo=REPOSITORY.id, issue=42, item=item).line
    body = f"{marker}\nwords" if item else "From the review of #42.\n\nDue: 2025-11-20"
    author, labels = BOT if item else BOB, frozenset({"action-item"})
    plain = Issue(number, "A title", body, author, "open", labels, (), NOON, f"{URL}/{number}")
    return replace(plain, **more)  # type: ignore[arg-type]  # the fields of an issue, by name


def closed(one: Issue, how: str = "completed", after: float = 30) -> Issue:
    return replace(one, state="closed", closed_as=how, closed_at=NOON + timedelta(minutes=after))


def talked_on(found: IssueDesk) -> IssueDesk:
    """So much was said since that a run goes on from what the panel keeps."""
    found.brief = True
    for _ in range(2 * STRIDE):
        found.says(EVE, "thank you")
    found.run()
    found.run()
    return found


def filed() -> IssueDesk:
    """Both items have issues, 50 and 51, and the record knows it."""
    found = desk()
    found.action_issues = [issue(50, 1), issue(51, 2)]
    assert facts(found.run()) == [ActionFiled(number=1, issue=50), ActionFiled(number=2, issue=51)]
    found.later(60)
    return found


def wanted(found: IssueDesk) -> list[OpenActionIssue | SetActionIssue]:
    effects = found.run().effects
    return [one for one in effects if isinstance(one, OpenActionIssue | SetActionIssue)]


def test_what_has_no_issue_gets_one_with_its_whole_text() -> None:
    found = desk()
    found.action_issues = None
    talked_on(found).action_issues = []
    first, second = wanted(found)
    assert isinstance(first, OpenActionIssue)
    assert isinstance(second, OpenActionIssue)
    assert (first.title, first.labels, first.assignees, first.parent) == (
        LONG,
        ("action-item",),
        ("bob",),
        42,
    )
    assert action_marker(first.body) == ActionMarker(repo=REPOSITORY.id, issue=42, item=1)
    assert "Owner: bob\nDue: 2025-11-03" in first.body
    assert second.assignees == ()
    assert any(asked.history for asked in found.asked)


def test_a_drill_assigns_nobody() -> None:
    found = going_on(story(kind="drill"))
    found.action_issues = []
    assert [one.assignees for one in wanted(found) if isinstance(one, OpenActionIssue)] == [(), ()]


@pytest.mark.parametrize("budget", [Budget(1000, 10, NOON)])
def test_while_little_is_left_of_the_hour_they_wait(budget: Budget) -> None:
    assert wanted(desk(budget=budget)) == []


def test_without_a_list_nothing_is_known() -> None:
    found = desk()
    found.action_issues = None
    assert wanted(found) == []


def test_what_was_published_before_that_was_so_stays_as_it_is() -> None:
    found = going_on(story(followed=False))
    found.action_issues = []
    assert wanted(found) == []


def test_the_issue_is_recorded_once_and_a_second_one_of_an_item_does_not_count() -> None:
    found = filed()
    found.action_issues = [issue(50, 1), issue(51, 2), issue(52, 1, state="closed", closed_as="completed")]
    assert facts(found.run()) == []
    assert wanted(found) == []
    found.action_issues = [closed(issue(52, 1))]
    assert facts(found.run()) == []


def test_one_that_lacks_its_owner_gets_them_once() -> None:
    found = desk()
    found.action_issues = [issue(50, 1), issue(51, 2)]
    assigned = [one for one in found.run().effects if isinstance(one, AssignActionIssue)]
    assert assigned == [AssignActionIssue(50, ("bob",))]
    assert not any(isinstance(one, AssignActionIssue) for one in found.run().effects)


def test_an_issue_of_another_incident_or_not_of_ours_is_none() -> None:
    found = desk()
    other = issue(50, body=ActionMarker(repo=REPOSITORY.id, issue=7, item=1).line, author=BOT)
    forged = issue(51, 1, author=EVE)
    found.action_issues = [other, forged, issue(52, 2, author=None)]
    assert facts(found.run()) == []


@pytest.mark.parametrize(
    ("how", "outcome", "said"),
    [
        ("completed", "done", "Action item 1 is done: #50 was closed as completed."),
        ("", "done", "Action item 1 is done: #50 was closed as completed."),
        ("not_planned", "dropped", "Action item 1 is dropped: #50 was closed as not planned."),
        ("duplicate", "dropped", "Action item 1 is dropped: #50 was closed as not planned."),
    ],
)
def test_closing_it_ends_the_item(how: str, outcome: str, said: str) -> None:
    found = filed()
    found.action_issues = [closed(issue(50, 1), how), issue(51, 2)]
    plan = found.run()
    assert said in told(plan)
    (fact,) = facts(plan)
    assert isinstance(fact, ActionEnded)
    assert (fact.number, fact.outcome) == (1, outcome)
    assert facts(found.run()) == []


def test_one_that_is_closed_without_a_time_ends_it_too() -> None:
    found = filed()
    found.action_issues = [issue(50, 1, state="closed")]
    assert [type(fact) for fact in facts(found.run())] == [ActionEnded]


def test_reopening_it_opens_the_item_whatever_the_checkpoint_keeps() -> None:
    found = filed()
    found.action_issues = [closed(issue(50, 1)), issue(51, 2)]
    found.run()
    talked_on(found)
    found.action_issues = [issue(50, 1, closed_as="reopened"), issue(51, 2)]
    plan = found.run()
    assert facts(plan) == [ActionReopened(number=1)]
    assert "Action item 1 is open again: #50 was reopened." in told(plan)
    assert [one.number for one in plan.incident.progress.open_actions] == [1, 2]
    assert plan.incident.progress.ended == 0


def test_a_command_closes_it_and_what_is_open_all_the_same_is_closed_later() -> None:
    found = filed()
    found.says(BOB, "/action done 1\n/action drop 2 too dear")
    assert wanted(found) == [SetActionIssue(50, "completed"), SetActionIssue(51, "not_planned")]
    assert wanted(found) == [SetActionIssue(50, "completed"), SetActionIssue(51, "not_planned")]
    found.action_issues = [closed(issue(50, 1)), closed(issue(51, 2))]
    assert wanted(found) == []


def test_right_after_a_command_an_issue_that_was_reopened_before_is_closed() -> None:
    found = filed()
    found.action_issues = [issue(50, 1, closed_as="reopened"), issue(51, 2)]
    found.says(BOB, "/action done 1")
    assert SetActionIssue(50, "completed") in wanted(found)
    assert wanted(found) == [SetActionIssue(50, "completed")]


def test_undo_opens_it_again_and_so_does_a_later_pass() -> None:
    found = filed()
    found.action_issues = [closed(issue(50, 1)), issue(51, 2)]
    found.run()
    found.says(BOB, "/action done 2")
    found.run()
    found.says(BOB, "/undo")
    assert wanted(found) == [SetActionIssue(51, "open")]
    found.action_issues = [issue(50, 1, closed_as="reopened"), issue(51, 2)]
    found.later(60)
    found.run()
    found.action_issues = [closed(issue(50, 1)), issue(51, 2)]
    assert wanted(found) == [SetActionIssue(50, "open")]


def test_the_issue_of_an_item_that_was_taken_back_is_closed() -> None:
    found = filed()
    found.action_issues = [issue(50, 1), issue(51, 2), issue(52, 9)]
    assert wanted(found) == [SetActionIssue(52, "not_planned")]
    found.action_issues[-1] = closed(issue(52, 9))
    assert wanted(found) == []


def test_one_that_somebody_opens_by_hand_is_an_item_too() -> None:
    found = filed()
    found.action_issues = [issue(50, 1), issue(51, 2), issue(53, assignees=(CAT, BOB))]
    plan = found.run()
    assert facts(plan) == [
        ActionAdded(number=3, owner=CAT, due="2025-11-20", text="A title"),
        ActionFiled(number=3, issue=53),
    ]
    assert "#53 is action item 3 of this incident: A title" in told(plan)
    assert facts(found.run()) == []
    found.action_issues[-1] = closed(issue(53))
    assert [type(fact) for fact in facts(found.run())] == [ActionEnded]
    assert facts(talked_on(found).run()) == []
    found.action_issues[-1] = issue(53, closed_as="reopened")
    assert facts(found.run()) == [ActionReopened(number=3)]


def test_one_that_is_closed_already_is_an_item_that_is_done() -> None:
    found = filed()
    found.action_issues = [issue(50, 1), issue(51, 2), closed(issue(53))]
    assert [type(fact) for fact in facts(found.run())] == [ActionAdded, ActionFiled, ActionEnded]
    assert facts(talked_on(found).run()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"author": EVE},
        {"author": None},
        {"author": Person(id=9, login="shy")},
        {"body": "Of #7, and of #42"},
        {"body": "Of other/repo#42"},
    ],
)
def test_of_others_or_for_others_it_is_none(changes: dict[str, Any]) -> None:
    found = filed()
    found.access["shy"] = Access(None)
    found.action_issues = [issue(50, 1), issue(51, 2), replace(issue(53), **changes)]
    assert facts(found.run()) == []


def test_of_very_many_the_later_ones_wait() -> None:
    found = filed()
    found.action_issues = [issue(50, 1), issue(51, 2), *(issue(number) for number in range(60, 70))]
    assert sum(isinstance(fact, ActionAdded) for fact in facts(found.run())) == 5
    assert sum(isinstance(fact, ActionAdded) for fact in facts(found.run())) == 5


def test_more_than_people_keep_an_eye_on_are_not_taken_in() -> None:
    told = story()
    for number in range(3, 51):
        told.tell(1, BOB, ActionAdded(number=number, text="Another"))
    found = going_on(told)
    found.action_issues = [issue(60)]
    assert facts(found.run()) == []
