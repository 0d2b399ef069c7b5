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
