"""Action items as issues, once the post-mortem is merged: opened once, followed, and told of once a week."""

from __future__ import annotations

from contextlib import suppress

import pytest

from allclear_lab.github import IssueView
from allclear_lab.github.faults import Kind
from conversations.beginnings import beginning
from conversations.room import Room, minutes
from sampling import Proof

DAY = minutes(24 * 60)
LABEL = "action-item"
ISSUES = "/repos/acme/shop/issues"


def issues(room: Room, label: str = LABEL) -> list[IssueView]:
    """The issues with the label, the oldest first."""
    found = [room.repo.issue(number) for number in range(1, room.repo.state.last_number + 1)]
    return [one for one in found if label in one.labels]


def said_on(room: Room, number: int) -> list[str]:
    """The comments on an issue."""
    state = room.repo.state
    return [state.comments[one].body for one in state.issues[number].comment_ids]


def _merged(room: Room) -> None:
    """Sunday, 2025-10-19. A P3 whose post-mortem was merged, with three action items, one of them done."""
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    room.says("ann", "/ack\n/action @bob due:2025-11-03 spell-check *all* that @everybody writes, twice")
    room.says("ann", "/action buy a dictionary")
    room.says("ann", "/action @cat due:2025-10-20 fix the typo")
    room.says("ann", "/action done 3")
    room.says("ann", '/resolve it was a typo\n/all-clear --override "nothing to watch"\n/postmortem')
    room.write_up()
    room.merges_report("mia")
    room.clock.advance(minutes(5))


merged = beginning(_merged)


def _filed(room: Room) -> None:
    """The sweeps have opened the issues, and recorded them."""
    _merged(room)
    for _ in range(3):
        room.sweep()
        room.clock.advance(minutes(10))


filed = beginning(_filed)


def test_each_open_item_becomes_an_issue_below_the_incident(filed: Room) -> None:
    first, second = issues(filed)
    assert first.title == "spell-check *all* that @\u2060everybody writes, twice"
    assert first.assignees == ("bob",)
    assert "Owner: bob\nDue: 2025-11-03" in first.body
    assert f"incident #{filed.number}" in first.body
    assert "reports/incidents/2025-10-19-typo.md" in first.body
    assert "spell-check \\*all\\*" in first.body
    assert "@everybody" not in first.body
    assert "Owner: nobody yet\nDue: no date" in second.body
    assert second.assignees == ()
    assert f"Action item 1 is #{first.number}." in "".join(one.body for one in filed.replies)
    assert f"(bob, due 2025-11-03, #{first.number})" in filed.panel.body
    children = filed.repo.state.issues[filed.number].children
    assert children == [first.number, second.number]


def test_as_many_sweeps_as_there_are_make_no_second_one(filed: Room) -> None:
    before = len(filed.comments), filed.panel.body
    requests = len(filed.hub.requests)
    for _ in range(3):
        filed.sweep()
        filed.clock.advance(minutes(10))
    assert len(issues(filed)) == 2
    assert (len(filed.comments), filed.panel.body) == before
    assert (len(filed.hub.requests) - requests) / 3 <= 14


def test_a_run_that_died_after_the_issue_was_opened_makes_one(merged: Room) -> None:
    merged.sweep()
    assert len(issues(merged)) == 2
    assert "Action item 1 is #" not in "".join(one.body for one in merged.replies)
    merged.sweep()
    merged.sweep()
    assert len(issues(merged)) == 2
    assert "Action item 1 is #" in "".join(one.body for one in merged.replies)


def test_closing_the_issue_ends_the_item_and_reopening_it_opens_it(filed: Room) -> None:
    first, second = issues(filed)
    filed.people["bob"].close(first.number)
    filed.people["ann"].close(second.number, "not_planned")
    filed.clock.advance(minutes(10))
    filed.sweep()
    said = filed.replies[-2].body + filed.replies[-1].body
    assert f"Action item 1 is done: #{first.number} was closed as completed." in said
    assert f"Action item 2 is dropped: #{second.number} was closed as not planned." in said
    assert "The incident is **learned**" in said
    assert "learned" in filed.issue.labels


