"""Requests of smoke checks and measures, against real servers on loopback (000-17, 003-27)."""

import gzip
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from adapters.answering import Answering, Authority, answering, plain
from allclear.adapters.production.web import (
    MOST_TRIED,
    RefusedError,
    TooSlowError,
    UnreachableError,
    Web,
    WebError,
    look_up,
)
from allclear.adapters.production.wire import MOST

SOON = timedelta(seconds=20)
"""Long enough for any machine; nothing here waits for it to pass."""


def web(*servers: Answering) -> Web:
    return Web([], [server.host for server in servers], clock=time.monotonic)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.found(tmp_path_factory.mktemp("certificates"))


def public(authority: Authority, server: Answering, host: str = "app.example.com") -> Web:
    """A client to which ``host`` is public; its address leads to the server of the test."""
    return Web(
        [host],
        [],
        clock=time.monotonic,
        resolve=lambda _host, _port: ["93.184.216.34"],
        connect=lambda _address, timeout: socket.create_connection(("127.0.0.1", server.port), timeout),
        tls=authority.trusted,
    )


def test_an_answer_is_told_with_status_body_headers_and_time() -> None:
    with answering(plain(b'{"ok": true}', "503 Sorry", "X-One: 1", "x-one: 2")) as server:
        answer = web(server).fetch("GET", server.url("/health?deep=1"), timeout=SOON)
    assert (answer.status, answer.body, answer.hops) == (503, b'{"ok": true}', 0)
    assert answer.headers["x-one"] == "1, 2"
    assert 0 < answer.seconds < 20
    head = server.requests[0].decode().split("\r\n")
    assert head[0] == "GET /health?deep=1 HTTP/1.1"
    assert f"Host: {server.host}" in head
    assert "Accept-Encoding: identity" in head
    assert "Connection: close" in head
    assert not any(line.lower().startswith(("cookie", "authorization", "proxy")) for line in head)


def test_what_a_check_sends_arrives_as_it_is() -> None:
    with answering(plain()) as server:
        web(server).fetch(
            "POST",
            server.url("/login"),
            headers={"Content-Type": "application/json", "user-agent": "hotdash", "X-Tab": "a\tb"},
            body='{"name": "José"}',
            timeout=SOON,
        )
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body.decode() == '{"name": "José"}'
    assert b"\r\nContent-Length: 17\r\n" in head
    assert b"\r\nuser-agent: hotdash\r\n" in head
    assert b"allclear" not in head
    assert b"X-Tab: a\tb" in head


def test_a_long_body_is_sent_whole() -> None:
    with answering(plain()) as server:
        web(server).fetch("POST", server.url(), body="ü" * 200_000, timeout=SOON)
    assert server.requests[0].endswith("ü".encode() * 200_000)


def test_head_has_no_body_however_long_the_page_is() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n") as server:
        answer = web(server).fetch("HEAD", server.url(), timeout=SOON)
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    "says",
    [
        b"HTTP/1.1 200 OK\r\n\r\nfine",
        b"HTTP/1.0 200 OK\r\n\r\nfine",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n2;a=b\r\nne\r\n0\r\nX: y\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine and more",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\nfine",
    ],
)
def test_an_answer_may_end_in_any_way_that_http_knows(says: bytes) -> None:
    with answering(says) as server:
        assert web(server).fetch("GET", server.url(), timeout=SOON).body == b"fine"


