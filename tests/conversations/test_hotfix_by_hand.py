"""A hotfix as 000-15 tells people to make it: their branch, their pull request, "Fixes #N" (000-A1)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from allclear.core.record.audit import Refused
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Hotfix, Stage
from allclear.core.record.production import HotfixClosed, HotfixMerged, HotfixOpened
from conversations.room import Room, minutes, open_room
from sampling import Proof

URL = "https://github.com/acme/shop/pull"
KEYWORD = "A closing keyword does not end an incident; it was opened again."


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.opens("ann")
        yield opened


def branch(room: Room) -> str:
    return f"hotfix/incident-{room.number}"


def pushes(room: Room, who: str = "bob", message: str = "hotfix: cap the pool (Fixes #{n})") -> None:
    """git switch -c, git commit, git push."""
    said = message.replace("{n}", str(room.number))
    room.people[who].push_file(branch(room), "app.py", f"pool = 20 # {room.clock.now()}\n", said)


def opens_pull(room: Room, who: str = "bob", body: str = "Fixes #{n}") -> int:
    """gh pr create --title "HOTFIX: cap the pool" --body "Fixes #N" """
    return room.people[who].open_pull(
        "HOTFIX: cap the pool", branch(room), body=body.replace("{n}", str(room.number))
    )


def merges(room: Room, pull: int, who: str = "bob") -> None:
    """gh pr merge --squash --delete-branch, and the runs that the closed issue starts."""
    room.clock.advance(5)
    room.people[who].merge_pull(pull, "squash")
    room.people[who].delete_branch(branch(room))
    room.deliver()


def facts(room: Room, *kinds: type[Fact]) -> list[Fact]:
    return [fact for entry in room.journal.entries for fact in entry.facts if isinstance(fact, kinds)]


def hotfix(room: Room) -> Hotfix | None:
    return room.incident.production.hotfix


def said(room: Room, text: str) -> int:
    return sum(text in reply.body for reply in room.replies)


def test_it_is_found_by_the_sweep_followed_and_recorded_like_ours(room: Room) -> None:
    pushes(room)
    pull = opens_pull(room)
    room.delivered = len(room.hub.deliveries)
    room.sweep()
    assert said(room, f"[Pull request #{pull}]({URL}/{pull}) by bob") == 1
    assert said(room, "is the hotfix of this incident and is followed here") == 1
    found = hotfix(room)
    assert found is not None
    assert (found.pull, found.branch, found.base, found.followed) == (pull, branch(room), "main", True)
    assert f"Hotfix `{branch(room)}` · [pull request]({URL}/{pull})" in room.panel.body
    assert [person.login for person in room.incident.team.people] == ["ann", "bob"]
    assert f"There is a hotfix already: [pull request #{pull}]" in room.says("mia", "/hotfix cap it")
    replies = len(room.replies)
    room.sweep()
    room.run()
    assert len(room.replies) == replies
    merges(room, pull)
    assert [type(one) for one in facts(room, HotfixOpened, HotfixMerged)] == [HotfixOpened, HotfixMerged]
    assert room.incident.production.fixed_by == "hotfix"


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ("hotfix: cap the pool (Fixes #{n})", "Fixes #{n}"),
        ("hotfix: cap the pool", "Fixes #{n}"),
        ("hotfix: cap the pool", "no-close: #{n}"),
    ],
)
def test_merged_at_once_it_closes_nothing_and_is_in_the_record_all_the_same(
    room: Room, message: str, body: str
) -> None:
    """The branch is gone before anybody looked: what closed the issue is the hotfix."""
    pushes(room, message=message)
    pull = opens_pull(room, body=body)
    merges(room, pull)
    assert room.issue.state == "open"
    assert room.incident.stage == Stage.OPEN
    assert said(room, KEYWORD) == 1
    assert said(room, f"GitHub closed it for the merge of [pull request #{pull}]") == 1
    assert said(room, "`/all-clear` ends it.") == 1
    assert said(room, f"The hotfix [#{pull}]({URL}/{pull}) is merged.") == 1
    replies = len(room.replies)
    room.sweep()
    room.run()
    room.sweep()
    assert len(room.replies) == replies
    assert [type(one) for one in facts(room, HotfixOpened, HotfixMerged)] == [HotfixOpened, HotfixMerged]


def test_a_keyword_that_only_a_commit_has_closes_nothing_either(room: Room) -> None:
    pushes(room)
    pull = opens_pull(room, body="Caps the pool.")
    room.clock.advance(5)
    room.people["bob"].merge_pull(pull, "merge")
    room.deliver()
    assert room.issue.state == "open"
    assert said(room, f"{KEYWORD} GitHub closed it for a commit.") == 1
    room.sweep()
    assert [type(one) for one in facts(room, HotfixOpened, HotfixMerged)] == [HotfixOpened, HotfixMerged]


def test_the_keyword_of_any_pull_request_ends_no_incident_whose_gates_have_passed(room: Room) -> None:
    """Else a merge would be the all-clear of whoever pressed the button."""
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    for text in ("/ack", "/finding a typo", "/status monitoring", "/check verification", "/resolve fixed"):
        room.says("bob", text)
    room.people["bob"].push_file("typo", "app.py", "x = 1\n", "Correct it")
    pull = room.people["bob"].open_pull("Correct it", "typo", body=f"Fixes #{room.number}")
    room.clock.advance(minutes(5))
    room.people["bob"].merge_pull(pull, "squash")
    room.deliver()
    assert (room.incident.stage, room.issue.state) == (Stage.OPEN, "open")
    assert said(room, KEYWORD) == 1
    assert hotfix(room) is None
    assert [one.code for one in facts(room, Refused) if isinstance(one, Refused)] == ["keyword"]
    room.people["bob"].close(room.number)
    room.deliver()
    assert room.incident.stage == Stage.CLOSED


def test_the_keyword_of_what_a_workflow_merged_is_told_as_well(room: Room) -> None:
    pushes(room)
    pull = opens_pull(room)
    granted = {"contents": "write", "pull_requests": "write"}
    robot = room.client(room.hub.actions_token(room.repo, granted))
    robot.send("PUT", f"/repos/acme/shop/pulls/{pull}/merge", {"merge_method": "squash"})
    assert room.issue.state == "closed"
    room.sweep()
    assert (room.issue.state, said(room, KEYWORD)) == ("open", 1)
    assert hotfix(room) is not None
    room.sweep()
    assert said(room, KEYWORD) == 1


def test_the_keyword_dismisses_no_report(room: Room) -> None:
    room.opens("out", "It is slow", form_labels=("incident",))
    assert room.incident.stage == Stage.REPORT
    pushes(room)
    merges(room, opens_pull(room))
    assert (room.incident.stage, room.issue.state) == (Stage.REPORT, "open")
    assert said(room, f"{KEYWORD} GitHub closed it for the merge") == 1
    assert said(room, "`/dismiss` ends it.") == 1


def test_while_github_does_not_say_what_closed_it_the_close_waits(room: Room) -> None:
    pushes(room)
    pull = opens_pull(room)
    room.hub.faults.add("error_before", lambda _, path: path == "/graphql", times=99)
    merges(room, pull)
    assert room.issue.state == "closed"
    assert "because GitHub did not say what closed the issue. The next run asks again." in room.panel.body
    assert room.incident.stage == Stage.OPEN
    room.hub.faults.clear()
    room.sweep()
    assert (room.issue.state, said(room, KEYWORD)) == ("open", 1)


def test_a_close_by_hand_is_the_all_clear_as_before(room: Room) -> None:
    room.people["bob"].close(room.number)
    room.deliver()
    assert said(room, "Closing the issue does not end the incident; it was opened again. There is no") == 1


# -- whose it is not


def test_a_pull_request_by_somebody_who_may_not_write_is_no_hotfix(room: Room) -> None:
    """Everybody who can read may open one from a branch that is there."""
    pushes(room)
    opens_pull(room, "out")
    room.sweep()
    assert hotfix(room) is None
    assert said(room, "is the hotfix of this incident") == 0


def test_a_forks_branch_of_that_name_is_no_hotfix(room: Room) -> None:
    pushes(room)
    room.repo.pretend_fork(opens_pull(room), room.hub.create_repository("bob/shop"))
    room.sweep()
    assert hotfix(room) is None


def test_what_a_workflow_opened_is_no_hotfix(room: Room) -> None:
    """github-actions[bot] is the account of every workflow."""
    pushes(room)
    robot = room.client(room.hub.actions_token(room.repo, {"pull_requests": "write"}))
    new = {"title": "HOTFIX", "head": branch(room), "base": "main"}
    robot.send("POST", "/repos/acme/shop/pulls", new)
    room.sweep()
    assert hotfix(room) is None


def test_another_incidents_hotfix_and_any_other_branch_are_none_of_ours(room: Room) -> None:
    first = room.number
    room.opens("ann")
    pushes(room)
    opens_pull(room)
    room.people["bob"].push_file(f"hotfix/incident-{first}x", "app.py", "x\n")
    room.people["bob"].open_pull("Work", f"hotfix/incident-{first}x")
    room.sweep()
    assert hotfix(room) is not None
    room.number = first
    assert hotfix(room) is None


def test_while_github_does_not_say_who_may_it_is_looked_at_again(room: Room) -> None:
    pushes(room)
    opens_pull(room)
    room.hub.faults.add("error_before", lambda _, path: path.endswith("/permission"), times=9)
    room.sweep()
    assert hotfix(room) is None
    room.hub.faults.clear()
    room.sweep()
    assert hotfix(room) is not None


def test_without_the_pull_requests_the_sweep_does_all_the_rest(room: Room) -> None:
    pushes(room)
    opens_pull(room)
    room.hub.faults.add("error_before", lambda _, path: path == "/graphql", times=9)
    room.writes("bob", "/ack")
    assert room.sweep() == 0
    assert room.incident.reached("acknowledged") is not None
    assert hotfix(room) is None


# -- how it goes on


def test_one_that_is_closed_is_told_and_makes_room_for_another(room: Room) -> None:
    pushes(room)
    pull = opens_pull(room)
    room.sweep()
    room.people["bob"].close_pull(pull)
    room.sweep()
    assert said(room, f"The hotfix [#{pull}]({URL}/{pull}) was closed without being") == 1
    assert "closed without being merged" in room.panel.body
    assert room.incident.production.fixed_by == ""
    room.sweep()
    assert len(facts(room, HotfixClosed)) == 1
    assert "[pull request #" in room.says("mia", "/hotfix another way")
    assert {one.head for one in room.repo.pulls() if one.state == "open"} == {f"{branch(room)}-2"}


def test_one_that_is_opened_again_is_followed_again(room: Room) -> None:
    pushes(room)
    pull = opens_pull(room)
    for _ in range(2):
        room.sweep()
        room.people["bob"].close_pull(pull)
        room.sweep()
        room.people["bob"].reopen_pull(pull)
    room.sweep()
    found = hotfix(room)
    assert found is not None
    assert (found.pull, found.followed) == (pull, True)
    merges(room, pull)
    assert [type(one).__name__ for one in facts(room, HotfixOpened, HotfixClosed, HotfixMerged)] == [
        *(["HotfixOpened", "HotfixClosed"] * 2),
        "HotfixOpened",
        "HotfixMerged",
    ]


def test_ours_that_is_closed_is_told_as_well(room: Room) -> None:
    room.says("bob", "/hotfix cap the pool")
    (pull,) = room.repo.pulls()
    room.people["bob"].close_pull(pull.number)
    room.sweep()
    assert len(facts(room, HotfixClosed)) == 1


def test_one_that_was_given_up_before_anybody_looked_is_not_taken_for_the_hotfix(room: Room) -> None:
    pushes(room)
    abandoned = opens_pull(room)
    room.people["bob"].close_pull(abandoned)
    room.sweep()
    assert hotfix(room) is None
    room.says("mia", "/hotfix another way")
    found = hotfix(room)
    assert found is not None
    assert (found.pull != abandoned, found.followed, found.branch) == (True, True, branch(room))


def test_a_second_one_from_the_same_branch_is_followed_too(room: Room) -> None:
    for _ in range(2):
        pushes(room)
        merges(room, opens_pull(room))
    assert len(facts(room, HotfixMerged)) == 2
    room.sweep()
    assert len(facts(room, HotfixOpened)) == 2
    assert "[pull request #" in room.says("mia", "/hotfix and now properly")
    assert {one.head for one in room.repo.pulls() if one.state == "open"} == {f"{branch(room)}-2"}


def test_one_that_was_merged_before_the_incident_was_opened_again_is_no_fix_of_now(room: Room) -> None:
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    for text in ("/ack", "/finding a typo", "/status monitoring", "/check verification", "/resolve fixed"):
        room.says("bob", text)
    room.says("bob", "/all-clear")
    pushes(room, message="Cap the pool")
    pull = opens_pull(room, body="Caps the pool")
    room.people["bob"].merge_pull(pull, "squash")
    room.says("bob", "/reopen the errors are back", after=minutes(1))
    room.sweep()
    assert hotfix(room) is None


def test_a_pull_request_by_hand_where_workflows_may_open_none_is_followed_without_a_word(room: Room) -> None:
    room.repo.state.allow_actions_pull_requests = False
    told = room.says("bob", "/hotfix cap the pool")
    assert "It is followed here as soon as it is there." in told
    pull = opens_pull(room)
    room.run()
    found = hotfix(room)
    assert found is not None
    assert (found.pull, found.followed) == (pull, True)


def test_a_kill_at_any_request_of_the_runs_that_find_it_loses_and_doubles_nothing(
    room: Room, proof: Proof
) -> None:
    """C1, C2: merged at once, or found by a sweep; the next run makes up for it."""
    pushes(room)
    pull = opens_pull(room)
    room.delivered = len(room.hub.deliveries)
    open_one = room.hub.snapshot()
    room.clock.advance(5)
    room.people["bob"].merge_pull(pull, "squash")
    room.people["bob"].delete_branch(branch(room))
    merged = room.hub.snapshot()
    moments = {"open": open_one, "merged": merged}
    wanted, requests = {}, {}
    for name, moment in moments.items():
        room.hub.restore(moment)
        room.delivered = len(room.hub.deliveries)
        known = len(room.hub.requests)
        room.sweep()
        requests[name] = len(room.hub.requests) - known
        room.sweep()
        wanted[name] = outcome(room)
    cases = [(name, n) for name, count in requests.items() for n in range(count)]
    for (name, after), applied in proof(product(cases, (False, True)), 8):
        room.hub.restore(moments[name])
        room.delivered = len(room.hub.deliveries)
        room.hub.faults.kill(after, applied=applied)
        room.sweep()
        room.hub.faults.clear()
        room.sweep()
        assert outcome(room) == wanted[name], (name, after, applied)
        room.sweep()
        assert outcome(room) == wanted[name], (name, after, applied)


def outcome(room: Room) -> object:
    kinds = facts(room, HotfixOpened, HotfixMerged, HotfixClosed, Refused)
    return room.issue.state, kinds, hotfix(room), said(room, KEYWORD)
