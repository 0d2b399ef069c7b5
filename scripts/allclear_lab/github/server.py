"""The sandbox's HTTP side: werkzeug's server on 127.0.0.1, with connections that can break on order."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from allclear_lab.github.front import Dropped, Front, Raw

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub


class _Connection(WSGIRequestHandler):
    """Keep-alive, no log, and no waiting for a full packet: a request takes a millisecond or two."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
        """Say nothing: `hub.requests` is the log."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Only the status line; Server and Date come from the answer itself."""
        self.send_response_only(code, message)


class Server:
    """Answers for one hub between `start` and `stop`."""

    def __init__(self, hub: GitHub) -> None:
        self._front = Front(hub)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT; port 0 while it does not run."""
        return f"http://127.0.0.1:{self._server.port if self._server else 0}"

    def start(self) -> None:
        """Listen on a free port."""
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Connection)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and free the port."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = self._thread = None

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        try:
            reply = self._front.answer(
                Raw(
                    method=request.method,
                    path=environ["REQUEST_URI"].partition("?")[0],
                    query=dict(request.args.items()),
                    data=request.get_data(),
                    headers={name.lower(): value for name, value in request.headers.items()},
                )
            )
        except Dropped:
            connection: socket.socket = environ["werkzeug.socket"]
            connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError from None
        response = Response(reply.text, reply.status)
        response.headers.clear()
        response.headers.extend(reply.headers)
        response.headers["Content-Length"] = str(len(reply.text))
        return response(environ, start_response)
