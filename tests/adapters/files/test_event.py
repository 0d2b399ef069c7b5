"""The event that started a run says which pull request it is about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allclear.adapters.files.event import wanted_pull

HERE, FORK = {"id": 1}, {"id": 2}


def wanted(folder: Path, event: Any) -> int | str:
    file = folder / "event.json"
    file.write_text(json.dumps(event), encoding="utf-8")
    return wanted_pull({"GITHUB_EVENT_PATH": str(file)})


def test_a_pull_request_of_the_repository_is_looked_at(tmp_path: Path) -> None:
    pull = {"number": 7, "head": {"repo": HERE}, "base": {"repo": HERE}}
    assert wanted(tmp_path, {"pull_request": pull}) == 7


@pytest.mark.parametrize("repo", [FORK, None], ids=["a fork", "a fork that is gone"])
def test_one_of_a_fork_is_not(tmp_path: Path, repo: Any) -> None:
    pull = {"number": 7, "head": {"repo": repo}, "base": {"repo": HERE}}
    assert wanted(tmp_path, {"pull_request": pull}) == (
        "a pull request from a fork is given a token that may write nothing"
    )


@pytest.mark.parametrize("event", [{}, {"issue": {"number": 7}}, {"pull_request": {"number": "7"}}])
def test_other_events_are_about_none(tmp_path: Path, event: Any) -> None:
    assert wanted(tmp_path, event) == "the event is not about a pull request"
