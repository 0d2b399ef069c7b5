"""Each package that we ask for is used where it is best, and only there."""

import ast
import re
import sys
import tomllib
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    "PyGithub": "github",
    "Jinja2": "jinja2",
    "python-frontmatter": "frontmatter",
    "markdown-it-py": "markdown_it",
    "PyYAML": "yaml",
    "graphql-core": "graphql",
}
"""What a package is imported as, where that is not its name."""

# Package -> the files of the product that import it. Whoever adds one says here why that is its place.
PLACES = {
    # GitHub's API, behind one door; requests beside it where an answer is no object of the API.
    "PyGithub": {"adapters/github/client.py"},
    "requests": {
        "adapters/github/carried.py",
        "adapters/github/client.py",
        "adapters/github/run_logs.py",
        "app.py",
        "jobs/run.py",
    },
    # Texts are templates; Markdown is parsed, and never searched with regular expressions.
    "Jinja2": {"adapters/files/templates.py", "adapters/files/compiled_templates.py"},
    "markdown-it-py": {"core/conversation/parse.py"},
    # A report's front matter is read and written in one place, all other YAML in another.
    "python-frontmatter": {"core/postmortem/front_matter.py"},
    "PyYAML": {"core/postmortem/front_matter.py", "adapters/files/strict_yaml.py"},
    # Public holidays, for calendars that name a country.
    "holidays": {"core/calendar/holiday_dates.py"},
    "icalendar": {"core/postmortem/invitation.py"},
    "click": {
        *("cli.py", "cli_init.py", "cli_release.py", "cli_report.py", "cli_review.py", "cli_runbook.py"),
        "cli_terminal.py",
    },
    "rich": {"cli.py", "cli_report.py", "cli_runbook.py"},
}
IN_THE_LAB = {
    "werkzeug": {"github/route_table.py"},
    "graphql-core": {"github/graphql/route.py", "github/graphql/connections.py"},
    "python-frontmatter": {"drill/ending.py", "drill/transcript.py"},
}
EVERYWHERE = {"pydantic", "msgspec"}  # models parse what comes from outside; structs are ours


def asked() -> list[str]:
    """The packages of a workflow run, and those for people."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = chain(project["dependencies"], project["optional-dependencies"]["people"])
    return [re.split(r"[<>=]", line)[0] for line in lines]


def importers(folder: Path, package: str) -> set[str]:
    module = MODULES.get(package, package)
    return {str(file.relative_to(folder)) for file in folder.rglob("*.py") if module in imported(file)}


@cache
def imported(file: Path) -> frozenset[str]:
    """The packages that a file imports, by their first names."""
    found = set[str]()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return frozenset(name.partition(".")[0] for name in found)


@pytest.mark.parametrize("package", sorted(PLACES))
def test_the_product_imports_a_package_where_its_place_is(package: str) -> None:
    assert importers(ROOT / "scripts/allclear", package) == PLACES[package]


@pytest.mark.parametrize("package", sorted(IN_THE_LAB))
def test_so_does_the_lab(package: str) -> None:
    assert importers(ROOT / "scripts/allclear_lab", package) == IN_THE_LAB[package]


def test_every_package_that_is_asked_for_has_its_place() -> None:
    assert set(asked()) == PLACES.keys() | IN_THE_LAB.keys() | EVERYWHERE
    assert importers(ROOT / "scripts/allclear", "pydantic")


def test_values_of_the_product_are_structs() -> None:
    """core/model/structs.py says why. The lab and the tests are no cold run: they may have dataclasses."""
    assert importers(ROOT / "scripts/allclear", "dataclasses") == set()


def test_nothing_else_is_imported_from_outside_but_what_these_bring_along() -> None:
    """typing_extensions is pydantic's, markupsafe Jinja's, urllib3 that of requests."""
    ours = {MODULES.get(name, name) for name in asked()} | {"allclear", "allclear_lab", "allclear_release"}
    found = {name for file in (ROOT / "scripts").rglob("*.py") for name in imported(file)}
    names = found - set(sys.stdlib_module_names)
    assert names - ours == {"markupsafe", "typing_extensions", "urllib3"}


def test_githubs_answers_one_by_one_are_those_of_responses() -> None:
    """A server of a test's own is for bytes that `requests` never sees: tests/adapters/answering.py."""
    assert importers(ROOT / "tests", "responses") == {
        "adapters/github/test_client.py",
        "adapters/github/test_run_logs.py",
        "adapters/github/test_visibility.py",
    }
    assert importers(ROOT / "tests/adapters", "http") == set()
