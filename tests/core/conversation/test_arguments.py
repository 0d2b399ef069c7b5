from __future__ import annotations

import pytest

from allclear.core.conversation.arguments import issue_number, pairs
from allclear.core.conversation.command import ArgumentCursor
from allclear.core.conversation.people import person_wanted

NAMES = frozenset({"users", "revenue"})


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("users=5 revenue=$3 down", {"users": "5", "revenue": "$3"}, "down"),
        ('Users=5 revenue="EUR 3" down', {"users": "5", "revenue": "EUR 3"}, "down"),
        ("users=5 users=6", {"users": "6"}, ""),
        ("down users=5", {}, "down users=5"),
        ("users=5 color=red", {"users": "5"}, "color=red"),
        ("users= 5", {}, "users= 5"),
        ("users=5\nbelow", {"users": "5"}, "below"),
        ('revenue="open end', {"revenue": "open"}, "end"),
        ("", {}, ""),
    ],
)
def test_pairs_stand_at_the_start(text: str, found: dict[str, str], rest: str) -> None:
    assert pairs(text, NAMES) == (found, rest)


@pytest.mark.parametrize(
    ("line", "logins"),
    [
        ("@bob, please", {"bob"}),
        ("@Alice.", {"Alice"}),
        ("@app[bot]", {"app[bot]"}),
        ("@-no", set()),
        ("@x/team", set()),
        ("me@home @bob", set()),
        ("none", set()),
        ("", set()),
    ],
)
def test_a_person_that_is_named_next_is_asked_about(line: str, logins: set[str]) -> None:
    assert person_wanted(ArgumentCursor(line, "@below")).logins == logins


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("#12", 12),
        ("12", 12),
        ("#12.", 12),
        ("#0", None),
        ("#", None),
        ("a#12", None),
        ("#12345678901", None),
        ("#١٢", None),
    ],
)
def test_an_issue_has_a_number_of_this_repository(word: str, number: int | None) -> None:
    assert issue_number(word) == number
