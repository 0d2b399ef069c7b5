"""What a newcomer meets: `make`, and a setup that says what is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from terminal import on_a_terminal

ROOT = Path(__file__).resolve().parents[2]


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o700)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with a shell, its plain tools and no Python at all; `bin` is its whole PATH."""
    (tmp_path / "bin").mkdir()
    for name in ["sh", "dirname", "cat", "cksum", "grep", "rm", "printf", "awk", "make", "timeout", "echo"]:
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin" / name).symlink_to(found)
    checkout = tmp_path / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    for name in [".ci/setup", "Makefile", "pyproject.toml"]:
        shutil.copy(ROOT / name, checkout / name)
    shutil.copytree(ROOT / "requirements", checkout / "requirements")
    return tmp_path


def setup(machine: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(machine / "checkout/.ci/setup"), *arguments],
        env={"PATH": str(machine / "bin"), "HOME": str(machine)} | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def installed(checkout: Path, what: str) -> None:
    """An environment that seems to hold a set of packages."""
    (checkout / ".venv/bin").mkdir(parents=True)
    program(checkout / ".venv/bin", "python", "exit 1")
    files = b"".join(
        (checkout / name).read_bytes() for name in [f"requirements/{what}.txt", "pyproject.toml"]
    )
    stamp = subprocess.run(["cksum"], input=files, capture_output=True, check=True).stdout.decode()
    (checkout / f".venv/.allclear-{what}").write_text(stamp)


