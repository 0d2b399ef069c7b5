"""How a slash-word stands in its line, and what of what stands around it changes no meaning."""

from __future__ import annotations

import pytest

from allclear.core.conversation.several import pieces
from allclear.core.conversation.slash import How, Shape, begins, odd_letter, without_unseen

SHAPES = {
    "ack": Shape(),
    "sev": Shape(room=1),
    "affects": Shape(room=100),
    "note": Shape(room=None),
    "rollback": Shape(bare=True, room=4),
    "undo": Shape(room=1, names=True),
}


def written(line: str) -> tuple[str, str, str] | None:
    found = begins(line)
    return (found.how, found.word, found.line) if found else None


def on_line(line: str) -> list[tuple[str, str]]:
    found = begins(line)
    assert found is not None
    return [(one.word, one.line) for one in pieces(found, SHAPES.get)]


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("/sev.", ""),
        ("/sev?! P1", "P1"),
        ("/sev=P1", "P1"),
        ("/sev=13:05", "13:05"),
        ("/sev>", ""),
        ("/sev~", ""),
        ("/sev,P1", "P1"),
        ("/sev\u2026 P1", "P1"),
        ("/sev\U0001f44d P1", "P1"),
        ("/sev P1<br>", "P1"),
        ("/sev P1<br /><br>", "P1"),
        ("/sev<br>", ""),
        ("/sev</b> P1", "P1"),
        ("- /sev P1", "P1"),
        ("  * /sev P1", "P1"),
        ("12) /sev P1", "P1"),
        ("- [ ] /sev P1", "P1"),
        ("- [x] **/sev** P1", "P1"),
        ("**/sev P1**", "P1"),
        ("**/sev P1** all of it", "P1 all of it"),
        ("_/sev_", ""),
        ("_/sev P1_", "P1"),
        ("(/sev P1)", "P1"),
        ("(/sev P1", "P1"),
        ("[/sev]", ""),
        ("\U0001f6a8 /sev P1", "P1"),
        ("\u27a1\ufe0f /sev P1", "P1"),
        (":rotating_light: /sev P1", "P1"),
        ("\u2022 /sev P1", "P1"),
        ("&nbsp;/sev P1", "P1"),
        ("<br>/sev P1", "P1"),
        ("\u00a0/sev P1", "P1"),
        ("\ufeff/sev P1", "P1"),
        ("/s\u200bev P1", "P1"),
        ("/sev\ufe0f P1", "P1"),
        ("/sev P1\\", "P1"),
        ("/sev\\", ""),
        ("/sev&nbsp;P1&nbsp;", "P1"),
        ("-/sev P1", "P1"),
        ("(1) /sev P1", "P1"),
        ("a) /sev P1", "P1"),
        ("1\ufe0f\u20e3 /sev P1", "P1"),
        ("![Image](https://example.com/a.png) /sev P1", "P1"),
        ('<img src="https://example.com/a.png" /> /sev P1', "P1"),
        ("<!-- describe --> /sev P1", "P1"),
        ("/sev!P1", "P1"),
        ("/sev<!-- now --> P1", "P1"),
        ("/sev P1</p>", "P1"),
    ],
)
def test_what_changes_no_meaning_is_taken_off(line: str, rest: str) -> None:
    assert written(line) == ("dressed", "sev", rest)


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ("/sev P1", "bare"),
        ("   /sev\tP1", "bare"),
        ("`/sev P1`", "code"),
        ("- `/sev P1`.", "code"),
        ('"/sev P1"', "quotation"),
        ("\u201e/sev P1\u201c", "quotation"),
        ("\u00ab/sev P1", "quotation"),
        ('"/sev P1 "because""', "quotation"),
        ("@bob /sev P1", "mention"),
        ("@github-actions[bot], /sev P1", "mention"),
        ("## /sev P1", "heading"),
        ("<b>/sev P1</b>", "html"),
        ("/ sev P1", "blank"),
        ("\\sev P1", "backslash"),
        ("//sev P1", "two slashes"),
        ("@acme/ops /sev P1", "mention"),
        ("\\/sev P1", "backslash"),
        ("/\\sev P1", "backslash"),
        ("///sev P1", "two slashes"),
        ("///////sev P1", "two slashes"),
        ("~/sev P1", "tilde"),
        ("| /sev P1 |", "cell"),
        ("|/sev P1|", "cell"),
        ("###/sev P1", "heading"),
        ("#/sev P1", "heading"),
        ("=> /sev P1", "sign"),
        ("->/sev P1", "sign"),
        ("&gt; /sev P1", "sign"),
        ("!/sev P1", "sign"),
        (";/sev P1", "sign"),
        ("&& /sev P1", "sign"),
        ('/"sev" P1', "sign"),
        ("/*sev* P1", "sign"),
        ("/[sev] P1", "sign"),
        ("/<sev> P1", "sign"),
        ("/.sev P1", "sign"),
        ("/-sev P1", "sign"),
        ("/sev(P1)", "joined"),
        ("/sev+P1", "joined"),
        ("/sev...P1", "joined"),
        ("/sev# P1", "joined"),
        ("/sev.1", "joined"),
        ("/sev.p1", "joined"),
        ("- /sev#1", "joined"),
        ("\uff0fsev P1", "look-alike"),
        ("\u0338/sev P1", "look-alike"),
    ],
)
def test_what_does_change_it_is_the_reason_why_it_is_told(line: str, how: How) -> None:
    found = begins(line)
    assert found is not None
    assert (found.how, found.word) == (how, "sev")


