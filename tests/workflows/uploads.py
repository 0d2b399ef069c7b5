"""Where the stand-in of actions/upload-artifact hands its files: the embedded GitHub keeps them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from allclear_lab.github import GitHub, RepositoryHandle
from allclear_lab.runner.uploads import upload


@contextmanager
def taking_uploads(hub: GitHub, repository: RepositoryHandle) -> Iterator[str]:
    """The address on 127.0.0.1 that takes them, for ALLCLEAR_TEST_UPLOADS."""

    class Taken(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            done = upload(hub, repository, order["run"], order["settings"], Path(order["workspace"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(done).encode())

        def log_message(self, *_: object) -> None:
            """Nothing: the output belongs to the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taken) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