def make(machine: Path, *arguments: str, **env: str) -> list[str]:
    """What make says, line by line."""
    return subprocess.run(
        ["make", *arguments],
        cwd=machine / "checkout",
        env={"PATH": str(machine / "bin"), "HOME": str(machine)} | env,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout.splitlines()


def shown(machine: Path, *call: str, **env: str) -> str:
    """What a program says to a terminal."""
    known = {"PATH": str(machine / "bin"), "HOME": str(machine)}
    return on_a_terminal(call, machine / "checkout", known | env)


def test_without_python_it_names_the_package_to_install(machine: Path) -> None:
    done = setup(machine, "people")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and found no python3 at all" in done.stderr
    assert "sudo apt install python3 python3-venv" in done.stderr


def test_a_python_that_is_too_old_is_named_with_its_version(machine: Path) -> None:
    program(machine / "bin", "python3", 'case "$1" in --version) echo "Python 3.9.2";; *) exit 1;; esac')
    done = setup(machine, "people")
    assert done.returncode == 1
    assert "found only Python 3.9.2" in done.stderr
    assert "make PYTHON=python3.11" in done.stderr


def test_a_newer_python_beside_the_old_one_is_found(machine: Path) -> None:
    program(machine / "bin", "python3", "exit 1")
    program(
        machine / "bin",
        "python3.12",
        'case "$2" in *version_info\\ *) exit 0;; *venv*) exit 1;; *) echo 3.12;; esac',
    )
    done = setup(machine, "people")
    assert "python3.12 (3.12) cannot make virtual environments" in done.stderr


def test_without_venv_it_names_the_package_to_install(machine: Path) -> None:
    program(
        machine / "bin",
        "python3",
        'case "$2" in *version_info\\ *) exit 0;; *venv*) exit 1;; *) echo 3.13;; esac',
    )
    done = setup(machine, "people")
    assert done.returncode == 1
    assert "the venv package is missing" in done.stderr
    assert "sudo apt install python3-venv" in done.stderr
    assert "python3.13-venv" in done.stderr


def test_a_chosen_python_is_not_replaced_by_another(machine: Path) -> None:
    program(machine / "bin", "python3", "exit 0")
    done = setup(machine, "people", PYTHON="/no/such/python")
    assert done.returncode == 1
    assert "PYTHON=/no/such/python is not a program" in done.stderr


def test_a_second_setup_installs_nothing(machine: Path) -> None:
    checkout = machine / "checkout"
    installed(checkout, "people")
    assert setup(machine, "people").returncode == 0

    (checkout / "requirements/people.txt").write_text("renewed")
    assert setup(machine, "people").returncode == 1


def test_an_unknown_set_is_refused(machine: Path) -> None:
    assert 'no set "everything"' in setup(machine, "everything").stderr


def test_what_is_said_to_a_file_has_no_colours(machine: Path) -> None:
    assert "\033" not in setup(machine, "people").stderr


@pytest.mark.parametrize("call", [("make",), (".ci/setup", "people")], ids=" ".join)
def test_colours_are_for_terminals_and_for_who_wants_them(machine: Path, call: tuple[str, ...]) -> None:
    """https://no-color.org"""
    assert "\033" in shown(machine, *call)
    assert "\033" in shown(machine, *call, NO_COLOR="")
    plain = shown(machine, *call, NO_COLOR="1")
    assert plain
    assert "\033" not in plain


def test_make_alone_explains_every_target(machine: Path) -> None:
    shown = "\n".join(make(machine))
    targets = (ROOT / "Makefile").read_text().split(".PHONY: ")[1].splitlines()[0].split()
    assert {"help", "drill", "test", "check", "format", "lock"} <= set(targets)
    assert [target for target in targets if f"make {target} " not in shown] == []
    assert "\033" not in shown


@pytest.fixture
def ready(machine: Path) -> Path:
    """A machine on which everything is installed, and the tools only tell what they were asked for."""
    installed(machine / "checkout", "dev")
    for name in ("pytest", "coverage", "ruff", "mypy"):
        program(machine / "checkout/.venv/bin", name, f'echo {name} "$@"')
    return machine


def test_make_test_says_how_long_it_takes_and_then_plays_everything(ready: Path) -> None:
    before, order, *done = make(ready, "test")
    assert "minutes on 2 cores" in before
    assert "`make proof` plays all" in before
    assert order.startswith("First what decides (tests/core tests/commands), with its coverage")
    pytest_ = "pytest -n 2 --dist worksteal --tally=build/tests.json"
    assert done == [
        f"{pytest_} --cov --cov-report= tests/core tests/commands",
        "coverage report --fail-under=100",
        f"{pytest_} --ignore=tests/core --ignore=tests/commands",
    ]


def test_make_test_plays_a_part_of_the_tests(ready: Path) -> None:
    assert make(ready, "test", "TESTS=tests/core", "WORKERS=1") == ["pytest -n 1 --dist worksteal tests/core"]


def test_make_quick_plays_what_decides_and_one_conversation(ready: Path) -> None:
    (line,) = make(ready, "quick")
    parts = line.removeprefix("pytest -n 2 --dist worksteal ").split()
    assert parts == ["tests/core", "tests/commands", "tests/conversations/test_first_incident.py"]
    assert [part for part in parts if not (ROOT / part).exists()] == []


def test_make_proof_plays_every_case_and_shows_how_far_it_is(ready: Path) -> None:
    before, line = make(ready, "proof")
    assert "an hour at most" in before
    assert line == "pytest -n 2 --dist worksteal -v --proof whole"


def test_make_check_is_lint_and_architecture(ready: Path) -> None:
    said = make(ready, "check", NO_COLOR="1")
    assert said[:3] == ["ruff check .", "ruff format --check .", "mypy --no-color-output"]
    assert said[3:] == ["pytest -q -p no:cacheprovider tests/project/test_architecture.py"]


@pytest.mark.parametrize("name", ["setup", "tools", "run"])
def test_a_script_of_the_project_can_be_run_and_read_by_its_shell(name: str) -> None:
    script = ROOT / ".ci" / name
    shell = script.read_text().splitlines()[0].split()[-1].rpartition("/")[2].removeprefix("#!")
    assert os.access(script, os.X_OK)
    assert subprocess.run([shell, "-n", script], capture_output=True, timeout=30, check=False).stderr == b""


def test_a_failing_step_fails_the_whole_run_and_is_named(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    program(tmp_path / ".ci", "tools", "exit 7")
    done = subprocess.run([tmp_path / ".ci/run"], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 7
    assert done.stdout.splitlines()[-1].startswith('.ci/run: FAILED at "tools" after')


def test_a_run_without_a_failure_says_all_clear(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    program(tmp_path / ".ci", "tools", "exit 0")
    program(tmp_path / "bin", "make", 'echo "made $1 $CI"')
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    done = subprocess.run(
        [tmp_path / ".ci/run"], env=env, capture_output=True, text=True, timeout=30, check=True
    )
    told = done.stdout.splitlines()
    assert [line for line in told if line.startswith("made ")] == [
        "made setup true",
        "made lint true",
        "made test true",
        "made drill true",
    ]
    assert told[-1].startswith(".ci/run: all clear after")