@pytest.mark.parametrize(
    ("coding", "packed"), [("gzip", gzip.compress), ("X-GZIP", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_server_that_packs_unasked_is_understood(coding: str, packed: Callable[[bytes], bytes]) -> None:
    with answering(plain(packed(b"fine" * 1000), "200 OK", f"Content-Encoding: {coding}")) as server:
        assert web(server).fetch("GET", server.url(), timeout=SOON).body == b"fine" * 1000


def test_an_answer_of_exactly_the_limit_is_read() -> None:
    for says in (plain(b"x" * MOST), b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * MOST):
        with answering(says) as server:
            assert len(web(server).fetch("GET", server.url(), timeout=SOON).body) == MOST


@pytest.mark.parametrize(
    "header",
    [
        "Host",
        "host",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Expect",
        "Upgrade",
        "Proxy-Authorization",
    ],
)
def test_a_check_cannot_frame_the_request(header: str) -> None:
    with answering(plain()) as server, pytest.raises(RefusedError, match="cannot be set"):
        web(server).fetch("GET", server.url(), headers={header: "evil.example"}, timeout=SOON)
    assert server.connections == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X", "a\r\nHost: evil"),
        ("X", "a\nb"),
        ("X", "a\x00"),
        ("X", "é"),
        ("X\r\nY", "a"),
        ("X Y", "a"),
        ("", "a"),
        ("X:", ""),
    ],
)
def test_a_header_stays_one_line(name: str, value: str) -> None:
    with answering(plain()) as server, pytest.raises(RefusedError, match="the header"):
        web(server).fetch("GET", server.url(), headers={name: value}, timeout=SOON)
    assert server.connections == 0


def moving(status: int = 302, to: str = "/new") -> Callable[[bytes], bytes]:
    """A server whose every path but ``/new`` redirects."""

    def says(request: bytes) -> bytes:
        if b" /new " in request.split(b"\r\n")[0]:
            return plain(b"moved here")
        return plain(b"", f"{status} Moved", f"Location: {to}")

    return says


def test_a_redirect_is_an_answer_when_none_may_be_followed() -> None:
    with answering(moving()) as server:
        answer = web(server).fetch("GET", server.url("/old"), timeout=SOON)
    assert (answer.status, answer.hops, len(server.requests)) == (302, 0, 1)
    assert answer.headers["location"] == "/new"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_as_often_as_the_check_allows(status: int) -> None:
    with answering(moving(status)) as server:
        answer = web(server).fetch(
            "GET", server.url("/old"), headers={"X-Key": "k"}, timeout=SOON, redirects=1
        )
    assert (answer.status, answer.body, answer.hops) == (200, b"moved here", 1)
    assert b"X-Key: k" in server.requests[1]


@pytest.mark.parametrize(
    ("to", "asked"),
    [
        ("../new?d=1", "/new?d=1"),
        ("new", "/a/new"),
        ("?new", "/a/b?new"),
        ("/caf\u00e9#top", "/caf%C3%A9"),
        ("//127.0.0.1:{port}/new", "/new"),
        ("HTTP://127.0.0.1:{port}", "/"),
    ],
)
def test_a_redirect_is_read_from_where_it_comes(to: str, asked: str) -> None:
    def says(request: bytes) -> bytes:
        if b" /a/b?c " not in request:
            return plain()
        return plain(b"", "302 Found", f"Location: {to.format(port=server.port)}")

    with answering(says) as server:
        web(server).fetch("GET", server.url("/a/b?c"), timeout=SOON, redirects=1)
    assert server.requests[1].split(b" ")[1] == asked.encode()


@pytest.mark.parametrize("to", ["//[::1/", "http://[/", "//[v1.x]/", "http://[::1"])
def test_a_redirect_to_no_address_is_refused(to: str) -> None:
    says = plain(b"", "302 Found", f"Location: {to}")
    with answering(says) as server, pytest.raises(RefusedError, match=r"^redirect 1: it "):
        web(server).fetch("GET", server.url(), timeout=SOON, redirects=1)
    assert server.connections == 1


@pytest.mark.parametrize("status", [300, 304, 305])
def test_other_statuses_of_that_kind_lead_nowhere(status: int) -> None:
    with answering(plain(b"", f"{status} Hm", "Location: /new")) as server:
        assert web(server).fetch("GET", server.url(), timeout=SOON, redirects=3).status == status
    assert len(server.requests) == 1


def test_a_redirect_without_a_target_is_refused() -> None:
    with answering(plain(b"", "302 Found")) as server, pytest.raises(RefusedError, match="or to nowhere"):
        web(server).fetch("GET", server.url(), timeout=SOON, redirects=3)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b"a=1"), (308, "POST", b"a=1")],
)
def test_what_was_posted_is_posted_again_where_http_says_so(status: int, method: str, body: bytes) -> None:
    with answering(moving(status)) as server:
        web(server).fetch(
            "POST",
            server.url(),
            headers={"Content-Type": "x/y", "X-Key": "k"},
            body="a=1",
            timeout=SOON,
            redirects=1,
        )
    again = server.requests[1]
    assert again.startswith(method.encode() + b" /new ")
    assert again.partition(b"\r\n\r\n")[2] == body
    assert (b"Content-Type" in again) == (method == "POST")
    assert b"X-Key: k" in again


def test_headers_of_a_check_go_to_no_other_host() -> None:
    with answering(plain()) as other, answering(moving(307, other.url("/new"))) as server:
        web(server, other).fetch(
            "GET", server.url(), headers={"Authorization": "Bearer hunter2"}, timeout=SOON, redirects=1
        )
    assert b"hunter2" in server.requests[0]
    assert b"hunter2" not in other.requests[0]


def test_what_was_posted_goes_to_no_other_host() -> None:
    with (
        answering(plain()) as other,
        answering(moving(308, other.url("/new"))) as server,
        pytest.raises(RefusedError, match=r"^redirect 1: it passes what was posted on to another host$"),
    ):
        web(server, other).fetch("POST", server.url(), body="hunter2", timeout=SOON, redirects=1)
    assert other.connections == 0


def test_a_host_is_asked_by_its_name_and_has_to_prove_it(authority: Authority) -> None:
    with answering(plain(), tls=authority.serves("app.example.com")) as server:
        answer = public(authority, server).fetch("GET", "https://app.example.com/health", timeout=SOON)
    assert answer.status == 200
    assert b"\r\nHost: app.example.com\r\n" in server.requests[0]


