"""A proxy on 127.0.0.1 before the embedded GitHub: each request waits as long as the network and GitHub would
take, and is written down with its moments. Requests on several connections wait at the same time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_HOP_BY_HOP = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})
"""What is said to the next machine only: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1"""


@dataclass(frozen=True)
class Asked:
    """A request and its answer; moments are seconds of `time.monotonic`."""

    method: str
    path: str
    status: int
    received: float
    answered: float
    refused: str = ""


@dataclass(frozen=True)
class Answered:
    """What goes back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


StandIn = Callable[[str, str, bytes], Answered | None]
"""Answers a request (method, target, body) in GitHub's place, or not: None."""


def nobody(_method: str, _target: str, _body: bytes) -> None:
    """No stand-in."""


class DelayingProxy:
    """``delay``: seconds a request, waited before it is passed on by ``wait``; ``instead`` may answer itself.
    ``asked`` is what was asked, in the order of the answers.
    """

    def __init__(self, upstream: str, wait: Callable[[float], None] = time.sleep) -> None:
        self.upstream, self.wait = upstream.rstrip("/"), wait
        self.delay = 0.0
        self.instead: StandIn = nobody
        self.asked: list[Asked] = []
        self.url = ""


class _Listening(ThreadingHTTPServer):
    """Its connections live on, a thread each, and end with their clients."""

    daemon_threads = True

    def __init__(self, proxy: DelayingProxy) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.proxy = proxy


class _Connection(BaseHTTPRequestHandler):
    """Keep-alive on both sides, and no waiting for a full packet."""

    server: _Listening
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self._onward = HTTPConnection(urlsplit(self.server.proxy.upstream).netloc, timeout=60)

    def finish(self) -> None:
        self._onward.close()
        super().finish()

    def log_message(self, *_: Any) -> None:
        """Say nothing: ``asked`` is the log."""

    def _pass(self) -> None:
        proxy, received = self.server.proxy, time.monotonic()
        body = self.rfile.read(int(self.headers.get("Content-Length") or "0"))
        if proxy.delay:
            proxy.wait(proxy.delay)
        answer = proxy.instead(self.command, self.path, body) or self._forward(body)
        refused = answer.body.decode(errors="replace")[:300] if answer.status >= 400 else ""
        proxy.asked.append(Asked(self.command, self.path, answer.status, received, time.monotonic(), refused))
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _forward(self, body: bytes) -> Answered:
        """GitHub's answer, with the addresses in it turned into the proxy's: a next page comes here too."""
        proxy = self.server.proxy
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        self._onward.request(self.command, self.path, body or None, headers)
        reply = self._onward.getresponse()
        text = reply.read().replace(proxy.upstream.encode(), proxy.url.encode())
        kept = tuple(
            (name, value.replace(proxy.upstream, proxy.url))
            for name, value in reply.getheaders()
            if name.lower() not in _HOP_BY_HOP
        )
        return Answered(reply.status, kept, text)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _pass  # noqa: N815 - http.server's names


@contextmanager
def delaying_proxy(upstream: str, wait: Callable[[float], None] = time.sleep) -> Iterator[DelayingProxy]:
    """One that listens on a free port of 127.0.0.1."""
    proxy = DelayingProxy(upstream, wait)
    listening = _Listening(proxy)
    proxy.url = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
