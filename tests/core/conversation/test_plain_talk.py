"""What is taken for talk holds no command and no form, whatever stands around it."""

from __future__ import annotations

from random import Random

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.forms import filled_in, forms_of
from allclear.core.conversation.parse import find
from allclear.core.conversation.plain_talk import plain_talk
from allclear.core.conversation.words import commands_in
from cpu_seconds import cpu_seconds
from stories import HOTDASH

TALK = (
    "Any news?",
    "",
    "Thanks, @bob!",
    "see https://example.com/a/b?c=1#d, and https://x.org",
    "14:05 the first errors, 14:10 more",
    "#12 and acme/shop#13 are the same",
    "and/or 24/7 tcp/ip",
    "- [x] looked at it\n- [ ] and at this",
    "1. first\n2. second",
    "> quoted\n\nyes",
    "\u201cquoted\u201d \u2026 \u2192 done \U0001f389",
)
ASKS = (
    "/ack",
    " /ack",
    "text\n/ack",
    "> /ack",
    "`/ack`",
    "- /ack",
    "\uff0fack",
    "\u2215ack",
    "\u2044ack",
    "\u29f8ack",
    "\\ack",
    "/\u200back",
    "\u200b/ack",
    "\u202e/ack",
    "\U0001f389/ack",
    "1\ufe0f\u20e3/ack",
    "<b>/ack",
    "![](https://x.org)/ack",
    "<https://x.org>/ack",
    "https://x.org\n/ack",
    "a\u0301/ack",
    "_/ack_",
    "| /ack |",
    "Root cause: the pool",
    "Progress\uff1a more",
    "# Fix\nit",
    "**Fix**\nit",
    "__Fix__\nit",
    "| Fix | it |",
    "fix=it",
    "#\nfix",
)
PIECES = (
    *("/", "/", "\\", "\uff0f", "\u2044", "ack", "sev P1", "note x", "\n", "\n", " ", "\t", "*", "_", "`"),
    *(">", "<br>", "(", ")", "[x] ", "- ", "1. ", "A) ", "# ", "#12", ":tada:", "https://x.org/a", "14:05"),
    *("@bob/team ", "@bob: ", "\u200b", "\u202e", "\ufe0f", "\u20e3", "\u0301", "\U0001f389", "&nbsp;"),
    *("<!-- x -->", "![a](https://x.org/b)", "Fix", "Root cause", ":", "=", "|", "\ue000", "\r", "i'm"),
    *("root cause", "7", "\u00e9", "\u2460", "\u24b6", "'"),
)


@pytest.mark.parametrize("text", TALK)
def test_talk_is_talk(text: str) -> None:
    assert plain_talk(text)


@pytest.mark.parametrize("text", ASKS)
def test_what_may_ask_for_something_is_none(text: str) -> None:
    assert not plain_talk(text)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_in_talk_is_a_command_or_a_form(seed: int) -> None:
    chance, forms = Random(seed), forms_of(HOTDASH)
    for _ in range(300):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 9)))
        if plain_talk(text):
            assert find(text) == (), text
            assert commands_in(text, HOTDASH, COMMANDS) == (), text
            assert filled_in(text, (), forms) is None, text


@pytest.mark.parametrize("piece", [*PIECES, "http://", "x/", ": ", "12:34 ", "  |", "https://x,"])
def test_it_takes_time_linear_in_the_length(piece: str) -> None:
    text = (piece * 65_536)[:65_536]
    assert cpu_seconds(lambda: plain_talk(text)) < 0.3
