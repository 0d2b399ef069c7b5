"""GraphQL: the embedded schema is a part of GitHub's, and the product's queries fit the whole of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear.adapters.github.queries import FRAGMENTS, query
from allclear_lab.github.graphql.route import schema
from fidelity.schema import github_schema, query_problems, schema_path, subset_problems

DOCUMENT = re.compile(r"\s*(?:query|mutation|fragment)\b[^:{]*\{")

pytestmark = pytest.mark.needs("graphql")


def test_the_embedded_schema_is_a_part_of_githubs(root: Path) -> None:
    assert list(subset_problems(github_schema(schema_path()), schema())) == []


def test_github_would_answer_every_query_of_the_product(root: Path) -> None:
    whole = github_schema(schema_path())
    found = [f"{name}: {what}" for name, text in queries(root) for what in query_problems(whole, text)]
    assert found == []


def test_every_fragment_is_used_by_a_query_and_every_file_of_one_is_known(root: Path) -> None:
    files = {path.stem for path in (root / "scripts/allclear/adapters/github/fragments").iterdir()}
    texts = [text for _, text in queries(root)]
    assert files == {name.lower() for name in FRAGMENTS}
    assert all(any(f"fragment {name} " in text for text in texts) for name in FRAGMENTS)


def queries(root: Path) -> Iterator[tuple[str, str]]:
    """GraphQL documents of the product: files of their own with the fragments that they name, and texts in
    the adapters that begin as one.
    """
    folder = root / "scripts/allclear/adapters/github"
    for path in folder.glob("*.graphql"):
        yield path.name, query(path.stem)
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and DOCUMENT.match(node.value):
                yield f"{path.name}:{node.lineno}", node.value
