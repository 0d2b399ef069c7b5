"""Action items after the incident is over: asked for by the sweep until somebody says that they are over."""

from __future__ import annotations

from conversations.beginnings import beginning
from conversations.room import Room, minutes

PENDING = "postmortem:pending"
DAY = minutes(24 * 60)


def _over(room: Room) -> None:
    """Sunday, 2025-10-19. A closed P3, whose fix is asked for after the lists of the runbook."""
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    room.says("ann", "/ack\n/action @bob due:2025-11-03 spell-check the texts\n/action buy a dictionary")
    room.says("ann", '/resolve it was a typo\n/all-clear --override "nothing to watch"')
    assert room.issue.state == "closed"


over = beginning(_over)


def test_a_closed_incident_is_found_as_long_as_an_action_item_has_a_date(over: Room) -> None:
    assert PENDING in over.issue.labels
    over.clock.advance(2 * DAY)
    over.sweep()
    assert PENDING in over.issue.labels
    assert over.says("bob", "/action done 1").startswith("✅")
    assert PENDING not in over.issue.labels


def test_its_owner_is_asked_once_a_week_until_it_is_done(over: Room) -> None:
    over.clock.advance(14 * DAY)
    over.sweep()
    before = len(over.replies)
    over.clock.advance(DAY)
    over.sweep()
    (asked,) = over.replies[before:]
    assert "@bob" in asked.body
    assert "- **1** spell-check the texts (bob, due 2025-11-03)" in asked.body
    assert "`/action done <number>`" in asked.body
    assert "dictionary" not in asked.body

    over.clock.advance(6 * DAY)
    over.sweep()
    assert len(over.replies) == before + 1
    over.clock.advance(DAY)
    known = len(over.hub.requests)
    over.sweep()
    assert len(over.replies) == before + 2
    # The sweep's own, with the list of the issues of action items, and one incident that is looked at whole
    # because something is to be said.
    assert len(over.hub.requests) - known <= 15

    assert "Action item 1 is dropped" in over.says("bob", "/action drop 1 the texts are generated now")
    over.clock.advance(8 * DAY)
    over.sweep()
    assert len(over.replies) == before + 3
    assert PENDING not in over.issue.labels


def test_the_panel_says_what_is_open_and_how_much_is_over(over: Room) -> None:
    assert "- **1** spell-check the texts (bob, due 2025-11-03)" in over.panel.body
    assert "- **2** buy a dictionary (nobody yet, no date)" in over.panel.body
    over.says("bob", "/action done 2")
    assert "### Action items: 1 over, 1 open" in over.panel.body
    over.says("bob", "/action done 1")
    assert "Every action item is done or dropped" in over.panel.body
