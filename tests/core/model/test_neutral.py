from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from allclear.core.model.neutral import JOINER, block, code, cut, diagram, inline, plain

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = st.text(alphabet=st.sampled_from("ab1 @#<>!-[]()`*_~|\\/:.w\n$&=+\u202e\u200b"), max_size=80)


def text_of(markdown: str) -> tuple[set[str], str]:
    """The kinds of token GitHub-like Markdown sees, and the text it would show."""
    kinds, shown = set(), ""
    for token in MARKDOWN.parse(markdown):
        kinds.add(token.type)
        for child in token.children or ():
            kinds.add(child.type)
            shown += child.content
    return kinds, shown


@given(text=HOSTILE)
def test_inline_text_is_text_and_nothing_else(text: str) -> None:
    kinds, _ = text_of(f"Title: {inline(text)}.")

    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}


@given(text=HOSTILE)
def test_quoted_text_stays_in_its_quotation(text: str) -> None:
    tokens = MARKDOWN.parse(f"{block(text)}\n\nAfter")

    assert [token.type for token in tokens[-3:]] == ["paragraph_open", "inline", "paragraph_close"]
    assert tokens[-2].content == "After"
    assert tokens[-2].level == 1
    assert {"heading_open", "fence", "html_block", "code_block", "hr"}.isdisjoint(
        token.type for token in tokens
    )


@pytest.mark.parametrize(
    ("typed", "inert"),
    [
        ("@everyone", f"@{JOINER}everyone"),
        ("a@b.c", f"a@{JOINER}b.c"),
        ("fixes #12", f"fixes #{JOINER}12"),
        ("gh-7", f"gh{JOINER}-7"),
        ("https://x.test", f"https{JOINER}://x.test"),
        ("www.x.test", f"www{JOINER}.x.test"),
        ("javascript:alert(1)", f"javascript{JOINER}:alert(1)"),
        ("<!-- x -->", "\\<!-- x --\\>"),
        ("# head", "\\# head"),
        ("1. one", f"1{JOINER}. one"),
        ("- item", "\\- item"),
        ("a | b", "a \\| b"),
        ("two\nlines\ttab", "two lines tab"),
        ("a\u202eb\u200bc\x00d", "abcd"),
        ("e\u0301", "\u00e9"),
    ],
)
def test_signs_with_a_meaning_lose_it(typed: str, inert: str) -> None:
    assert inline(typed) == inert


def test_long_text_is_cut_and_shows_it() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abc   def", 5) == "abc…"
    assert cut("abc", 0) == "…"
    assert len(inline("x" * 1000)) == 300
    assert plain("a\r\nb\rc") == "a\nb\nc"


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("Run migrations before the release", 20, "Run migrations…"),
        ("Run migrations before the release", 15, "Run migrations…"),
        ("Run migrations before the release", 16, "Run migrations…"),
        ("two\nlines of text", 7, "two…"),
        (f"a {'b' * 60}", 40, f"a {'b' * 37}…"),
        ("b" * 60, 10, f"{'b' * 9}…"),
    ],
)
def test_a_cut_is_at_the_end_of_a_word_unless_that_is_far(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


def test_a_quotation_has_a_sign_on_every_line() -> None:
    assert block(" one\n\n  two ") == "> one\n>\n> two"


def test_a_word_in_backticks_cannot_leave_them() -> None:
    assert code("a`b\nc") == "`a'b c`"
    assert code("") == "` `"
    assert len(code("x" * 500)) == 102


def test_a_label_in_a_diagram_has_only_harmless_signs() -> None:
    assert diagram('P1: db;down #1 "x" <b>') == "P1 db down 1 x b"
    assert diagram(';#"') == "…"
    assert len(diagram("x" * 100)) == 60
