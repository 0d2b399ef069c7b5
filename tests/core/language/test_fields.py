"""The JSON Schema knows what the reader knows: long and short forms."""

import json

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types of its own

from allclear.core.language.document import RunbookFile
from written import NAMES, SMALL, text

SCHEMA = Draft202012Validator(RunbookFile.model_json_schema(by_alias=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_accepts_the_written_runbooks(name: str) -> None:
    """As an editor reads YAML: the reader itself keeps numbers and booleans as text."""
    book = yaml.safe_load(text(name))
    plain = json.loads(json.dumps(book, default=str))
    assert [error.message for error in SCHEMA.iter_errors(plain)] == []


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    assert not SCHEMA.is_valid(SMALL | {"steps": []})
    assert not SCHEMA.is_valid({"name": "x"})