def test_an_issue_that_is_reopened_opens_its_item(filed: Room) -> None:
    first, _ = issues(filed)
    filed.people["bob"].close(first.number)
    filed.clock.advance(minutes(10))
    filed.sweep()
    filed.clock.advance(minutes(60))
    filed.people["bob"].reopen(first.number)
    filed.clock.advance(minutes(10))
    filed.sweep()
    assert f"Action item 1 is open again: #{first.number} was reopened." in filed.replies[-1].body
    assert f"(bob, due 2025-11-03, #{first.number})" in filed.panel.body
    filed.people["bob"].close(first.number)
    filed.clock.advance(minutes(10))
    filed.sweep()
    assert f"Action item 1 is done: #{first.number} was closed" in filed.replies[-1].body


def test_a_command_closes_the_issue_and_undo_opens_it(filed: Room) -> None:
    first, _ = issues(filed)
    filed.says("bob", "/action done 1")
    assert filed.repo.issue(first.number).state == "closed"
    filed.says("bob", "/undo")
    assert filed.repo.issue(first.number).state == "open"
    filed.clock.advance(minutes(10))
    before = len(filed.replies)
    filed.sweep()
    assert len(filed.replies) == before


def test_an_issue_that_somebody_opens_by_hand_counts_too(filed: Room) -> None:
    body = f"Came up in the review of #{filed.number}.\n\nDue: 2025-11-20"
    number = filed.people["bob"].open_issue("Teach the style guide", body, labels=(LABEL,))
    filed.people["bob"].assign(number, "cat")
    filed.sweep()
    assert f"#{number} is action item 4 of this incident: Teach the style guide" in filed.replies[-1].body
    assert f"(cat, due 2025-11-20, #{number})" in filed.panel.body
    filed.clock.advance(minutes(10))
    before = len(filed.replies)
    filed.sweep()
    assert len(filed.replies) == before
    filed.people["cat"].close(number)
    filed.sweep()
    assert f"Action item 4 is done: #{number} was closed as completed." in filed.replies[-1].body


def test_what_names_another_incident_or_is_an_outsiders_does_not(filed: Room) -> None:
    filed.people["bob"].open_issue("Another", f"Of #99, not #{filed.number}", labels=(LABEL,))
    filed.people["out"].open_issue("Buy my shoes", f"#{filed.number}", form_labels=(LABEL,))
    before = len(filed.replies)
    filed.sweep()
    assert len(filed.replies) == before


def test_nothing_is_opened_before_the_post_mortem_is_published(room: Room) -> None:
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    room.says("ann", "/ack\n/action @bob due:2025-11-03 spell-check")
    room.says("ann", '/resolve x\n/all-clear --override "nothing to watch"\n/postmortem')
    room.sweep()
    assert issues(room) == []


def test_what_is_overdue_is_told_once_a_week_to_each_owner(filed: Room) -> None:
    filed.clock.advance(14 * DAY)
    before = len(filed.replies)
    filed.sweep()
    assert issues(filed, "action-digest") == []
    filed.clock.advance(8 * DAY)
    for _ in range(3):
        filed.sweep()
        filed.clock.advance(minutes(10))
    (digest,) = issues(filed, "action-digest")
    assert digest.title == "Overdue action items"
    first, _ = issues(filed)
    assert f"| #{first.number} " in digest.body
    assert "| 2025-11-03 | bob |" in digest.body
    assert "@bob" not in digest.body
    (comment,) = said_on(filed, digest.number)
    assert "@bob One action item of yours is overdue:" in comment
    assert len(filed.replies) == before

    filed.clock.advance(7 * DAY)
    filed.sweep()
    assert len(said_on(filed, digest.number)) == 2
    filed.people["bob"].close(first.number)
    filed.clock.advance(7 * DAY)
    filed.sweep()
    assert len(said_on(filed, digest.number)) == 2
    assert len(issues(filed, "action-digest")) == 1


