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
    (tmp_path / "test_asking.py").write_text(ASKING.format(tool=name))
    (tmp_path / "conftest.py").write_text((root / "tests/conftest.py").read_text())
    env = {"PATH": str(tmp_path), "CI": ci, "HOME": str(tmp_path), "PYTHONPATH": str(root / "tests")}
    call = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-rs",
        "-q",
        "-W",
        "default",
        str(tmp_path),
    ]
    return subprocess.run(
        call, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
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
