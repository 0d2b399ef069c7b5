from __future__ import annotations

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.parse import MOST_CALLS, Typed
from allclear.core.conversation.words import command_at, nearest, resolve_word
from commands.room import HOTDASH
from written import small


def means(word: str) -> tuple[str, str] | None:
    found = resolve_word(word, HOTDASH, COMMANDS)
    return (found[0].name, found[1]) if found else None


@pytest.mark.parametrize(
    ("typed", "name", "prefix"),
    [
        ("sev", "sev", ""),
        ("/severity", "sev", ""),
        ("/Sev1", "sev", "P1"),
        ("/sev-1", "sev", "P1"),
        ("/sevp1", "sev", "P1"),
        ("/severity2", "sev", "P2"),
        ("/P0", "sev", "P0"),
        ("/critical", "sev", "P0"),
        ("/identified", "status", "identified"),
        ("/fixing", "status", "mitigating"),
        ("/mitigated", "status", "monitoring"),
        ("/resolved", "resolve", ""),
        ("/fixed", "resolve", ""),
        ("/ack", "ack", ""),
        ("/acknowledge", "ack", ""),
        ("/ic", "ic", ""),
        ("/commander", "role", "ic"),
        ("/incident-commander", "role", "ic"),
        ("/communications-lead", "role", "comms"),
        ("/tech", "role", "tech"),
        ("/notes", "note", ""),
        ("/done", "check", ""),
        ("/undone", "uncheck", ""),
        ("/allclear", "all-clear", ""),
        ("/all_clear", "all-clear", ""),
        ("/ALL-CLEAR", "all-clear", ""),
        ("/post-mortem", "postmortem", ""),
        ("/pm", "postmortem", ""),
        ("/dup", "duplicate", ""),
    ],
)
def test_what_people_type(typed: str, name: str, prefix: str) -> None:
    assert means(typed) == (name, prefix)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "/",
        "//",
        "/1",
        "/0",
        "/etc/hosts",
        "/lead",
        "/usr",
        "/sev9",
        "/sev-",
        "/āck",
        "/аck",
        "/ack\u200b",
        "/" + "x" * 41,
        "/ack!",
    ],
)
def test_what_means_nothing(typed: str) -> None:
    assert means(typed) is None


@pytest.mark.parametrize(
    ("body", "ordinal", "typed"),
    [
        ("/rollback web", 0, Typed("rollback", "web", "")),
        ("/ack\n/P1 now\nall of it is down", 1, Typed("sev", "P1 now", "all of it is down")),
        ("/rollback web", 1, None),
        ("/rollbak web", 0, None),
        ("\uff0frollback web", 0, None),
        ("/ack\n" * MOST_CALLS + "/rollback web", MOST_CALLS, None),
    ],
)
def test_the_command_at_a_place_of_a_comment(body: str, ordinal: int, typed: Typed | None) -> None:
    assert command_at(body, ordinal, HOTDASH, COMMANDS) == typed


def test_a_word_whose_command_is_not_there_means_nothing() -> None:
    without = {name: one for name, one in COMMANDS.items() if name != "sev"}

    assert resolve_word("/p1", HOTDASH, without) is None


def test_another_runbook_has_other_words() -> None:
    book = small()

    found = resolve_word("/sev1", book, COMMANDS)
    assert found is not None
    assert (found[0].name, found[1]) == ("sev", "SEV1")
    assert resolve_word("/p1", book, COMMANDS) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/resovle", "resolve"),
        ("/sve", "sev"),
        ("/sevrity", "severity"),
        ("/acknowlege", "acknowledge"),
        ("/updaet", "update"),
        ("/monitring", "monitoring"),
        ("/al-clear", "all-clear"),
    ],
)
def test_a_typo_is_near_to_what_was_meant(typed: str, meant: str) -> None:
    assert nearest(typed, HOTDASH, COMMANDS) == meant


@pytest.mark.parametrize("typed", ["/etc", "/hosts", "/usr", "/x", "/", "/" + "resolve" * 9, "/rеsolve"])
def test_what_is_near_to_nothing(typed: str) -> None:
    assert nearest(typed, HOTDASH, COMMANDS) is None