@pytest.mark.parametrize(
    ("host", "days", "by_itself", "why"),
    [
        ("evil.example", 30, False, "Hostname mismatch"),
        ("app.example.com", -1, False, "certificate has expired"),
        ("app.example.com", 30, True, "self-signed certificate"),
    ],
)
def test_a_host_that_cannot_prove_its_name_is_told_nothing(
    authority: Authority, host: str, days: int, by_itself: bool, why: str
) -> None:
    with (
        answering(plain(), tls=authority.serves(host, days=days, by_itself=by_itself)) as server,
        pytest.raises(UnreachableError, match=rf"^its certificate is not valid: {why}"),
    ):
        public(authority, server).fetch("GET", "https://app.example.com/?key=hunter2", timeout=SOON)
    assert not any(b"hunter2" in request for request in server.requests)


def test_the_certificates_that_the_system_trusts_count(authority: Authority) -> None:
    with (
        answering(plain(), tls=authority.serves("127.0.0.1")) as server,
        pytest.raises(UnreachableError, match="certificate is not valid"),
    ):
        web(server).fetch("GET", server.url(scheme="https"), timeout=SOON)


def test_https_is_not_spoken_to_a_server_of_plain_http() -> None:
    with answering(plain()) as server, pytest.raises(UnreachableError, match=r"^no TLS connection: "):
        web(server).fetch("GET", server.url(scheme="https"), timeout=SOON)


def test_an_old_version_of_tls_is_not_spoken(authority: Authority) -> None:
    old = authority.serves("app.example.com")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        answering(plain(), tls=old) as server,
        pytest.raises(UnreachableError, match=r"^no TLS connection: "),
    ):
        public(authority, server).fetch("GET", "https://app.example.com/", timeout=SOON)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with answering(plain()) as server:
        pass
    with pytest.raises(UnreachableError, match=r"^nothing listens there"):
        web(server).fetch("GET", server.url(), timeout=SOON)


def none_found(_host: str, _port: int) -> list[str]:
    raise OSError("hunter2")


@pytest.mark.parametrize("resolve", [none_found, lambda _host, _port: []])
def test_a_name_without_an_address_is_unreachable(resolve: Callable[[str, int], list[str]]) -> None:
    asked = Web(["app.example.com"], [], clock=time.monotonic, resolve=resolve)
    with pytest.raises(UnreachableError, match=r"^its name has no address$"):
        asked.fetch("GET", "https://app.example.com/", timeout=SOON)


def test_addresses_are_looked_up_once_each() -> None:
    assert "127.0.0.1" in look_up("localhost", 80)
    assert look_up("127.0.0.1", 80) == ["127.0.0.1"]


def trying(answers: list[str], reachable: str, server: Answering) -> tuple[Web, list[str]]:
    tried: list[str] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        if address[0] != reachable:
            raise TimeoutError
        return socket.create_connection(("127.0.0.1", server.port), timeout)

    return Web(
        [], ["db.internal"], clock=time.monotonic, resolve=lambda _h, _p: answers, connect=connect
    ), tried


def test_another_address_of_the_host_is_tried_when_one_cannot_be_reached() -> None:
    with answering(plain()) as server:
        asked, tried = trying(["10.0.0.1", "10.0.0.2", "10.0.0.3"], "10.0.0.2", server)
        assert asked.fetch("GET", "http://db.internal/", timeout=SOON).status == 200
    assert tried == ["10.0.0.1", "10.0.0.2"]


def test_not_every_address_of_a_long_list_is_tried() -> None:
    with answering(plain()) as server:
        asked, tried = trying([f"10.0.0.{number}" for number in range(1, 200)], "10.0.0.199", server)
        with pytest.raises(TooSlowError):
            asked.fetch("GET", "http://db.internal/", timeout=SOON)
    assert len(tried) == MOST_TRIED


def test_a_proxy_of_the_environment_takes_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(plain(b"the proxy")) as proxy, answering(plain(b"the server")) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert web(server).fetch("GET", server.url(), timeout=SOON).body == b"the server"
    assert proxy.connections == 0


def test_several_threads_ask_at_once() -> None:
    with answering(lambda request: plain(request.split(b" ")[1])) as server, ThreadPoolExecutor(8) as pool:
        asked = web(server)
        paths = [f"/{number}" for number in range(40)]
        answers = pool.map(lambda path: asked.fetch("GET", server.url(path), timeout=SOON).body, paths)
        assert [body.decode() for body in answers] == paths


def test_every_error_is_one_that_a_caller_expects() -> None:
    assert {error.__name__ for error in WebError.__subclasses__()} >= {
        "RefusedError",
        "UnreachableError",
        "TooSlowError",
        "TooLargeError",
    }
