from __future__ import annotations

import pytest

from allclear.core.conversation.fields import fix_in, labelled, one_a_line

LABELS = {"cause": ("root cause", "cause"), "next": ("next",)}


@pytest.mark.parametrize(
    "line",
    [
        *["Root cause: x", "- root-cause: x", "**Root cause:** x", "* __ROOT CAUSE__: x", "  Cause:x"],
        *["1. Root cause: x", "2) **Cause**: x", "\u2022 cause: x", "- [x] Cause: x", "* 1. Root cause = x"],
    ],
)
def test_a_label_is_found_as_people_format_it(line: str) -> None:
    assert labelled(line, LABELS) == ({"cause": "x"}, "")


@pytest.mark.parametrize(
    "line", ["The root cause: x", "Root cause x", "Cause of it: x", f"{'x' * 61}: x", "http://cause: x"]
)
def test_what_is_no_label_is_text(line: str) -> None:
    assert labelled(line, LABELS) == ({}, line)


def test_a_value_runs_on_until_the_next_label() -> None:
    text = "before\nCause: one\ntwo: three\n\nfour\nNext: five\n"

    assert labelled(text, LABELS) == ({"cause": "one\ntwo: three\n\nfour", "next": "five"}, "before")
    assert labelled(text, LABELS, run_on=False) == (
        {"cause": "one", "next": "five"},
        "before\ntwo: three\n\nfour",
    )


def test_a_field_given_twice_has_both_values() -> None:
    assert labelled("Cause: one\nCause: two", LABELS) == ({"cause": "one\ntwo"}, "")


def test_an_unfilled_field_is_left_out() -> None:
    assert labelled("Cause: <description>\nNext:", LABELS) == ({}, "")
    assert labelled("Cause: <b> is wrong", LABELS) == ({"cause": "<b> is wrong"}, "")


def test_the_fix_of_a_filled_in_form() -> None:
    assert fix_in("rolled back") == "rolled back"
    assert fix_in("Thanks!\nFix: rolled back\nDuration: 5 minutes") == "Thanks!\nrolled back"
    assert fix_in("Verified: yes") == "Verified: yes"


@pytest.mark.parametrize(
    "line", ["### Root cause\nx", "**Root cause**\n\nx", "# root-cause: x", "Root cause = x"]
)
def test_a_heading_a_bold_line_and_an_equals_sign_make_a_field(line: str) -> None:
    assert labelled(line, LABELS) == ({"cause": "x"}, "")
    assert labelled(line, LABELS, run_on=False) == ({"cause": "x"}, "")


def test_in_a_fenced_block_stands_no_field() -> None:
    log = "```\nnext: a\n~~~\nnext: b\n```"
    assert labelled(f"Cause: x\n{log}\nNext: y", LABELS) == ({"cause": f"x\n{log}", "next": "y"}, "")


@pytest.mark.parametrize(
    "text",
    [
        "| Root cause | x |\n| Next | y |",
        "| **Root cause** | x |\n|:---|---|\n| Next | y |",
        "| Field | Value |\n|---|---|\n| Cause | x |\n| Next | y |",
        "| Root cause | Next |\n|---|---|\n| x | y |",
    ],
)
def test_a_table_of_fields_is_read_row_by_row_or_column_by_column(text: str) -> None:
    assert labelled(text, LABELS) == ({"cause": "x", "next": "y"}, "")


@pytest.mark.parametrize(
    "text",
    ["| a | b |\n|---|---|\n| 1 | 2 |", "|\n||", "```\n| Next | y |\n```", "| Next: y", "| Root cause |"],
)
def test_another_table_is_text(text: str) -> None:
    assert labelled(text, LABELS) == ({}, text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Cause: x; next: y", "Cause: x\nnext: y"),
        ("1. Root cause: x | **Next**: y", "1. Root cause: x\n**Next**: y"),
        ("root-cause=x, next=y. Root cause: z", "root-cause=x\nnext=y\nRoot cause: z"),
        ("the pool; next: y", "the pool\nnext: y"),
        ("the pool, next: y", "the pool\nnext: y"),
        ("the pool - next: y. Cause: z", "the pool\nnext: y\nCause: z"),
        ("the pool,next:y and next: z", "the pool,next:y and next: z"),
        ("a pre-cause: x", "a pre-cause: x"),
        ("| Cause | x; next: y |", "| Cause | x; next: y |"),
        ("Cause: what comes next: y", "Cause: what comes next: y"),
        ("### Cause\nx; next: y", "### Cause\nx\nnext: y"),
        ("```\nCause: x; next: y\n```", "```\nCause: x; next: y\n```"),
    ],
)
def test_fields_of_one_line_are_told_apart(text: str, lines: str) -> None:
    assert one_a_line(text, LABELS) == lines
