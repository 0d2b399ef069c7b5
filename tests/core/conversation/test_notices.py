"""Who hears of a deadline, and who is only named."""

from __future__ import annotations

from dataclasses import replace

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import audience
from allclear.core.policy.settings import Settings
from stories import HOTDASH, RENDERER, SETTINGS, Story

POLICY = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER)
INCIDENT = Story().middle().incident


def test_a_title_without_a_login_is_shown_by_its_name() -> None:
    assert audience(("CEO", "Manager"), INCIDENT, POLICY) == (("mona",), ("Manager",))


def test_where_nobody_stands_behind_any_title_the_first_responder_hears_of_it() -> None:
    assert audience(("Manager",), INCIDENT, POLICY) == (("dave", "eve"), ("Manager",))
    alone = replace(POLICY, settings=Settings())
    assert audience(("Manager",), INCIDENT, alone) == ((), ("Manager",))


def test_a_drill_notifies_nobody_and_names_them_all() -> None:
    drill = replace(INCIDENT, kind="drill")
    assert audience(("CEO", "Manager", "ic"), drill, POLICY) == ((), ("Manager", "mona", "ada"))
