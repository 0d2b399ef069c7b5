"""Whom the commands of a comment name, as it is asked early and as the commands want it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from allclear.adapters.github.early_people import MOST, NAMING, named
from allclear.commands import COMMANDS
from allclear.core.conversation.command import Call
from allclear.core.conversation.words import understood
from commands.room import ALICE, Talk, at, bare_context

ROOT = Path(__file__).resolve().parents[3]
LINES = ("@cat", "ic @cat", "debrief @cat", "checkout @cat", "#1 @cat", "14:05 @cat", "P1 @cat", "@cat look")


def wanted(word: str, line: str) -> set[str]:
    """Whose rights the command wants to know, before it knows anything."""
    talk = Talk()
    meant = understood(word, line, talk.runbook, COMMANDS)
    assert meant is not None
    command, line = meant
    context = bare_context(talk, Call("c1.1", command.name, line, "", 1, ALICE, at("14:05")))
    return {login.lower() for login in command.wanted(context).logins}


def early(word: str, line: str) -> set[str]:
    return set(named([(word, line)]))


def test_the_commands_that_take_a_person_are_those_that_want_to_know_what_one_may_do() -> None:
    assert {name for name in COMMANDS if any("cat" in wanted(name, line) for line in LINES)} == NAMING.keys()


@pytest.mark.parametrize(
    "typed",
    [
        "role ic @cat",
        "role IC @Cat",
        "role comms=@cat",
        "role comms: @cat",
        "role comms @cat, scribe @hubot",
        "role @cat comms",
        "role comms lead → @cat!",
        "role comms [@cat](https://github.com/cat)",
        "role comms @org/team",
        "role comms none",
        "role comms me",
        "ic @cat",
        "ic **@cat**",
        "ic to @cat please",
        "ic @cat_acme",
        "ic @cat, comms @bob",
        "ic @" + "a" * 40,
        "ic @-cat",
        "ic cat@example.com",
        "ic @cat.example.com",
        "ic @../../user",
        "ic @cat/../bob",
        "ic @cat/@bob",
        "ic @cat%2Fbob",
        "ic @",
        "ic",
        "handoff @cat",
        "handoff all my roles to @cat",
        "handoff @cat see the notes of @bob",
        "handoff @cat's",
        "handoff @cat?",
        "handoff @org/team",
        "action @cat due:2035-12-01 add a test",
        "action due:friday @cat add a test",
        "action @cat by friday add a test",
        "action add a test @cat",
        "action add a test (@cat)",
        "action add a test @cat due:friday",
        "action add a test, @cat, friday",
        "action add a test owner: @cat",
        "action ask ops to add a test friday @cat 2035-12-01",
        "action owner: @cat add a test",
        "action add a test @cat by friday",
        "action add a test @cat due: friday",
        "action @cat ask @bob for the logs",
        "action mend the standby @cat",
        "action Owner: @cat add a test",
        "action add a test @cat Due:friday",
        "action @cat add a test @dan",
        "action add a test for @cat",
        "action [ ] @cat add a test",
        "action add a test",
        "action done 1",
        "step debrief @cat due:2035-12-01",
        "step debrief → @cat",
        "step @cat debrief",
        "step debrief @cat @dan",
        "step debrief due:friday",
    ],
)
def test_it_is_asked_early_of_whom_the_command_wants_it(typed: str) -> None:
    word, _, line = typed.partition(" ")
    assert early(word, line) == wanted(word, line)


@pytest.mark.parametrize(
    "typed",
    [
        "role ic cat",
        "ic @cat?",
        "ic @renovate[bot]",
        "role comms @cat @dan @eve",
        "assign ic @cat",
        "comms @cat",
    ],
)
def test_whom_it_misses_is_asked_about_when_the_command_is_read(typed: str) -> None:
    word, _, line = typed.partition(" ")
    assert early(word, line) < wanted(word, line)


@pytest.mark.parametrize(
    "typed",
    [
        "role ic @cat because @bob is asleep",
        "handoff from @bob to @cat",
        "step debrief ask @cat",
        "role ic @bob -> @cat",
        "role ic from @bob to @cat",
        "role ic @cat from @bob",
        "action find out, with @bob, why",
        "action ask ops, @bob knows the logs",
        "action ask @bob for the logs",
        "action get the logs from @bob",
    ],
)
def test_whoever_is_only_mentioned_costs_one_request_for_nothing(typed: str) -> None:
    word, _, line = typed.partition(" ")
    assert len(early(word, line) - wanted(word, line)) == 1


@pytest.mark.parametrize(
    "typed", ["note thanks @cat", "update @cat looks", "take comms from @bob", "escalate @cat", "sev P1 @cat"]
)
def test_of_those_whom_other_commands_mention_it_is_not_asked(typed: str) -> None:
    word, _, line = typed.partition(" ")
    assert early(word, line) == set()


def test_of_many_people_it_is_asked_of_few_and_each_once() -> None:
    crowd = " ".join(f"@user{n}" for n in range(50))
    assert named([("ic", crowd), ("role", crowd), ("action", crowd)]) == ("user0", "user1")
    assert named([("action", f"@cat {n}") for n in range(50)]) == ("cat",)
    assert named([("ic", "@cat"), ("action", "@dan x"), ("step", "debrief @eve")]) == ("cat", "dan")
    assert MOST == 2


def test_nothing_but_the_standard_library_is_imported_for_it() -> None:
    program = "import allclear.adapters.github.early_people, sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "scripts", capture_output=True, text=True, check=True
    )
    ours = [name for name in done.stdout.split() if name.startswith("allclear.")]
    assert ours == ["allclear.adapters", "allclear.adapters.github", "allclear.adapters.github.early_people"]
    tops = {name.partition(".")[0] for name in done.stdout.split() if not name.startswith("_")}
    assert tops & {"github", "msgspec", "pydantic", "requests", "jinja2"} == set()
