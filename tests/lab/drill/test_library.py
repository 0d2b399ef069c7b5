"""Runbooks and scripts are found where teams keep them; a runbook without a script gets one."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from allclear.adapters.files.runbooks import read_runbook
from allclear.cli import main
from allclear.core.model.errors import SettingsError
from allclear_lab.drill.library import DrillLibrary
from allclear_lab.drill.made_script import made_script
from allclear_lab.drill.outline import ScriptError
from allclear_lab.drill.script import read_script
from lab.drill.conftest import HEAD, OPEN, TEMPLATES
from written import FILES, NAMES, runbook

SMALL = """\
name: mine
severities: { SEV1: { response: 10m }, SEV2: { response: next office day } }
chains: { on-call: [Reporter, Team Lead] }
"""


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A repository with a runbook of its own and no script for it."""
    folder = tmp_path / "repository/.github/allclear"
    (folder / "runbooks").mkdir(parents=True)
    (folder / "drills").mkdir()
    (folder / "runbooks/mine.yml").write_text(SMALL.replace("next office day", "1h"))
    return tmp_path / "repository"


@pytest.fixture
def library(team: Path, tmp_path: Path) -> DrillLibrary:
    return DrillLibrary(TEMPLATES, team, tmp_path / "played")


def test_without_a_word_the_default_drill_is_played(library: DrillLibrary) -> None:
    assert library.script(None, "").script.title == "HotDash: production down"


def test_a_team_s_own_script_counts_before_a_shipped_one(team: Path, library: DrillLibrary) -> None:
    (team / ".github/allclear/drills/hotdash.yml").write_text(HEAD + OPEN)
    found = library.script(None, "hotdash")
    assert (found.script.title, found.path) == ("A tile is gone", ".github/allclear/drills/hotdash.yml")


def test_a_script_may_lie_anywhere(library: DrillLibrary, tmp_path: Path) -> None:
    (tmp_path / "any.yml").write_text(HEAD + OPEN)
    found = library.script(tmp_path / "any.yml", "mine")
    assert (found.script.title, found.path) == ("A tile is gone", str(tmp_path / "any.yml"))


def test_a_runbook_without_a_script_gets_one(library: DrillLibrary) -> None:
    made = library.script(None, "mine").script
    assert made.title == "mine: SEV1"
    assert [step.does for step in made.steps[:2]] == ["open", "wait"]
    assert made.steps[1].at == "+21m"
    assert {title for person in made.people for title in person.titles} == {"Reporter", "Team Lead"}


@pytest.mark.parametrize("name", NAMES)
def test_every_runbook_makes_a_script_that_can_be_read(name: str) -> None:
    made = read_script(made_script(runbook(name)), "made").script
    assert any("/ack" in getattr(step, "text", "") for step in made.steps)
    assert runbook(name).first_responder in {title for one in made.people for title in one.titles}


def test_a_runbook_that_is_not_there_is_told_with_a_hint(library: DrillLibrary) -> None:
    with pytest.raises(ScriptError) as told:
        library.script(None, "mien")
    assert told.value.mistakes == ("There is no runbook `mien`; did you mean `mine`?",)


def test_a_runbook_with_a_mistake_is_told_with_its_line(team: Path, tmp_path: Path) -> None:
    (team / ".github/allclear/runbooks/mine.yml").write_text(f"{SMALL}default_severity: SEV9\n")
    library = DrillLibrary(TEMPLATES, team, tmp_path / "played")
    with pytest.raises(SettingsError, match="SEV9"):
        library.script(None, "mine")


def test_a_repository_s_templates_folder_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "repository/templates/runbooks").mkdir(parents=True)
    shutil.copy(FILES["shop"], tmp_path / "repository/templates/runbooks")
    library = DrillLibrary(TEMPLATES, tmp_path / "repository", tmp_path / "played")
    assert {"shop", "hotdash"} <= set(library.runbooks)
    assert read_runbook(tmp_path / "played", "shop").name == "shop"


def test_a_team_s_own_runbook_is_drilled(team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(team)
    done = CliRunner().invoke(main, ["drill", "--runbook", "mine", "--quiet"])
    assert (done.exit_code, done.output) == (0, "It ended as the script expects.\n")
