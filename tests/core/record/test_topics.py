"""A new fact is one file: its class, its name in the union of the topic, and its one arm."""

import ast
import inspect
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from allclear.core.model.stored import Stored
from allclear.core.record import (
    audit,
    facts,
    findings,
    life,
    observed,
    people,
    postmortem,
    production,
    progress,
    voices,
)

ROOT = Path(__file__).resolve().parents[3]
RECORD = "scripts/allclear/core/record"
TOPICS = [life, people, findings, observed, progress, production, voices, postmortem, audit]
topics = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.__name__.rpartition(".")[2])

FACT = '''

class Thanked(Stored, frozen=True, kw_only=True, tag_field="t", tag="thanked"):
    """Somebody was thanked."""

    text: str
'''
ARM = """        case Thanked():
            return add_line(incident, entry, "Thanks", fact.text)
"""
COMMAND = '''from typing import Annotated

from allclear.core.conversation.arguments import text_as
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.people import Rights
from allclear.core.record.people import Thanked


@command("thanks", least=Rights.TRIAGE, examples=("/thanks the night shift",), late=True)
def thanks(context: CommandContext, text: Annotated[str, text_as("<who or what for>")]) -> Answer:
    """Writes a thank-you into the timeline."""
    return Answer((Thanked(text=text),), "Noted, and well deserved.")
'''
PROOF = """
from datetime import UTC, datetime
from pathlib import Path
from allclear.adapters.files.settings import load_policy
from allclear.commands import COMMANDS
from allclear.core.record.entry import Block, Entry, decode, encode
from allclear.core.record.fold import fold
from allclear.core.record.people import Thanked

entry = Entry(key="c1.0", what="thanks", at=datetime(2026, 3, 2, tzinfo=UTC), facts=(Thanked(text="Ada"),))
read = decode(encode(Block(repo=1, issue=2, entries=(entry,))))
(line,) = fold(2, read.entries, load_policy(Path()).runbook).timeline
print(COMMANDS["thanks"].name, line.what, line.text)
"""


def defined(tree: ast.Module) -> list[str]:
    """The facts that a topic's file defines: the classes with a wire name."""
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "tag" for keyword in node.keywords)
    ]


def arms(tree: ast.Module) -> list[str]:
    """The facts that the topic's `apply_...` has an arm for."""
    (apply,) = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("apply_")]
    (match,) = [n for n in apply.body if isinstance(n, ast.Match)]
    *cases, last = match.cases
    assert (ast.unparse(last.pattern), ast.unparse(last.body[0])) == ("_", "assert_never(fact)")
    assert all(case.guard is None for case in cases)
    patterns = [n for case in cases for n in ast.walk(case.pattern) if isinstance(n, ast.MatchClass)]
    return [ast.unparse(pattern.cls) for pattern in patterns]


def source(topic: ModuleType) -> str:
    return inspect.getsource(topic)


def union(topic: ModuleType) -> list[type[Stored]]:
    name = topic.__name__.rpartition(".")[2].capitalize() + "Fact"
    return list(get_args(getattr(topic, name)))


def with_a_new_fact(text: str, arm: str) -> str:
    """The file of people.py with one more fact."""
    text = text.replace("\n\n\nPeopleFact = ", f"\n{FACT}\n\nPeopleFact = Thanked | ")
    return text.replace("        case _:\n", f"{arm}        case _:\n")


@topics
def test_every_fact_of_a_topic_is_in_its_union_and_has_exactly_one_arm(topic: ModuleType) -> None:
    tree = ast.parse(source(topic))
    assert sorted(defined(tree)) == sorted(fact.__name__ for fact in union(topic))
    assert Counter(defined(tree)) == Counter(arms(tree))


def test_a_fact_without_an_arm_is_seen() -> None:
    tree = ast.parse(with_a_new_fact(source(people), arm=""))
    assert set(defined(tree)) - set(arms(tree)) == {"Thanked"}


def test_an_entry_holds_the_facts_of_all_topics_each_once() -> None:
    held = get_args(facts.Fact)
    assert Counter(held) == Counter(fact for topic in TOPICS for fact in union(topic))
    assert all(count == 1 for count in Counter(wire_name(fact) for fact in held).values())


def wire_name(fact: Any) -> str:
    return str(fact.__struct_config__.tag)


def test_a_topic_is_every_file_that_has_facts() -> None:
    files = [file for file in (ROOT / RECORD).glob("*.py") if defined(ast.parse(file.read_text()))]
    assert sorted(file.stem for file in files) == sorted(t.__name__.rpartition(".")[2] for t in TOPICS)


def test_a_command_with_a_fact_of_its_own_touches_one_file_beside_itself(tmp_path: Path) -> None:
    for name in ["scripts", "templates", ".github"]:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    topic = tmp_path / RECORD / "people.py"
    topic.write_text(with_a_new_fact(topic.read_text(), ARM))
    (tmp_path / "scripts/allclear/commands/thanks.py").write_text(COMMAND)
    env = {"PYTHONPATH": str(tmp_path / "scripts"), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROOF],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "thanks Thanks Ada\n", done.stderr
