"""What GitHub's own validator, actionlint, zizmor and the published schemas say about the workflows."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from allclear import cli
from workflows.documents import ACTION, FOLDER, NAMES, ROOT

Tool = Callable[[str], Path]


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another repository, with an action of its own at the root, after `allclear init`."""
    repository = tmp_path_factory.mktemp("theirs")
    (repository / "action.yml").write_text("name: theirs\n")
    run("git", "init", "--quiet", repository)
    done = CliRunner().invoke(cli.main, ["init", str(repository)], catch_exceptions=False)
    assert done.exit_code == 0
    return repository


def run(*call: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in call],
        cwd=cwd,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def githubs_findings(tool: Tool, *files: Path) -> dict[str, list[str]]:
    script = Path(__file__).with_name("github.mjs")
    done = run("node", script, "validate", *files, ALLCLEAR_NODE_MODULES=str(tool("node")))
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.needs("node")
def test_githubs_own_validator_finds_nothing(tool: Tool, initialised: Path) -> None:
    files = [*(FOLDER / name for name in NAMES), ACTION, *sorted(initialised.glob(".github/workflows/*"))]
    files.append(initialised / ".github/allclear/action/action.yml")
    # All but ci.yml, proof.yml and release.yml are put into another repository, each with the action.
    assert len(files) == 2 * len(NAMES) - 1
    assert githubs_findings(tool, *files) == {str(file): [] for file in files}


@pytest.mark.needs("node")
def test_githubs_own_validator_would_find_something(tool: Tool, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text((FOLDER / "respond.yml").read_text().replace("issues: write", "isues: write"))
    worse = tmp_path / "action.yml"
    worse.write_text(ACTION.read_text().replace("using: composite", "using: compost"))
    found = githubs_findings(tool, bad, worse)
    assert "isues" in found[str(bad)][0]
    assert "compost" in found[str(worse)][0]


# What actionlint says of a key that GitHub has had since 2026-05-07 (rhysd/actionlint#654):
# https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
QUEUE = 'unexpected key "queue" for "concurrency" section'


def actionlint(tool: Tool, repository: Path) -> list[str]:
    return run(
        tool("actionlint"), "-no-color", "-oneline", "-shellcheck=", "-pyflakes=", cwd=repository
    ).stdout.splitlines()


@pytest.mark.needs("actionlint")
@pytest.mark.parametrize("where", ["here", "in another repository"])
def test_actionlint_finds_nothing_but_the_one_key_it_does_not_know(
    tool: Tool, initialised: Path, where: str
) -> None:
    """It holds inputs and outputs to the action as well, which it finds where `uses:` says."""
    (finding,) = actionlint(tool, ROOT if where == "here" else initialised)
    assert finding.startswith(".github/workflows/rollback-production.yml:")
    assert QUEUE in finding


@pytest.mark.needs("actionlint")
def test_actionlint_would_find_an_input_or_an_output_that_the_action_does_not_have(
    tool: Tool, initialised: Path, tmp_path: Path
) -> None:
    shutil.copytree(initialised / ".github", tmp_path / ".github")
    run("git", "init", "--quiet", tmp_path)
    file = tmp_path / ".github/workflows/respond.yml"
    file.write_text(
        file.read_text()
        .replace("door: respond", "dor: respond")
        .replace("outputs.hotfix }}", "outputs.hot }}")
    )
    found = " ".join(actionlint(tool, tmp_path))
    assert 'input "dor" is not defined' in found
    assert 'property "hot" is not defined' in found


def zizmor(tool: Tool, *inputs: Path) -> subprocess.CompletedProcess[str]:
    # Strict collection: a file that cannot be parsed is otherwise a WARN line and a clean result.
    return run(
        tool("zizmor"), "--offline", "--no-progress", "--persona", "auditor", "--strict-collection", *inputs
    )


@pytest.mark.needs("zizmor")
def test_zizmor_finds_nothing_as_an_auditor(tool: Tool) -> None:
    done = zizmor(tool, ROOT / ".github", ACTION)
    assert done.returncode == 0, done.stdout
    assert "WARN" not in done.stderr
    assert all(f".github/workflows/{name}" in done.stderr for name in NAMES)
    assert f"completed {ACTION}" in done.stderr


@pytest.mark.needs("zizmor")
def test_zizmor_does_not_pass_over_a_file_it_cannot_read(tool: Tool, tmp_path: Path) -> None:
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "broken.yml").write_text("on: push\njobs:\n  a: b: c\n")
    done = zizmor(tool, tmp_path)
    assert done.returncode != 0 or "WARN" in done.stderr


def test_each_exception_for_zizmor_says_why() -> None:
    lines = (ROOT / ".github/zizmor.yml").read_text().splitlines()
    for number, line in enumerate(lines):
        if line.lstrip().startswith(("- ", "disable:")):
            assert lines[number - 1].lstrip().startswith("# "), line


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.dependabot", ".github/dependabot.yml"),
        ("vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/incident.yml"),
        ("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        ("vendor.github-actions", "action.yml"),
        *[("vendor.github-workflows", f".github/workflows/{name}") for name in NAMES],
    ],
)
def test_each_file_follows_its_published_schema(schema: str, file: str) -> None:
    done = run(Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", schema, file)
    assert done.returncode == 0, done.stdout


def test_new_releases_wait_a_week_before_they_are_proposed() -> None:
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"pip", "github-actions", "npm"}
    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)
