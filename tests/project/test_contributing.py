"""What the contributing page promises, done."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
KINDS = (
    "actions",
    "attestations",
    "contents",
    "deployments",
    "id-token",
    "issues",
    "pull-requests",
    "statuses",
)
PAGE = (ROOT / "CONTRIBUTING.md").read_text()


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ["scripts", "templates", ".github"]:
        shutil.copytree(ROOT / name, tmp_path / name)  # with what Python compiled of it: that takes seconds
    return tmp_path


def python(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, *arguments]
    env = {"PYTHONPATH": str(checkout / "scripts"), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        call, cwd=checkout, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_example_command_is_one_file_and_nothing_else(checkout: Path) -> None:
    code = block("python")
    (checkout / code.splitlines()[0].removeprefix("# ")).write_text(code)
    done = python(checkout, "-c", "from allclear.commands import COMMANDS; print(COMMANDS['thanks'].name)")
    assert done.stdout == "thanks\n", done.stderr


def test_the_example_runbook_is_a_copy_that_passes_the_check(checkout: Path) -> None:
    runbooks = checkout / "templates/runbooks"
    text = (runbooks / "neutral.yml").read_text()
    (runbooks / "mine.yml").write_text(text.replace("\nname: neutral\n", "\nname: mine\n"))
    (checkout / ".github/allclear.yml").write_text("runbook: mine\n")
    done = python(checkout, "-m", "allclear", "check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_step_is_what_a_runbook_takes(checkout: Path) -> None:
    (checkout / ".github/allclear.yml").write_text("runbook: neutral\n")
    (example,) = yaml.safe_load(block("yaml"))["lists"].values()
    file = checkout / "templates/runbooks/hotdash.yml"
    runbook = yaml.safe_load(file.read_text())
    during = runbook["lists"]["during"]
    assert example["before"] == during["before"]
    during["steps"] |= example["steps"]
    file.write_text(yaml.safe_dump(runbook, sort_keys=False, allow_unicode=True))
    done = python(checkout, "-m", "allclear", "check")
    assert done.returncode == 0, done.stdout + done.stderr

    during["steps"]["backups"]["done"] = "no-such-word"
    file.write_text(yaml.safe_dump(runbook, sort_keys=False, allow_unicode=True))
    assert python(checkout, "-m", "allclear", "check").returncode != 0


def test_every_file_the_page_names_is_there() -> None:
    named = set(
        re.findall(r"`((?:scripts|templates|tests|\.ci|\.github)/[\w./-]+|pyproject\.toml|Makefile)`", PAGE)
    )
    assert len(named) >= 5
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == [".github/allclear/runbooks"]


WHERE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.split("| you want to change |", 1)[1].split("\n\n", 1)[0].split("\n")[2:]
]
PLACES = re.compile(r"`((?:scripts|templates|tests|\.github)/[\w./-]+)`(?: \(`([\w:=]+)`\))?")


def test_the_page_says_of_ten_changes_where_they_are_made() -> None:
    told = " ".join(change for change, _, _ in WHERE)
    assert len(WHERE) >= 10
    for subject in (
        "clock line",
        "`/resolve`",
        "rate limit",
        "file name of a post-mortem",
        "outsider",
        "gate",
    ):
        assert subject in told
    for subject in ("Slack", "severities", "deploy system", "`/postpone`"):
        assert subject in told


@pytest.mark.parametrize("row", WHERE, ids=lambda row: row[0])
def test_where_a_change_is_made_and_tested_exists(row: list[str]) -> None:
    _, places, tests = row
    found = PLACES.findall(places)
    assert found
    for name, symbol in found:
        assert (ROOT / name).exists(), name
        if symbol:
            assert re.search(rf"(?<!\w){re.escape(symbol)}", (ROOT / name).read_text()), f"{symbol} in {name}"
    held = [name for name, _ in PLACES.findall(tests)]
    assert held
    assert [name for name in held if not (ROOT / name).exists() or not name.startswith("tests/")] == []


def rights_table() -> str:
    """What the token of every job may do, and which step has secrets, as the workflow files have it."""
    columns = [*(f"`{kind}`" for kind in KINDS), "secrets of services"]
    rows = ["| job | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for file in sorted((ROOT / ".github/workflows").glob("*.yml")):
        for job, document in yaml.safe_load(file.read_text())["jobs"].items():
            unknown = document["permissions"].keys() - set(KINDS)
            assert not unknown, f"a column is missing: {unknown}"
            cells = [document["permissions"].get(kind, "") for kind in KINDS]
            steps = [step for step in document["steps"] if "secrets." in str(step.get("env"))]
            cells.append(", ".join(f"step *{step['name']}*, without the token" for step in steps))
            assert all(step["with"]["token"] is False for step in steps)
            rows.append(f"| `{file.stem}` {job} | {' | '.join(cells)} |")
    return "\n".join(rows)


def test_the_security_page_tells_the_tokens_rights_as_they_are() -> None:
    assert rights_table() in (ROOT / "SECURITY.md").read_text()
