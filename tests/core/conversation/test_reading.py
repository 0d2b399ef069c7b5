"""Whether an answer shows a line that can be typed here, and the one that it shows where it has none."""

from __future__ import annotations

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.reading import MOST, shows_a_line, with_example
from allclear.core.model.errors import UserError
from core.conversation.test_command import room
from core.issue_desk import declared
from stories import BOB


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("Write `/sev P1`.", True),
        ("Write `/severity high`, or nothing.", True),
        ("`/ack` says that you are on it.", True),
        ("Write `/xyzzy P1`.", False),
        ("Write `/sev P9`.", False),
        ("Usage: `/sev <severity> [why]`.", False),
        ("`/hotfix` has none.", False),
        ("Write `P1`, or /sev P1.", False),
        ("`/xyzzy`" * MOST + "`/sev P1`", False),
    ],
)
def test_what_a_text_shows_to_type_is_read_as_it_would_be(text: str, shows: bool) -> None:
    assert shows_a_line(text, room("x")) is shows


@pytest.mark.parametrize(
    ("name", "reason", "example"),
    [
        ("sev", "malformed", " For example: `/sev P1 checkout fails for everybody`."),
        ("rollback", "unknown-service", " For example: `/rollback web --dry-run`."),
        ("ack", "malformed", " For example: `/ack`."),
        ("sev", "state", ""),
        ("rollback", "unclear", ""),
    ],
)
def test_a_refusal_without_a_line_gets_one_where_another_spelling_helps(
    name: str, reason: str, example: str
) -> None:
    said = with_example(UserError("So not.", reason), COMMANDS[name], room("x"))
    assert said == f"So not.{example}"


def test_what_is_refused_shows_one_line_and_no_second() -> None:
    said = declared().answered(BOB, "/sev")
    assert said.count("xample") == 1
    assert "For example: `/sev P1 checkout fails for everybody`." in declared().answered(BOB, "/sev xyzzy")
