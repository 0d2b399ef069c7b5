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
TOLD = ["`{}`", '"{}"', "@bob {}", "> who takes it?\n{}", "## {}", "<div>\n{}\n</div>", "<p>{}</p>", "- `{}`"]
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


def _blocks() -> st.SearchStrategy[Block]:
    typed = st.tuples(st.sampled_from(NAMES), st.sampled_from(ARGUMENTS))

    def of(forms: list[str], make: Callable[[str, str], Block]) -> st.SearchStrategy[Block]:
        shown = st.tuples(st.sampled_from(forms), typed)
        return shown.map(lambda one: make(one[0].format(f"/{one[1][0]}{one[1][1]}"), one[1][0]))

    return st.one_of(
        of(["{}", "  {}", "{}\nmore text"], Block),
        of(PLAIN, lambda text, word: Block(text, word, plain=False)),
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
