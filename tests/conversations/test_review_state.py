"""How far the review of a post-mortem is stands in the record, on the panel and as a label."""

from __future__ import annotations

import pytest

from allclear.core.postmortem.verdict import CONTEXT
from conversations.beginnings import beginning
from conversations.review_room import APPROVALS, ASKED, over
from conversations.room import KEY, Room, minutes
from core.postmortem.mending import mended

FAMILY = {"postmortem:draft", "postmortem:in-review", "postmortem:approved", "postmortem:published"}


def _closed(room: Room) -> None:
    """An incident that is over; its post-mortem waits in a pull request, and somebody has to approve it."""
    room.key = KEY
    over(room, severity="P1")
    sweep(room)


closed = beginning(_closed, ASKED, APPROVALS)


def number(room: Room) -> int:
    found = room.incident.postmortem.pull
    assert found is not None
    return found


def writes(room: Room, text: str, *, heard: bool = True) -> None:
    """Bob pushes to the branch; the review's run comes, unless it is lost."""
    room.clock.advance(minutes(5))
    room.people["bob"].push_file(room.incident.postmortem.branch, room.incident.postmortem.path, text)
    goes_on(room, heard=heard)


def reviews(room: Room, who: str, state: str = "APPROVED", *, heard: bool = True) -> None:
    room.clock.advance(minutes(5))
    room.people[who].review(number(room), state, "Look again")
    goes_on(room, heard=heard)


def goes_on(room: Room, *, heard: bool) -> None:
    if heard:
        room.deliver()
    room.delivered = len(room.hub.deliveries)


def sweep(room: Room) -> None:
    room.clock.advance(minutes(10))
    assert room.sweep() == 0


def draft(room: Room) -> str:
    return room.repo.file(room.incident.postmortem.path, room.incident.postmortem.branch) or ""


def finish(room: Room) -> str:
    text = mended(draft(room), room.runbook)
    writes(room, text)
    return text


def labels(room: Room) -> set[str]:
    return set(room.issue.labels) & FAMILY


def news(room: Room, since: int) -> list[str]:
    """What was said about the review since then."""
    return [one.body for one in room.replies[since:] if "post-mortem is" in one.body]


def status(room: Room) -> str:
    return room.repo.statuses(room.repo.branches()[room.incident.postmortem.branch])[CONTEXT].state


def test_it_goes_from_draft_to_in_review_to_approved_and_says_so_once_each(closed: Room) -> None:
    assert labels(closed) == {"postmortem:draft"}
    assert "[Post-mortem, pull request 2](https://github.com/acme/shop/pull/2), draft" in closed.panel.body
    before = len(closed.replies)
    finish(closed)
    sweep(closed)
    assert closed.incident.postmortem.review == "in review"
    assert labels(closed) == {"postmortem:in-review"}
    assert "/pull/2), in review" in closed.panel.body
    (said,) = news(closed, before)
    assert "@mia" in said
    assert "@bob" not in said
    reviews(closed, "mia")
    sweep(closed)
    assert labels(closed) == {"postmortem:approved"}
    assert "The post-mortem is **approved** by mia" in news(closed, before)[-1]
    sweep(closed)
    assert len(news(closed, before)) == 2


def test_what_goes_back_and_forth_calls_the_reviewers_once(closed: Room) -> None:
    bad, good = draft(closed), finish(closed)
    sweep(closed)
    before = len(closed.replies)
    for text in (f"{good}\nTODO one\n", f"{good}\nTODO one\n\nTODO two\n"):
        writes(closed, text)
        sweep(closed)
    (back,) = news(closed, before)
    assert "The post-mortem is a **draft** again: " in back
    assert labels(closed) == {"postmortem:draft"}
    writes(closed, good)
    sweep(closed)
    again = news(closed, before)[-1]
    assert "The post-mortem is **in review**." in again
    assert "@mia" not in again
    assert bad != good


def test_a_review_whose_event_was_lost_is_seen_by_the_sweep(closed: Room) -> None:
    finish(closed)
    sweep(closed)
    assert status(closed) == "pending"
    reviews(closed, "mia", heard=False)
    assert status(closed) == "pending"
    sweep(closed)
    assert status(closed) == "success"
    assert closed.incident.postmortem.review == "approved"


