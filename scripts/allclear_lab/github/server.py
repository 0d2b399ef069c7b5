"""The HTTP side: a server on 127.0.0.1 whose connections live on, and can break on order."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from allclear_lab.github.front import Dropped, Front, RawRequest

LARGEST = 64 * 1024 * 1024
"""Bytes of a request; a longer body is refused with 413 before it is read."""


class _Listening(ThreadingHTTPServer):
    """Knows its connections: they live on between requests, and are closed with it."""

    daemon_threads = False  # so that closing waits for them

    def __init__(self, front: Front, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.front = front
        self.connections = set[socket.socket]()

    def process_request(self, request: Any, client_address: Any) -> None:
        """A connection begins."""
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection ends."""
        self.connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Break every connection that is still there."""
        for connection in tuple(self.connections):
            _cut(connection)


class _Connection(BaseHTTPRequestHandler):
    """Keep-alive, no log, and no waiting for a full packet. (werkzeug's server closes every connection.)"""

    server: _Listening
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_: Any) -> None:
        """Say nothing: `hub.requests` is the log."""

    def _answer(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > LARGEST:
            self.send_error(413 if length.isdecimal() else 400)
            return
        data = self.rfile.read(int(length))
        try:
            reply = self.server.front.answer(
                RawRequest.of(self.command, self.path, self.headers.items(), data)
            )
        except Dropped:
            _cut(self.connection)
            self.close_connection = True
            return
        # Only the status line; Server and Date come from the answer itself.
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.text)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815  # http.server's names


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):  # the other side was faster
        connection.shutdown(socket.SHUT_RDWR)


class Server:
    """Answers by one front between `start` and `stop`."""

    def __init__(self, front: Front, port: int = 0) -> None:
        self._front, self._port = front, port
        self._listening: _Listening | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT; port 0 while it does not run."""
        return f"http://127.0.0.1:{self._listening.server_port if self._listening else 0}"

    def start(self) -> None:
        """Listen on the port, 0 for a free one. Raises OSError when it is taken."""
        self._listening = _Listening(self._front, self._port)
        self._thread = threading.Thread(target=self._listening.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, end the connections and free the port."""
        if self._listening is not None and self._thread is not None:
            self._listening.shutdown()
            self._thread.join()
            self._listening.hang_up()
            self._listening.server_close()
            self._listening = self._thread = None
