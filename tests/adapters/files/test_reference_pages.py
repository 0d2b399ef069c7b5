"""The reference pages and JSON Schemas that are committed are those of the code, and their examples work."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # it has no types of its own

from allclear.adapters.files.reference import ReferencePart, parts
from allclear.adapters.files.reference_pages import PAGES, RUNBOOK, SETTINGS
from allclear.adapters.files.runbook_examples import BEGINS
from allclear.adapters.files.runbooks import read_written
from allclear.adapters.files.settings import load_policy, read_settings
from allclear.core.language.document import RunbookFile
from allclear.core.model.authored_model import model_of
from allclear.core.policy.settings import Settings
from written import FILES

ROOT = Path(__file__).resolve().parents[3]
WRITTEN = sorted(FILES.values())


def seen_by_an_editor(text: str) -> Any:
    """The file as an editor's reader has it, where dates are texts."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def wrong(page: str, text: str) -> list[str]:
    found = Draft7Validator(json.loads(PAGES[page].json_schema)).iter_errors(seen_by_an_editor(text))
    return [f"{error.json_path}: {error.message}" for error in found]


@pytest.mark.parametrize("page", PAGES)
def test_the_schema_in_the_repository_is_that_of_the_code(page: str) -> None:
    Draft7Validator.check_schema(json.loads(PAGES[page].json_schema))
    kept = (ROOT / "docs" / "schema" / f"{page}.json").read_text(encoding="utf-8")
    assert kept == PAGES[page].json_schema, f"allclear reference {page} --schema > docs/schema/{page}.json"


@pytest.mark.parametrize("page", PAGES)
def test_the_page_in_the_repository_is_that_of_the_code(page: str) -> None:
    kept = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert kept == PAGES[page].markdown, f"allclear reference {page} > docs/{page}.md"


@pytest.mark.parametrize("part", parts(model_of(Settings)), ids=lambda part: part.paths[0] or "top")
def test_every_setting_says_what_it_means_and_has_an_example(part: Any) -> None:
    assert part.meaning
    assert part.paths[0] in SETTINGS.examples
    for key in part.keys:
        assert key.meaning, f"{key.path}.{key.name}: write below the field what it means"


@pytest.mark.parametrize("path", SETTINGS.examples)
def test_an_example_of_the_settings_is_in_order(path: str, tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / "templates").symlink_to(ROOT / "templates")
    (tmp_path / ".github" / "allclear.yml").write_text(SETTINGS.examples[path])
    read_settings(tmp_path)
    assert load_policy(tmp_path).trouble == ()
    assert wrong("settings", SETTINGS.examples[path]) == []


def whole(path: str) -> str:
    """The runbook in which the example stands."""
    return RUNBOOK.examples[path] if not path else BEGINS + RUNBOOK.examples[path]


def entries(value: Any, path: str) -> list[Any]:
    """What stands at such a path: below every name, and in every item of a list."""
    found = [value]
    for part in filter(None, path.split(".")):
        inner = [one for entry in found for one in (entry if isinstance(entry, list) else [entry])]
        maps = [one for one in inner if isinstance(one, dict)]
        found = [value for one in maps for value in (one.values() if part == "<id>" else [one.get(part)])]
    return [one for entry in found for one in (entry if isinstance(entry, list) else [entry])]


@pytest.mark.parametrize("part", parts(RunbookFile), ids=lambda part: part.paths[0] or "top")
def test_every_key_of_a_runbook_says_what_it_means_and_stands_in_its_example(part: ReferencePart) -> None:
    assert part.meaning
    example = yaml.safe_load(RUNBOOK.examples[part.paths[0]])
    used = {
        key
        for path in part.paths
        for entry in entries(example, path)
        if isinstance(entry, dict)
        for key in entry
    }
    assert {key.name for key in part.keys} - used == set()
    for key in part.keys:
        assert key.meaning, f"{key.path}.{key.name}: write below the field what it means"


@pytest.mark.parametrize("path", RUNBOOK.examples)
def test_an_example_of_a_runbook_is_in_order(path: str, tmp_path: Path) -> None:
    text = whole(path)
    name = yaml.safe_load(text)["name"]
    (tmp_path / ".github/allclear/runbooks").mkdir(parents=True)
    (tmp_path / "templates").symlink_to(ROOT / "templates")
    (tmp_path / ".github/allclear/runbooks" / f"{name}.yml").write_text(text, encoding="utf-8")
    file, found = read_written(tmp_path, name)
    assert found == ()
    assert file is not None
    assert wrong("runbook", text) == []


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.stem)
def test_an_editor_finds_nothing_wrong_with_a_runbook(file: Path) -> None:
    assert wrong("runbook", file.read_text(encoding="utf-8")) == []


def test_an_editor_takes_names_of_services_and_a_service_without_lines() -> None:
    assert wrong("settings", "services: [web, api]") == []
    assert wrong("settings", "services:\n  web:\n  api: {}\n") == []
    assert wrong("settings", "services: { web: { provder: fly } }")


def test_an_editor_takes_a_runbook_that_changes_another() -> None:
    assert (
        wrong("runbook", "name: mine\nextends: sev\nseverities: { SEV4: none, SEV1: { update: 10m } }") == []
    )
    assert wrong("runbook", "name: mine\nsevertiies: {}")
