"""The lab as its users have it: a process of its own, spoken to by plain HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

BOUND = 90
"""Seconds of real time that anything here may take on a busy machine; usually it is one."""


def until(found: Callable[[], Any]) -> Any:
    """The first true answer of `found`."""
    end = time.monotonic() + BOUND
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {BOUND} s")


@dataclass
class RunningProcess:
    """`allclear lab` in a process, and what it printed so far."""

    process: subprocess.Popen[bytes]
    output: Path
    api: str
    tokens: dict[str, str]

    def asks(self, who: str, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """One request with somebody's token; a path without a slash in front is below the repository."""
        url = self.api + (path if path.startswith("/") else f"/repos/hotrodan/hotdash/{path}")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who:
            sent.setdefault("Authorization", f"Bearer {self.tokens[who]}")
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(url, data, sent, method=method), timeout=BOUND) as answer:  # noqa: S310 - our own http
                read = answer.read()
                return answer.status, json.loads(read) if read else None
        except HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def comments(self, issue: int) -> list[dict[str, Any]]:
        status, found = self.asks("ann", "GET", f"issues/{issue}/comments?per_page=100")
        assert status == 200
        return list(found)

    def says(self, who: str, issue: int, text: str, answer: str = "") -> str:
        """Somebody comments; what the bot said to it, once it holds `answer`."""
        status, made = self.asks(who, "POST", f"issues/{issue}/comments", {"body": text})
        assert status == 201

        def replied() -> str:
            later = [one["body"] for one in self.comments(issue) if one["id"] > made["id"]]
            said = "\n".join(body for body in later if not body.startswith("<!-- allclear:panel "))
            return said if said and answer in said else ""

        return str(until(replied))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProcess]:
    output = tmp_path_factory.mktemp("lab") / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "allclear", "lab", "--speed", "20", "--for", "600"],
            stdout=file,
            stderr=subprocess.STDOUT,
            # A proxy that people may have set for elsewhere is none of the lab's business.
            env={**os.environ, "COLUMNS": "120", "http_proxy": "http://127.0.0.1:9"},
        )
    try:
        api = until(lambda: [word for word in output.read_text().split() if word.endswith("/graphql")])
        api = api[0].removesuffix("/graphql")
        with urlopen(Request(f"{api}/"), timeout=BOUND) as answer:  # noqa: S310 - our own http
            told = json.load(answer)
        yield RunningProcess(process, output, api, {one["login"]: one["token"] for one in told["people"]})
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(BOUND) == 0
        assert "The lab has ended" in output.read_text()
        host, _, port = api.removeprefix("http://").partition(":")
        with socket.socket() as line:
            assert line.connect_ex((host, int(port))) != 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_an_incident_is_talked_through_by_plain_http(lab: RunningProcess) -> None:
    new = {"title": "[INCIDENT P0] Production down", "labels": ["incident", "P0"]}
    status, issue = lab.asks("bob", "POST", "issues", new, Authorization=f"token {lab.tokens['bob']}")
    assert status == 201
    number = issue["number"]
    declared = until(lambda: [one for one in lab.comments(number) if "Incident declared" in one["body"]])
    assert declared[0]["user"]["login"] == "github-actions[bot]"

    assert "✅ `/ack` · eve" in lab.says("eve", number, "/ack")
    assert "✅ `/sev P1` · bob" in lab.says("bob", number, "/sev P1")
    assert "❌ `/resolve` · bob" in lab.says("bob", number, "/resolve")
    assert lab.says("drive-by", number, "/all-clear")

    _, seen = lab.asks("ann", "GET", f"issues/{number}", X_GitHub_Api_Version="2022-11-28")
    assert seen["state"] == "open"
    assert {"incident", "P1", "status:investigating"} <= {label["name"] for label in seen["labels"]}
    (panel,) = [one["body"] for one in lab.comments(number) if one["body"].startswith("<!-- allclear:panel ")]
    assert "**P1**" in panel or "P1 ·" in panel

    shown = lab.output.read_text()
    for words in ("issues opened #1", "respond ← issue_comment.created", "/resolve", "panel updated"):
        assert words in shown
    assert "\x1b" not in shown


def test_a_rollback_waits_for_its_reviewer_and_is_carried_out(lab: RunningProcess) -> None:
    new = {"title": "[INCIDENT P0] Errors", "labels": ["incident", "P0"]}
    number = lab.asks("ann", "POST", "issues", new)[1]["number"]
    lab.says("ann", number, "/rollback app", answer="v41")

    def waiting() -> list[dict[str, Any]]:
        return list(lab.asks("max", "GET", "actions/runs?status=waiting")[1]["workflow_runs"])

    (run,) = until(waiting)
    path = f"actions/runs/{run['id']}/pending_deployments"
    (asked,) = lab.asks("max", "GET", path)[1]
    word = {"environment_ids": [asked["environment"]["id"]], "state": "approved", "comment": "go"}
    assert lab.asks("bob", "POST", path, word)[0] == 403
    assert lab.asks("max", "POST", path, word)[0] == 200
    until(lambda: lab.asks("max", "GET", f"actions/runs/{run['id']}")[1]["conclusion"] == "success")
    until(lambda: any("smoke run passed" in one["body"] for one in lab.comments(number)))


def test_a_workflow_is_started_by_hand(lab: RunningProcess) -> None:
    assert lab.asks("ann", "POST", "actions/workflows/sweep.yml/dispatches", {"ref": "main"})[0] == 204
    assert lab.asks("eve", "POST", "actions/workflows/sweep.yml/dispatches", {"ref": "main"})[0] == 403

    def ended() -> list[dict[str, Any]]:
        runs = lab.asks("ann", "GET", "actions/workflows/sweep.yml/runs?event=workflow_dispatch")[1]
        return [run for run in runs["workflow_runs"] if run["conclusion"] == "success"]

    assert until(ended)


def test_what_is_not_there_is_answered_as_github_does(lab: RunningProcess) -> None:
    assert lab.asks("ann", "GET", "fortune")[0] == 404
    assert lab.asks("ann", "GET", "issues/1?surprise=1")[0] == 200
    assert lab.asks("", "GET", "issues/1")[0] == 401
    assert lab.asks("", "GET", "issues/1", Authorization="Bearer ghp_nobody")[0] == 401
    status, found = lab.asks("ann", "GET", "issues/1", X_GitHub_Api_Version="1999-01-01")
    assert (status, "Unsupported API version" in found["message"]) == (400, True)
