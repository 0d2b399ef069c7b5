"""A runbook may ask for approvals: somebody who did not write the post-mortem has to approve it."""

from __future__ import annotations

from allclear.core.postmortem.verdict import CONTEXT, MARK
from conversations.beginnings import beginning
from conversations.review_room import APPROVALS, ASKED, over
from conversations.room import Room, minutes
from core.postmortem.mending import mended


def _closed(room: Room) -> None:
    """An incident that is over; bob, who responded, wrote what only people know into its post-mortem."""
    over(room, severity="P1")
    mortem = room.incident.postmortem
    text = mended(room.repo.file(mortem.path, mortem.branch) or "", room.runbook)
    room.people["bob"].push_file(mortem.branch, mortem.path, text)
    room.deliver()


closed = beginning(_closed, ASKED, APPROVALS)


def status(room: Room) -> tuple[str, str]:
    told = room.repo.statuses(room.repo.branches()[room.incident.postmortem.branch])[CONTEXT]
    return told.state, told.description or ""


def reviews(room: Room, who: str, state: str = "APPROVED") -> None:
    number = room.incident.postmortem.pull
    assert number is not None
    room.people[who].review(number, state, "")
    room.clock.advance(minutes(1))
    room.deliver()


def test_the_people_of_the_runbook_are_asked_to_review(closed: Room) -> None:
    number = closed.incident.postmortem.pull
    assert number is not None
    token = closed.hub.actions_token(closed.repo, permissions={"pull_requests": "read"})
    asked = closed.client(token).get(f"/repos/acme/shop/pulls/{number}/requested_reviewers").data["users"]
    assert {one["login"] for one in asked} == {"mia", "bob"}


def test_it_is_red_until_somebody_approves_who_did_not_write_it(closed: Room) -> None:
    assert status(closed) == (
        "pending",
        "In review: 0 of 1 approvals. Pull request 2 waits for mia.",
    )
    reviews(closed, "bob")
    assert status(closed)[0] == "pending"
    assert "Pull request 2 waits for mia." in status(closed)[1]
    reviews(closed, "mia")
    assert status(closed) == ("success", "Nothing holds the publication.")
    said = closed.says("cat", "/review")
    assert "is **approved**: [pull request #2]" in said
    assert "Approved by mia." in said


def test_each_state_stands_in_status_comment_and_review(closed: Room) -> None:
    number = closed.incident.postmortem.pull
    assert number is not None

    def comment() -> str:
        said = closed.repo.issue(number).comments
        return next(one.body for one in said if one.body.startswith(MARK))

    assert status(closed)[0] == "pending"
    assert "### This post-mortem is in review" in comment()
    assert "is **in review**" in closed.says("cat", "/review")
    reviews(closed, "mia")
    assert status(closed)[0] == "success"
    assert "### Nothing holds the publication" in comment()
    assert "is **approved**" in closed.says("cat", "/review")
    closed.people["bob"].merge_pull(number, "squash")
    closed.clock.advance(minutes(10))
    closed.sweep()
    assert "is **published**" in closed.says("cat", "/review")


def test_merged_without_an_approval_it_is_not_published_until_there_is_one(closed: Room) -> None:
    number = closed.incident.postmortem.pull
    assert number is not None
    closed.people["bob"].merge_pull(number)
    closed.clock.advance(minutes(10))
    closed.sweep()
    assert "0 of 1 approvals." in closed.replies[-1].body
    reviews(closed, "mia")
    closed.sweep()
    assert closed.incident.reached("published") is not None


def test_an_approval_without_write_access_counts_for_nothing(closed: Room) -> None:
    reviews(closed, "cat")
    assert status(closed)[0] == "pending"


def test_who_asks_for_changes_holds_it(closed: Room) -> None:
    reviews(closed, "mia")
    number = closed.incident.postmortem.pull
    assert number is not None
    closed.people["mia"].review(number, "CHANGES_REQUESTED", "The impact is missing")
    closed.deliver()
    assert "0 of 1 approvals." in status(closed)[1]
    assert "mia asked for changes in pull request 2." in closed.says("cat", "/review")


def test_while_github_does_not_say_who_may_approve_nothing_is_decided(closed: Room) -> None:
    number = closed.incident.postmortem.pull
    assert number is not None
    reviews(closed, "mia")
    closed.people["bob"].merge_pull(number)
    closed.hub.faults.add(
        "error_before", lambda _, path: path.endswith("/mia/permission"), times=50, status=502
    )
    closed.clock.advance(minutes(10))
    closed.sweep()
    assert closed.incident.reached("published") is None
    closed.hub.faults.clear()
    closed.clock.advance(minutes(10))
    closed.sweep()
    assert closed.incident.reached("published") is not None
