"""The way in without a socket: an adapter for sessions of `requests`, answered in this process."""

from __future__ import annotations

import http.client
import io
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from allclear_lab.github.front import Dropped, Front, RawRequest

API_URL = "https://api.github.invalid"
"""A name that is nobody's (https://www.rfc-editor.org/rfc/rfc2606#section-2): without the transport,
a request for it fails.
"""


class InProcess(HTTPAdapter):
    """Hands the requests of a session to the front, and its answers back, as if they had come by the network.

    A request for any other host than that of ``url`` is a violation, and fails.
    """

    def __init__(self, front: Front, violations: list[str], url: str = API_URL) -> None:
        super().__init__()
        self._front, self._violations, self._url = front, violations, url

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The answer; a line that is cut is a ConnectionError. Nothing here can time out."""
        if urlsplit(request.url or "").hostname != urlsplit(self._url).hostname:
            self._violations.append(f"{request.method} {request.url}: this is not the embedded GitHub")
            raise requests.exceptions.InvalidURL(f"{request.url} is not {self._url}", request=request)
        body = request.body or b""
        # http.client sends a text as Latin-1, and refuses what does not fit.
        data = body.encode("latin-1") if isinstance(body, str) else body
        try:
            reply = self._front.answer(
                RawRequest.of(request.method or "GET", request.path_url, request.headers.items(), data)
            )
        except Dropped as dropped:
            raise requests.exceptions.ConnectionError("the line was cut", request=request) from dropped
        answer = HTTPResponse(
            io.BytesIO(reply.text),
            headers={**reply.headers, "Content-Length": str(len(reply.text))},
            status=reply.status,
            reason=http.client.responses.get(reply.status),
            preload_content=False,
            request_method=request.method,
        )
        return self.build_response(request, answer)
