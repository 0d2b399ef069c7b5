"""Where a command counts, and everywhere it does not (E21, H10, H11, H16)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.conversation.parse import LONGEST_BODY, MOST_CALLS, MOST_LINES, Typed, find
from allclear.core.conversation.slash import Shape
from allclear.core.model.structs import replace


def words(body: str) -> list[str]:
    return [found.word for found in find(body) if not found.look_alike]


def test_a_comment_without_a_slash_has_no_commands() -> None:
    assert find("All is well.\nReally.") == ()


def test_any_number_of_commands_each_with_the_lines_below_it() -> None:
    assert find("Hello\n/ack\n/update: rolling back\nsince the\ndeploy\n/sev P1 why not") == (
        Typed("ack", "", ""),
        Typed("update", "rolling back", "since the\ndeploy"),
        Typed("sev", "P1 why not", ""),
    )


@pytest.mark.parametrize("indent", ["", " ", "  ", "   "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_small_indents_and_any_line_end_are_fine(indent: str, end: str) -> None:
    assert find(f"Hi{end}{end}{indent}/ack{end}") == (Typed("ack", "", ""),)


@pytest.mark.parametrize(
    "body",
    [
        "text /ack",
        "`/ack`",
        "`a\n/ack\nb`",
        "```\n/ack\n```",
        "~~~\n/ack\n~~~",
        "```\n/ack",
        "    /ack",
        "\t/ack",
        "> /ack",
        "> > /ack",
        "- > /ack",
        "<!-- /ack -->",
        "<!--\n/ack\n-->",
        "<!--\n\n/ack\n\n-->",
        "text <!--\n/ack\n--> text",
        "<pre>\n/ack\n</pre>",
        "<script>\n/ack\n</script>",
        "<details>\n\n/ack\n\n</details>",
        "<details><summary>log</summary>\n\n/ack\n\n</details>",
        "<details>\n\n<details>\n\nx\n\n</details>\n\n/ack\n\n</details>",
        "<details>\n\n/ack",
        "/etc/hosts",
        "/etc is full",
        "/usr/local/bin",
        "/var",
        "//ack",
        "/ ack",
        "/",
        "/1.2.3",
        "-- Original Message --\n/ack",
        "thanks\n-----Original Message-----\n/ack",
        "thanks\n----- Forwarded message -----\n/ack",
        "thanks\n________________________\n/ack",
        "thanks\nFrom: Bob <bob@example.com>\n/ack",
        "On Monday Bob wrote:\n> /ack",
    ],
)
def test_what_is_quoted_coded_hidden_forwarded_or_a_path_is_no_command(body: str) -> None:
    assert words(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "<details>\n\nx\n\n</details>\n\n/ack",
        "</details>\n\n/ack",
        "> quoted\n\n/ack",
        "```\ncode\n```\n/ack",
        "# Title\n/ack",
        "`code`\n/ack",
        "**bold\n/ack\nbold**",
        "[link\n/ack\n](x)",
        "From here on\n/ack",
    ],
)
def test_what_stands_beside_those_is_one(body: str) -> None:
    assert words(body) == ["ack"]


@pytest.mark.parametrize(
    "line",
    [
        "\uff0fack",
        "\u2215ack",
        "\u2044ack",
        "\u29f8ack",
        "\u0338/ack",
    ],
)
def test_a_line_that_only_looks_like_a_command_is_answered_as_one_that_is_none(line: str) -> None:
    (found,) = find(f"{line}\n\nmore text")
    assert (found.look_alike, found.word, found.typed) == (True, "ack", "/ack")


@pytest.mark.parametrize("line", ["\u00e9t\u00e9 /ack", "\U0001f525", "\u200btext", "\u3000"])
def test_other_lines_that_begin_with_odd_signs_are_just_text(line: str) -> None:
    assert find(line) == ()


def stands(body: str) -> list[str]:
    return [found.how for found in find(body)]


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("/ack\n---", "dressed"),
        ("/ack\n===", "dressed"),
        ("- /ack", "dressed"),
        ("<p>hello</p>\n/ack", "dressed"),
        ("<img src='a.png' />\n/ack", "dressed"),
        ("<img src='a.png'>\n/ack", "dressed"),
        ("<div>a<br>b<span/></div>\n/ack", "dressed"),
        ("<pre>\nlog\n</pre>\n/ack", "bare"),
        ("<p><code>x</code></p>\n/ack", "dressed"),
        ("<p><!-- a --></p>\n/ack", "dressed"),
        ("<details>\nx\n</details>\n/ack", "dressed"),
        ("<div>\n/ack\n</div>", "html"),
        ("<p>hello\n/ack", "html"),
        ("> quoted\n/ack", "quote"),
        ("> quoted\n- x\n/ack", "bare"),
        ("<img src='a.png'>\n\uff0fack", "look-alike"),
    ],
)
def test_what_stands_above_and_below_it_says_how_it_stands(body: str, how: str) -> None:
    assert stands(body) == [how]


@pytest.mark.parametrize(
    "body",
    [
        "<div>\n<pre>\n/ack\n</pre>\n</div>",
        "<div>\n<!-- a\n/ack\n-->\n</div>",
        "<div><details>\n/ack\n</details></div>",
        "<?xml\n/ack\n?>",
        "<!DOCTYPE\n/ack\n>",
        "<div a='\n/ack\n'>",
    ],
)
def test_what_html_hides_is_no_command(body: str) -> None:
    assert stands(body) == []


def test_what_is_told_stays_a_part_of_the_text_above_it() -> None:
    (note, told) = find("/note seen\n> by bob\n/ack\nat noon")
    assert (note.below, told.told, told.below) == ("> by bob\n/ack\nat noon", True, "")
    (note, ack) = find("/note seen\n\n- /ack\nat noon")
    assert (note.below, ack.told, ack.below) == ("seen"[:0], False, "at noon")


def test_commands_that_run_into_one_another_are_told_and_a_path_is_none() -> None:
    def shape(word: str) -> Shape | None:
        return Shape() if word in ("ack", "sev") else None

    assert [(one.word, one.told) for one in find("/ack/sev", shape)] == [("ack", True), ("sev", True)]
    assert find("/ack/secrets", shape) == find("/api/sev", shape) == ()


def test_a_word_in_another_script_is_a_word_to_be_told_about() -> None:
    assert words("/\u0430ck") == ["\u0430ck"]


def test_our_own_marks_in_a_comment_are_dropped_before_they_can_name_a_line() -> None:
    assert words("\ue0001\ue001text\n```\n/ack\n```\n/sev P1") == ["sev"]


def test_a_hundred_commands_are_taken_and_one_more_to_be_refused() -> None:
    assert len(find("/ack\n" * 1000)) == MOST_CALLS + 1


def test_what_github_would_not_accept_is_not_read() -> None:
    assert words("x" * LONGEST_BODY + "\n/ack") == []
    assert words("x" * (LONGEST_BODY - 5) + "\n/ack") == ["ack"]


@pytest.mark.parametrize(
    "piece",
    [
        "/",
        "> ",
        "`",
        "*",
        "_",
        "[",
        "<!--",
        "<details>\n\n",
        "/ack ",
        "- ",
        "|",
        "&amp;",
        "\u202e",
        "/a\n",
        "~",
    ],
)
def test_h16_hostile_bodies_yield_no_more_than_they_may(piece: str) -> None:
    found = find((piece * LONGEST_BODY)[:LONGEST_BODY] + "\n\n/ack")
    assert len(found) <= MOST_CALLS + 1
    assert sum(len(one.word) + len(one.line) + len(one.below) for one in found) <= LONGEST_BODY + 10


@pytest.mark.parametrize("mark", ["1) ", "* ", "> "])
def test_a_command_below_forty_lists_in_one_another_is_found(mark: str) -> None:
    assert [found.word for found in find(mark * 40 + "x\n\n/ack")] == ["ack"]


def test_two_thousand_lines_that_look_like_commands_are_read_and_no_more() -> None:
    """What is behind the last of them decides nothing, so its Markdown is not parsed either (fault H16)."""

    def pasted(lines: int) -> str:
        return "```\n" + "/a\n" * lines + "```\n\n/ack"

    assert words(pasted(MOST_LINES - 1)) == ["ack"]
    assert words(pasted(MOST_LINES)) == []
    assert words("/ack\n" + pasted(MOST_LINES)) == ["ack"]
    assert len(find("- /ack\n" * MOST_LINES + "a\n" * 9_000)) == MOST_CALLS + 1


WORDS = (
    "/ack",
    "/note the pool",
    "All is well",
    "\uff0fack",
    "(/sev P1)",
    '"/note x"',
    "@ann /ack",
    "/sev/P1",
    "a -> b",
)
MARKS = (
    "*",
    "_",
    "~",
    ">",
    "|",
    "1.",
    "-",
    "=",
    "#",
    "[a]:",
    "!",
    "&nbsp;",
    "&lt;",
    "\\",
    "`",
    "<b>",
    "<!--",
    "-->",
)
ROOMS = ("\n", "\n", "\n\n", " ", "    ", "\t", "\u00a0", "\u2028", "\x00", "\x0c")
PIECES = st.sampled_from((*WORDS, *MARKS, *ROOMS))


@given(st.lists(PIECES, max_size=12).map("".join))
def test_plain_comments_are_read_as_the_tree_reads_them(body: str) -> None:
    # The list at the end is nothing to the lines above it, but for it the comment is parsed as Markdown.
    parsed = find(f"{body}\n\n- b")
    without = [replace(one, below=one.below.removesuffix("- b").rstrip()) for one in parsed]
    assert list(find(body)) == without