def test_the_words_behind_an_odd_sign_are_told_with_it() -> None:
    assert written("/sev(P1) now") == ("joined", "sev", "P1 now")
    assert written("/sev.1") == ("joined", "sev", "1")
    assert written("/ack# now") == ("joined", "ack", "now")
    assert written("!= /sev P1") == ("sign", "sev", "P1")


def test_who_begins_with_i_speaks_to_us() -> None:
    assert written("/i'm on it") == ("dressed", "i'm", "on it")
    assert written("/I\u2019ll look") == ("dressed", "i'll", "look")


def test_a_question_mark_asks_for_help_and_a_second_slash_makes_a_path() -> None:
    assert written("/?") == ("dressed", "?", "")
    assert written("/?? sev") == ("dressed", "?", "sev")
    assert written("/ack/") == ("slash behind", "ack", "")
    assert written("/ack//") == ("slash behind", "ack", "")
    assert written("/ic@cat") == ("dressed", "ic", "@cat")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no slash",
        "| /ack | acknowledges |",
        "~/config.yml",
        "/ack.5xx",
        "/@ack",
        "/--",
        "= 1 /ack",
        "/ack's been said",
        "/ack.done",
        "e.g. /ack",
        "[see](https://example.com) /ack",
        "/",
        "- ",
        "/api/v1/users",
        "/index.html",
        "/list?page=2",
        "/1.2.3",
        "/etc/hosts",
        "/etc is full",
        "- /usr is full",
        "/ack(now)",
        "~~/ack~~",
        "> /ack",
        "$ /ack",
        "./ack",
        "and/or",
        "ok, /ack",
        "`/ack` helps",
        '"/ack" is what you write',
        "`" * 700 + "/ack",
        "/" + "a" * 41,
        "/" + "a" * 90,
    ],
)
def test_other_lines_begin_with_none(line: str) -> None:
    assert written(line) is None


