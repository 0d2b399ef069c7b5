"""A page reaches somebody: what nobody stands behind goes on to the next, and says so."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conversations.room import Room, minutes, open_room
from conversations.test_broken_files import all_said, change

Open = Callable[[str], Room]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens a room with these settings."""
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(open_room(tmp_path, settings))


def test_on_a_fresh_install_who_opened_it_hears_of_it_and_nothing_says_that_the_team_was_notified(
    opened: Open,
) -> None:
    room = opened("runbook: hotdash\npeople:\n  DevOps: []\n  Manager: []\n  CEO: []\n")
    room.opens("bob")
    assert "@bob" in all_said(room)
    assert "this goes to who opened the issue. Write the logins into `people`" in all_said(room)
    assert "- [ ] Team notified" in room.panel.body
    assert "/check notified" in room.says("bob", "/resolve")
    room.says("bob", "/check notified")
    assert "- [x] Team notified" in room.panel.body


def test_without_a_settings_file_it_is_the_same(opened: Open) -> None:
    room = opened("")
    room.opens("bob")
    assert "@bob" in all_said(room)
    assert "- [ ] Team notified" in room.panel.body


@pytest.mark.parametrize("misspelt", ["DevOpps", "comander", "devops-team", "bobb"])
def test_a_misspelt_title_of_a_chain_goes_to_the_first_responder(room: Room, misspelt: str) -> None:
    change(room, "runbooks/hotdash.yml", "for: P3, levels: [DevOps]", f"for: P3, levels: [{misspelt}]")
    room.opens("ann", "Typo", labels=("incident", "P3"))
    assert "@bob @cat" in all_said(room)
    assert f"stands behind {misspelt}, so this goes to DevOps." in all_said(room)


def test_a_first_responder_that_is_misspelt_as_well_goes_to_the_next_level(room: Room) -> None:
    change(room, "runbooks/hotdash.yml", "levels: [DevOps, Manager]", "levels: [DevOpps, Manager]")
    room.opens("ann", "Typo", labels=("incident", "P1"))
    assert "@mia" in all_said(room)
    assert "so this goes to Manager." in all_said(room)


def test_a_misspelt_login_is_nobody(opened: Open) -> None:
    room = opened("runbook: hotdash\npeople: { DevOps: [bobb], Manager: [miaa], CEO: [ann] }")
    room.opens("cat", "Typo", labels=("incident", "P1"))
    assert "@ann" in all_said(room)
    assert "so this goes to CEO." in all_said(room)
    assert "@bobb" not in all_said(room)


def test_an_escalation_that_nobody_stands_behind_goes_to_the_next_level(opened: Open) -> None:
    room = opened("runbook: hotdash\npeople: { DevOps: [bob], Manager: [], CEO: [ann] }")
    room.opens("cat", "Checkout is down", labels=("incident", "P1"))
    room.says("bob", "/ack")
    room.clock.advance(minutes(16))
    room.sweep()
    assert "@bob\n**📢 Notice to Manager**" in room.replies[-1].body
    assert "stands behind Manager, so this goes to DevOps." in room.replies[-1].body


def test_a_title_spelt_like_a_role_is_paged(opened: Open) -> None:
    room = opened("runbook: hotdash\npeople: { Scribe: [cat] }")
    change(room, "runbooks/hotdash.yml", "levels: [DevOps, Manager]", "levels: [Scribe, Manager]")
    room.opens("ann", labels=("incident", "P1"))
    assert "@cat" in all_said(room)
