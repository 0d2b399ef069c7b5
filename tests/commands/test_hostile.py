"""Whatever people type, an answer is an answer or a refusal, and what they typed stays text."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from allclear.commands import COMMANDS
from allclear.core.model.people import Rights
from commands.room import ALICE, Talk

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LIVE = re.compile(r"@\w|\bgh-\d|https?:|www\.", re.IGNORECASE)
"""What GitHub makes a mention, a reference or a link of, when it stands outside of code."""

PIECES = st.sampled_from(
    [
        *(
            "@everyone",
            "@bob",
            "#1",
            "GH-7",
            "<!-- x",
            "-->",
            "<img src=x>",
            "[a](https://x.test)",
            "`",
            "``` ",
            "\n",
        ),
        *(
            "\n\n",
            "\n# head\n",
            "| a |",
            "P1",
            "P9",
            "identified",
            "ic",
            "14:05",
            "[14:05]",
            "[99:99]",
            "due:2026-12-01",
        ),
        *(
            "due:@bob",
            "users=5",
            "users=@bob",
            "revenue=EUR",
            "Root cause: ",
            "Next: ",
            "--override",
            '"',
            "\u201c",
            "'",
        ),
        *(
            "verification",
            "security",
            "#12",
            "none",
            "\u202e",
            "{{ x }}",
            "${{ x }}",
            "$(id)",
            "://",
            "www.x.test",
            "-",
            " ",
        ),
    ]
)
TYPED = st.lists(PIECES, max_size=8).map(" ".join)


@given(name=st.sampled_from(sorted(COMMANDS)), typed=TYPED, report=st.booleans())
def test_no_command_fails_and_none_lets_typed_text_become_markup(
    name: str, typed: str, *, report: bool
) -> None:
    talk = Talk(report=report)
    heard = talk.says(f"/{name} {typed}", by=ALICE, rights=Rights.ADMIN)

    assert heard.say
    for token in MARKDOWN.parse(heard.say):
        assert token.type not in {"html_block", "heading_open"}
        for child in token.children or ():
            assert child.type not in {"html_inline", "link_open", "image"}
            if child.type in {"text", "text_special"}:
                assert not LIVE.search(child.content), heard.say
    assert talk.incident.number == 7