def test_the_marks_behind_a_long_run_of_breaks_are_no_part_of_it() -> None:
    assert written("/sev P1" + "<br>" * 1000) == ("dressed", "sev", "P1")
    assert written("/sev P1 " + "<br> " * 1000) == ("dressed", "sev", "P1")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("/ack /sev P1", [("ack", ""), ("sev", "P1")]),
        ("/ack; /sev P1; /affects web", [("ack", ""), ("sev", "P1"), ("affects", "web")]),
        ("/ack,/sev P1", [("ack", ""), ("sev", "P1")]),
        ("/ack && /sev P1", [("ack", ""), ("sev", "P1")]),
        ("/ack and /sev P1", [("ack", ""), ("sev", "P1")]),
        ("/ack - /sev P1", [("ack", ""), ("sev", "P1")]),
        ("/ack or /sev P1", [("ack", ""), ("sev", "P1")]),
        ("/undo /ack", [("undo", "/ack")]),
        ("/undo the last /sev P1", [("undo", "the last /sev P1")]),
        ("/undo and /sev P1", [("undo", ""), ("sev", "P1")]),
        ("/undo, /sev P1", [("undo", ""), ("sev", "P1")]),
        ("/undo /ack; /sev P1", [("undo", "/ack"), ("sev", "P1")]),
        ("/ack on it, then /sev P1", [("ack", "on it, then /sev P1")]),
        ("/sev P1. /affects web", [("sev", "P1"), ("affects", "web")]),
        ("/sev P1 all of it; /ack", [("sev", "P1 all of it"), ("ack", "")]),
        ("/sev P1 see /affects", [("sev", "P1 see /affects")]),
        ("/affects web api /sev P1", [("affects", "web api"), ("sev", "P1")]),
        ("/affects web and/sev P1", [("affects", "web and/sev P1")]),
        ("/ack /note see /ack; /sev P1", [("ack", ""), ("note", "see /ack; /sev P1"), ("sev", "P1")]),
        ("/note use /rollback later", [("note", "use /rollback later")]),
        ("/ack /checkout fails", [("ack", "/checkout fails")]),
        ("/odd /ack", [("odd", ""), ("ack", "")]),
        ("/ack; , ;", [("ack", ", ;")]),
        ("/sev P1; /ack.", [("sev", "P1"), ("ack", "")]),
        ("/ack/sev P1", [("ack", ""), ("sev", "P1")]),
        ("/ack/checkout", [("ack", "/checkout")]),
        ("/note done; /ack", [("note", "done; /ack"), ("ack", "")]),
        ("/note done; /checkout && /ack now", [("note", "done; /checkout && /ack now"), ("ack", "now")]),
    ],
)
def test_another_command_begins_where_the_words_before_it_are_arguments(
    line: str, found: list[tuple[str, str]]
) -> None:
    assert on_line(line) == found


def test_commands_that_share_a_line_are_not_bare() -> None:
    def shared(line: str) -> list[str]:
        found = begins(line)
        assert found is not None
        return [one.how for one in pieces(found, SHAPES.get)]

    assert shared("/rollback web /ack") == ["several", "several"]
    assert shared("`/ack /sev P1`") == ["code", "code"]
    assert shared("/rollback web") == ["bare"]
    assert shared("/ack/sev P1") == ["run together", "run together"]
    assert shared("/note done; /ack") == ["bare", "in text"]


def test_a_letter_of_another_alphabet_is_named() -> None:
    assert without_unseen("P\u20601") == without_unseen("P1") == "P1"
    assert "CYRILLIC CAPITAL LETTER ER" in odd_letter("P0 \u04201")
    assert odd_letter("P1 f\u00fcr \u043a\u0440\u0438\u0442\u0438\u0447\u043d\u043e") == ""
    assert odd_letter("P1 f\u00fcr") == odd_letter("P1") == ""


@pytest.mark.parametrize(
    ("line", "how", "text"),
    [
        ("/note see <b>the log</b>", "bare", "see <b>the log</b>"),
        ("/note see <script>x()</script>", "bare", "see <script>x()</script>"),
        ("/note seen</p>", "dressed", "seen"),
        ("/note seen<br>", "dressed", "seen"),
    ],
)
def test_what_ends_a_line_is_no_text_and_a_tag_that_the_text_begins_is(
    line: str, how: str, text: str
) -> None:
    found = begins(line)
    assert found is not None
    assert (found.how, found.line) == (how, text)
