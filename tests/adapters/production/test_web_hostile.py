"""Servers that mean harm, or are broken: bounded in time, memory and bytes, and never an answer (I9)."""

import gzip
import itertools
import re
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from adapters.answering import Answering, Authority, Says, answering, plain
from allclear.adapters.production.web import (
    RefusedError,
    TooLargeError,
    TooSlowError,
    UnreachableError,
    Web,
    WebError,
)
from allclear.adapters.production.wire import MOST, MOST_HEAD, MOST_WIRE

SOON = timedelta(seconds=20)
"""Long enough for any machine; nothing here waits for it to pass."""

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BUFFERS = 16 * MOST
"""Bytes that the sockets of both sides may hold, generously: sent by the server, and read by nobody."""


class Ticking:
    """A clock that is a little later each time somebody looks: a deadline passes after so many looks."""

    def __init__(self, step: float) -> None:
        self.step = step
        self.now = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def web(server: Answering, clock: Callable[[], float] = time.monotonic) -> Web:
    return Web([], [server.host], clock=clock)


def error_of(
    server: Answering,
    clock: Callable[[], float] = time.monotonic,
    timeout: timedelta = SOON,
    redirects: int = 0,
) -> WebError:
    with pytest.raises(WebError) as error:
        web(server, clock).fetch("GET", server.url("/x?key=hunter2"), timeout=timeout, redirects=redirects)
    text = str(error.value)
    assert text.isprintable()
    assert len(text) <= 120
    assert "hunter2" not in text
    assert not re.search(r"[<>\[\]|*`@#]", text)
    return error.value


def for_ever(first: bytes, then: bytes) -> Says:
    return itertools.chain([first], itertools.repeat(then))


ENDLESS: dict[str, Says] = {
    "a body of 10 GB, announced": for_ever(OK + b"Content-Length: 10000000000\r\n\r\n", b"hunter2 " * 8192),
    "a body without an end": for_ever(OK + b"\r\n", b"hunter2 " * 8192),
    "a body without an end, in gzip": for_ever(OK + b"Content-Encoding: gzip\r\n\r\n", b"hunter2 " * 8192),
    "chunks without an end": for_ever(CHUNKED, b"2000\r\n" + b"h" * 0x2000 + b"\r\n"),
    "one chunk without an end": for_ever(CHUNKED + b"ffffffffffffffff\r\n", b"hunter2 " * 8192),
    "chunks of one byte with long extensions": for_ever(CHUNKED, b"1;" + b"x" * 60_000 + b"\r\nh\r\n"),
    "a trailer without an end": for_ever(CHUNKED + b"1\r\nh\r\n0\r\n", b"X-Hunter2: hunter2\r\n" * 1000),
    "a header without an end": for_ever(OK + b"X-Hunter2: ", b"hunter2 " * 8192),
    "headers without an end": for_ever(OK, b"X-Hunter2: hunter2\r\n" * 20),
    "long headers": for_ever(OK, b"X-Hunter2: " + b"h" * 60_000 + b"\r\n"),
    "a status line without an end": for_ever(b"HTTP/1.1 200 ", b"hunter2 " * 8192),
    "a status without an end": for_ever(b"HTTP/1.1 2", b"00000000" * 8192),
    "nothing but continuing": for_ever(b"", b"HTTP/1.1 100 Continue\r\nX: hunter2\r\n\r\n" * 100),
    "zeros": for_ever(b"", b"\x00" * 65536),
    "empty lines": for_ever(b"", b"\r\n" * 32768),
}


@pytest.mark.parametrize("says", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_server_that_never_stops_talking_is_left(says: Says) -> None:
    with answering(says) as server:
        assert isinstance(error_of(server), TooLargeError | UnreachableError)
    assert server.sent <= BUFFERS


def test_what_is_read_is_bounded_in_memory() -> None:
    with answering(for_ever(OK + b"\r\n", b"hunter2 " * 8192)) as server:
        tracemalloc.start()
        try:
            error_of(server)
            assert tracemalloc.get_traced_memory()[1] < 8 * MOST
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (plain(b"h" * (MOST + 1)), f"its answer is over {MOST // 1024} KiB"),
        (OK + b"\r\n" + b"h" * (MOST + 1), f"its answer is over {MOST // 1024} KiB"),
        (OK + b"Content-Length: 10000000000\r\n\r\n", f"its answer is over {MOST // 1024} KiB"),
        (OK + b"X: " + b"h" * 65_000 + b"\r\n" + b"Y: " + b"h" * 30_000, f"over {MOST_HEAD // 1024} KiB"),
        (for_ever(CHUNKED, b"1;" + b"x" * 999 + b"\r\nh\r\n"), f"its answer is over {MOST_WIRE // 1024} KiB"),
    ],
)
def test_the_limit_is_told(says: Says, why: str) -> None:
    with answering(says) as server:
        error = error_of(server)
    assert isinstance(error, TooLargeError)
    assert why in str(error)


