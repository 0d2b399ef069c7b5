"""Workflow files are read as they are, and what the player cannot do is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from allclear_lab.drill.repository import DOORS
from allclear_lab.runner.expressions import UnplayableError
from allclear_lab.runner.workflows import opens_a_door, read_workflow
from lab.drill.conftest import REAL, WORKFLOWS

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
    "text",
    ["on: [push", "- on", "on: push", "jobs: {}", "on: push\njobs: {one: null}", "on: push\njobs: [one]", ""],
)
def test_a_file_that_is_no_workflow_is_named(text: str) -> None:
    with pytest.raises(UnplayableError, match=r"x\.yml"):
        read_workflow("x.yml", text)


ACTION = """\
name: ours
description: Ours
inputs:
  door: { description: Which, default: "" }
  ready: { description: Nothing to set up, default: "false" }
outputs:
  go: { description: Whether, value: "${{ steps.open.outputs.goes }}" }
  other: { description: Of another step, value: "${{ steps.else.outputs.x }}" }
runs:
  using: composite
  steps:
    - name: Refuse
      if: ${{ !contains(fromJSON('["", "smoke"]'), inputs.door) }}
      shell: bash
      run: exit 1
    - { name: Python, if: inputs.ready != 'true', uses: actions/setup-python@abc }
    - { name: Packages, if: inputs.ready != 'true', shell: bash, run: python -m pip install x }
    - name: Open
      id: open
      if: inputs.door != ''
      shell: bash
      run: python "$GITHUB_WORKSPACE/scripts/$DOOR.py"
      env: { DOOR: "${{ inputs.door }}", T: "${{ github.token }}" }
"""
USING = """\
on: schedule
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@abc
      - { name: Set up, uses: ./ }
      - name: Smoke
        id: smoke
        uses: ./
        with: { door: smoke, ready: true }
        env: { STEP: "${{ needs.claim.outputs.go }}" }
"""
OURS = (("action.yml", ACTION), ("theirs/action.yml", "runs: {}\n"))


def test_a_step_that_uses_an_action_of_the_repository_opens_the_door_that_the_action_opens() -> None:
    (job,) = read_workflow("x.yml", USING, OURS).jobs
    (step,) = job.steps  # what only sets up does nothing here
    assert (step.name, step.id, step.door) == ("Smoke", "smoke", "smoke")
    assert step.env == {"STEP": "${{ needs.claim.outputs.go }}", "DOOR": "smoke", "T": "${{ github.token }}"}
    assert step.outputs == {"go": "goes"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("door: smoke", "door: other", "Refuse: 'exit 1' is not played"),
        ("door: smoke", "dor: smoke", "`dor` is not an input of the action"),
        ("uses: ./\n", "uses: ./nowhere\n", "there is no nowhere/action.yml"),
        ("actions/setup-python@abc", "somebody/else@abc", "'somebody/else@abc' is not played"),
        ("    - name: Open\n", "    - name: Open\n      continue-on-error: true\n", "`continue-on-error`"),
        ("runs:\n", "branding: {}\nruns:\n", "`branding`"),
    ],
)
def test_what_the_player_cannot_do_of_an_action_is_named_too(old: str, new: str, told: str) -> None:
    assert old in USING + ACTION
    changed = (("action.yml", ACTION.replace(old, new)),)
    with pytest.raises(UnplayableError, match=r"x\.yml, job one") as caught:
        read_workflow("x.yml", USING.replace(old, new), changed)
    assert told in str(caught.value)


@pytest.mark.parametrize("file", sorted(WORKFLOWS.glob("*.yml")), ids=lambda file: file.stem)
def test_every_workflow_that_opens_a_door_can_be_played(file: Path) -> None:
    text = file.read_text()
    if not opens_a_door(text):
        assert file.name in {"ci.yml", "proof.yml", "release.yml"}
        return
    found = read_workflow(file.name, text, (("action.yml", REAL.action.read_text()),))
    doors = {step.door for job in found.jobs for step in job.steps if step.door}
    assert doors
    assert doors <= DOORS.keys()


PULLS = """\
name: review
on: { pull_request: { types: [opened], paths: ["reports/incidents/**"] } }
jobs:
  review:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@abc
        with: { ref: "${{ github.event.repository.default_branch }}" }
      - run: python scripts/review.py
"""


def test_a_filter_of_paths_asks_for_a_file_in_its_folder() -> None:
    found = read_workflow("x.yml", PULLS)
    assert found.starts_on("pull_request", "opened", lambda: ["notes.md", "reports/incidents/a/b.md"])
    assert not found.starts_on("pull_request", "opened", lambda: ["reports/incidents.md"])
    assert not found.starts_on("pull_request", "closed", lambda: ["reports/incidents/a.md"])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("reports/incidents/**", "**.md", "the filter '[*][*].md' is not played"),
        ("reports/incidents/**", "reports/*/**", "is not played"),
        ("        with: { ref", "        env: { ref", "x.yml: a checkout of what a pull request brings"),
    ],
)
def test_what_the_player_cannot_do_of_pull_requests_is_named(old: str, new: str, told: str) -> None:
    with pytest.raises(UnplayableError, match=told):
        read_workflow("x.yml", PULLS.replace(old, new)).starts_on("pull_request", "opened", lambda: ["a.md"])
