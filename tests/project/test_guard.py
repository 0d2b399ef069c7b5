import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ASKING = """
import pytest
@pytest.mark.needs("{tool}")
def test_that_asks_for_a_tool():
    assert True
"""


def run_a_test_that_needs(
    name: str, tmp_path: Path, root: Path, *, ci: str
) -> subprocess.CompletedProcess[str]:
    return play(ASKING.format(tool=name), tmp_path, root, "-rs", CI=ci)


def play(
    code: str, tmp_path: Path, root: Path, *options: str, **env: str
) -> subprocess.CompletedProcess[str]:
    """The tests in `code`, with the guards of all tests."""
    (tmp_path / "test_asking.py").write_text(code)
    (tmp_path / "conftest.py").write_text((root / "tests/conftest.py").read_text())
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": str(root / "tests")} | env
    call = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-W", "default", *options]
    return subprocess.run(
        [*call, str(tmp_path)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_test_whose_tool_is_missing_is_skipped_with_a_reason(tmp_path: Path, root: Path) -> None:
    done = run_a_test_that_needs("act", tmp_path, root, ci="")
    assert done.returncode == 0
    assert "1 skipped" in done.stdout
    assert "act: not installed" in done.stdout


def test_in_ci_a_missing_tool_is_a_failure(tmp_path: Path, root: Path) -> None:
    done = run_a_test_that_needs("act", tmp_path, root, ci="true")
    assert done.returncode == 1
    assert "required in CI" in done.stdout


def test_an_unknown_tool_is_an_error_not_a_skip(tmp_path: Path, root: Path) -> None:
    assert run_a_test_that_needs("hammer", tmp_path, root, ci="").returncode == 1


def test_no_test_reaches_the_internet() -> None:
    with pytest.raises(AssertionError, match=r"tried to reach 192\.0\.2\.1"):
        requests.get("http://192.0.2.1/", timeout=1)
    with pytest.raises(AssertionError, match=r"tried to reach api\.github\.com"):
        socket.create_connection(("api.github.com", 443), timeout=1)


def test_the_machine_itself_may_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_a_program_of_another_name_does_not_count_as_the_tool(tmp_path: Path, root: Path) -> None:
    (tmp_path / "active").write_text("#!/bin/sh\n")
    (tmp_path / "active").chmod(0o700)
    assert "1 skipped" in run_a_test_that_needs("act", tmp_path, root, ci="").stdout


PROOF = """
import pytest
from sampling import examples

@pytest.mark.parametrize("name", "ab")
def test_a_proof(proof, name):
    played = proof(range(100), 5)
    assert played == sorted(set(played))
    print("\\nPLAYED", name, *played)
    assert len(played) == (100 if proof.whole else 5)
    assert proof(range(3), 5) == [0, 1, 2]

@pytest.mark.usefixtures("proof")
def test_examples():
    print("\\nEXAMPLES", examples(6, 60))

def test_of_another_kind():
    print("\\nANOTHER")
"""


def said(word: str, done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stdout.splitlines() if line.startswith(word)]


def test_a_proof_plays_the_same_sample_every_time_and_says_how_much(tmp_path: Path, root: Path) -> None:
    first, again = (play(PROOF, tmp_path, root, "-s") for _ in range(2))
    one, other = said("PLAYED", first)
    assert said("PLAYED", again) == [one, other]
    assert one.split()[2:] != other.split()[2:], "every test has a sample of its own"
    assert said("EXAMPLES", first) == ["EXAMPLES 6"]
    assert said("ANOTHER", first)
    assert "    16 of    206  test_asking.py" in first.stdout
    assert "    16 of    206  in all" in first.stdout


def test_a_whole_proof_plays_every_case_and_nothing_else(tmp_path: Path, root: Path) -> None:
    done = play(PROOF, tmp_path, root, "-s", "--proof", "whole")
    assert done.returncode == 0, done.stdout
    assert len(said("PLAYED", done)[0].split()) == 2 + 100
    assert said("EXAMPLES", done) == ["EXAMPLES 60"]
    assert said("ANOTHER", done) == []
    assert "   206 of    206  in all" in done.stdout


def test_the_cases_are_counted_when_several_processes_play_them(tmp_path: Path, root: Path) -> None:
    assert "    16 of    206  in all" in play(PROOF, tmp_path, root, "-n", "2").stdout


THREE_ENDINGS = """
import pytest
def test_that_holds():
    assert True
def test_that_does_not():
    assert False
@pytest.mark.needs("act")
def test_that_needs_a_tool():
    assert True
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_the_last_line_of_several_runs_counts_them_all(
    tmp_path: Path, root: Path, workers: tuple[str, ...]
) -> None:
    tally = str(tmp_path / "build" / "tests.json")
    first, second = (play(THREE_ENDINGS, tmp_path, root, "--tally", tally, *workers) for _ in range(2))
    assert first.stdout.splitlines()[-1] == "1 passed, 1 failed, 1 skipped"
    assert second.stdout.splitlines()[-1] == "2 passed, 2 failed, 2 skipped"
