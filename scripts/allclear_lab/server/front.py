"""The front of a GitHub that anybody may ask: lenient as GitHub, with pages for a browser beside the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from allclear_lab.github.front import Front, RawReply, RawRequest

if TYPE_CHECKING:
    from allclear_lab.github import GitHub

# https://docs.github.com/en/rest/using-the-rest-api/using-cors-and-jsonp-to-make-cross-origin-requests
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Location, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Used, X-RateLimit-Reset, X-GitHub-Request-Id",
}
PREFLIGHT = CORS | {
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, If-Modified-Since, "
    "If-None-Match, If-Unmodified-Since, User-Agent, X-GitHub-Api-Version, X-Requested-With",
    "Access-Control-Allow-Methods": "GET, POST, PATCH, PUT, DELETE",
    "Access-Control-Max-Age": "86400",
}
# A page loads and runs nothing. Whoever reads it reads the tokens, so no other site may.
PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
}
HERE = ("127.0.0.1", "localhost")


class Pages(Protocol):
    """What a browser is shown beside the API."""

    def html(self, path: str) -> str | None:
        """The page at a path, None where there is none."""
        ...

    def summary(self) -> Mapping[str, object]:
        """The start page as data, for tools."""
        ...


class OpenFront(Front):
    """Answers requests as GitHub does: what it does not know is 404, or passed over.

    A request may also come as to a proxy (``GET http://api.github.localhost/user``): so does ``gh``, told by
    ``GH_HOST=github.localhost`` and ``HTTP_PROXY``. It sends its token to that name only, so the answer leads
    there. ``changed`` is called after each request that may have changed something.
    """

    strict = False

    def __init__(self, hub: GitHub, pages: Pages, changed: Callable[[], None]) -> None:
        super().__init__(hub)
        self._pages, self._changed = pages, changed

    def answer(self, raw: RawRequest) -> RawReply:
        """The reply to one request."""
        asked = ""
        if raw.path.startswith("http://"):
            there = urlsplit(raw.path)
            asked, raw = f"http://{there.netloc}", replace(raw, path=there.path or "/")
        if raw.method == "OPTIONS":
            return RawReply(204, dict(PREFLIGHT), b"")
        if raw.method in {"GET", "HEAD"} and _by_its_own_name(raw.headers):
            with self._hub.turn():
                shown = self._page(raw)
            if shown is not None:
                return shown
        reply = super().answer(raw)
        if raw.method != "GET":
            self._changed()
        if asked:
            reply = self._leading_to(asked, reply)
        return replace(reply, headers={**reply.headers, **CORS})

    def _leading_to(self, place: str, reply: RawReply) -> RawReply:
        """The reply with links of the API that lead to ``place``; those to pages and downloads stay."""
        ours, theirs = f"{self._hub.api_url}/repos/", f"{place}/repos/"
        headers = {name: value.replace(ours, theirs) for name, value in reply.headers.items()}
        return replace(reply, headers=headers, text=reply.text.replace(ours.encode(), theirs.encode()))

    def _page(self, raw: RawRequest) -> RawReply | None:
        if "text/html" in raw.headers.get("accept", ""):
            shown = self._pages.html(raw.path)
            return None if shown is None else RawReply(200, dict(PAGE), shown.encode())
        if raw.path == "/":
            head = PAGE | {"Content-Type": "application/json; charset=utf-8"}
            return RawReply(200, head, json.dumps(self._pages.summary(), indent=2).encode())
        return None


def _by_its_own_name(headers: Mapping[str, str]) -> bool:
    """Whether somebody of this machine asks: a site elsewhere may have its own name lead here."""
    host = headers.get("host", "")
    return (host.rpartition(":")[0] or host) in HERE
