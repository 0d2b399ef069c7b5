"""Commands in the middle of a text: where they would be whole the answer says that they were not done."""

from __future__ import annotations

import pytest

from allclear.core.conversation.contained import MOST
from allclear.core.model.structs import replace
from core.issue_desk import declared, new, told
from stories import BOB, SETTINGS
from typed.desks import desk

NOT_DONE = "Only a part of the text, and not done: "


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("/note restarted /sev P1", ["/sev P1"]),
        ("/note restarted. /sev P1", ["/sev P1"]),
        ("/note restarted /ack", ["/ack"]),
        ("/note /ack", ["/ack"]),
        ("/note restarted /sev P1 and /ack", ["/sev P1", "/ack"]),
        ("/note then /p1", ["/p1"]),
        ("/note then /severity high", ["/severity high"]),
        ("/note then /escalate the database is dead", ["/escalate the database is dead"]),
        ("/note ours /handoff @cat", ["/handoff @cat"]),
        ("/note then /ic @cat", ["/ic @cat"]),
        ("/note then /check root-cause", ["/check root-cause"]),
        ("/note then /time started 13:05", ["/time started 13:05"]),
        ("/finding pool /status monitoring", ["/status monitoring"]),
        ("/impact users=12 /sev P1", ["/sev P1"]),
        ("/update fix is out /status monitoring", ["/status monitoring"]),
        ("/action @cat do x /action @bob do y", ["/action @bob do y"]),
        ("/ack looking /sev P1", ["/sev P1"]),
        ("/status monitoring watching it /sev P1", ["/sev P1"]),
        ("/resolve all is fine /sev P3", ["/sev P3"]),
        ("/statsu monitoring /sev P3", ["/sev P3"]),
    ],
)
def test_a_whole_command_in_a_text_is_kept_as_text_and_told(typed: str, held: list[str]) -> None:
    said = declared().answered(BOB, typed).replace("\u2060", "")
    assert f"{NOT_DONE}{', '.join(f'`{one}`' for one in held)}. To do it, write" in said


@pytest.mark.parametrize(
    "typed",
    [
        "/note use /rollback if it goes on",
        "/note use /rollback web if it goes on",
        "/note /ack did not work",
        "/note typed /sev P1 but nothing happened",
        "/note bob said /ack",
        "/note see /status",
        "/undo /ack",
        "/help /ack",
        "/note the /status page is red",
        "/note GET /status 500",
        "/note saw `/ack /sev P1` in the docs",
        "/note see /help",
        "/note see /sev P1000",
        "/note restarted /update",
        "/action write a test for /ack",
        "/finding the /check endpoint is down",
        "/update /update page broken since noon",
        "/update please test /checkout and /cart",
        "/update see /orders/12 /v2/users",
        "/ack looking",
    ],
)
def test_a_text_that_speaks_of_a_command_is_only_a_text(typed: str) -> None:
    assert NOT_DONE not in declared().answered(BOB, typed)


def test_what_could_not_be_done_now_is_told_too() -> None:
    issue = desk("production")
    issue.says(BOB, "/note we will /rollback web to 1a2b3c4")
    assert f"{NOT_DONE}`/rollback web to 1a2b3c4`" in told(issue.run())


def test_behind_a_divider_it_is_told_as_a_command_of_its_own_with_its_words() -> None:
    said = declared().answered(BOB, "/note a; /sev P1 && /status monitoring")
    assert "- `/sev P1`: it is part of the text before it." in said
    assert "- `/status monitoring`: it is part of the text before it." in said
    assert NOT_DONE not in said


def test_the_words_of_other_bots_in_a_text_are_left_alone() -> None:
    issue = declared(settings=replace(SETTINGS, ignore=("sev",)))
    assert NOT_DONE not in issue.answered(BOB, "/note restarted /sev P1")


def test_of_very_many_the_first_are_told() -> None:
    said = declared().answered(BOB, f"/note a{' /sev P1' * MOST} /ack")
    assert f"{NOT_DONE}`/sev P1`. To do it" in said


def test_it_is_told_once() -> None:
    issue = declared()
    issue.says(BOB, "/note restarted /sev P1")
    issue.run()
    assert new(issue.run()) == []
