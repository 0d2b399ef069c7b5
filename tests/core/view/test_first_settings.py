"""The settings that a repository begins with are those of its runbook, and can be read as they are."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from allclear.core.model.authored import read_authored
from allclear.core.policy.settings import Settings
from allclear.core.view.first_settings import actions_to_fill, first_settings, titles_to_fill
from allclear.core.view.labels import Labels
from written import NAMES, SMALL, raw, runbook, runbook_of, small


def read(text: str) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(text)
    return value


@pytest.mark.parametrize("name", NAMES)
def test_they_name_the_runbook_and_a_place_for_everybody_it_tells(name: str) -> None:
    book = runbook(name)
    settings = read_authored(Settings, read(first_settings(book)))
    assert settings.runbook == name
    for chain in book.chains:
        for level in chain.levels:
            for title in level:
                assert title in settings.people


def test_roles_and_everybody_have_no_place_there() -> None:
    book = runbook_of(
        SMALL
        | {
            "chains": {"on-call": ["On-call", "2nd line: night"]},
            "rules": {"r": {"tell": ["All hands", "Incident Commander", "Team Lead"], "for": "all"}},
            "roles": {"ic": {"title": "Incident Commander", "primary": "On-call", "backup": "Team Lead"}},
        }
    )
    assert titles_to_fill(book) == ("On-call", "2nd line: night", "Team Lead")
    assert read(first_settings(book))["people"] == {"On-call": [], "2nd line: night": [], "Team Lead": []}


@pytest.mark.parametrize("name", NAMES)
def test_the_labels_stand_there_to_be_named_otherwise(name: str) -> None:
    book = runbook(name)
    text = first_settings(book)
    begin = text.index("# labels:")
    part = "\n".join(line.removeprefix("# ") for line in text[begin:].split("\n\n")[0].splitlines())
    names = read_authored(Settings, read(part)).labels
    labels, renamed = Labels(book, Settings().labels), Labels(book, names)
    assert renamed.catalogue() == labels.catalogue()


def test_the_actions_of_the_runbook_wait_for_their_commands() -> None:
    book = runbook("sev")
    assert actions_to_fill(book)[:2] == ("health-check-full", "cache-clear-all")
    assert "db-pool-resize" in actions_to_fill(book)
    text = first_settings(book)
    part = "\n".join(line.removeprefix("# ") for line in text[text.index("# actions:") :].splitlines())
    assert tuple(read_authored(Settings, read(part)).actions) == actions_to_fill(book)


def test_without_actions_nothing_is_said_of_them() -> None:
    assert "actions" not in first_settings(small())
    assert actions_to_fill(runbook_of(raw("neutral"))) == ()
