from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.conversation.command import ArgumentCursor
from allclear.core.conversation.marks import AROUND, bare, divides, is_arrow, only_signs

AROUND_A_WORD = [
    "{}!",
    "{},",
    "{}.",
    "{}:",
    "{}!!",
    "{}…",
    "{}。",
    "`{}`",
    "**{}**",
    "_{}_",
    "~~{}~~",
    '"{}"',
    "'{}'",
    "“{}”",
    "„{}“",
    "«{}»",
    "‚{}‘",
    "<{}>",
    "({})",
    "[{}]",
    "{{{}}}",
    "**`{}`**.",
    "(“{}”),",
    "🔴{}",
    "{}✅",
    "\u200b{}\u2060",
]
IN_FRONT = ["= {}", "-> {}", "=> {}", "→ {}", "➡️ {}", "✅ {}", "🔴 ➡ {}", ": {}", "- {}", "— {}", "** {}"]


@pytest.mark.parametrize("marks", AROUND_A_WORD)
def test_marks_and_punctuation_around_a_word_are_no_part_of_it(marks: str) -> None:
    cursor = ArgumentCursor(f"{marks.format('P1')} checkout, is (down).", "below")
    assert cursor.word() == ("P1", ArgumentCursor("checkout, is (down).", "below"))


@pytest.mark.parametrize("marks", IN_FRONT)
def test_signs_in_front_of_a_word_are_passed_over(marks: str) -> None:
    assert ArgumentCursor(marks.format("P1 now"), "").word() == ("P1", ArgumentCursor("now", ""))


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("P1?", "P1?"),
        ("+1", "+1"),
        ("-5m", "-5m"),
        ("@ann,", "@ann"),
        ("#12.", "#12"),
        ("P1/P2", "P1/P2"),
        ("checkout(v2)", "checkout(v2)"),
        ("(checkout(v2))", "checkout(v2)"),
        ("list[0]", "list[0]"),
        ("web_1", "web_1"),
        ("../x", "../x"),
        (",P1", "P1"),
        ("[x](y)", "[x](y)"),
        ("`P1`@all", "`P1`@all"),
        ("1\ufe0f\u20e3", "1"),
        ("café.", "café"),
        ("cafe\u0301.", "cafe\u0301"),
        ("-", "-"),
        ("?", "?"),
        ("->", "->"),
        ("", ""),
    ],
)
def test_what_says_something_stays(typed: str, word: str) -> None:
    assert ArgumentCursor(typed, "").word()[0] == word


def test_where_only_signs_are_left_the_first_of_them_is_the_word() -> None:
    assert ArgumentCursor("- = x?", "").word() == ("x?", ArgumentCursor("", ""))
    assert ArgumentCursor("- =", "below").word() == ("-", ArgumentCursor("=", "below"))


def _letter(word: str) -> str:
    return word if word in {"P1", "a", "to"} else ""


@pytest.mark.parametrize(
    ("line", "found", "word", "rest"),
    [
        ("to P1 down", "P1", "P1", "down"),
        ("is now set to P1", "P1", "P1", ""),
        ("= to: P1", "P1", "P1", ""),
        ("a lot", "a", "a", "lot"),
        ("the", "", "the", ""),
        ("of x", "", "x", ""),
        ("the the the the the the P1", "", "the", "the P1"),
        ("", "", "", ""),
    ],
)
def test_small_words_in_front_are_passed_over_unless_they_are_meant(
    line: str, found: str, word: str, rest: str
) -> None:
    find = (lambda word: word if word == "P1" else "") if line != "a lot" else _letter
    assert ArgumentCursor(line, "").named(find) == (found, word, ArgumentCursor(rest, ""))


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("- checkout is down", "checkout is down"),
        ("— checkout", "checkout"),
        ("-> checkout", "checkout"),
        (": checkout", "checkout"),
        (", checkout", "checkout"),
        ("-", "-"),
        ("-5 % of users", "-5 % of users"),
        ("* starred", "* starred"),
        ("", ""),
    ],
)
def test_a_sign_between_an_argument_and_its_text_is_no_part_of_the_text(line: str, rest: str) -> None:
    assert ArgumentCursor(line, "below").undivided() == ArgumentCursor(rest, "below")


def test_arrows_and_dividers() -> None:
    assert all(is_arrow(sign) and divides(sign) for sign in ("->", "-->", "=>", "→", "⇒", "➡️", "➡"))
    assert not any(map(is_arrow, ("-", "=", ">", "to", "")))
    assert all(map(divides, ("-", "--", "–", "=", ":", ",", ";", "|")))
    assert not any(map(divides, ("✅", "to", "", "----")))
    assert all(map(only_signs, ("✅", "", "->")))
    assert not any(map(only_signs, ("?", "é", "1")))


@given(st.text(alphabet=st.sampled_from([*AROUND, "a", "1", "-", "🔴", "\ufe0f", "é"]), max_size=12))
def test_a_word_without_its_marks_is_a_part_of_it_and_has_all_its_letters(word: str) -> None:
    left = bare(word)
    assert left in word
    assert [sign for sign in left if sign.isalnum()] == [sign for sign in word if sign.isalnum()]
