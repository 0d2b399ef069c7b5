"""Logs and artifacts of runs: archives that lie somewhere else."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from allclear_lab.github import BrowserUser, GitHub, RepositoryHandle, SimClock

Wires = Callable[[str], Any]


@pytest.fixture
def run(repo: RepositoryHandle, people: dict[str, BrowserUser]) -> int:
    repo.put_file(".github/workflows/evidence.yml", "on: workflow_dispatch\njobs: {collect: {}}\n")
    return people["write"].dispatch("evidence.yml")


@pytest.fixture
def talk(hub: GitHub, repo: RepositoryHandle, wire: Wires) -> Any:
    return wire(hub.actions_token(repo, {"actions": "read"}))


def archive(answer: requests.Response) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def test_logs_are_an_archive_somewhere_else_for_a_minute(
    hub: GitHub, repo: RepositoryHandle, run: int, talk: Any, clock: SimClock
) -> None:
    repo.set_log(run, "0_claim.txt", "claimed\n")
    answer = talk("GET", f"actions/runs/{run}/logs")
    assert (answer.status_code, answer.content) == (302, b"")
    where = answer.headers["Location"]
    count = len(hub.requests)
    assert archive(requests.get(where, timeout=10)) == {"0_claim.txt": "claimed\n"}
    assert requests.get(where, headers={"Authorization": "Bearer x"}, timeout=10).status_code == 400
    assert requests.get(where[:-1] + "x", timeout=10).status_code == 403
    assert requests.get(where.partition("?")[0], timeout=10).status_code == 403
    clock.advance(61)
    assert requests.get(where, timeout=10).status_code == 403
    assert len(hub.requests) == count


def test_faults_happen_to_downloads(hub: GitHub, repo: RepositoryHandle, run: int, talk: Any) -> None:
    repo.set_log(run, "0_claim.txt", "claimed\n" * 99)
    where = talk("GET", f"actions/runs/{run}/logs").headers["Location"]
    hub.faults.add("error_before", status=503)
    hub.faults.add("error_after", status=502)
    hub.faults.add("truncated_json")
    hub.faults.add("drop_before")
    assert [requests.get(where, timeout=10).status_code for _ in range(2)] == [503, 502]
    half = requests.get(where, timeout=10).content
    with pytest.raises(requests.ConnectionError):
        requests.get(where, timeout=10)
    whole = requests.get(where, timeout=10).content
    assert whole[: len(half)] == half
    assert 0 < len(half) < len(whole)


def test_an_artifact_has_a_digest_and_an_end(
    hub: GitHub, repo: RepositoryHandle, run: int, talk: Any, clock: SimClock
) -> None:
    first = repo.add_artifact(run, "evidence", b"one", days=2)
    second = repo.add_artifact(run, "junit", b"two")
    with pytest.raises(ValueError, match="evidence"):
        repo.add_artifact(run, "evidence", b"again")
    listed = talk("GET", f"actions/runs/{run}/artifacts").json()
    assert [one["id"] for one in listed["artifacts"]] == [second, first]
    named = talk("GET", f"actions/runs/{run}/artifacts?name=evidence&direction=asc").json()
    assert [one["id"] for one in named["artifacts"]] == [first]
    assert talk("GET", f"actions/runs/{run}/artifacts?direction=up").status_code == 422
    seen = talk("GET", f"actions/artifacts/{first}").json()
    assert seen["digest"] == "sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    assert (seen["expires_at"], seen["expired"]) == ("2025-10-21T14:02:00Z", False)
    where = talk("GET", seen["archive_download_url"].removeprefix(hub.api_url)).headers["Location"]
    assert requests.get(where, timeout=10).content == b"one"
    assert talk("GET", f"actions/artifacts/{first}/tar").status_code == 404
    assert talk("GET", "actions/artifacts/1").status_code == 404
    clock.advance(timedelta(days=2))
    assert talk("GET", f"actions/artifacts/{first}").json()["expired"] is True
    assert talk("GET", f"actions/artifacts/{first}/zip").status_code == 410


def test_an_attempt_uploads_under_the_names_of_the_one_before(
    repo: RepositoryHandle, run: int, people: dict[str, BrowserUser]
) -> None:
    first = repo.add_artifact(run, "evidence", b"one")
    repo.finish_run(run, "failure")
    people["write"].rerun(run)
    assert repo.add_artifact(run, "evidence", b"two") > first