def bomb(pack: Callable[[bytes], bytes], size: int) -> bytes:
    return pack(b"\x00" * size)


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", bomb(gzip.compress, 200 * MOST)),
        ("deflate", bomb(zlib.compress, 200 * MOST)),
        ("gzip", bomb(gzip.compress, MOST + 1)),
    ],
)
def test_a_bomb_is_not_unpacked(coding: str, packed: bytes) -> None:
    with answering(plain(packed, "200 OK", f"Content-Encoding: {coding}")) as server:
        tracemalloc.start()
        try:
            error = error_of(server)
            assert tracemalloc.get_traced_memory()[1] < 16 * MOST
        finally:
            tracemalloc.stop()
    assert isinstance(error, TooLargeError)
    assert "when unpacked" in str(error)


@pytest.mark.parametrize(
    ("coding", "body", "why"),
    [
        ("gzip", b"hunter2", "cannot be unpacked"),
        ("gzip", gzip.compress(b"hunter2" * 1000, mtime=0)[:-9], "cannot be unpacked to its end"),
        ("deflate", b"\xff" * 100, "cannot be unpacked"),
        ("br", b"hunter2", "not asked for"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"hunter2", mtime=0), mtime=0), "not asked for"),
        ("hunter2", b"hunter2", "not asked for"),
    ],
)
def test_what_cannot_be_unpacked_is_no_answer(coding: str, body: bytes, why: str) -> None:
    with answering(plain(body, "200 OK", f"Content-Encoding: {coding}")) as server:
        error = error_of(server)
    assert isinstance(error, UnreachableError)
    assert why in str(error)


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"\n",
        b"hunter2",
        b"hunter2 200 OK\r\n\r\n",
        b"<html>hunter2</html>",
        b"220 mail.example.com ESMTP hunter2\r\n",
        b"SSH-2.0-hunter2\r\n",
        b"-ERR hunter2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46hunter2",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 hunter2 OK\r\n\r\n",
        b"HTTP/1.1 99 OK\r\n\r\n",
        b"HTTP/1.1 1000 OK\r\n\r\n",
        b"HTTP/1.1 -200 OK\r\n\r\n",
        b"HTTPS/1.1 hunter2",
        CHUNKED,
        CHUNKED + b"hunter2\r\nhunter2\r\n0\r\n\r\n",
        CHUNKED + b"-1\r\nhunter2\r\n0\r\n\r\n",
        CHUNKED + b"-7\r\nhunter2\r\n0\r\n\r\n",
        CHUNKED + b"\r\nhunter2\r\n0\r\n\r\n",
        CHUNKED + b"7\r\nhun",
        CHUNKED + b"7\r\nhunter2",
        OK + b"Content-Length: 100\r\n\r\nhunter2",
        OK,
        OK + b"X-Hunter2: hunt",
        OK + b"X: y\r\n" * 101 + b"\r\nhunter2",
    ],
)
def test_what_is_no_whole_http_answer_is_none(says: bytes) -> None:
    with answering(says) as server:
        error = error_of(server)
    assert isinstance(error, UnreachableError)


def resetting(listening: socket.socket) -> None:
    caller, _ = listening.accept()
    with caller:
        caller.recv(1000)
        caller.send(OK)
        # Closing with a linger of 0 is a reset: RST instead of FIN.
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def test_a_connection_that_is_reset_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=resetting, args=(listening,))
        thread.start()
        error = error_of(Answering(listening.getsockname()[1]))
        thread.join(10)
    assert isinstance(error, UnreachableError)


def dripping(text: bytes) -> Callable[[bytes], Iterator[bytes]]:
    """One byte at a time, for ever: none is late, and together they never arrive (slow-loris)."""

    def says(_request: bytes) -> Iterator[bytes]:
        for sign in itertools.chain(text, itertools.repeat(ord("h"))):
            time.sleep(0.001)
            yield bytes([sign])

    return says


