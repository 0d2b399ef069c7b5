"""The runbook as the document that people read."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.markdown import table
from allclear.core.language.page import page
from allclear.core.language.page_words import climb
from golden_files import Golden
from written import NAMES, NUMBERS, ROOT, SHIPPED, SMALL, file_of, raw

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
    "done",
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


@pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.yml")))
def test_the_page_of_a_shipped_runbook_is_what_show_prints(name: str) -> None:
    kept = (ROOT / "docs" / "runbooks" / f"{name}.md").read_text(encoding="utf-8")
    assert kept == page(file_of(raw(name)), NUMBERS), (
        f"allclear runbook show {name} --out docs/runbooks/{name}.md"
    )


def test_there_is_a_page_of_shipped_runbooks_only() -> None:
    pages = {file.stem for file in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert pages == {file.stem for file in SHIPPED.glob("*.yml")}


def test_the_document_of_a_small_runbook(golden: Golden) -> None:
    golden("runbooks/shop.md", page(file_of(raw("shop")), NUMBERS))


def test_004_15_the_page_says_per_severity_which_channels_hear_of_a_page_as_well() -> None:
    """004-A8: Critical, High, Medium and Low are the severities from 1 to 4."""
    said = page(file_of(raw("dirt-free-crm")), NUMBERS)
    (head,) = (line for line in said.splitlines() if line.startswith("|  | 🔴 SEV 1"))
    (row,) = (line for line in said.splitlines() if line.startswith("| Pages also go to"))
    by_severity = dict(zip(head.split(" | ")[1:], row.split(" | ")[1:], strict=True))
    phone, chat, mail = "On-call phone", "#incidents", "ops@acme.test"
    assert [cell.strip(" |") for cell in by_severity.values()] == [
        f"{phone}, {chat}, {mail}",
        f"{chat}, {mail}",
        chat,
        mail,
    ]


def test_columns_without_anything_are_left_out() -> None:
    assert table(("A", "B"), [("a|b", ""), ("c\nd", None), ("", "")]) == [
        "| A |",
        "| --- |",
        "| a\\|b |",
        "| c<br>d |",
    ]
    assert table(("A",), []) == []


@pytest.mark.parametrize(
    ("escalate", "levels", "told"),
    [
        (
            "0m, then 5m",
            [["A"], ["B"], ["C", "D"]],
            "B at once, C and D after 5 minutes and again every 5 minutes",
        ),
        ("1d", [["A"], ["B"], ["C"]], "B after 1 day, C after 2 days and again every day"),
        ("next office day", [["A"], ["B"], ["C"]], "B → C, every office day"),
        ("5m, then 1h after 2h", [["A"], ["B"]], "B, every 5 minutes, then every hour after 2 hours"),
        ("by hand", [["A"], ["B"], ["C"]], "by `/escalate` only: B → C"),
        ("by hand", [["A"]], ""),
        ("15m", [["A"]], "A after 15 minutes and again every 15 minutes"),
    ],
)
def test_who_is_told_next_and_when(escalate: str, levels: list[list[str]], told: str) -> None:
    assert climb(Rhythm.read(escalate), levels) == told


def test_limits_stand_on_the_way() -> None:
    book = SMALL | {
        "severities": {"S1": {"response": "5m", "review": "none"}, "S2": {"response": "next office day"}}
    }
    book |= {"calendars": {"office": {}}}
    shown = page(file_of(book), NUMBERS)
    assert 'declared -->|"S1 within 5 minutes<br/>S2 next office day"| acknowledged' in shown
    assert 'resolved -->|"watched for 30 minutes"| all_clear' in shown
    assert 'all_clear -->|"S2 within 5 office days"| published' in shown


def test_a_runbook_may_say_everything() -> None:
    book = SMALL | {
        "about": {"item": "9-1", "text": "T", "objectives": ["O"], "owner": "Ops"},
        "severities": {
            f"S{number}": {"response": "5m", "watch": watch, "alert": ["issue", "slack"], "update": "5m"}
            for number, watch in enumerate(
                ("none", {"rollback": "1h", "fix-forward": "none"}, "2h", "none", "none"), 1
            )
        },
        "chains": {
            "a": ["On-call"],
            "b": {"levels": [["A", "B"]], "for": "S1"},
            "c": ["C"],
            "d": {"levels": ["D", "E"], "for": "S2"},
        },
        "channels": {"slack": "#slack"},
        "rules": {
            "late": {
                "from": "acknowledged",
                "until": "identified",
                "after": {"S1": "5m"},
                "tell": ["A", "B"],
            },
            "up": {"for": "S2", "after": "1h", "escalate": "c", "when": {"fix": "hotfix"}},
        },
        "lists": {
            "l": {
                "title": "L",
                "when": {"flag": "security"},
                "steps": {
                    "one": {"text": "One", "done": "told Manager"},
                    "two": {"text": "Two", "done": "evidence logs, metrics"},
                },
            }
        },
        "voices": {"x": {"for": "S1", "public": "true", "clock": "12h", "at": {"declared": "x"}}},
        "rollback": {"immediate": ["It burns"]},
        "look": {"Queries": ["SELECT 1\nFROM a", "ls ```x"]},
        "patterns": {"p": {"symptoms": "slow", "for": "S1", "fix": ["Wait"]}},
        "review": {
            "meeting": {"invite": [{"title": "ic", "for": "S1"}, "tech"]},
            "reviewers": ["ic", "A"],
            "approvals": 2,
        },
        "routines": {"r": {"every": "mon 09:00", "to": "A"}, "s": {"every": "2w", "to": "A", "open": "S1"}},
    }
    shown = page(file_of(book), NUMBERS)
    for text in (
        "# small\n\n<sub>9-1</sub>\n\nT\n",
        "**Owner** Ops · **Times** in UTC",
        "### ⚪ S5",
        "| A fix is watched for | - | not at all, after a rollback 1 hour | 2 hours | - | - |",
        "| #slack |",
        "| S1 | A and B | A and B after 5 minutes and again every 5 minutes | `b` |",
        "- Chain `c`, climbed when it is asked for: C",
        (
            "- **Late** (S1: after 5 minutes; counted from when somebody acknowledges; "
            "unless the cause is known before): tells A, B"
        ),
        "- **Up** (S2; when it was fixed by a hotfix; after 1 hour): tells the next level of `c`",
        "\nWhen `security` is flagged.\n",
        "- [ ] One · `one` · *when Manager is told*",
        "- [ ] Two · `two` · *when evidence is kept: logs, metrics*",
        "Public: a draft until the Incident Commander writes `/publish x`. Times are on a 12-hour clock.",
        "- It burns",
        "```\nSELECT 1\nFROM a\n```\n\n````\nls ```x\n````",
        "### P (S1)",
        "- Wait\n",
        "Invited: Incident Commander (S1), Technical Lead.",
        "Reviewed by: Incident Commander, A. Approvals before it is published: 2.",
        "Mon 09:00, by A.",
        "Every 2 weeks, by A. Lists the open incidents (S1).",
    ):
        assert text in shown


def test_the_page_says_who_reviews_where_nobody_is_named_and_where_no_approval_is_needed() -> None:
    one = page(file_of(SMALL | {"review": {"approvals": 1}}), NUMBERS)
    assert "Reviewed by: responders. Approvals before it is published: 1.\n" in one
    told = "Approvals before it is published: 1, or none where one person responded alone.\n"
    assert f"Reviewed by: responders. {told}" in page(file_of(SMALL), NUMBERS)
    none = page(file_of(SMALL | {"review": {"approvals": 0}}), NUMBERS)
    assert "Approvals before it is published: 0.\n" in none
