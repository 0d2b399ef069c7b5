from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError

from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.record.entry import (
    CLOSING,
    FORMAT,
    OPENING,
    Block,
    Entry,
    command_key,
    command_of,
    decode,
    encode,
    genesis,
    hidden,
)
from allclear.core.record.life import SeveritySet
from allclear.core.record.progress import Noted
from commands.room import ALICE, DECLARED, declared

UNKNOWN_FACT = (
    '{"repo":1,"issue":7,"entries":'
    '[{"key":"k","what":"w","at":"2026-03-02T14:00:00Z","facts":[{"t":"root"}]}]}'
)
NASTY = '--> <!-- allclear:entries {} --> @everyone #1 & "\n\u202e'


def entry(text: str = "x") -> Entry:
    return Entry(
        key="c1.1",
        what="note",
        by=ALICE,
        at=DECLARED,
        source=1,
        facts=(Noted(at=DECLARED, text=text), SeveritySet(to="P0")),
    )


def test_what_is_written_is_read_back() -> None:
    block = Block(v=FORMAT, repo=1, issue=7, entries=(entry().chained(genesis(1, 7)),))

    assert decode(f"{encode(block)}\r\nSeverity raised.") == block


@given(text=st.text(max_size=300))
def test_no_text_leaves_line_one_or_ends_the_hidden_comment(text: str) -> None:
    line = encode(Block(repo=1, issue=7, entries=(entry(text + NASTY),)))

    assert line.isascii()
    assert line.isprintable()
    assert line.count("-->") == line.count("<!--") == 1
    assert not set("@#&") & set(line)
    found = decode(line)
    assert found is not None
    assert found.entries == (entry(text + NASTY),)


def test_hidden_text_mentions_nobody_and_refers_to_nothing() -> None:
    assert hidden("<a>@b#1&") == "\\u003ca\\u003e\\u0040b\\u00231\\u0026"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Thanks!",
        "\n<!-- allclear:entries {} -->",
        " <!-- allclear:entries {} -->",
        "> <!-- allclear:entries {} -->",
    ],
)
def test_entries_stand_in_line_one_or_nowhere(body: str) -> None:
    assert decode(body) is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<!-- allclear:entries {}", "do not end on the first line"),
        ("<!-- allclear:entries {} --> x", "do not end on the first line"),
        ("<!-- allclear:entries {} -->", "cannot be read"),
        ("<!-- allclear:entries nonsense -->", "cannot be read"),
        (
            f"{OPENING}{UNKNOWN_FACT}{CLOSING}",
            "cannot be read",
        ),
        (f'{OPENING}{{"v":3,"x":{"[" * 60_000}{CLOSING}', "cannot be read"),
    ],
)
def test_a_line_one_that_somebody_edited_is_an_error(body: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decode(body)


def test_the_chain_holds_every_entry_to_the_one_before_it() -> None:
    first = entry("one").chained(genesis(1, 7))
    second = entry("two").chained(first.hash)

    assert first.hash == first.digest()
    assert second.prev == first.hash
    assert second.digest() != replace(second, prev=genesis(1, 7)).digest()
    assert first.digest() != replace(first, by=None).digest()
    assert genesis(1, 7) != genesis(1, 8)
    assert genesis(1, 17) != genesis(11, 7)
    assert {len(first.hash), len(genesis(1, 7))} == {24}


def test_a_field_that_is_empty_does_not_change_the_hash() -> None:
    assert Entry(key="k", what="w", at=DECLARED, facts=(SeveritySet(to="P1"),)).compact() == {
        "key": "k",
        "what": "w",
        "at": "2026-03-02T14:00:00Z",
        "facts": [{"t": "severity", "to": "P1"}],
    }


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (command_key(1234, 7), (1234, 7)),
        ("c1.0", (1, 0)),
        ("c01.0", None),
        ("c1.1000", None),
        ("l12", None),
        ("c1", None),
        ("o:hand-0000001", None),
    ],
)
def test_a_commands_key_names_its_comment_and_its_place_there(
    key: str, named: tuple[int, int] | None
) -> None:
    assert command_of(key) == named


def test_facts_are_closed() -> None:
    with pytest.raises(ValidationError):
        read_values(SeveritySet, {"to": "P1", "sudo": True})
    with pytest.raises(AttributeError):
        setattr(declared(), "severity", "P0")  # noqa: B010 - assigned by name, since the type checker forbids it too
