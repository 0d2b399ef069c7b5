"""Reference pages are made from the models that read a file."""

import pytest
from pydantic import BaseModel

from allclear.adapters.files.reference import ReferencePart, meanings, parts, reference
from allclear.core.language.document import RunbookFile

PARTS = parts(RunbookFile)
PAGE = reference("Runbooks", "What a runbook says.", PARTS, {"calendars.<id>": "calendars:\n  office: {}\n"})


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.paths[0] or "top")
def test_every_key_says_what_it_means(part: ReferencePart) -> None:
    assert part.meaning
    for key in part.keys:
        assert key.meaning, f"{key.path}.{key.name}: write below the field what it means"
        assert key.form


def test_a_key_stands_with_its_form_its_default_and_its_meaning() -> None:
    assert "| `zone` | a text | `UTC` | The IANA time zone in which people read times. |" in PAGE
    assert "| `many` | `true` or `false` | `false` | Whether several people may have it. |" in PAGE
    assert "| `at_least` | names, each with a number | nothing |" in PAGE
    assert "| `response` | a length of time, such as `15m` or `3d` | **needed** |" in PAGE
    assert "| `fix` | `rollback` or `fix-forward` or `hotfix` | nothing |" in PAGE
    assert "| `calendars` | names, each with [these keys](#calendarsid) | nothing |" in PAGE


def test_an_entry_that_stands_in_several_places_is_told_once() -> None:
    assert PAGE.count("A condition: all that it names hold.") == 1
    assert "Also `roles.<id>.when`, `voices.<id>.when`" in PAGE


def test_an_example_stands_with_its_key() -> None:
    assert "## `calendars.<id>`" in PAGE
    assert "```yaml\ncalendars:\n  office: {}\n```" in PAGE


def test_a_field_without_words_has_no_meaning() -> None:
    class Bare(BaseModel):
        one: str
        """The first."""
        two: str

    assert meanings(Bare) == {"one": "The first."}
