"""The sweep: all that is due, for all incidents, in a handful of requests; no one blocks the others."""

import pytest

from allclear.adapters.files.event import Trigger
from allclear.jobs import respond as look
from allclear.jobs.run import Run
from conversations.room import Room, minutes


def test_a_sweep_in_a_new_repository_makes_the_labels_that_the_form_sets(room: Room) -> None:
    room.sweep()
    assert room.label("incident")["description"].startswith("An incident")
    assert room.label("P0")["color"] == "b60205"
    known = len(room.hub.requests)
    room.sweep()
    assert not any(r.mutating for r in room.hub.requests[known:])


def test_thirty_quiet_incidents_cost_a_handful_of_requests(room: Room) -> None:
    for _ in range(30):
        room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
        room.clock.advance(30)  # 80 writes a minute are all that GitHub takes
    room.clock.advance(minutes(10))
    known = len(room.hub.requests)
    room.sweep()
    # Two lists of incidents, who edited their panels, one of new comments, the clock, the pull requests that
    # changed last (for hotfixes), and those that are open, for the freeze.
    assert len(room.hub.requests) - known <= 7
    assert room.printed[-1] == "30 incidents were checked, and 0 had something to do."


def test_one_incident_that_breaks_us_does_not_keep_the_others_waiting(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = room.opens("ann")
    room.opens("ann", "[INCIDENT P1] Tiles", labels=("incident", "P1"))
    reconcile = look.reconcile

    def fragile(run: Run, wanted: Trigger) -> tuple[int, ...]:
        if wanted.number == first:
            raise ZeroDivisionError
        return reconcile(run, wanted)

    monkeypatch.setattr(look, "reconcile", fragile)
    room.clock.advance(minutes(20))
    with pytest.raises(ZeroDivisionError):
        room.sweep()
    assert "This P1 incident is still unresolved." in room.replies[-1].body
    assert any("Allclear failed here" in c.body for c in room.repo.issue(first).comments)


def test_a_command_that_its_author_wrote_into_an_old_comment_is_done_though_both_events_were_lost(
    room: Room,
) -> None:
    room.opens("ann")
    comment = room.writes("bob", "Looking.")
    room.clock.advance(minutes(1))
    room.people["bob"].edit_comment(comment, "/ack")
    room.delivered = len(room.hub.deliveries)
    room.clock.advance(minutes(1))
    room.sweep()
    assert "cknowledged" in room.replies[-1].body


def test_a_sweep_refuses_a_command_in_a_comment_that_somebody_else_edited(room: Room) -> None:
    room.opens("ann")
    comment = room.writes("bob", "Looking.")
    room.clock.advance(minutes(1))
    room.people["ann"].edit_comment(comment, "/ack")
    room.delivered = len(room.hub.deliveries)
    room.clock.advance(minutes(1))
    room.sweep()
    assert "was edited by ann, and not by its author" in room.replies[-1].body
