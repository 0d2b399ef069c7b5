"""One name, one meaning."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
PRODUCT, LAB = SCRIPTS / "allclear", SCRIPTS / "allclear_lab"

# Of both, since both speak of GitHub: the product's own value of it, and what the embedded GitHub keeps.
GITHUBS_OWN = {"Artifact", "Comment", "Deployment", "DeploymentStatus", "Issue", "IssueEvent", "Repository"}


def classes(package: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                yield node.name, str(file.relative_to(SCRIPTS))


def test_a_class_name_is_defined_once_in_the_product_and_in_the_lab() -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for name, file in (*classes(PRODUCT), *classes(LAB)):
        where[name].append(file)
    assert {name for name in GITHUBS_OWN if len(where[name]) == 2} == GITHUBS_OWN
    assert {name: files for name, files in where.items() if len(files) > 1 and name not in GITHUBS_OWN} == {}
