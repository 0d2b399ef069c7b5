"""How far a run came, as its jobs and steps show it; the names are those of the workflow files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from yaml import safe_load

from allclear.adapters.github.job_steps import ACTING, acted
from allclear.core.model.operation import WORKFLOWS
from allclear.core.model.snapshot import Acting
from conversations.room import ROOT

AT = "2025-10-19T14:00:00Z"
TIME = datetime(2025, 10, 19, 14, tzinfo=UTC)


def job(
    name: str, status: str = "completed", conclusion: str | None = "success", *steps: Any
) -> dict[str, Any]:
    return {"name": name, "status": status, "conclusion": conclusion, "steps": list(steps)}


def step(name: str, status: str = "completed", conclusion: str | None = "success") -> dict[str, Any]:
    ended = AT if status == "completed" else None
    return {"name": name, "status": status, "conclusion": conclusion, "started_at": AT, "completed_at": ended}


LOOK = step("Look")
CASES: dict[str, tuple[list[dict[str, Any]], Acting]] = {
    "nothing but the claim": ([job("claim")], Acting("waiting")),
    "it waits for reviewers": ([job("claim"), job("execute", "waiting", None)], Acting("waiting")),
    "it is queued": ([job("execute", "queued", None)], Acting("waiting")),
    "it was skipped": ([job("execute", "completed", "skipped")], Acting("waiting")),
    "it was rejected": ([job("execute", "completed", "failure")], Acting("before")),
    "it was cancelled before": ([job("execute", "completed", "cancelled")], Acting("before")),
    "it looks": ([job("execute", "in_progress", None, step("Look", "in_progress", None))], Acting("before")),
    "the look refused": (
        [
            job(
                "execute",
                "completed",
                "failure",
                step("Look", conclusion="failure"),
                step("Act", conclusion="skipped"),
            )
        ],
        Acting("before"),
    ),
    "its step is queued": (
        [job("execute", "in_progress", None, LOOK, step("Act", "queued", None))],
        Acting("before"),
    ),
    "its step began": (
        [job("execute", "in_progress", None, LOOK, step("Act", "in_progress", None))],
        Acting("began", TIME),
    ),
    "its runner was lost": (
        [job("execute", "completed", "failure", LOOK, step("Act", "in_progress", None))],
        Acting("began", TIME),
    ),
    "its step was cancelled": (
        [job("execute", "completed", "cancelled", LOOK, step("Act", conclusion="cancelled"))],
        Acting("began", TIME, TIME),
    ),
    "its step went well": (
        [job("deploy", "completed", "skipped"), job("execute", "completed", "success", LOOK, step("Act"))],
        Acting("passed", TIME, TIME),
    ),
    "the other job's step failed": (
        [
            job("execute", "completed", "skipped"),
            job("deploy", "completed", "failure", step("Redeploy", conclusion="failure")),
        ],
        Acting("failed", TIME, TIME),
    ),
}


@pytest.mark.parametrize(("jobs", "found"), CASES.values(), ids=CASES)
def test_how_far_it_came_is_read_from_the_steps(jobs: list[dict[str, Any]], found: Acting) -> None:
    assert acted(jobs, "rollback") == found


@pytest.mark.parametrize("kind", ACTING)
def test_the_names_are_those_of_the_workflow_files(kind: Any) -> None:
    document = safe_load((ROOT / ".github" / "workflows" / WORKFLOWS[kind]).read_text(encoding="utf-8"))
    for name, wanted in ACTING[kind].items():
        there = document["jobs"][name]
        assert there["name"] == name
        assert wanted in [one["name"] for one in there["steps"]]
