"""The runbook as the document that people read."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from allclear.core.language.markdown import table
from allclear.core.language.page import page
from golden_files import Golden
from written import NAMES, NUMBERS, SMALL, file_of, raw

PHRASES = {
    "response",
    "escalate",
    "update",
    "watch",
    "silence",
    "target",
    "evidence",
    "review",
    "within",
    "after",
    "due",
    "every",
    "fix_forward",
    "takes",
    "phases",
}
"""What is shown in words."""

NAMED = {
    "name",
    "extends",
    "for",
    "flag",
    "fix",
    "from",
    "until",
    "at_least",
    "measured",
    "default_severity",
    "role",
    "speaker",
    "approve",
    "to",
    "alert",
    "suggest",
    "before",
    "opens",
    "block",
    "not",
    "many",
    "optional",
    "public",
    "freeze",
    "clock",
    "open",
    "items",
    "hours",
    "escalates",
}
"""What stands for something else, which is shown by its title."""


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of a file, with the keys that lead to it."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, path)
    else:
        yield path, str(value)


def flat(text: str) -> str:
    return " ".join(re.sub(r"<br>", " ", text).replace("\\|", "|").split())


@pytest.mark.parametrize("name", NAMES)
def test_every_text_that_a_team_writes_is_shown(name: str) -> None:
    shown = flat(page(file_of(raw(name)), NUMBERS))
    for path, text in leaves(raw(name)):
        if (PHRASES | NAMED) & {path[0], *path[-2:]}:
            continue
        assert flat(text) in shown, ".".join(path)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_that_a_team_gives_is_shown(name: str) -> None:
    book = raw(name)
    shown = page(file_of(book), NUMBERS)
    for heading in (*book.get("look", {}), *book.get("links", {}), *book.get("contacts", {})):
        assert heading in shown


@pytest.mark.parametrize("name", ["shop", "sev"])
def test_the_document_of_a_runbook(name: str, golden: Golden) -> None:
    golden(f"runbooks/{name}.md", page(file_of(raw(name)), NUMBERS))


def test_columns_without_anything_are_left_out() -> None:
    assert table(("A", "B"), [("a|b", ""), ("c\nd", None), ("", "")]) == [
        "| A |",
        "| --- |",
        "| a\\|b |",
        "| c<br>d |",
    ]
    assert table(("A",), []) == []


def test_a_runbook_may_say_everything() -> None:
    book = SMALL | {
        "about": {"item": "9-1", "text": "T", "objectives": ["O"], "owner": "Ops"},
        "severities": {
            f"S{number}": {"response": "5m", "watch": watch, "alert": ["issue", "slack"], "update": "5m"}
            for number, watch in enumerate(
                ("none", {"rollback": "1h", "fix-forward": "none"}, "2h", "none", "none"), 1
            )
        },
        "chains": {"a": ["On-call"], "b": {"levels": [["A", "B"]], "for": "S1"}, "c": ["C"]},
        "channels": {"slack": "#slack"},
        "voices": {"x": {"for": "S1", "public": "true", "clock": "12h", "at": {"declared": "x"}}},
        "rollback": {"immediate": ["It burns"]},
        "patterns": {"p": {"symptoms": "slow", "for": "S1", "fix": ["Wait"]}},
        "review": {"meeting": {"invite": [{"title": "ic", "for": "S1"}, "tech"]}},
    }
    shown = page(file_of(book), NUMBERS)
    for text in (
        "# small <sub>9-1</sub>",
        "### ⚪ S5",
        "| A fix is watched for | not; after a rollback 1 hour |",
        "| Pages also go to | #slack |",
        "- **B** (S1): A and B",
        "- **C** (by hand only): C",
        "public: a draft until the incident commander publishes it; 12h clock",
        "| It burns |",
        "### P (S1)",
        "- Wait\n",
        "**Meeting**: ic (S1), tech",
    ):
        assert text in shown
