"""The production of drills and tests: what it answers, and the program that changes it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from allclear_lab.drill import deploy
from allclear_lab.drill.production_server import DeployStart, ProductionServer, Version


@pytest.fixture
def target(tmp_path: Path) -> Iterator[ProductionServer]:
    with ProductionServer(tmp_path) as made:
        made.release("a" * 40, Version("v1"))
        made.release("b" * 40, Version("v2", healthy=False, errors=40, p95=9, slow=0.05))
        yield made


def run(target: ProductionServer, word: str, **env: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, str(target.program), target.address, word]
    return subprocess.run(call, env=env, capture_output=True, text=True, timeout=20, check=False)


def ask(target: ProductionServer, path: str) -> requests.Response:
    return requests.get(f"http://{target.address}{path}", timeout=10)


def test_a_version_answers_as_it_is(target: ProductionServer) -> None:
    begun = time.monotonic()
    assert ask(target, "/health").status_code == 500
    assert time.monotonic() - begun >= 0.05
    assert ask(target, "/api/version").json() == {"version": "v2"}
    assert ask(target, "/metrics.json").json() == {
        "errors": 40,
        "p95": 9,
        "new_errors": 0,
        "user_reports": -3,
    }
    assert ask(target, "/elsewhere").status_code == 404
    assert requests.head(f"http://{target.address}/health", timeout=10).status_code == 500
    assert requests.post(f"http://{target.address}/health", json={}, timeout=10).status_code == 404


def test_the_program_deploys_and_every_start_of_it_is_counted(target: ProductionServer) -> None:
    assert run(target, "a" * 40, ALLCLEAR_OPERATION="rollback-1").returncode == 0
    assert ask(target, "/health").status_code == 200
    assert (target.version, target.runs) == ("v1", "a" * 40)
    assert run(target, "c" * 40).returncode == 1
    assert target.executions() == (DeployStart("rollback-1", "a" * 40), DeployStart("", "c" * 40))
    target.breaks()
    assert ask(target, "/health").status_code == 500
    target.forget("b" * 40)
    assert (target.version, target.executions()) == ("v2", ())


def test_the_program_lists_what_could_be_deployed(target: ProductionServer) -> None:
    listed = run(target, "--list").stdout
    assert listed.index('"release": "v2"') < listed.index('"release": "v1"')
    assert target.executions() == ()


def test_the_program_can_be_called_in_this_process(
    target: ProductionServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(deploy, "__file__", str(tmp_path / "deploy.py"))
    assert deploy.main(target.address, "a" * 40) == 0
    assert deploy.main(target.address, "none") == 1
    assert deploy.main(target.address, "--list") == 0
    assert len(target.executions()) == 2
