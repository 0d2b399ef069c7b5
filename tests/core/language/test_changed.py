"""The page of a runbook that extends another says what it changes of that one."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.language.changed import RunbookChange, changes, changes_section
from allclear.core.language.merging import extended

BASE: dict[str, Any] = {
    "name": "neutral",
    "item": ["1"],
    "severities": {"P0": {"response": "15m", "freeze": True}, "P1": {"response": "1h"}},
    "detection": ["Alert", "Customer"],
    "flags": {"growing": "It grows", "security": "It is an attack"},
}


@pytest.mark.parametrize(
    ("own", "changed"),
    [
        ({"name": "mine", "extends": "neutral", "item": ["2"]}, []),
        ({"severities": {"P0": {"response": "15m"}}}, []),
        (
            {"severities": {"P0": {"response": "5m"}}},
            [RunbookChange(("severities", "P0", "response"), "15m", "5m")],
        ),
        (
            {"severities": {"P0": {"response": "none"}}},
            [RunbookChange(("severities", "P0", "response"), "15m", "none")],
        ),
        ({"flags": {"growing": "none"}}, [RunbookChange(("flags", "growing"), "It grows", None)]),
        ({"severities": "none"}, [RunbookChange(("severities",), BASE["severities"], None)]),
        ({"detection": ["Alert"]}, [RunbookChange(("detection",), ["Alert", "Customer"], ["Alert"])]),
        ({"zone": "Europe/Berlin"}, [RunbookChange(("zone",), None, "Europe/Berlin")]),
    ],
)
def test_a_change_is_what_is_other_after_merging(own: dict[str, Any], changed: list[RunbookChange]) -> None:
    assert list(changes(BASE, own)) == changed
    meant = {key: value for key, value in BASE.items() if key not in ("name", "item")}
    merged = {key: value for key, value in extended(BASE, own).items() if key in {*meant, "zone"}}
    assert (merged != meant) is bool(changed)


def test_the_section_shows_both_as_text_that_does_nothing() -> None:
    own = {
        "severities": {"P0": {"freeze": False}, "P2": {"response": "1d", "labels": ["a|b", "c"]}},
        "flags": {"growing": "none", "security": "`x` @all\nnow"},
    }
    assert changes_section(tuple(changes(BASE, own)), "neutral") == [
        "## What is other than in `neutral`",
        "",
        "| Where | In `neutral` | Here |",
        "| --- | --- | --- |",
        "| `severities.P0.freeze` | `true` | `false` |",
        "| `severities.P2` | - | `{ response: 1d, labels: [a\\|b, c] }` |",
        "| `flags.growing` | `It grows` | - |",
        "| `flags.security` | `It is an attack` | `'x' @all now` |",
    ]


def test_a_runbook_that_changes_nothing_has_no_such_section() -> None:
    assert changes_section((), "neutral") == []