def test_a_status_that_somebody_else_wrote_is_put_right_and_moves_nothing(closed: Room) -> None:
    head = closed.repo.branches()[closed.incident.postmortem.branch]
    token = closed.hub.actions_token(closed.repo, permissions={"statuses": "write"})
    body = {"state": "success", "context": CONTEXT, "description": "Nothing holds the publication."}
    closed.client(token).send("POST", f"/repos/acme/shop/statuses/{head}", body)
    sweep(closed)
    assert closed.incident.postmortem.review == "draft"
    assert status(closed) == "failure"


def test_a_quiet_sweep_asks_nothing_of_the_review(closed: Room) -> None:
    finish(closed)
    sweep(closed)
    sweep(closed)
    known = len(closed.hub.requests)
    sweep(closed)
    asked = [one.path for one in closed.hub.requests[known:]]
    assert not [path for path in asked if "/contents/" in path or path.endswith(("/reviews", "/commits"))]


def test_a_label_of_the_family_that_somebody_sets_goes_and_ours_comes_back(closed: Room) -> None:
    closed.people["ann"].label(closed.number, "postmortem:published")
    closed.people["ann"].unlabel(closed.number, "postmortem:draft")
    closed.deliver()
    sweep(closed)
    assert labels(closed) == {"postmortem:draft"}
    assert closed.incident.reached("published") is None


def test_merged_it_is_published_and_says_so(closed: Room) -> None:
    finish(closed)
    reviews(closed, "mia")
    closed.people["ann"].merge_pull(number(closed))
    sweep(closed)
    assert labels(closed) == {"postmortem:published"}
    assert "/pull/2), published" in closed.panel.body


def test_merged_without_an_approval_it_is_in_review_still(closed: Room) -> None:
    finish(closed)
    closed.people["ann"].merge_pull(number(closed))
    sweep(closed)
    assert labels(closed) == {"postmortem:in-review"}
    assert "Merged, and not published: 1 to mend." in closed.panel.body


def test_asked_on_the_incident_the_record_knows_it_at_once(closed: Room) -> None:
    finish(closed)
    closed.says("cat", "/review")
    assert closed.incident.postmortem.review == "in review"
    assert labels(closed) == {"postmortem:in-review"}


def test_a_github_that_stumbles_leaves_it_to_the_next_sweep(closed: Room) -> None:
    finish(closed)
    closed.hub.faults.add("error_before", lambda _, path: "/contents/" in path, times=50, status=502)
    sweep(closed)
    assert labels(closed) == {"postmortem:draft"}
    closed.hub.faults.clear()
    sweep(closed)
    assert labels(closed) == {"postmortem:in-review"}


# -- what was approved


def test_an_approval_of_another_text_is_named_and_asked_again(closed: Room) -> None:
    good = finish(closed)
    reviews(closed, "mia")
    sweep(closed)
    assert labels(closed) == {"postmortem:approved"}
    before = len(closed.replies)
    writes(closed, f"{good}\nThe pool is shared with the search.\n")
    assert status(closed) == "pending"
    assert "mia approved an earlier text." in closed.says("cat", "/review")
    sweep(closed)
    assert labels(closed) == {"postmortem:in-review"}
    assert "mia approved an earlier text." in news(closed, before)[-1]
    reviews(closed, "mia")
    sweep(closed)
    assert labels(closed) == {"postmortem:approved"}


def test_an_approval_outlives_commits_that_leave_the_post_mortem_as_it_is(closed: Room) -> None:
    finish(closed)
    reviews(closed, "mia")
    closed.people["bob"].push_file(closed.incident.postmortem.branch, "notes.md", "Beside it")
    goes_on(closed, heard=True)
    sweep(closed)
    assert status(closed) == "success"
    assert labels(closed) == {"postmortem:approved"}


def test_merged_with_a_text_that_nobody_approved_it_is_not_published(closed: Room) -> None:
    good = finish(closed)
    reviews(closed, "mia")
    writes(closed, f"{good}\nThe pool is shared with the search.\n")
    closed.people["bob"].merge_pull(number(closed))
    sweep(closed)
    assert closed.incident.reached("published") is None
    assert "mia approved an earlier text." in closed.replies[-1].body


def test_an_approval_that_changes_were_asked_for_after_is_none(closed: Room) -> None:
    finish(closed)
    reviews(closed, "mia")
    reviews(closed, "mia", "CHANGES_REQUESTED")
    sweep(closed)
    assert labels(closed) == {"postmortem:in-review"}
    assert "mia asked for changes" in closed.says("cat", "/review")


