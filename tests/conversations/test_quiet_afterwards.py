"""Whatever an incident's post-mortem ends in: the sweeps that follow write nothing, and ask little."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from allclear.core.postmortem.verdict import CONTEXT
from conversations.room import Room, minutes
from conversations.test_merged_report import check_out
from core.postmortem.mending import mended

QUIET = 12
"""Requests of a sweep over one incident with which nothing happens, at most."""


def over(room: Room, who: str = "ann") -> None:
    """An incident that has ended; its post-mortem waits in a pull request. Nobody but ``who`` had a hand in
    it.
    """
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    room.says(who, '/ack\n/resolve a typo\n/all-clear --override "nothing to watch here"\n/postmortem')
    room.clock.advance(minutes(5))


def sweep(room: Room, times: int = 1) -> None:
    for _ in range(times):
        room.clock.advance(minutes(10))
        check_out(room)
        assert room.sweep() == 0
    room.delivered = len(room.hub.deliveries)


def writes(room: Room, text: str) -> None:
    """Somebody commits the text to the branch, and the run for it comes."""
    mortem = room.incident.postmortem
    room.people["ann"].push_file(mortem.branch, mortem.path, text)
    room.deliver()


def draft(room: Room) -> str:
    return room.repo.file(room.incident.postmortem.path, room.incident.postmortem.branch) or ""


def pull(room: Room) -> int:
    number = room.incident.postmortem.pull
    assert number is not None
    return number


def status(room: Room) -> str:
    return room.repo.statuses(room.repo.branches()[room.incident.postmortem.branch])[CONTEXT].state


def left_a_draft(room: Room) -> None:
    """Nobody writes into it."""


def finished(room: Room) -> None:
    writes(room, mended(draft(room), room.runbook))


def overridden(room: Room) -> None:
    room.says("mia", '/postmortem --override "the board waits for it"')


def merged_red(room: Room) -> None:
    room.people["ann"].merge_pull(pull(room))


def merged_green(room: Room) -> None:
    finished(room)
    merged_red(room)


def closed(room: Room) -> None:
    room.people["ann"].close_pull(pull(room))


def with_another(room: Room) -> None:
    """The same pull request brings a report of somebody else's incident, which nothing holds here."""
    finished(room)
    room.people["ann"].push_file(
        room.incident.postmortem.branch,
        "reports/incidents/2025-10-19-other.md",
        mended(draft(room), room.runbook).replace(f"issue: {room.number}\n", "issue: 404\n"),
    )
    room.deliver()


ENDS = (left_a_draft, finished, overridden, merged_red, merged_green, closed, with_another)


@pytest.mark.parametrize("end", ENDS, ids=lambda one: one.__name__)
def test_thirty_sweeps_after_it_write_nothing(room: Room, end: Callable[[Room], None]) -> None:
    over(room)
    end(room)
    sweep(room, 4)
    known = len(room.hub.requests)
    sweep(room, 30)
    asked = room.hub.requests[known:]
    assert [one.path for one in asked if one.method != "GET" and one.path != "/graphql"] == []
    assert len(asked) / 30 <= (QUIET if end is not with_another else 2 * QUIET)


def test_where_workflows_open_no_pull_requests_the_one_of_a_person_is_followed(room: Room) -> None:
    room.repo.state.allow_actions_pull_requests = False
    over(room)
    known = room.incident.postmortem
    assert (known.pull, known.branch) == (None, f"allclear/postmortem-{room.number}")
    sweep(room, 3)
    number = room.people["bob"].open_pull("The post-mortem", known.branch)
    room.deliver()
    sweep(room)
    assert pull(room) == number
    assert f"pull request {number}](https://github.com/acme/shop/pull/{number}), draft" in room.panel.body
    finished(room)
    room.people["bob"].merge_pull(number)
    sweep(room, 4)
    assert room.incident.reached("published") is not None
    assert {"postmortem:published", "learned"} <= set(room.issue.labels)
    assert status(room) == "success"


def test_one_that_a_person_opened_and_merged_between_two_sweeps_is_published(room: Room) -> None:
    room.repo.state.allow_actions_pull_requests = False
    over(room)
    mortem = room.incident.postmortem
    room.people["bob"].push_file(mortem.branch, mortem.path, mended(draft(room), room.runbook))
    room.people["bob"].merge_pull(room.people["bob"].open_pull("The post-mortem", mortem.branch))
    sweep(room)
    assert room.incident.reached("published") is not None


def test_a_reopened_incident_says_of_its_post_mortem_what_its_pull_request_says(room: Room) -> None:
    over(room)
    merged_green(room)
    sweep(room, 3)
    room.says("bob", "/reopen it is back")
    sweep(room, 2)
    assert "postmortem:published" in room.issue.labels
    assert "/pull/2), published" in room.panel.body
    assert "from before the incident was reopened is **published**" in room.says("bob", "/review")
    room.says("ann", '/resolve a typo\n/all-clear --override "nothing to watch here"\n/postmortem')
    sweep(room)
    assert pull(room) != 2
    assert "review: draft\n" in draft(room)
    # Its words are those of the one before, and nothing of them is left to mend.
    assert {"postmortem:in-review", "postmortem:pending"} <= set(room.issue.labels)
    assert set(room.repo.issue(2).labels) == {"postmortem:published"}


def test_a_pull_request_that_people_closed_is_said_to_be_that(room: Room) -> None:
    over(room)
    closed(room)
    sweep(room)
    assert "of the post-mortem is not open" in room.says("bob", "/review")
    said = room.says("ann", "/postmortem")
    assert "It was closed and not merged, and nothing in the record is new." in said
    assert pull(room) == 2
