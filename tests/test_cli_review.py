"""`allclear review`: a post-mortem is looked at before its pull request is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from allclear import cli
from core.postmortem.defects import HOTDASH, below
from core.postmortem.reports import finished


def review(*words: str) -> Result:
    return CliRunner().invoke(cli.main, ["review", *words], catch_exceptions=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".github").mkdir()
    (tmp_path / "templates").symlink_to(Path(__file__).resolve().parents[1] / "templates")
    (tmp_path / ".github" / "allclear.yml").write_text("runbook: hotdash\n", encoding="utf-8")
    return tmp_path


def test_a_report_in_order_holds_nothing(root: Path) -> None:
    file = root / "report.md"
    file.write_text(finished(0, "hotdash"), encoding="utf-8")
    said = review(str(file), "--root", str(root))
    assert (said.exit_code, said.output) == (0, "Nothing holds the publication.\n")


def test_each_remark_names_the_file_the_line_and_what_to_do(root: Path) -> None:
    file = root / "report.md"
    file.write_text(HOTDASH["an action of nobody"][1](finished(0, "hotdash")), encoding="utf-8")
    said = review(str(file), "--root", str(root))
    number = next(n for n, line in enumerate(file.read_text().split("\n"), 1) if "owner: nobody yet" in line)
    assert said.exit_code == 1
    assert f"{file}:{number}: mend: " in said.output
    assert "Name one person: `(owner: login, due: 2026-12-01)`." in said.output
    assert said.output.endswith("1 to mend before it can be published.\n")


def test_hints_alone_hold_nothing_and_nothing_is_shown_that_a_terminal_obeys(root: Path) -> None:
    file = root / "report.md"
    text = below("Root Cause", "This was human error\x1b[31m, careless.")(finished(0, "hotdash"))
    file.write_text(text, encoding="utf-8")
    said = review(str(file), "--root", str(root))
    assert said.exit_code == 0
    assert ": hint: " in said.output
    assert "\x1b" not in said.output


def test_the_sections_are_those_of_the_runbook_that_the_report_names(root: Path) -> None:
    (root / ".github" / "allclear.yml").write_text("runbook: sev\n", encoding="utf-8")
    file = root / "report.md"
    file.write_text(finished(0, "hotdash"), encoding="utf-8")
    assert review(str(file), "--root", str(root)).exit_code == 0
    file.write_text(finished(0, "hotdash").replace("runbook: hotdash", "runbook: gone"), encoding="utf-8")
    assert 'section "Summary" is missing' in review(str(file), "--root", str(root)).output


def test_a_broken_runbook_leaves_the_one_in_force(root: Path) -> None:
    folder = root / ".github" / "allclear" / "runbooks"
    folder.mkdir(parents=True)
    (folder / "ours.yml").write_text("name: ours\nseverities: 3\n", encoding="utf-8")
    file = root / "report.md"
    file.write_text(finished(0, "hotdash").replace("runbook: hotdash", "runbook: ours"), encoding="utf-8")
    assert review(str(file), "--root", str(root)).exit_code == 0


def test_bytes_that_are_no_text_are_looked_at_all_the_same(root: Path) -> None:
    file = root / "report.md"
    file.write_bytes(b"\xff\xfe\x00## Root Cause\n")
    assert review(str(file), "--root", str(root)).exit_code == 1
