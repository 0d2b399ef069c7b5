from __future__ import annotations

import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from allclear import cli, cli_init
from allclear.adapters.files.settings import read_settings
from allclear.commands import COMMANDS
from allclear.commands.help import command_table
from allclear.core.record.seal import parse_keys
from terminal import on_a_terminal

ROOT = Path(__file__).resolve().parents[1]
DOORS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPT = """\
title: A tile is gone
start: 2025-10-19T09:00:00Z
people: [{ login: ann, role: maintain }]
steps: [{ who: ann, does: open, title: "[INCIDENT P2] A tile is gone", labels: [incident, P2] }]
"""


def allclear(*words: str) -> Result:
    return CliRunner().invoke(cli.main, words, catch_exceptions=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".github").mkdir()
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    return tmp_path


def test_without_a_word_it_says_what_there_is() -> None:
    shown = allclear("--help").output
    for name in ("drill", "lab", "check", "init", "commands"):
        assert name in shown


def test_it_knows_its_version_also_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert allclear("--version").output.startswith("allclear, version ")
    monkeypatch.setattr(sys, "argv", ["allclear", "--version"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("allclear", run_name="__main__")
    assert left.value.code == 0
    assert "version" in capsys.readouterr().out


def test_help_imports_neither_rich_nor_the_embedded_github() -> None:
    loaded = "[name for name in ('rich', 'werkzeug', 'github') if name in sys.modules]"
    code = (
        f"import sys; from allclear import cli; cli.main(['--help'], standalone_mode=False); print({loaded})"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert shown.stdout.rstrip().endswith("[]")


def test_a_drill_of_ones_own_ends_with_0_when_it_went_as_expected(tmp_path: Path) -> None:
    script = tmp_path / "mine.yml"
    script.write_text(SCRIPT + "end: { stage: open }\n")
    result = allclear("drill", "--script", str(script), "--out", str(tmp_path / "out"), "--quiet")
    assert (result.exit_code, result.output) == (0, "It ended as the script expects.\n")
    assert (tmp_path / "out" / "transcript.html").is_file()


def test_it_ends_with_1_when_not_and_names_step_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yml").write_text(SCRIPT + "end: { stage: closed }\n")
    result = allclear("drill", "--script", "mine.yml", "--out", "out", "--quiet")
    assert result.exit_code == 1
    assert "the end (mine.yml, line 5): expected the stage 'closed', and it is 'open'" in result.output


def test_a_lab_says_where_it_is_and_who_is_there_and_ends_by_itself(tmp_path: Path) -> None:
    script = tmp_path / "mine.yml"
    script.write_text(SCRIPT)
    result = allclear("lab", "--script", str(script), "--for", "0", "--speed", "60")
    assert result.exit_code == 0
    assert "http://127.0.0.1:" in result.output
    assert "ann  ghp_" in result.output
    assert "60 times as fast" in result.output
    assert result.output.rstrip().endswith("The lab has ended; nothing of it is left.")


def test_a_lab_says_that_its_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = allclear("lab", "--port", str(port), "--for", "0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"port {port} cannot be used: Address already in use" in result.stderr


def test_a_lab_whose_script_cannot_be_read_ends_with_2(tmp_path: Path) -> None:
    script = tmp_path / "mine.yml"
    assert "cannot be read" in allclear("lab", "--script", str(script)).stderr
    script.write_text("title: x\n")
    result = allclear("lab", "--script", str(script))
    assert (result.exit_code, "line 1: `start` is missing" in result.stderr) == (2, True)


@pytest.fixture
def written(repository: Path) -> Path:
    """A repository with a runbook of its own, in the new language."""
    folder = repository / ".github" / "allclear" / "runbooks"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "templates" / "runbooks" / "hotdash.yml", folder / "hotdash.yml")
    return repository


def test_a_runbook_is_shown_as_a_document(written: Path, tmp_path: Path) -> None:
    shown = allclear("runbook", "show", "hotdash", "--root", str(written))
    assert shown.exit_code == 0
    assert shown.output.startswith("# HotDash")
    assert "```mermaid" in shown.output
    out = tmp_path / "docs" / "hotdash.md"
    assert allclear("runbook", "show", "hotdash", "--root", str(written), "--out", str(out)).output == ""
    assert out.read_text() == shown.output


def test_a_runbook_is_set_for_reading_on_a_terminal(written: Path) -> None:
    program = str(Path(sys.executable).with_name("allclear"))
    shown = on_a_terminal([program, "runbook", "show", "hotdash"], written, {"NO_COLOR": "1"})
    assert "Which severity is it?" in shown
    assert "## Which" not in shown


def test_the_lines_of_each_rule_are_told(written: Path) -> None:
    shown = allclear("runbook", "items", "hotdash", "--root", str(written))
    assert shown.output.startswith("000-01: 13, 88\n000-02: 26\n")
    assert "000-08: engine\n" in shown.output


def test_a_runbook_that_extends_another_shows_what_is_other_in_it(written: Path) -> None:
    mine = written / ".github" / "allclear" / "runbooks" / "mine.yml"
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("name: mine\nextends: hotdash\nseverities: { P0: { response: 7m } }\n", encoding="utf-8")
    shown = allclear("runbook", "show", "mine", "--root", str(written)).stdout
    assert "## What is other than in `hotdash`" in shown
    assert "| `severities.P0.response` | `5m` | `7m` |" in shown
    assert "What is other" not in allclear("runbook", "show", "hotdash", "--root", str(written)).stdout


def test_what_is_wrong_with_a_runbook_is_said_and_only_a_warning_lets_it_be_shown(written: Path) -> None:
    folder = written / ".github" / "allclear" / "runbooks"
    text = (
        "name: mine\nseverities: { SEV1: { response: 2h }, SEV2: { response: 1h } }\nchains: { a: [Lead] }\n"
    )
    (folder / "mine.yml").write_text(text)
    shown = allclear("runbook", "show", "mine", "--root", str(written))
    assert (shown.exit_code, shown.stdout[:6]) == (0, "# mine")
    assert "line 2: `severities.SEV2.response`: SEV2 is answered within 1h, sooner" in shown.stderr
    (folder / "mine.yml").write_text(f"{text}default_severity: SEV3\n")
    shown = allclear("runbook", "items", "mine", "--root", str(written))
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "line 4: `default_severity`: no severity 'SEV3'" in shown.stderr
    shown = allclear("runbook", "show", "nobody", "--root", str(written))
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "no runbook 'nobody'" in shown.stderr


def test_the_coverage_of_a_runbook_is_a_page_and_says_what_it_lacks(written: Path, tmp_path: Path) -> None:
    proof = tmp_path / "proof.yml"
    proof.write_text("tests: { 000-01: tests/x.py }\ntext: { 000-31: nobody can check it }\n")
    words = ("runbook", "coverage", "hotdash", "--proof", str(proof), "--root", str(written))
    shown = allclear(*words)
    assert shown.exit_code == 1
    assert "| executed | `tests/x.py` |" in shown.stdout
    assert "000-02 is executed: name the test that shows it" in shown.stderr


def test_reference_prints_the_page_and_the_schema_that_the_repository_has() -> None:
    docs = ROOT / "docs"
    assert allclear("reference", "settings").output == (docs / "settings.md").read_text()
    assert allclear("reference", "runbook", "--schema").output == (docs / "schema/runbook.json").read_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: x\n", "line 1: `start` is missing"),
        ("\udc80", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_it_ends_with_2_when_the_script_cannot_be_played(tmp_path: Path, text: str | None, told: str) -> None:
    script = tmp_path / "mine.yml"
    if text is not None:
        script.write_bytes(text.encode(errors="surrogateescape"))
    result = allclear("drill", "--script", str(script), "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_runbook_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path) -> None:
    result = allclear("drill", "--runbook", "../../etc", "--out", str(tmp_path))
    assert result.exit_code == 2
    assert "There is no runbook `../../etc`; there are" in result.stderr
    assert "hotdash" in result.stderr


def test_templates_are_found_beside_an_installed_package_and_at_the_top_of_a_checkout(tmp_path: Path) -> None:
    package = tmp_path / "scripts" / "allclear"
    package.mkdir(parents=True)
    assert cli.templates_of(package) == tmp_path / "templates"
    assert cli.workflows_of(package) == tmp_path / ".github" / "workflows"
    assert cli.action_of(package) == tmp_path / "action.yml"
    (package / "templates").mkdir()
    (package / "workflows").mkdir()
    (package / "action.yml").touch()
    assert cli.templates_of(package) == package / "templates"
    assert cli.workflows_of(package) == package / "workflows"
    assert cli.action_of(package) == package / "action.yml"


def test_check_says_that_all_is_in_order_and_who_is_missing(repository: Path) -> None:
    (repository / ".github" / "allclear.yml").write_text("people: { On-call: [ann] }\n")
    result = allclear("check", str(repository))
    assert result.exit_code == 0
    assert "are in order; `neutral` is in force." in result.output
    assert "The title Engineering Manager has no login yet" in result.output
    assert "The title On-call" not in result.output


def test_check_names_every_title_of_the_runbook_that_nobody_fills(tmp_path: Path) -> None:
    own = tmp_path / ".github" / "allclear" / "runbooks" / "mine.yml"
    own.parent.mkdir(parents=True)
    own.write_text(
        "name: mine\nextends: neutral\n"
        "rules: { all: { for: P0, tell: [All hands, ic, On-call] } }\n"
        "contacts: { CEO: { note: P0 only }, Night Shift: { phone: '1' } }\n"
        "review: { meeting: { invite: [ic, responders, CEO] } }\n"
        "routines: { backups: { every: mon 09:00, to: Night Shift } }\n"
    )
    allclear("init", "--runbook", "mine", str(tmp_path))
    said = allclear("check", str(tmp_path))
    assert said.exit_code == 0
    assert re.findall("The title (.*) has no login yet", said.output) == [
        "Backup On-call",
        "CEO",
        "Engineering Manager",
        "Night Shift",
        "On-call",
    ]


def test_what_is_hardly_meant_is_told_and_is_no_mistake(tmp_path: Path) -> None:
    own = tmp_path / ".github" / "allclear" / "runbooks" / "mine.yml"
    own.parent.mkdir(parents=True)
    own.write_text("name: mine\nextends: neutral\nseverities:\n  P1: { response: 1m }\n")
    allclear("init", "--runbook", "mine", str(tmp_path))
    said = allclear("check", str(tmp_path))
    assert said.exit_code == 0
    assert (
        "mine.yml` line 4: `severities.P1.response`: P1 is answered within 1m, sooner than P0" in said.output
    )


def test_check_warns_of_evidence_that_everybody_could_read(repository: Path) -> None:
    (repository / ".github" / "allclear.yml").write_text("public_evidence: true\n")
    result = allclear("check", str(repository))
    assert result.exit_code == 0
    assert (
        "`public_evidence` is on: if this repository is public, everybody who is signed in" in result.output
    )


def test_check_names_file_line_and_fix(repository: Path) -> None:
    (repository / ".github" / "allclear.yml").write_text("runbook: hotdash\npeple: {}\n")
    runbook = repository / "templates" / "runbooks" / "hotdash.yml"
    runbook.write_text(runbook.read_text().replace("title: HotDash", "titel: HotDash"))
    result = allclear("check", str(repository))
    assert result.exit_code == 1
    assert "`.github/allclear.yml` line 2: `peple`" in result.stderr
    assert "did you mean `people`?" in result.stderr
    assert "`templates/runbooks/hotdash.yml` line 3: `titel` is not a part of a runbook" in result.stderr


def test_check_renders_every_text_of_every_runbook(repository: Path) -> None:
    runbook = repository / "templates" / "runbooks" / "hotdash.yml"
    lines = runbook.read_text().replace("{{ time }}", "{{ tiem }}").splitlines(keepends=True)
    runbook.write_text("".join(lines))
    line = next(number for number, text in enumerate(lines, start=1) if "tiem" in text)
    result = allclear("check", str(repository))
    assert result.exit_code == 1
    assert f"`templates/runbooks/hotdash.yml` line {line}: `voices.team.at.update.text`" in result.stderr
    assert "no value 'tiem'; did you mean 'time'?" in result.stderr


@pytest.mark.parametrize(
    ("name", "old", "new", "hint"),
    [
        ("panel", "{{ clock.length }}", "{{ clock.lenght }}", "has no attribute 'lenght'. Mend"),
        ("postmortem", "{{ root_cause }}", "{{ root_causes }}", "did you mean `root_cause`?"),
        ("pull_request", "{{ user_impact }}", "{{ impact_user }}", "`impact_user` is not a value of this"),
        ("hotfix", "{% if drill %}", "{% if dril %}", "did you mean `drill`?"),
        ("answer", "{{ mark }}", "{{ marks }}", "did you mean `mark`?"),
        ("notice", "{{ sign }}", "{{ sing }}", "did you mean `sign`?"),
    ],
)
def test_check_renders_every_template(repository: Path, name: str, old: str, new: str, hint: str) -> None:
    file = repository / "templates" / f"{name}.md.j2"
    lines = file.read_text().replace(old, new, 1).splitlines(keepends=True)
    file.write_text("".join(lines))
    line = next(number for number, text in enumerate(lines, start=1) if new in text)
    result = allclear("check", str(repository))
    assert result.exit_code == 1
    (told,) = result.stderr.splitlines()
    assert f"`templates/{name}.md.j2` line {line}" in told
    assert hint in told


def test_check_blames_the_setting_for_a_runbook_that_is_not_there(repository: Path) -> None:
    (repository / ".github" / "allclear.yml").write_text("zone: UTC\nrunbook: hotdahs\n")
    (told,) = allclear("check", str(repository)).stderr.splitlines()
    gone = "`templates/runbooks/hotdahs.yml` does not exist; did you mean `hotdash`?"
    assert told == f"`.github/allclear.yml` line 2: `runbook`: {gone}"


def test_check_says_where_a_runbook_comes_from_when_there_is_none(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / "templates").mkdir()
    result = allclear("check", str(tmp_path))
    assert result.exit_code == 1
    assert "does not exist; `allclear init` writes one." in result.stderr


def test_init_with_a_release_copies_workflows_that_pin_it_and_no_code(tmp_path: Path) -> None:
    pin = f"acme/allclear@{'0123456789' * 4}"
    result = allclear("init", str(tmp_path), "--release", pin)
    assert result.exit_code == 0
    there = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert {name for name in there if not name.startswith(".github/workflows/")} == {
        ".github/allclear.yml",
        ".github/ISSUE_TEMPLATE/incident.yml",
    }
    for file in (tmp_path / ".github/workflows").iterdir():
        here = (ROOT / ".github/workflows" / file.name).read_text()
        assert file.read_text() == here.replace("uses: ./\n", f"uses: {pin}\n")
        assert pin in file.read_text()
    assert allclear("check", str(tmp_path)).exit_code == 0


@pytest.mark.parametrize("pin", ["acme/allclear", "acme/allclear@v1", "a/b@" + "g" * 40, "a/b/c@" + "0" * 40])
def test_a_release_is_pinned_by_its_whole_commit(tmp_path: Path, pin: str) -> None:
    result = allclear("init", str(tmp_path), "--release", pin)
    assert result.exit_code == 2
    assert "by its whole commit" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_repository_without_templates_uses_those_of_the_allclear_that_runs(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/allclear.yml").write_text("runbook: neutral\n")
    result = allclear("check", str(tmp_path))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "`neutral` is in force." in result.stdout


def test_check_looks_at_the_services_and_every_provider(repository: Path) -> None:
    (repository / ".github" / "allclear.yml").write_text("services: { web: { provider: flyy } }\n")
    result = allclear("check", str(repository))
    assert result.exit_code == 1
    assert "`services.web.provider` is `flyy`" in result.stderr
    (repository / "templates" / "providers").mkdir(exist_ok=True)
    (repository / "templates" / "providers" / "own.yml").write_text("titel: Mine\n")
    result = allclear("check", str(repository))
    assert "`templates/providers/own.yml` line 1: `titel` is not a part of a provider" in result.stderr


def test_check_shows_the_line_that_passes_a_secret_which_no_workflow_passes(tmp_path: Path) -> None:
    allclear("init", str(tmp_path))
    settings = tmp_path / ".github" / "allclear.yml"
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "restart").touch()
    settings.write_text(
        "actions: { restart: { title: Restart, run: [ops/restart], env: [SSH_KEY, DEPLOY_TOKEN] } }\n"
    )
    result = allclear("check", str(tmp_path))
    assert result.exit_code == 1
    (line,) = [one for one in result.stderr.splitlines() if "SSH_KEY" in one]
    assert "rollback-production.yml` line " in line
    assert "`actions.restart` names" in line
    assert "DEPLOY_TOKEN" not in result.stderr
    workflow = tmp_path / ".github" / "workflows" / "rollback-production.yml"
    added = line.rpartition("env:`: `")[2].rstrip("`")
    place = "          ALLCLEAR_STEP: act\n"
    workflow.write_text(workflow.read_text().replace(place, f"{place}          {added}\n"))
    assert allclear("check", str(tmp_path)).exit_code == 0


def test_init_puts_in_what_a_repository_needs_and_overwrites_nothing(tmp_path: Path) -> None:
    mine = tmp_path / ".github" / "ISSUE_TEMPLATE" / "incident.yml"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")
    result = allclear("init", str(tmp_path))
    assert result.exit_code == 0
    assert "Your own .github/ISSUE_TEMPLATE/incident.yml differs and was kept." in result.output
    assert "Next:" in result.output
    assert mine.read_text() == "mine\n"
    doors = {f".github/workflows/{file.name}" for file in DOORS if "door:" in file.read_text()}
    assert {".github/workflows/rollback-production.yml", ".github/workflows/smoke.yml"} <= doors
    for path in (
        *sorted(doors),
        "scripts/rollback.py",
        "templates/providers/fly.yml",
        ".github/allclear.yml",
        "scripts/respond.py",
        "scripts/allclear/app.py",
        "templates/panel.md.j2",
        "templates/runbooks/hotdash.yml",
        "requirements/run.txt",
        ".github/allclear/action/action.yml",
    ):
        assert (tmp_path / path).is_file()
    assert not list(tmp_path.rglob("allclear_lab"))
    assert allclear("check", str(tmp_path)).exit_code == 0
    (tmp_path / ".github" / "allclear.yml").write_text("runbook: hotdash\n")
    assert allclear("init", str(tmp_path)).output.startswith("0 files were written.\n")
    assert (tmp_path / ".github" / "allclear.yml").read_text() == "runbook: hotdash\n"


def test_init_writes_the_form_and_the_settings_of_the_runbook(tmp_path: Path) -> None:
    result = allclear("init", "--runbook", "pagerduty", str(tmp_path))
    assert "Write who is IC On-call, Backup IC, Whole Team, First Engineer, " in result.output
    settings = (tmp_path / ".github" / "allclear.yml").read_text()
    assert "runbook: pagerduty\n" in settings
    assert "  IC On-call: []\n" in settings
    form = (tmp_path / ".github" / "ISSUE_TEMPLATE" / "incident.yml").read_text()
    assert form == allclear("runbook", "form", "pagerduty", "--root", str(tmp_path)).output
    assert allclear("check", str(tmp_path)).exit_code == 0


def test_init_names_the_actions_of_the_runbook_that_have_no_command_yet(tmp_path: Path) -> None:
    own = tmp_path / ".github" / "allclear" / "runbooks" / "mine.yml"
    own.parent.mkdir(parents=True)
    own.write_text("name: mine\nextends: hotdash\n")
    result = allclear("init", "--runbook", "mine", str(tmp_path))
    assert "Write the commands of its actions there as well: secrets-set, apps-restart" in result.output
    settings = tmp_path / ".github" / "allclear.yml"
    assert "the settings have no action `secrets-set`" in allclear("check", str(tmp_path)).stderr
    head, _, actions = settings.read_text().partition("# actions:")
    settings.write_text(f"{head}actions:{actions.replace(chr(10) + '# ', chr(10))}")
    for name in ("secrets-set", "apps-restart"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).touch()
    assert allclear("check", str(tmp_path)).exit_code == 0


def test_init_takes_a_runbook_of_the_repository_itself(tmp_path: Path) -> None:
    own = tmp_path / ".github" / "allclear" / "runbooks" / "mine.yml"
    own.parent.mkdir(parents=True)
    own.write_text("name: mine\nextends: neutral\nzone: Europe/Berlin\nseverities: { P3: none }\n")
    assert allclear("init", "--runbook", "mine", str(tmp_path)).exit_code == 0
    form = (tmp_path / ".github" / "ISSUE_TEMPLATE" / "incident.yml").read_text()
    assert "P2 - Medium" in form
    assert "P3 - Low" not in form
    assert "In Europe/Berlin." in form
    assert allclear("check", str(tmp_path)).exit_code == 0


def test_init_refuses_a_runbook_that_is_not_there_and_writes_nothing(tmp_path: Path) -> None:
    result = allclear("init", "--runbook", "neutrall", str(tmp_path))
    assert result.exit_code == 2
    assert "There is no runbook 'neutrall'; did you mean `neutral`?" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_refuses_a_runbook_with_a_mistake(tmp_path: Path) -> None:
    own = tmp_path / ".github" / "allclear" / "runbooks" / "mine.yml"
    own.parent.mkdir(parents=True)
    own.write_text("name: mine\nextends: neutral\nzonne: UTC\n")
    result = allclear("init", "--runbook", "mine", str(tmp_path))
    assert result.exit_code == 2
    assert "line 3: `zonne` is not a part of a runbook; did you mean `zone`?" in result.stderr


def test_init_says_that_the_settings_name_another_runbook(tmp_path: Path) -> None:
    settings = tmp_path / ".github" / "allclear.yml"
    settings.parent.mkdir()
    settings.write_text("runbook: neutral\nlabels: { incident: outage }\n")
    result = allclear("init", "--runbook", "sev", str(tmp_path))
    assert "It names another runbook: write `runbook: sev` there." in result.output
    assert 'labels: ["outage"]' in (tmp_path / ".github" / "ISSUE_TEMPLATE" / "incident.yml").read_text()


def test_the_form_of_this_repository_is_that_of_its_runbook() -> None:
    chosen = read_settings(ROOT).runbook
    printed = allclear("runbook", "form", chosen, "--root", str(ROOT)).output
    kept = (ROOT / ".github" / "ISSUE_TEMPLATE" / "incident.yml").read_text()
    assert kept == printed, f"allclear runbook form {chosen} > .github/ISSUE_TEMPLATE/incident.yml"


def test_a_form_needs_a_runbook_and_settings_that_can_be_read(tmp_path: Path) -> None:
    assert allclear("runbook", "form", "nobody", "--root", str(ROOT)).exit_code == 2
    allclear("init", str(tmp_path))
    (tmp_path / ".github" / "allclear.yml").write_text("zonne: UTC\n")
    result = allclear("runbook", "form", "neutral", "--root", str(tmp_path))
    assert result.exit_code == 2
    assert "did you mean `zone`?" in result.stderr


def test_check_says_that_a_form_is_older_than_its_runbook(tmp_path: Path) -> None:
    allclear("init", str(tmp_path))
    form = tmp_path / ".github" / "ISSUE_TEMPLATE" / "incident.yml"
    form.write_text(form.read_text().replace("Money is lost", "Money was lost").replace("In UTC.", "In CET."))
    result = allclear("check", str(tmp_path))
    assert result.exit_code == 1
    first, second = result.stderr.splitlines()
    assert "the runbook says otherwise what `P0` means; `allclear runbook form neutral` prints" in first
    assert "times are read in `UTC`, not in `CET`" in second


def test_init_leaves_an_action_at_the_root_alone_and_has_its_workflows_use_its_own(tmp_path: Path) -> None:
    (tmp_path / "action.yml").write_text("name: mine\n")
    assert "Kept yours" not in allclear("init", str(tmp_path)).output
    assert (tmp_path / "action.yml").read_text() == "name: mine\n"
    ours = tmp_path / ".github/allclear/action/action.yml"
    assert ours.read_text() == (ROOT / "action.yml").read_text()
    for file in (tmp_path / ".github/workflows").glob("*.yml"):
        here = (ROOT / ".github/workflows" / file.name).read_text()
        assert file.read_text() == here.replace("uses: ./\n", "uses: ./.github/allclear/action\n")
        used = re.findall(r"uses: \./(.*)", file.read_text())
        assert {tmp_path / path / "action.yml" for path in used} == {ours}


def test_check_says_that_a_form_does_not_name_the_zone_its_answers_are_read_in(tmp_path: Path) -> None:
    allclear("init", str(tmp_path))
    (tmp_path / ".github" / "allclear.yml").write_text("runbook: neutral\nzone: Europe/Berlin\n")
    form = tmp_path / ".github" / "ISSUE_TEMPLATE" / "incident.yml"
    form.write_text(form.read_text().replace("In UTC.", "In Europe/Berlin."))
    told = allclear("check", str(tmp_path)).stderr
    assert "what is answered here is read in UTC, for the label names no zone" in told
    form.write_text(form.read_text().replace("Started (UTC)", "Started (Europe/Berlin)"))
    assert "zone" not in allclear("check", str(tmp_path)).stderr


def test_init_does_not_overwrite_an_action_of_ours_that_was_changed(tmp_path: Path) -> None:
    allclear("init", str(tmp_path))
    ours = tmp_path / ".github/allclear/action/action.yml"
    ours.write_text("name: changed\n")
    assert (
        "Your own .github/allclear/action/action.yml differs and was kept."
        in allclear("init", str(tmp_path)).output
    )
    assert ours.read_text() == "name: changed\n"


def test_what_init_puts_in_can_run_without_the_packages_for_people(tmp_path: Path) -> None:
    allclear("init", str(tmp_path))
    for name in ("click", "rich", "werkzeug"):
        for path in (tmp_path / "scripts").rglob("*.py"):
            assert f"import {name}" not in path.read_text()


def test_init_refuses_its_own_checkout() -> None:
    result = allclear("init", str(ROOT))
    assert result.exit_code == 2
    assert "Give the path of your repository" in result.stderr


def test_init_needs_a_checkout_to_copy_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_init, "PACKAGE", tmp_path / "site-packages" / "allclear")
    result = allclear("init", str(tmp_path))
    assert result.exit_code == 2
    assert "copies from a checkout" in result.stderr


def test_a_key_goes_into_a_pipe_and_each_is_another() -> None:
    first, second = (allclear("key").output for _ in range(2))
    assert first != second
    for made in (first, second):
        ring = parse_keys(made)
        assert ring is not None
        assert ring.horizon - timedelta(days=1) <= datetime.now(UTC) + timedelta(minutes=1)


def test_on_a_terminal_no_key_is_shown_and_none_is_made(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    call = [sys.executable, "-m", "allclear", "key"]
    shown = on_a_terminal(call, tmp_path, env | {"PYTHONPATH": str(ROOT / "scripts")})
    assert "allclear key | gh secret set ALLCLEAR_KEY" in shown
    assert "ac1-" not in shown
    shown = on_a_terminal(
        [*call, "--environment", "record"], tmp_path, env | {"PYTHONPATH": str(ROOT / "scripts")}
    )
    assert "allclear key | gh secret set ALLCLEAR_KEY --env record" in shown


def test_a_key_is_handed_to_gh_without_showing_it(tmp_path: Path) -> None:
    """A program called gh stands for GitHub's: it writes down what it was given."""
    program = tmp_path / "gh"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words\ncat > {tmp_path}/given\nexit 3\n')
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "scripts")}
    call = [sys.executable, "-m", "allclear", "key", "--set", "--environment", "record"]
    done = subprocess.run(call, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")
    assert (tmp_path / "words").read_text() == "secret set ALLCLEAR_KEY --env record\n"
    assert parse_keys((tmp_path / "given").read_text()) is not None


def test_without_gh_it_says_how_to_hand_a_key_to_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = allclear("key", "--set")
    assert result.exit_code == 2
    assert "With it: allclear key | gh secret set ALLCLEAR_KEY" in result.stderr
    assert "ac1-" not in result.output


def test_init_and_check_say_how_to_sign_the_record(tmp_path: Path) -> None:
    assert "allclear key | gh secret set ALLCLEAR_KEY" in allclear("init", str(tmp_path)).output
    assert "allclear key | gh secret set ALLCLEAR_KEY" in allclear("check", str(tmp_path)).output


def test_commands_prints_the_table_of_the_code() -> None:
    assert allclear("commands").output == command_table(COMMANDS) + "\n"


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
@pytest.mark.parametrize(
    "words", [["drill", "--script", "mine.yml"], ["drill", "--script", "none.yml"]], ids=["drill", "mistake"]
)
def test_on_a_terminal_there_are_colours_unless_somebody_wants_none(
    tmp_path: Path, words: list[str], no_color: str, coloured: bool
) -> None:
    (tmp_path / "mine.yml").write_text(SCRIPT)
    env = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR")}
    call = [sys.executable, "-m", "allclear", *words]
    shown = on_a_terminal(call, tmp_path, env | {"NO_COLOR": no_color, "PYTHONPATH": str(ROOT / "scripts")})
    assert "It ended as the script expects." in shown or "none.yml cannot be read" in shown
    assert ("\033" in shown) is coloured


def test_outside_of_a_repository_check_says_so(tmp_path: Path) -> None:
    result = allclear("check", str(tmp_path))
    assert result.exit_code == 2
    assert "is no repository with Allclear in it" in result.stderr


FORM = """\
name: Incident
labels: [bug]
body:
  - type: dropdown
    id: severity
    attributes:
      label: Severity
      options:
        - P0 - Critical
        - SEV9 - Whatever
        - P2 - Medium
        - Not sure
  - type: dropdown
    id: detected
    attributes:
      label: Detected by
      options:
        - user report
        - Monitoring alarm
        - Internal discovery
"""


def test_check_looks_at_the_form(repository: Path) -> None:
    form = repository / ".github" / "ISSUE_TEMPLATE" / "incident.yml"
    form.parent.mkdir(parents=True, exist_ok=True)
    form.write_text(FORM)
    result = allclear("check", str(repository))
    assert result.exit_code == 1
    shown = "`.github/ISSUE_TEMPLATE/incident.yml`"
    label, *options = result.stderr.splitlines()
    assert label.startswith(f"{shown} line 2: the form does not set `incident`")
    assert options == [
        f"{shown} line 10: `SEV9 - Whatever` is no severity of `neutral`; there are `P0`, `P1`, `P2`, `P3`.",
        f"{shown} line 8: `P1` is not offered; add `P1 - High` to the `options`.",
        f"{shown} line 8: `P3` is not offered; add `P3 - Low` to the `options`.",
        (
            f"{shown} line 19: `Monitoring alarm` is no `detection` of `neutral`; did you mean "
            "`Monitoring alert`?"
        ),
        f"{shown} line 17: `Monitoring alert` is not offered; add it to the `options`.",
        f"{shown} line 17: `Automated check failure` is not offered; add it to the `options`.",
    ]
    form.write_text("- [\n")
    assert f"{shown} line 2: this is not YAML" in allclear("check", str(repository)).stderr


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("people:\n  On-cal: [bob]\n", {2: "did you mean `On-call`?"}),
        (
            "zone: UTC\nrights:\n  rolback: admin\n",
            {3: "`rolback` is not a command; did you mean `rollback`?"},
        ),
        ("status_page: nowhere\n", {1: "`nowhere` is no address"}),
        ("services:\n  api: {}\n  web:\n    provider: flyy\n", {4: "`services.web.provider` is `flyy`"}),
        (
            (
                "runbook: hotdash\nservices:\n  web:\n    health: ['https://x.io']\n"
                "    recovery:\n      p59: { run: [x] }\n"
            ),
            {4: "its host is not listed", 6: "did you mean `p95`?"},
        ),
        ("runbook: Hot Dash\nhosts: ['a b']\n", {1: "`runbook`: write lower-case", 2: "the name of a host"}),
        ("zone: UTC\nqqqq: 1\nwwww: 1\n", {2: "`qqqq` is not a setting", 3: "`wwww` is not a setting"}),
        ("labels:\n  incident: 'a,b'\n", {2: "write the name of a label: one line without a comma"}),
    ],
)
def test_every_mistake_is_a_line_with_file_and_line(
    repository: Path, text: str, lines: dict[int, str]
) -> None:
    (repository / ".github" / "allclear.yml").write_text(text)
    result = allclear("check", str(repository))
    assert result.exit_code == 1
    said = [one for one in result.stderr.splitlines() if one.startswith("`.github/")]
    for line, what in lines.items():
        assert [one for one in said if f"`.github/allclear.yml` line {line}: " in one and what in one], said
    assert len(said) == len(lines)
    assert "^" not in result.stderr
