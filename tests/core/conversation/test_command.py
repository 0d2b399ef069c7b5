from __future__ import annotations

from typing import Annotated

import pytest

from allclear.core.conversation.arguments import Text
from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, Call, CommandContext, command
from allclear.core.conversation.severity_argument import SeverityWord
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.life import SeveritySet
from allclear.core.record.people import Acknowledged
from commands.room import ALICE, BOB, Talk, at, bare_context


def room(line: str, below: str = "") -> CommandContext:
    return bare_context(Talk(), Call("c1.1", "page", line, below, 1, ALICE, at("14:05")))


def broken(_cursor: ArgumentCursor, _room: CommandContext) -> tuple[str, ArgumentCursor]:
    raise UserError("Not now.", "state")


@command("page", least=Rights.TRIAGE, examples=("/page P1 wake up",), reversible=True)
def page(_room: CommandContext, level: SeverityWord, why: Text = "") -> Answer:
    """Pages everybody
    who is there.

    With details.
    """
    return Answer((Helped(),), f"{level}:{why}")


@command("bare", least=Rights.READ, examples=("/bare",))
def bare(_room: CommandContext, word: Annotated[str, Arg("<word>", broken)]) -> Answer:
    return Answer((Helped(),), word)


def test_the_help_comes_from_the_signature_and_the_docstring() -> None:
    assert page.usage == "/page <severity> [text]"
    assert (page.summary, page.details) == ("Pages everybody who is there.", "With details.")
    assert (bare.summary, bare.usage) == ("", "/bare <word>")


def test_arguments_are_read_in_their_order_and_the_last_takes_the_lines_below() -> None:
    assert page.answer(room("P1 wake up", "now")).say == "P1:wake up\nnow"
    assert page.answer(room("  high  ")).say == "P1:"


def test_a_missing_argument_is_answered_with_usage_and_example() -> None:
    with pytest.raises(UserError) as refused:
        page.answer(room(""))

    assert refused.value.code == "malformed"
    assert refused.value.message.endswith("Usage: `/page <severity> [text]`, for example `/page P1 wake up`.")


def test_a_malformed_argument_is_answered_with_usage_and_another_reason_is_not() -> None:
    with pytest.raises(UserError, match=r"is not a severity.*Usage: `/page <severity> \[text\]`\.$"):
        page.answer(room("P9"))
    with pytest.raises(UserError, match=r"^Not now\.$") as refused:
        bare.answer(room("x"))
    assert refused.value.code == "state"


def test_a_cursor_gives_word_after_word_and_then_nothing() -> None:
    first, rest = ArgumentCursor(" one  two", "three").word()
    second, rest = rest.word()

    assert (first, second, rest.word()[0], rest.text) == ("one", "two", "", "three")


def test_a_room_can_look_ahead_without_changing_anything() -> None:
    here = room("")
    after = here.after(SeveritySet(to="P0"), Acknowledged(by=BOB))

    assert (after.severity, after.team.responders) == ("P0", (BOB,))
    assert (here.incident.severity, here.incident.team.responders) == ("P1", ())
    assert after.reached("acknowledged") == at("14:05")