@pytest.mark.parametrize(
    "text",
    [
        b"",
        OK,
        OK + b"X-Long: ",
        OK + b"Content-Length: 900000\r\n\r\n",
        CHUNKED + b"ffff\r\n",
        CHUNKED + b"1;",
    ],
)
def test_one_byte_at_a_time_does_not_move_the_deadline(text: bytes) -> None:
    clock = Ticking(0.1)
    with answering(dripping(text)) as server:
        error = error_of(server, clock, timedelta(seconds=20))
    assert isinstance(error, TooSlowError)
    assert str(error) == "no whole answer within 20 s"
    assert clock.now < 30


def test_a_server_that_says_nothing_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        error = error_of(Answering(listening.getsockname()[1]), timeout=timedelta(seconds=0.2))
    assert isinstance(error, TooSlowError)
    assert str(error) == "no whole answer within 0.2 s"


def test_a_server_that_never_ends_the_handshake_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Answering(listening.getsockname()[1])
        with pytest.raises(TooSlowError):
            web(server).fetch("GET", server.url(scheme="https"), timeout=timedelta(seconds=0.2))


def test_a_server_that_reads_nothing_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Answering(listening.getsockname()[1])
        with pytest.raises(TooSlowError):
            web(server).fetch("POST", server.url(), body="h" * 30_000_000, timeout=timedelta(seconds=0.5))


def test_a_name_service_that_never_answers_is_too_slow() -> None:
    over = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        over.wait(20)
        return ["127.0.0.1"]

    asked = Web(["app.example.com"], [], clock=time.monotonic, resolve=resolve)
    with pytest.raises(TooSlowError):
        asked.fetch("GET", "https://app.example.com/", timeout=timedelta(seconds=0.2))
    over.set()


def test_all_addresses_together_have_one_deadline() -> None:
    allowed: list[float] = []

    def connect(_address: tuple[str, int], timeout: float) -> socket.socket:
        allowed.append(timeout)
        clock.now += timeout
        raise TimeoutError

    clock = Ticking(0)
    addresses = [f"10.0.0.{number}" for number in range(1, 9)]
    asked = Web([], ["db.internal"], clock=clock, resolve=lambda _host, _port: addresses, connect=connect)
    with pytest.raises(TooSlowError):
        asked.fetch("GET", "http://db.internal/", timeout=timedelta(seconds=8))
    assert allowed == pytest.approx([2, 2, 2, 2])


def test_no_time_is_no_request() -> None:
    with answering(plain()) as server:
        assert isinstance(error_of(server, timeout=timedelta(0)), TooSlowError)
    assert server.connections == 0


@pytest.mark.parametrize("redirects", [1, 5])
def test_a_loop_of_redirects_ends(redirects: int) -> None:
    with answering(plain(b"", "301 Moved", "Location: /x?key=hunter2")) as server:
        error = error_of(server, redirects=redirects)
    assert isinstance(error, RefusedError)
    assert str(error) == f"it redirects more than {redirects} times, or to nowhere"
    assert server.connections == redirects + 1


def test_all_redirects_together_have_one_deadline() -> None:
    clock = Ticking(1)
    with answering(plain(b"", "302 Found", "Location: /x")) as server:
        error = error_of(server, clock, timedelta(seconds=12), redirects=1000)
    assert isinstance(error, TooSlowError)
    assert re.fullmatch(r"redirect \d: no whole answer within 12 s", str(error))


@pytest.mark.parametrize(
    "to",
    [
        b"https://hunter2:hunter2@127.0.0.1/",
        b"http://127.0.0.1:1/",
        b"//other.example/hunter2",
        b"javascript:hunter2",
        b"/" + b"h" * 3000,
        b"/\xff\xfe\x85",
        b"/hunter2 HTTP/1.1",
    ],
)
def test_a_redirect_to_what_is_not_listed_is_refused_in_words_of_ours(to: bytes) -> None:
    with answering(OK.replace(b"200 OK", b"302 Found") + b"Location: " + to + b"\r\n\r\n") as server:
        error = error_of(server, redirects=3)
    assert isinstance(error, RefusedError)
    assert str(error).startswith("redirect 1: ")
    assert server.connections == 1


def test_after_all_of_that_a_good_server_is_still_asked(tmp_path_factory: pytest.TempPathFactory) -> None:
    authority = Authority.found(tmp_path_factory.mktemp("certificates"))
    with answering(plain(), tls=authority.serves("db.internal")) as server:
        asked = Web(
            [],
            ["db.internal"],
            clock=time.monotonic,
            resolve=lambda _host, _port: ["10.0.0.1"],
            connect=lambda _address, timeout: socket.create_connection(("127.0.0.1", server.port), timeout),
            tls=authority.trusted,
        )
        assert asked.fetch("GET", "https://db.internal/", timeout=SOON).body == b"fine"
