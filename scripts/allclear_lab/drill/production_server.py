"""A real little production: a versioned HTTP service on 127.0.0.1, and the program that deploys to it.

    GET  /health        200 or 500, by version, with a JSON body
    GET  /api/version   {"version": "v41"}
    GET  /metrics.json  {"errors": 0.02, "p95": 0.4, "new_errors": 0, "user_reports": -3}
    GET  /releases.json [{"release": "v41", "target": "<commit>", "current": true}]
    POST /deploy        {"target": "<commit>", "operation": "rollback-1a2b3c4d"}

What runs changes by POST only, which is what ``deploy.py`` does: a program of its own, started as a process
by the executor. It writes each execution into ``deploy.log`` beside it first, so that a second one is
countable whatever became of it.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

PROGRAM = Path(__file__).with_name("deploy.py")
LARGEST = 10_000


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the service: its release's name, and how it behaves. ``errors`` in percent, ``p95`` and
    ``slow`` (how long every answer takes) in seconds.
    """

    name: str
    healthy: bool = True
    errors: float = 0.02
    p95: float = 0.4
    new_errors: int = 0
    user_reports: int = -3
    slow: float = 0


@dataclass(frozen=True, slots=True)
class DeployStart:
    """One start of the deploy program."""

    operation: str
    target: str


class ProductionServer:
    """A production. ``versions`` are there by target, ``runs`` is the one that runs. ``folder`` gets the
    program.
    """

    def __init__(self, folder: Path) -> None:
        self.versions: dict[str, Version] = {}
        self.runs = ""
        self.program = folder / PROGRAM.name
        self._log = folder / "deploy.log"
        shutil.copyfile(PROGRAM, self.program)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"target": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def address(self) -> str:
        """``127.0.0.1:<port>``, as ``private_hosts`` of the settings names it."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def version(self) -> str:
        """The name of the release that runs now."""
        return self.versions[self.runs].name

    def release(self, target: str, version: Version) -> None:
        """A new version is there, and runs."""
        self.versions[target] = version
        self.runs = target

    def breaks(self) -> None:
        """The version that runs is not well any more."""
        self.versions[self.runs] = replace(self.versions[self.runs], healthy=False, errors=40.0, p95=12.0)

    def executions(self) -> tuple[DeployStart, ...]:
        """Every start of the deploy program, oldest first."""
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        return tuple(DeployStart(**json.loads(line)) for line in lines)

    def forget(self, runs: str, executions: Sequence[DeployStart] = ()) -> None:
        """Nothing but ``executions`` was ever executed, and ``runs`` runs."""
        lines = [json.dumps(asdict(one)) + "\n" for one in executions]
        self._log.write_text("".join(lines), encoding="utf-8")
        self.runs = runs

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, Any]:
        """What the version that runs says to a GET."""
        now = self.versions[self.runs]
        match path.partition("?")[0]:
            case "/health":
                return (200, {"status": "ok"}) if now.healthy else (500, {"status": "broken"})
            case "/api/version":
                return 200, {"version": now.name}
            case "/metrics.json":
                numbers = ("errors", "p95", "new_errors", "user_reports")
                return 200, {name: getattr(now, name) for name in numbers}
            case "/releases.json":
                newest = reversed(self.versions.items())
                return 200, [
                    {"release": one.name, "target": target, "current": one.name == now.name}
                    for target, one in newest
                ]
        return 404, {"error": "nothing is here"}

    def deploy(self, order: Any) -> tuple[int, Any]:
        """Run another version from now on."""
        target = order.get("target") if isinstance(order, dict) else None
        if target not in self.versions:
            return 422, {"error": "there is no such version"}
        self.runs = target
        return 200, {"version": self.version}


class _Answers(BaseHTTPRequestHandler):
    target: ProductionServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(self.target.versions[self.target.runs].slow)
        self._say(*self.target.answer(self.path))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), LARGEST))
        if self.path != "/deploy":
            self._say(404, {"error": "nothing is here"})
        else:
            self._say(*self.target.deploy(json.loads(body)))

    def _say(self, status: int, answer: Any) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a terminal belongs to the drill."""