def test_a_post_mortem_that_was_removed_from_the_branch_has_no_approval(closed: Room) -> None:
    finish(closed)
    reviews(closed, "mia")
    mortem = closed.incident.postmortem
    closed.people["bob"].delete_file(mortem.branch, mortem.path)
    goes_on(closed, heard=True)
    sweep(closed)
    assert labels(closed) == {"postmortem:draft"}


@pytest.mark.parametrize("heard", [True, False], ids=["its run comes", "its run is lost"])
def test_an_approval_that_is_dismissed_counts_no_more(closed: Room, heard: bool) -> None:
    finish(closed)
    closed.clock.advance(minutes(5))
    given = closed.people["mia"].review(number(closed), "APPROVED", "")
    goes_on(closed, heard=True)
    sweep(closed)
    assert labels(closed) == {"postmortem:approved"}
    closed.people["bob"].dismiss_review(number(closed), given)
    goes_on(closed, heard=heard)
    assert status(closed) == ("pending" if heard else "success")
    sweep(closed)
    assert status(closed) == "pending"
    assert labels(closed) == {"postmortem:in-review"}


# -- on the pull request


def pull_labels(room: Room) -> set[str]:
    issue = room.repo.issue(number(room))
    return set(issue.labels) & FAMILY


def test_the_pull_request_carries_the_label_too(closed: Room) -> None:
    assert pull_labels(closed) == {"postmortem:draft"}
    finish(closed)
    assert pull_labels(closed) == {"postmortem:in-review"}
    closed.people["ann"].label(number(closed), "postmortem:published")
    reviews(closed, "mia")
    assert pull_labels(closed) == {"postmortem:approved"}
    closed.people["ann"].merge_pull(number(closed))
    sweep(closed)
    assert pull_labels(closed) == {"postmortem:published"}
    head = closed.repo.branches()[closed.incident.postmortem.branch]
    told = closed.repo.statuses(head)[CONTEXT]
    assert (told.state, told.description) == ("success", "The post-mortem is published.")


def test_an_override_after_the_merge_makes_the_status_green(closed: Room) -> None:
    closed.people["ann"].merge_pull(number(closed))
    sweep(closed)
    assert status(closed) == "failure"
    assert pull_labels(closed) == {"postmortem:draft"}
    closed.says("mia", '/postmortem --override "the vendor does not tell"')
    assert status(closed) == "success"
    told = closed.repo.statuses(closed.repo.branches()[closed.incident.postmortem.branch])[CONTEXT]
    assert "overridden by mia: the vendor does not tell" in (told.description or "")
    assert pull_labels(closed) == {"postmortem:published"}
    assert labels(closed) == {"postmortem:published"}


def test_mended_on_the_default_branch_the_pull_request_says_so(closed: Room) -> None:
    reviews(closed, "mia")
    closed.people["ann"].merge_pull(number(closed))
    sweep(closed)
    path = closed.incident.postmortem.path
    closed.people["bob"].push_file("main", path, mended(closed.repo.file(path, "main") or "", closed.runbook))
    sweep(closed)
    assert closed.incident.reached("published") is not None
    assert status(closed) == "success"
    said = [one.body for one in closed.repo.issue(number(closed)).comments][-1]
    assert "### This post-mortem is published" in said
    assert "What was to mend at this commit was mended on the default branch." in said


def test_who_approved_an_earlier_text_is_asked_for_another_review(closed: Room) -> None:
    good = finish(closed)
    reviews(closed, "mia")
    token = closed.hub.actions_token(closed.repo, permissions={"pull_requests": "read"})

    def asked() -> set[str]:
        path = f"/repos/acme/shop/pulls/{number(closed)}/requested_reviewers"
        return {one["login"] for one in closed.client(token).get(path).data["users"]}

    assert "mia" not in asked()
    writes(closed, f"{good}\nThe pool is shared with the search.\n")
    assert "mia" in asked()
    writes(closed, f"{good}\nThe pool is shared with the search and the feed.\n")
    assert "mia" in asked()


@pytest.mark.parametrize("answer", [403, 404, 422])
def test_a_job_that_may_not_write_labels_reviews_all_the_same_and_tries_once(
    closed: Room, answer: int
) -> None:
    closed.hub.faults.add(
        "error_before",
        lambda method, path: method == "POST" and path.endswith("/labels"),
        times=50,
        status=answer,
    )
    finish(closed)
    assert status(closed) == "pending"
    said = "its label or its reviewers stay as they are"
    assert any(said in line for line in closed.printed)
    sweep(closed)
    closed.printed.clear()
    sweep(closed)
    assert not any(said in line for line in closed.printed)
