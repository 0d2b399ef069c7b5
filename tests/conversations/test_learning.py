"""Phase 5 (000-29): what is to do after the incident goes on until it is done, and then it is learned."""

from __future__ import annotations

from conversations.beginnings import beginning
from conversations.room import Room, minutes

PENDING, LEARNED = "postmortem:pending", "learned"
DAY = minutes(24 * 60)


def _published(room: Room) -> None:
    """Sunday, 2025-10-19. A P1 whose post-mortem is merged, with three steps left to do."""
    room.opens("ann", "[INCIDENT P1] Sign-in is down", labels=("incident", "P1"))
    room.says("bob", "/ack\n/finding an old certificate\n/action @bob due:2025-10-20 renew it")
    room.says("bob", "/action done 1")
    room.says("mia", '/resolve a new one\n/all-clear --override "all is well"')
    room.sweep()
    room.write_up()
    room.merges_report("mia")
    room.clock.advance(minutes(5))
    room.sweep()


published = beginning(_published)


def test_the_publication_does_not_end_it(published: Room) -> None:
    assert PENDING in published.issue.labels
    assert "Left until the incident is learned: `runbooks`, `prevention`, `debrief`" in published.panel.body
    published.clock.advance(4 * DAY)
    before = len(published.replies)
    published.sweep()
    (asked,) = published.replies[before:]
    assert "**⏰ Checklist due: Post-Incident**" in asked.body
    published.sweep()
    assert len(published.replies) == before + 1


def test_who_took_a_step_is_asked_on_its_date_and_the_others_with_the_list(published: Room) -> None:
    published.says("bob", "/step runbooks @cat due:2025-10-30")
    assert "(`runbooks`)" in published.panel.body
    assert "<sub>cat, due 2025-10-30</sub>" in published.panel.body
    published.says("bob", "/step prevention @cat due:2025-10-30")
    published.says("bob", '/check debrief --wont-do "we were all in the call"')
    published.clock.advance(9 * DAY)
    before = len(published.replies)
    published.sweep()
    assert len(published.replies) == before
    published.clock.advance(2 * DAY)
    published.sweep()
    (asked,) = published.replies[before:]
    assert ("@cat" in asked.body, "@bob" in asked.body) == (True, False)
    assert "- Runbooks updated (`runbooks`): cat, due 2025-10-30" in asked.body
    published.clock.advance(DAY)
    published.sweep()
    assert len(published.replies) == before + 1


def test_it_is_learned_when_all_is_done_or_nobody_will_do_it(published: Room) -> None:
    published.says("cat", "/check runbooks prevention")
    assert LEARNED not in published.issue.labels
    said = published.says("cat", '/check debrief --wont-do "we were all in the call"')
    assert "The incident is **learned**" in said
    assert LEARNED in published.issue.labels
    assert PENDING not in published.issue.labels
    assert "won't do: we were all in the call" in published.panel.body
    assert published.panel.body.split("\n")[1].startswith("## ⚠️ P1")
    published.clock.advance(30 * DAY)
    before = len(published.replies)
    published.sweep()
    assert len(published.replies) == before

    published.says("cat", "/uncheck runbooks")
    assert LEARNED not in published.issue.labels
    assert PENDING in published.issue.labels
