from __future__ import annotations

from types import ModuleType

import pytest

from allclear.commands import COMMANDS, ORDER, command_in
from allclear.core.conversation.aliases import ALIASES
from allclear.core.conversation.parse import find
from allclear.core.model.people import Rights

LEAST = {
    Rights.NONE: {"help"},
    Rights.WRITE: {
        *("time", "resolve", "all-clear", "reopen", "duplicate", "postmortem", "confirm", "dismiss"),
        *("hotfix", "run", "flag-off", "evidence"),
    },
    Rights.MAINTAIN: {"rollback", "approve"},
}


def test_every_file_is_a_command_and_they_come_in_the_order_of_an_incident() -> None:
    assert tuple(COMMANDS) == ORDER


def test_the_least_roles_are_those_of_the_plan() -> None:
    for one in COMMANDS.values():
        wanted = next((rights for rights, names in LEAST.items() if one.name in names), Rights.TRIAGE)
        assert one.least == wanted, one.name


def test_a_file_without_its_command_is_an_error_not_silence() -> None:
    module = ModuleType("allclear.commands.war_room")
    with pytest.raises(TypeError, match=r"commands/war_room\.py holds no command called war-room"):
        command_in(module)
    vars(module)["war_room"] = COMMANDS["ack"]
    with pytest.raises(TypeError, match="holds no command called war-room"):
        command_in(module)


def test_what_is_no_command_is_not_looked_for_among_the_modules() -> None:
    assert len(COMMANDS) == len(ORDER)
    assert [COMMANDS.get(name) for name in ("production", "all_clear", "../ack", "")] == [None] * 4


def test_another_name_is_one_of_a_command() -> None:
    assert set(ALIASES) <= set(COMMANDS)
    assert {name: one.aliases for name, one in COMMANDS.items() if one.aliases} == ALIASES


def test_no_word_means_two_commands() -> None:
    words = [word for one in COMMANDS.values() for word in (one.name, *one.aliases)]

    assert len(words) == len(set(words))


@pytest.mark.parametrize("name", ORDER)
def test_every_command_is_found_in_a_comment_and_no_path_that_begins_with_it(name: str) -> None:
    assert [found.word for found in find(f"/{name} x\n/{name}/secrets\n/{name}.html")] == [name]


def test_what_is_dangerous_or_ends_something_counts_only_bare() -> None:
    only = "rollback run flag-off approve publish hotfix resolve all-clear dismiss duplicate"
    assert {one.name for one in COMMANDS.values() if one.bare} == set(only.split())


def test_every_command_explains_itself() -> None:
    for one in COMMANDS.values():
        assert one.summary.endswith("."), one.name
        assert "|" not in one.summary + one.usage, one.name
        assert all(example.startswith("/") for example in one.examples), one.name
        assert len(one.summary) < 120, one.name


def test_what_ends_or_begins_an_incident_cannot_be_undone() -> None:
    fixed = {one.name for one in COMMANDS.values() if not one.reversible}

    assert fixed == {
        *("all-clear", "reopen", "duplicate", "postmortem", "review", "undo", "confirm", "dismiss", "help"),
        *("hotfix", "run", "flag-off", "evidence"),
        *("rollback", "approve", "cancel", "smoke", "escalate", "publish"),
    }
