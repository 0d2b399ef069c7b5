"""Workflow files are read as they are, and what the player cannot do is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from allclear_lab.drill.repository import DOORS
from allclear_lab.runner.expressions import UnplayableError
from allclear_lab.runner.workflows import read_workflow
from lab.drill.conftest import WORKFLOWS

FILE = """\
name: rollback
on: { workflow_dispatch: { inputs: { service: { type: string } } }, issues: { types: [opened] } }
permissions: { contents: read }
concurrency: { group: "one-${{ inputs.service }}", cancel-in-progress: false }
jobs:
  last:
    needs: [first, middle]
    runs-on: ubuntu-latest
    steps: [{ run: python scripts/smoke.py }]
  first:
    runs-on: ubuntu-latest
    permissions: { issues: write }
    steps:
      - uses: actions/checkout@abc
      - name: Claim
        id: claim
        run: python scripts/rollback.py
        env: { A: "${{ github.token }}", N: 3 }
    outputs: { go: "${{ steps.claim.outputs.go }}" }
  middle:
    needs: first
    if: needs.first.outputs.go == 'true'
    environment: { name: "${{ needs.first.outputs.place }}", deployment: false }
    runs-on: ubuntu-latest
    steps:
      - { name: Keep, uses: actions/upload-artifact@abc, with: { name: it, path: smoke.xml } }
"""


def test_the_jobs_come_in_the_order_of_what_they_need() -> None:
    found = read_workflow("x.yml", FILE)
    assert [job.name for job in found.jobs] == ["first", "middle", "last"]
    first, middle, last = found.jobs
    assert (last.before, middle.before, first.before) == (("first", "middle"), ("first",), ())
    assert (first.permissions, last.permissions) == ({"issues": "write"}, {"contents": "read"})
    assert [(step.name, step.door, step.env) for step in first.steps] == [
        ("Claim", "rollback", {"A": "${{ github.token }}", "N": "3"})
    ]
    assert middle.environment == "${{ needs.first.outputs.place }}"
    assert middle.steps[0].upload == {"name": "it", "path": "smoke.xml"}
    assert (found.group, found.queues) == ("one-${{ inputs.service }}", False)


def test_a_file_starts_on_its_events_and_no_others() -> None:
    found = read_workflow("x.yml", FILE)
    assert found.starts_on("issues", "opened")
    assert not found.starts_on("issues", "closed")
    assert found.starts_on("workflow_dispatch", None)
    assert not found.starts_on("schedule", None)
    listed = read_workflow("y.yml", "on: [push, schedule]\njobs: {}\n")
    assert listed.starts_on("schedule", None)
    assert read_workflow("z.yml", "on: push\njobs: {}\n").starts_on("push", None)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("needs: first\n", "needs: last\n", "the jobs last, middle wait for each other"),
        ("    runs-on: ubuntu-latest\n    permissions", "    container: x\n    permissions", "`container`"),
        ("actions/checkout@abc", "somebody/else@abc", "'somebody/else@abc' is not played"),
        ("python scripts/smoke.py", "curl https://evil.example", "is not played"),
        ("id: claim", "continue-on-error: true", "`continue-on-error`"),
        ("deployment: false", "url: x", "`url`"),
        ("cancel-in-progress: false", "cancel-in-progress: true", "cancelled for another"),
        ("permissions: { contents: read }\n", "defaults: {}\n", "`defaults`"),
    ],
)
def test_what_the_player_cannot_do_is_named_with_its_place(old: str, new: str, told: str) -> None:
    assert old in FILE
    with pytest.raises(UnplayableError, match=r"x\.yml") as caught:
        read_workflow("x.yml", FILE.replace(old, new))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(WORKFLOWS.glob("*.yml")) if "python scripts/" in file.read_text()],
    ids=lambda file: file.stem,
)
def test_every_workflow_that_opens_a_door_can_be_played(file: Path) -> None:
    found = read_workflow(file.name, file.read_text())
    doors = {step.door for job in found.jobs for step in job.steps if step.door}
    assert doors
    assert doors <= DOORS.keys()