@pytest.mark.parametrize("applied", [True, False])
def test_whatever_request_a_sweep_dies_at_each_item_has_one_issue(
    merged: Room, proof: Proof, *, applied: bool
) -> None:
    before = merged.hub.snapshot()
    asked = len(merged.hub.requests)
    merged.sweep()
    last = len(merged.hub.requests) - asked
    for after in proof(range(1, last + 1), 7):
        merged.hub.restore(before)
        merged.hub.faults.kill(after, applied=applied)
        with suppress(Exception):
            merged.sweep()
        merged.hub.faults.clear()
        for _ in range(2):
            merged.clock.advance(minutes(10))
            merged.sweep()
        assert [one.assignees for one in issues(merged)] == [("bob",), ()], after
        assert merged.panel.body.count("(bob, due 2025-11-03, #") == 1, after


@pytest.mark.parametrize("kind", ["error_after", "drop_after"])
def test_an_answer_that_is_lost_makes_no_second_issue(merged: Room, kind: Kind) -> None:
    merged.hub.faults.add(kind, lambda method, path: (method, path) == ("POST", ISSUES), times=2, status=502)
    for _ in range(3):
        merged.sweep()
        merged.clock.advance(minutes(10))
    assert len(issues(merged)) == 2


def test_where_there_are_no_sub_issues_and_nobody_can_be_assigned_the_text_says_it(merged: Room) -> None:
    merged.hub.faults.add("gone", lambda _, path: path.endswith("/sub_issues"), times=99, status=404)
    merged.hub.faults.add("gone", lambda _, path: path.endswith("/assignees"), times=99, status=404)
    merged.sweep()
    merged.sweep()
    first, _ = issues(merged)
    assert merged.repo.state.issues[merged.number].children == []
    assert f"incident #{merged.number}" in first.body
    assert "Owner: bob" in first.body
    assert "Action item 1 is #" in "".join(one.body for one in merged.replies)


def test_what_may_not_be_opened_is_a_warning_and_the_sweep_goes_on(merged: Room) -> None:
    merged.hub.faults.add("not_accessible", lambda method, path: (method, path) == ("POST", ISSUES), times=99)
    assert merged.sweep() == 0
    assert any("OpenActionIssue is left undone" in line for line in merged.printed)
    merged.hub.faults.clear()
    merged.sweep()
    assert len(issues(merged)) == 2


@pytest.mark.parametrize("applied", [True, False])
def test_whatever_request_it_dies_at_each_owner_is_told_once(
    filed: Room, proof: Proof, *, applied: bool
) -> None:
    filed.clock.advance(22 * DAY)
    before = filed.hub.snapshot()
    asked = len(filed.hub.requests)
    filed.sweep()
    last = len(filed.hub.requests) - asked
    for after in proof(range(1, last + 1), 4):
        filed.hub.restore(before)
        filed.hub.faults.kill(after, applied=applied)
        with suppress(Exception):
            filed.sweep()
        filed.hub.faults.clear()
        filed.clock.advance(minutes(10))
        filed.sweep()
        (digest,) = issues(filed, "action-digest")
        assert len(said_on(filed, digest.number)) == 1, after


@pytest.mark.parametrize("kind", ["error_before", "nonsense"])
def test_a_digest_that_cannot_be_written_is_told_by_the_next_sweep(filed: Room, kind: Kind) -> None:
    filed.clock.advance(22 * DAY)
    filed.hub.faults.add(kind, lambda method, path: (method, path) == ("POST", ISSUES), times=9, status=502)
    assert filed.sweep() == 0
    assert any("What is overdue is told by the next sweep" in line for line in filed.printed)
    filed.hub.faults.clear()
    filed.sweep()
    assert len(issues(filed, "action-digest")) == 1
