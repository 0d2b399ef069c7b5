"""`allclear lab` in a process of its own, spoken to by plain HTTP."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

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
        """Somebody comments; what the bot said after it, once it holds `answer`, or else answers them.

        Other comments may come first: what changed before the start is written while the command waits.
        """
        answer = answer or f"· {who}"
        status, made = self.asks(who, "POST", f"issues/{issue}/comments", {"body": text})
        assert status == 201

        def replied() -> str:
            later = [one["body"] for one in self.comments(issue) if one["id"] > made["id"]]
            said = "\n".join(body for body in later if not body.startswith("<!-- allclear:panel "))
            return said if answer in said else ""

        return str(until(replied))
