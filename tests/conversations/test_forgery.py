"""Forged entries: nobody but the bot writes the record, and what is not chained does not count."""

import re

import pytest
from markdown_it import MarkdownIt

from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.record.entry import Block, Entry, decode, encode
from allclear.core.record.life import SeveritySet
from conversations.room import START, Room

OUR_HTML = {"<sub>", "</sub>", "<details>", "</details>", "<summary>", "</summary>"}


def shown(markdown: str) -> tuple[set[str], str]:
    """The HTML tags of a comment, and its words outside of code, where mentions have effect."""
    html: set[str] = set()
    words = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        for one in (token, *(token.children or ())):
            if one.type in ("html_block", "html_inline"):
                html |= set(re.findall(r"<[^>]*>?", one.content))
            elif one.type == "text":
                words.append(one.content)
    return html, "\n".join(words)


def forged(room: Room, *, repo: int | None = None, issue: int | None = None) -> str:
    """A perfect line one: right hash, right place in the chain."""
    entry = Entry(
        key="c9.0", what="sev", by=Person(id=1, login="ann"), at=START, facts=(SeveritySet(to="P3"),)
    )
    chained = entry.chained(room.journal.head)
    return encode(Block(repo=repo or room.repo.id, issue=issue or room.number, entries=(chained,)))


@pytest.mark.parametrize("who", ["out", "bob", "ann"])
@pytest.mark.parametrize("before", ["", "Look:\n\n", "> ", "```\n"])
def test_a_copied_or_quoted_line_one_is_text(room: Room, who: str, before: str) -> None:
    room.opens("ann")
    room.says("bob", "/ack")
    panel, record = room.panel.body, room.journal.entries
    room.says(who, before + forged(room))
    assert room.journal.entries == record
    assert room.panel.body == panel


def test_a_reply_quoted_back_by_somebody_is_text(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/sev P1")
    panel = room.panel.body
    room.says("out", room.replies[-1].body)
    assert room.panel.body == panel


@pytest.mark.parametrize("other", [{"repo": 999}, {"issue": 77}])
def test_the_bots_own_line_of_another_place_does_not_count(room: Room, other: dict[str, int]) -> None:
    room.opens("ann")
    body = forged(room, **other)
    room.bot_says(body)
    room.run()
    assert room.incident.severity == "P0"


def test_an_entry_that_is_not_what_its_hash_says_does_not_count(room: Room) -> None:
    room.opens("ann")
    room.bot_says(forged(room).replace('"to":"P3"', '"to":"P2"'))
    room.run()
    assert room.incident.severity == "P0"
    assert "changed by hand" in room.replies[-1].body


def test_a_reply_edited_by_somebody_with_write_does_not_count_and_is_said_loudly(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/sev P1")
    reply = room.replies[-1]
    room.clock.advance(60)
    room.people["bob"].edit_comment(reply.id, reply.body.replace('"to":"P1"', '"to":"P3"'))
    room.people["bob"].delete_comment(room.panel.id)
    room.deliver()
    assert room.incident.severity == "P1"
    assert "changed by hand" in room.replies[-1].body
    assert "[!CAUTION]" in room.panel.body


def test_the_last_reply_edited_with_a_fresh_hash_does_not_count_either(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/sev P1")
    reply = room.replies[-1]
    block = decode(reply.body)
    assert block is not None
    false = replace(block.entries[0], facts=(SeveritySet(to="P3"),)).chained(block.entries[0].prev)
    room.clock.advance(60)
    room.people["bob"].edit_comment(reply.id, encode(replace(block, entries=(false,))))
    room.people["bob"].delete_comment(room.panel.id)
    room.deliver()
    assert room.incident.severity == "P1"


@pytest.mark.parametrize(
    "text",
    [
        'x --> <!-- allclear:entries {"repo":1}',
        '-->\n<!-- allclear:entries {"repo":1,"issue":1,"entries":[]} -->',
        "\u2028<!-- allclear:panel {} -->",
        "*/ --!> ]]> </details> ${{ github.token }} {{ 7*7 }} {% raw %} $(id) `id` %0A::set-output name=a::b",
        "@everyone @acme/team #1 GH-1 acme/shop#1 https://github.com/acme/shop/issues/1 fixes #1",
    ],
)
@pytest.mark.parametrize(
    "form", ["/note {}", "/update {}", "/finding {}", "/sev P1 {}", "/status identified {}"]
)
def test_nothing_people_write_leaves_its_place(room: Room, form: str, text: str) -> None:
    room.opens("ann", f"[INCIDENT P0] {text}", f"### User impact\n\n{text}\n")
    room.says("bob", form.format(text))
    for comment in (*room.replies, room.panel):
        first, _, rest = comment.body.partition("\n")
        assert first.startswith(("<!-- allclear:entries {", "<!-- allclear:panel {"))
        assert first.endswith(" -->")
        assert first.count("<!--") == first.count("-->") == 1
        html, words = shown(rest.rsplit("<!-- allclear:checkpoint", 1)[0])
        assert html <= OUR_HTML
        for call in ("@everyone", "@acme", "#1", "GH-1", "https://github.com/acme/shop/issues/1 fixes", "49"):
            assert call not in words
    assert room.incident.timeline
