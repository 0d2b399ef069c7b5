"""`allclear init --runbook NAME`: a repository begins with the form and the example settings of a runbook."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from allclear.adapters.files.settings import read_settings
from allclear.cli import main
from production.shipped import NAMES, lay_out


def allclear(*words: str) -> Result:
    return CliRunner().invoke(main, words, catch_exceptions=False)


@pytest.mark.parametrize("name", NAMES)
def test_a_repository_begins_with_the_settings_of_a_runbook_and_nobody_in_them(
    tmp_path: Path, name: str
) -> None:
    assert allclear("init", "--runbook", name, str(tmp_path)).exit_code == 0
    settings = read_settings(tmp_path)
    assert settings.runbook == name
    assert settings.people
    assert settings.named == ()
    assert settings.services


def test_without_a_name_it_begins_with_the_default_runbook_and_no_services(tmp_path: Path) -> None:
    assert allclear("init", str(tmp_path)).exit_code == 0
    settings = read_settings(tmp_path)
    assert (settings.runbook, settings.services, settings.named) == ("neutral", {}, ())
    assert list(settings.people) == ["On-call", "Backup On-call", "Engineering Manager"]
    said = allclear("check", str(tmp_path))
    assert (said.exit_code, said.stderr) == (0, "")


def test_what_it_writes_passes_the_check_once_the_scripts_are_there(tmp_path: Path) -> None:
    """The form as well: it offers the severities of the runbook."""
    name = "hotdash-agents"
    allclear("init", "--runbook", name, str(tmp_path))
    form = (tmp_path / ".github" / "ISSUE_TEMPLATE" / "incident.yml").read_text(encoding="utf-8")
    assert "P0 - CRITICAL (Page Immediately)" in form
    begun = (tmp_path / ".github" / "allclear.yml").read_text(encoding="utf-8")
    said = allclear("check", str(tmp_path))
    assert said.exit_code == 1
    assert "the script `scripts/monitoring/health-check.sh` does not exist" in said.stderr
    lay_out(name, tmp_path)
    (tmp_path / ".github" / "allclear.yml").write_text(begun, encoding="utf-8")
    said = allclear("check", str(tmp_path))
    assert (said.exit_code, said.stderr) == (0, "")
    assert "The title Manager has no login yet" in said.output


def test_settings_and_a_form_that_are_there_are_kept(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "allclear.yml").write_text("runbook: sev\n", encoding="utf-8")
    allclear("init", "--runbook", "neutral", str(tmp_path))
    assert (tmp_path / ".github" / "allclear.yml").read_text(encoding="utf-8") == "runbook: sev\n"
