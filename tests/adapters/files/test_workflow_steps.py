"""Which secrets the workflow files of a repository pass, wherever they lie."""

from __future__ import annotations

import shutil
from pathlib import Path

from allclear.adapters.files.workflow_steps import passing_steps
from conversations.room import ROOT

STEP = """jobs:
  execute:
    steps:
      - uses: actions/checkout@v5
      - name: Act
        uses: ./.github/allclear/action
        with: {{ door: rollback, ready: true{token} }}
        env:
          ALLCLEAR_STEP: act
          OURS: ${{{{ secrets.OURS }}}}
          FIXED: "1"
"""


def put(root: Path, name: str, text: str) -> None:
    folder = root / ".github" / "workflows"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_the_shipped_files_pass_the_same_names_in_each_place() -> None:
    found = list(passing_steps(ROOT))
    assert [(one.file.rpartition("/")[2], one.name) for one in found] == [
        ("evidence.yml", "Complete"),
        ("rollback-production.yml", "Act"),
        ("rollback-production.yml", "Smoke"),
        ("smoke.yml", "Smoke"),
    ]
    assert len({one.names for one in found}) == 1
    assert "FLY_API_TOKEN" in found[0].names
    assert {one.token for one in found} == {False}
    lines = (ROOT / found[1].file).read_text(encoding="utf-8").splitlines()
    assert lines[found[1].line - 1].strip() == "env:"


def test_a_file_of_any_name_is_found_and_so_is_what_is_no_secret(tmp_path: Path) -> None:
    put(tmp_path, "ours.yaml", STEP.format(token=", token: false"))
    (found,) = passing_steps(tmp_path)
    assert (found.file, found.line) == (".github/workflows/ours.yaml", 8)
    assert found.names == {"ALLCLEAR_STEP", "OURS", "FIXED"}
    assert not found.token


def test_a_step_without_token_false_gets_the_token(tmp_path: Path) -> None:
    put(tmp_path, "a.yml", STEP.format(token=""))
    put(tmp_path, "b.yml", STEP.format(token=", token: true"))
    assert [one.token for one in passing_steps(tmp_path)] == [True, True]


def test_files_that_are_none_of_ours_or_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    assert list(passing_steps(tmp_path)) == []
    put(tmp_path, "broken.yml", "ALLCLEAR_STEP: [\n")
    put(tmp_path, "other.yml", "jobs: { a: { steps: [ { env: { X: 1 } } ] } }\n")
    for number, text in enumerate(("- ALLCLEAR_STEP", "jobs: ALLCLEAR_STEP", "jobs: { a: ALLCLEAR_STEP }")):
        put(tmp_path, f"odd-{number}.yml", text)
    put(
        tmp_path,
        "more.yml",
        "jobs: { a: { steps: ALLCLEAR_STEP }, b: { steps: [x, { env: ALLCLEAR_STEP }] } }\n",
    )
    shutil.copy(ROOT / ".github/workflows/respond.yml", tmp_path / ".github/workflows")
    assert list(passing_steps(tmp_path)) == []
