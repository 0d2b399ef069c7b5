"""Every line that begins with a command is done or told, and what only speaks of one is neither.

Comments are made up of blocks: commands with what people put around them, quotes, code, folded text, HTML,
prose and mail. What each block has to become stands beside it, and does not come from the parser.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from allclear.commands import COMMANDS
from allclear.core.conversation.parse import LONGEST_BODY
from allclear.core.conversation.words import commands_in
from allclear.core.record.audit import Refused
from core.issue_desk import new, told
from sampling import examples
from stories import BOB, HOTDASH
from typed.desks import desk

UNKNOWN = ["akc", "rolback"]
NAMES = [*COMMANDS, *UNKNOWN, "p1", "severity"]
ARGUMENTS = ["", " P1", " web", " looking into it", ' "because"', " #12", " @cat", " 14:05"]
PLAIN = ["- {}", "* {}", "1. {}", "- [ ] {}", "**{}**", "*{}*", "({})", "[{}]", "• {}", "🚨 {}", ":fire: {}"]
PLAIN += ["\u200b{}", "- **{}**", "{}.", "{}!", "{}<br>", "<br>{}", "{}\n---", "{}\n===", "</details>\n{}"]
PLAIN += ['<img src="https://example.com/a.png" />\n{}', "<p>hello</p>\n{}", "  - {}", "{}\u200b", "&nbsp;{}"]
TOLD = [
    "#{}",
    "~{}",
    "//{}",
    "| {} |",
    "`{}`",
    '"{}"',
    "@bob {}",
    "> who takes it?\n{}",
    "## {}",
    "<div>\n{}\n</div>",
    "<p>{}</p>",
    "- `{}`",
]
OF_OURS = tuple(form for form in TOLD if not form.startswith(("> ", "<")))
"""What is told of our commands alone: so people write many other things."""
SILENT = [
    "> {}",
    "> > {}",
    "- > {}",
    "```\n{}\n```",
    "~~~text\n{}\n~~~",
    "words\n\n    {}",
    "~~{}~~",
    "<!-- {} -->",
]
SILENT += [
    "<details>\n\n{}\n\n</details>",
    "<details><summary>log</summary>\n{}\n</details>",
    "you could use `{}` here",
]
SILENT += [
    "ok team, {}",
    "Please do not {} yet",
    "<pre>\n{}\n</pre>",
    "| {} | what it does |",
    "hello `a\n{}\nb`",
]
END = ["-----Original Message-----\n{}", "```\n{}", "<!--\n{}"]
"""What goes on to the end of a comment."""


HERE = [HealthCheck.function_scoped_fixture]
"""The fixture only marks the test as a proof."""


@dataclass(frozen=True)
class Block:
    """Some lines, with the word that has to be answered in them, if any; ``plain``: as if it stood bare."""

    text: str
    word: str = ""
    plain: bool = True


def _ends_a_sentence(text: str) -> bool:
    """Whether a full stop belongs to what stands behind the command, which is bare then: ``/hotfix it.``"""
    return text.startswith("/") and " " in text and text.endswith((".", "!"))


def _blocks() -> st.SearchStrategy[Block]:
    typed = st.tuples(st.sampled_from(NAMES), st.sampled_from(ARGUMENTS))

    def of(forms: list[str], make: Callable[[str, str], Block]) -> st.SearchStrategy[Block]:
        shown = st.tuples(st.sampled_from(forms), typed)
        return shown.map(lambda one: make(one[0].format(f"/{one[1][0]}{one[1][1]}"), one[1][0]))

    return st.one_of(
        of(["{}", "  {}", "{}\nmore text"], Block),
        of(PLAIN, lambda text, word: Block(text, word, plain=_ends_a_sentence(text))),
        of([form for form in TOLD if form not in OF_OURS], lambda text, word: Block(text, word, plain=False)),
        of(
            list(OF_OURS),
            lambda text, word: Block(text, "" if word in UNKNOWN else word, plain=False),
        ),
        of(SILENT, lambda text, _: Block(text)),
    )


def _comments() -> st.SearchStrategy[list[Block]]:
    last = st.sampled_from(END).map(lambda form: [Block(form.format("/ack"))])
    return st.tuples(st.lists(_blocks(), max_size=6), st.one_of(st.just([]), last)).map(
        lambda one: one[0] + one[1]
    )


@pytest.mark.usefixtures("proof")
@settings(max_examples=examples(40, 1500), suppress_health_check=HERE)
@given(blocks=_comments())
def test_every_line_that_begins_with_a_command_is_done_or_told(blocks: list[Block]) -> None:
    issue = desk("usual")
    issue.says(BOB, "\n\n".join(block.text for block in blocks))
    plan = issue.run()
    said = told(plan).replace("\\", "")
    wanted = [block.word for block in blocks if block.word]
    assert [word for word in wanted if f"/{word}" not in said] == []
    if not wanted:
        assert (said, new(plan)) == ("", [])
    bare = {block.word for block in blocks if block.plain}
    for entry in new(plan):
        command = COMMANDS.get(entry.what)
        if entry.by == BOB and command is not None and command.bare and entry.what not in bare:
            assert all(isinstance(fact, Refused) for fact in entry.facts), entry
    assert new(issue.run()) == []


TEXTS = [
    "/note we",
    "/finding the pool",
    "/impact users=12",
    "/update it is back",
    "/action @cat write a test",
]
MAY_HAVE_TEXT = ["/ack on it", "/escalate it is dead", "/status monitoring watching it"]
"""Behind a full stop another command is done."""
HELD = ["/sev P1", "/p1", "/status identified", "/ack", "/check root-cause", "/affects web", "/ic @cat"]
HELD += [
    "/rollback",
    "/resolve",
    "/time started 13:05",
    "/note seen",
    "/take comms",
    "/duplicate #12",
    "/undo",
]
JOINTS = [" ", " and ", ". ", ", ", "; ", " && "]


def _holding() -> st.SearchStrategy[tuple[str, list[tuple[str, str]]]]:
    def of(begins: list[str], joints: list[str]) -> st.SearchStrategy[tuple[str, list[tuple[str, str]]]]:
        held = st.lists(st.tuples(st.sampled_from(joints), st.sampled_from(HELD)), min_size=1, max_size=3)
        return st.tuples(st.sampled_from(begins), held)

    return st.one_of(of(TEXTS, JOINTS), of(MAY_HAVE_TEXT, JOINTS[:2]))


@pytest.mark.usefixtures("proof")
@settings(max_examples=examples(40, 1500), suppress_health_check=HERE)
@given(line=_holding())
def test_every_command_that_a_text_holds_is_told_and_not_done(
    line: tuple[str, list[tuple[str, str]]],
) -> None:
    begin, held = line
    issue = desk("usual")
    issue.says(BOB, begin + "".join(f"{joint}{one}" for joint, one in held))
    plan = issue.run()
    said = told(plan).replace("\\", "").replace("\u2060", "").split("\n")
    not_done = [one for one in said if one.startswith(("Only a part of the text", "- `/"))]
    assert [one for _, one in held if not any(f"`{one}`" in part for part in not_done)] == []
    refused = [one for one in new(plan) if all(isinstance(fact, Refused) for fact in one.facts)]
    done = [one.what for one in new(plan) if one not in refused and one.what in COMMANDS]
    assert done == [begin.partition(" ")[0].removeprefix("/")]
    assert new(issue.run()) == []


# -- any text at all is read in a bounded number of steps

PIECES = [
    "/",
    "\\",
    "> ",
    "`",
    "*",
    "_",
    "[",
    "(",
    '"',
    "~",
    "|",
    "#",
    "<",
    "<!--",
    "-->",
    "<p>",
    "</p>",
    "<a b=",
    "\n",
]
PIECES += [
    "<details>\n\n",
    "/ack ",
    "/ack\n",
    "/ack;",
    "/a",
    "- ",
    "- /ack\n",
    "1. ",
    "> /ack\n",
    "`/ack`\n",
    "\u200b",
]
PIECES += [
    "🚨",
    ":a:",
    "@bob ",
    "/note ",
    "/affects web, ",
    "<br>",
    "\t",
    "    ",
    "&amp;",
    "\u0338",
    "/sev P1 ",
    "---\n",
]
SIZE = examples(LONGEST_BODY // 8, LONGEST_BODY)
PER_SIGN = 60
"""Steps that a sign of a comment may cost, a step being a call of a function of Python or of C."""


def steps(body: str) -> int:
    """How many calls it takes to find the commands of a comment."""
    count = 0

    def called(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        commands_in(body, HOTDASH, COMMANDS)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.usefixtures("proof")
@settings(max_examples=examples(6, 100), suppress_health_check=HERE)
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=4))
@example(pieces=["- /ack\n"])
@example(pieces=["/a\n"])
@example(pieces=["<br>"])
@example(pieces=["> "])
def test_any_text_is_read_in_steps_that_are_bounded_by_its_length(pieces: list[str]) -> None:
    body = ("".join(pieces) * SIZE)[: SIZE - 6] + "\n\n/ack"
    assert steps(body) <= PER_SIGN * SIZE
