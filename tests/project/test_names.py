"""One name, one meaning."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = sorted((ROOT / "scripts/allclear").rglob("*.py"))


def test_a_class_name_is_defined_once_in_the_product() -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for file in PRODUCT:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                where[node.name].append(str(file.relative_to(ROOT)))
    assert {name: files for name, files in where.items() if len(files) > 1} == {}
