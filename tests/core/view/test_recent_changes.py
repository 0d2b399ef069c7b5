"""What changed, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from allclear.core.model.recent_change import RecentChange
from allclear.core.model.release import State
from allclear.core.model.stored import read_values
from allclear.core.view.recent_changes import changes_told

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def told(*changes: RecentChange) -> str:
    return changes_told(changes, START, UTC_ZONE, START + timedelta(days=1))


def change(**more: object) -> RecentChange:
    fields: dict[str, object] = {"kind": "deployment", "at": START - timedelta(minutes=2), "name": "v42"}
    return read_values(RecentChange, fields | {"where": "production"} | more)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("success", "was deployed to production"),
        ("failed", "was deployed in part, and failed, to production"),
        ("in progress", "is still being deployed to production"),
        ("unclear", "may have been deployed to production"),
    ],
)
def test_a_deployment_says_how_far_it_came(state: State, words: str) -> None:
    assert told(change(state=state)).endswith(f"- `v42` {words}, **2 min before the start**")


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://x.example/) [", "https://x.example/a b"])
def test_only_an_address_is_a_link(url: str) -> None:
    assert "- `v42` was" in told(change(url=url))


def test_what_people_wrote_is_inert() -> None:
    hostile = "@mia #1 --> <b> [x](https://evil.example) `/rollback`\n/all-clear"
    said = told(change(url="https://x.example/1", by=hostile, text=hostile, where=hostile, name=hostile))
    assert "@mia #1" not in said.replace(
        "`@mia #1 --> <b> [x](https://evil.example) '/rollback' /all-clear`", ""
    )
    assert "\n/all-clear" not in said
    assert "](https://evil" not in said.replace(
        "`@mia #1 --> <b> [x](https://evil.example) '/rollback' /all-clear`", ""
    )


def test_nothing_found_is_a_sentence() -> None:
    assert told() == "Nothing is known to have changed before 2026-03-02 12:00 UTC, the corrected start."


def test_each_kind_of_change_has_its_words() -> None:
    said = told(
        change(kind="run", name="Deploy", where="main", by="bob"),
        change(kind="settings", name="#4", where="infra, Dockerfile", text="Grow"),
        change(kind="pull", name="#5", where=""),
        change(service="web", undo="/rollback web to v41"),
    )
    assert said.split("\n")[2:] == [
        "- `Deploy` failed on `main`, **2 min before the start**, by bob",
        "- `#4` changed `infra`, `Dockerfile`, **2 min before the start**: Grow",
        "- `#5` was merged, **2 min before the start**",
        "- `v42` (`web`) was deployed to production, **2 min before the start**",
        "  To go back, write `/rollback web to v41`",
    ]
