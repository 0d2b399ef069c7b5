"""One lab for all tests of a file."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest

from lab.server.process import BOUND, RunningProcess, until


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
