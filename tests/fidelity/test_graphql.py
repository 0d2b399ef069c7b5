"""GraphQL: the embedded schema is a part of GitHub's, and the product's queries fit the whole of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear_lab.github.graphql.route import schema
from fidelity.schema import github_schema, query_problems, schema_path, subset_problems

DOCUMENT = re.compile(r"\s*(?:query|mutation|fragment)\b[^:{]*\{")

pytestmark = pytest.mark.needs("graphql")


def test_the_embedded_schema_is_a_part_of_githubs(root: Path) -> None:
    assert list(subset_problems(github_schema(schema_path()), schema())) == []


def test_github_would_answer_every_query_of_the_product(root: Path) -> None:
    whole = github_schema(schema_path())
    found = [f"{name}: {what}" for name, query in queries(root) for what in query_problems(whole, query)]
    assert found == []


def queries(root: Path) -> Iterator[tuple[str, str]]:
    """GraphQL documents of the product: files of their own, and texts in the adapters that begin as one."""
    folder = root / "scripts/allclear/adapters/github"
    for path in folder.rglob("*.graphql"):
        yield path.name, path.read_text(encoding="utf-8")
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and DOCUMENT.match(node.value):
                yield f"{path.name}:{node.lineno}", node.value
