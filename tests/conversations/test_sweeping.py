"""The sweep: all that is due, for all incidents, in a handful of requests; no one blocks the others."""

import gzip
import json
from typing import Literal

import pytest

from allclear.adapters.files.event import Trigger
from allclear.adapters.github.incident_list import AWAKE
from allclear.jobs import respond as look
from allclear.jobs.run import Run
from conversations.room import KEY, Room, minutes


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
    # Three lists of incidents with their panels, which comments are new, those, the pull requests that
    # changed last (for hotfixes), and those that are open, for the freeze.
    assert len(room.hub.requests) - known <= 7
    assert room.printed[-1] == "30 incidents were checked, and 0 had something to do."


AN_INCIDENT, A_SWEEP = 6_500, 1_000
"""Bytes of GitHub's answers, before they are packed for the wire. 3,200 of an incident are the text of its
panel, 2,200 what was said on the day the panel was written, which may hold something that no run has read.
"""

ON_THE_WIRE, FIRST = 1_100, 3_500
"""The same as it is sent, packed: of an incident, and of the first, whose words the others repeat."""


@pytest.mark.parametrize("key", ["", KEY], ids=["open", "signed"])
def test_of_a_quiet_incident_no_more_is_read_than_its_panel_and_what_was_said_last(
    room: Room, key: str
) -> None:
    room.key = key
    requests = set()
    for count in (1, 10, 40):
        while room.number < count:
            room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
            room.clock.advance(30)
        room.clock.advance(minutes(10))
        known = len(room.hub.requests)
        room.sweep()
        asked = room.hub.requests[known:]
        assert not any(request.mutating for request in asked)
        found = [json.dumps(one.response, separators=(",", ":")).encode() for one in asked]
        requests.add(len(found))
        assert sum(map(len, found)) <= AN_INCIDENT * count + A_SWEEP
        assert sum(len(gzip.compress(one)) for one in found) <= ON_THE_WIRE * count + FIRST
    assert len(requests) == 1


def test_more_incidents_than_a_page_has_are_all_looked_at(room: Room) -> None:
    for _ in range(104):
        room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
        room.clock.advance(minutes(1))
    room.sweep()
    room.clock.advance(minutes(10))
    known = len(room.hub.requests)
    room.sweep()
    assert room.printed[-1] == "104 incidents were checked, and 0 had something to do."
    assert len(room.hub.requests) - known <= 10


def test_an_incident_on_which_much_was_said_is_looked_at_on_its_own(room: Room) -> None:
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    for _ in range(AWAKE + 1):
        room.writes("rae", "Any news?")
    room.writes("bob", "/ack")
    room.sweep()
    assert "cknowledged" in room.replies[-1].body


@pytest.mark.parametrize("kind", ["error_before", "not_accessible", "nonsense"])
@pytest.mark.parametrize("after", [0, 2], ids=["at once", "after the lists"])
def test_where_graphql_does_not_answer_a_sweep_reads_by_rest(
    room: Room, kind: Literal["error_before", "not_accessible", "nonsense"], after: int
) -> None:
    room.key = KEY
    room.opens("ann")
    comment = room.writes("bob", "Looking.")
    room.clock.advance(minutes(1))
    room.people["bob"].edit_comment(comment, "/ack")
    room.clock.advance(minutes(1))
    asked = iter(range(10_000))
    room.hub.faults.add(kind, lambda _, path: path == "/graphql" and next(asked) >= after, times=99)
    room.sweep()
    assert "cknowledged" in room.replies[-1].body


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
