"""What people read: no numbers of ours, and articles that fit. The kinds of mistakes, not the cases."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear.commands import COMMANDS
from allclear.commands.help import page
from allclear.core.model.operation import NAMES, NOUNS, OPERATION_ID, OperationKind
from allclear.core.policy.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "*.md",
    "docs/*.md",
    "reports/**/*.md",
    "templates/**/*",
    "tests/golden/**/*.md",
    "Makefile",
    "action.yml",
)
SHIPPED = (".github/*.yml", ".github/*/*.yml")
"""What `allclear init` puts before people, and GitHub's own forms."""
ABOUT_RULES = "docs/runbook-coverage.md"
"""The numbers of the written runbooks are what this page is about."""
HOLE = "{}"
"""What stands where a value is put into a text of the code."""


def literals(file: Path) -> Iterator[str]:
    """The texts of a program, docstrings left out; a value in them is a HOLE."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


def texts() -> Iterator[tuple[str, str]]:
    """Everything that people may read, with where it stands."""
    for pattern in (*PAGES, *SHIPPED):
        for file in sorted(ROOT.glob(pattern)):
            if file.is_file():
                # The runbook's own key: which rule of the written runbook a line stands for.
                # A runbook that is shown as a document has them in small type behind their lines.
                text = ITEMS.sub("", file.read_text(encoding="utf-8"))
                yield str(file.relative_to(ROOT)), text
    for command in COMMANDS.values():
        yield f"/help {command.name}", page(command, Settings())
    for folder in ("allclear", "allclear_lab/drill", "allclear_lab/runner"):
        for file in sorted((ROOT / "scripts" / folder).rglob("*.py")):
            for text in literals(file):
                yield str(file.relative_to(ROOT)), text


ITEMS = re.compile(
    r"\bitem: (?:[0-9]{3}-\w+|\[[^]]*\])|<sub>[0-9A, -]+</sub>|^items:.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL
)

TEXTS = sorted(set(texts()))

NUMBERS = re.compile(
    r"\b00[0-9]-[A-Z]?[0-9]|\b[Ff]ault [A-I][0-9]{1,2}\b|\([A-I][0-9]{1,2}(?:, [A-I][0-9]{1,2})*\)"
)
"""Items of the written runbooks, and our list of faults: they belong into docstrings and comments."""


def test_no_number_of_our_own_lists_is_shown_to_people() -> None:
    found = {
        (where, hit[0]) for where, text in TEXTS if where != ABOUT_RULES for hit in NUMBERS.finditer(text)
    }
    assert found == set()


ARTICLE = re.compile(r"(?<![\w'/-])([Aa]n?) (?:[`*_\"“(]{1,3})?/?([A-Za-z][\w-]*|\{\})")
LIKE_A_CONSONANT = re.compile(r"(?:one|once|us[eu]|uni|utc|url|eu|sha)", re.IGNORECASE)
LIKE_A_VOWEL = re.compile(r"hour|hono|[FHLMNRSX](?:[A-Z0-9]|\b)")


def fits(article: str, word: str) -> bool:
    """Whether `a` or `an` is right in front of the word; not in front of a value nobody knows (HOLE)."""
    if word == HOLE:
        return False
    vowel = word[0].lower() in "aeiou" or bool(LIKE_A_VOWEL.match(word))
    return (article.lower() == "an") is (vowel and not LIKE_A_CONSONANT.match(word))


def misfits(text: str) -> list[str]:
    return [hit[0] for hit in ARTICLE.finditer(text) if not fits(hit[1], hit[2])]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("A evidence was started", ["A evidence"]),
        ("an rollback", ["an rollback"]),
        ("A {} of `web` was started by hand", ["A {}"]),
        ("an operation, a user, an hour, a one-way door, an `/ack`, an HTTP check, a `/smoke` run", []),
    ],
)
def test_articles_are_told_apart(text: str, wrong: list[str]) -> None:
    assert misfits(text) == wrong


def test_every_article_fits_its_word() -> None:
    assert {(where, hit) for where, text in TEXTS for hit in misfits(text)} == set()


DAY_TO_COME = re.compile(
    r"(?:\b(?:due|deadline|by|until)|@[\w-]{1,39}|/(?:meeting|action|step)\b[^`\n]{0,40})[^\w\n]{1,4}20[0-9]{2}-[0-9]{2}-[0-9]{2}",
    re.IGNORECASE,
)
"""What makes a date behind it one by which something is to happen."""
HAPPENED = ("reports/", "templates/drills/", "tests/golden/")
"""Incidents that are over, with their days."""
IN_A_FILE = "scripts/allclear/core/postmortem/remarks"
"""In a report's file a due date is only read as a date, and one that is past is not refused."""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("such as `due:2031-01-09`", True),
        ("A line `Due: 2031-01-09`", True),
        ("`add a test, @octocat, 2031-01-09`", True),
        ("`/meeting 2031-01-09 10:00`", True),
        ("/note [2026-03-01 14:05] the first alert came in", False),
        ("`due:friday`, or `Due: YYYY-MM-DD`", False),
    ],
)
def test_a_date_by_which_something_is_to_happen_is_told_from_one_when_it_did(
    text: str, *, wrong: bool
) -> None:
    assert bool(DAY_TO_COME.search(text)) is wrong


def test_no_example_becomes_wrong_because_its_date_is_past() -> None:
    """An order with a date that is past is refused, so an example of one names a weekday."""
    found = {
        (where, hit[0])
        for where, text in TEXTS
        if not where.startswith((*HAPPENED, IN_A_FILE))
        for hit in DAY_TO_COME.finditer(text)
    }
    assert found == set()


@pytest.mark.parametrize("kind", NOUNS)
def test_every_kind_of_operation_has_a_name_and_a_noun_with_its_article(kind: OperationKind) -> None:
    assert set(NOUNS) == set(NAMES)
    assert misfits(NOUNS[kind]) == []
    assert NOUNS[kind].split(" ", 1)[1].capitalize() == NAMES[kind]
    assert OPERATION_ID.fullmatch(f"{kind}-123abc")
