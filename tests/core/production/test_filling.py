"""A provider's command with its placeholders filled in."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.release import Release
from allclear.core.policy.provider import Provider
from allclear.core.production.listing import FillingError, fill, filled, values_of

PROVIDER = read_authored(
    Provider,
    {
        "title": "Ours",
        "pattern": "v[0-9]+",
        "values": {"app": "its name"},
        "rollback": ["put", "{target}", "--app={app}", "{release}@{sha}"],
    },
)
SHA = "a" * 40


def test_every_placeholder_stays_within_its_word() -> None:
    values = values_of(PROVIDER, {"app": "my app; rm -rf /", "other": "x"}, Release("v41", "v41", SHA))
    assert PROVIDER.rollback is not None
    assert filled(PROVIDER.rollback, values) == ("put", "v41", "--app=my app; rm -rf /", f"v41@{SHA}")
    assert "other" not in values


def test_what_a_value_holds_is_not_filled_in_again() -> None:
    assert fill("{app}", {"app": "{target}", "target": "v1"}) == "{target}"


@pytest.mark.parametrize(
    ("release", "missing"),
    [
        (Release("--all", "v41", SHA), "target"),
        (Release("v41", "v 41", SHA), "release"),
        (Release("v41", "-x", SHA), "release"),
        (Release("v41", "v41"), "sha"),
        (None, "target"),
    ],
)
def test_a_release_that_is_not_as_it_should_be_fills_nothing(release: Release | None, missing: str) -> None:
    values: dict[str, Any] = values_of(PROVIDER, {"app": "shop"}, release)
    assert missing not in values
    with pytest.raises(FillingError, match="there is no value for"):
        fill(f"{{{missing}}}", values)


def test_in_the_words_of_any_program_a_placeholder_without_a_value_is_left_alone() -> None:
    values = {"incident": "7", "app": "shop; rm -rf /"}
    vector = ("archive", "--incident={incident}", "{app}", "{{.Names}}", "{name}")
    assert filled(vector, values, foreign=True) == (
        "archive",
        "--incident=7",
        "shop; rm -rf /",
        "{{.Names}}",
        "{name}",
    )
