"""Smoke checks cannot be turned against the runner's own network (E16, I9): nobody is even connected to."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from adapters.answering import Answering, Authority, answering, plain
from allclear.adapters.production.web import RefusedError, Web
from allclear.core.model.neutral import JOINER

HERE = Path(__file__).parent
SOON = timedelta(seconds=20)
PUBLIC = "93.184.216.34"
LISTED = "app.example.com"


def lines(name: str) -> list[str]:
    """What a list in this folder holds."""
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("# ")]


HOSTS = lines("internal_hosts.txt")
TRICKS = lines("tricky_urls.txt")


def is_address(text: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ip_address(text))
    return False


ADDRESSES = [host.strip("[]") for host in HOSTS if is_address(host.strip("[]"))]

_CONNECTED: list[Any] = []
_watched: list[bool] = []


def _audit(event: str, arguments: Sequence[Any]) -> None:
    """Every connection and look-up of this process, whoever makes it: a hook that Python itself calls."""
    if _watched and event in (
        "socket.connect",
        "socket.getaddrinfo",
        "socket.sendto",
        "socket.gethostbyname",
    ):
        _CONNECTED.append((event, arguments))


sys.addaudithook(_audit)


@contextlib.contextmanager
def nobody_is_connected_to() -> Iterator[None]:
    """Fails when anything in the block opens a connection or asks the real name service."""
    _CONNECTED.clear()
    _watched.append(True)
    try:
        yield
    finally:
        _watched.clear()
    assert _CONNECTED == []


def leads_inside(host: str, _port: int) -> list[str]:
    """A name service that is as generous as the loosest C library: everything is some internal address."""
    return [host] if is_address(host) else ["127.0.0.1"]


def said(error: pytest.ExceptionInfo[RefusedError]) -> str:
    text = str(error.value)
    assert len(text) <= 120
    assert text.replace(JOINER, "").isprintable()
    assert not any(word in text for word in ("hunter2", "/etc/passwd", "pass@"))
    return text


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len(HOSTS) == len(set(HOSTS)) >= 110
    assert len(TRICKS) == len(set(TRICKS)) >= 75
    assert len(ADDRESSES) >= 50


@pytest.mark.parametrize("host", HOSTS)
def test_an_internal_host_is_not_asked_in_any_spelling(host: str) -> None:
    asked = Web([LISTED], [], clock=time.monotonic, resolve=leads_inside)
    for url in (
        f"https://{host}/",
        f"http://{host}/",
        f"https://{host}:443/a?key=hunter2",
        f"https://{host}:22/",
    ):
        with nobody_is_connected_to(), pytest.raises(RefusedError) as error:
            asked.fetch("GET", url, timeout=SOON)
        said(error)


@pytest.mark.parametrize("host", HOSTS)
def test_an_internal_host_is_not_asked_although_it_is_listed_as_a_public_one(host: str) -> None:
    asked = Web([host, f"{host}:8443"], [], clock=time.monotonic, resolve=leads_inside)
    for url in (f"https://{host}/", f"https://{host}:8443/", f"http://{host}/"):
        with nobody_is_connected_to(), pytest.raises(RefusedError) as error:
            asked.fetch("GET", url, timeout=SOON)
        said(error)


@pytest.mark.parametrize(
    "url", [*TRICKS, "https://app.example.com\t@127.0.0.1/", "https://app.example.com\r\nX: y/"]
)
def test_an_address_that_can_be_read_in_two_ways_is_not_asked(url: str) -> None:
    asked = Web([LISTED], [], clock=time.monotonic, resolve=leads_inside)
    with nobody_is_connected_to(), pytest.raises(RefusedError) as error:
        asked.fetch("GET", url, timeout=SOON)
    said(error)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("order", ["alone", "first", "last", "many"])
def test_a_listed_name_that_leads_inside_is_not_asked(address: str, order: str) -> None:
    answers = {
        "alone": [address],
        "first": [address, PUBLIC, "2606:4700::1111"],
        "last": [PUBLIC, "2606:4700::1111", address],
        "many": [*[PUBLIC] * 300, address],
    }[order]
    asked = Web([LISTED], [], clock=time.monotonic, resolve=lambda _host, _port: answers)
    with nobody_is_connected_to(), pytest.raises(RefusedError) as error:
        asked.fetch("GET", f"https://{LISTED}/", timeout=SOON)
    assert said(error).startswith("its name leads into a private network")


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1%eth0", "168.63.129.16", "fd00:ec2::254", "0.1.2.3"]
)
def test_a_private_host_does_not_lead_to_where_clouds_keep_their_credentials(address: str) -> None:
    asked = Web([], ["db.internal"], clock=time.monotonic, resolve=lambda _host, _port: ["10.0.0.1", address])
    with nobody_is_connected_to(), pytest.raises(RefusedError) as error:
        asked.fetch("GET", "http://db.internal/", timeout=SOON)
    assert said(error) == "its name leads to an address that may not be used"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.found(tmp_path_factory.mktemp("certificates"))


class Connections:
    """Connects PUBLIC to the test's server and nobody else to anything; remembers all that was tried."""

    def __init__(self, server: Answering) -> None:
        self.server = server
        self.tried: list[tuple[str, int]] = []

    def __call__(self, address: tuple[str, int], timeout: float) -> socket.socket:
        self.tried.append(address)
        assert address == (PUBLIC, 443)
        return socket.create_connection(("127.0.0.1", self.server.port), timeout)


@pytest.fixture(scope="module")
def redirecting(authority: Authority) -> Iterator[tuple[Answering, dict[bytes, bytes]]]:
    """A listed, public host whose path ``/<number>`` redirects to the number's address."""
    targets: dict[bytes, bytes] = {}

    def says(request: bytes) -> bytes:
        path = request.split(b" ")[1]
        if path not in targets:
            return plain(b"inside")
        return b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + targets[path] + b"\r\n\r\n"

    with answering(says, tls=authority.serves(LISTED)) as server:
        yield server, targets


REDIRECTS = [
    *(f"https://{host}/" for host in HOSTS),
    *(f"http://{host}/latest/meta-data/" for host in HOSTS),
    *(f"//{host}/" for host in HOSTS),
    *TRICKS,
]


@pytest.mark.parametrize("to", REDIRECTS)
def test_a_redirect_leads_nobody_inside(
    to: str, authority: Authority, redirecting: tuple[Answering, dict[bytes, bytes]]
) -> None:
    server, targets = redirecting
    targets[b"/start"] = to.encode()
    connect = Connections(server)
    asked = Web(
        [LISTED],
        ["db.internal", "10.0.0.1", "127.0.0.1:8080", "localhost:9"],
        clock=time.monotonic,
        resolve=lambda host, port: [PUBLIC] if host == LISTED else leads_inside(host, port),
        connect=connect,
        tls=authority.trusted,
    )
    before = len(server.requests)
    with contextlib.suppress(RefusedError):
        answer = asked.fetch("GET", f"https://{LISTED}/start", timeout=SOON, redirects=3)
        # Some tricks are, after a redirect, a path of the listed host itself. That is nowhere else.
        assert answer.hops == 1
    assert set(connect.tried) == {(PUBLIC, 443)}
    assert len(server.requests) - before == len(connect.tried)


@pytest.mark.parametrize(
    "to", ["http://db.internal/", "https://db.internal/", "http://10.0.0.1/", "//10.0.0.1/"]
)
def test_a_public_host_does_not_redirect_to_a_private_one_that_is_listed(
    to: str, authority: Authority, redirecting: tuple[Answering, dict[bytes, bytes]]
) -> None:
    server, targets = redirecting
    targets[b"/start"] = to.encode()
    connect = Connections(server)
    asked = Web(
        [LISTED],
        ["db.internal", "10.0.0.1"],
        clock=time.monotonic,
        resolve=lambda host, _port: [PUBLIC if host == LISTED else "10.0.0.1"],
        connect=connect,
        tls=authority.trusted,
    )
    with pytest.raises(RefusedError) as error:
        asked.fetch("GET", f"https://{LISTED}/start", timeout=SOON, redirects=3)
    assert said(error) == "redirect 1: a public host redirects into the private network"
    assert connect.tried == [(PUBLIC, 443)]


class Changing:
    """A name service whose answer is another one every time (DNS rebinding)."""

    def __init__(self, *answers: str) -> None:
        self.left = list(answers)
        self.asked = 0

    def __call__(self, _host: str, _port: int) -> list[str]:
        self.asked += 1
        return [self.left.pop(0)]


def test_a_name_is_resolved_once_and_the_connection_goes_to_that_address(
    authority: Authority, redirecting: tuple[Answering, dict[bytes, bytes]]
) -> None:
    server, _ = redirecting
    names, connect = Changing(PUBLIC, "127.0.0.1"), Connections(server)
    asked = Web([LISTED], [], clock=time.monotonic, resolve=names, connect=connect, tls=authority.trusted)
    assert asked.fetch("GET", f"https://{LISTED}/", timeout=SOON).status == 200
    assert names.asked == 1
    assert connect.tried == [(PUBLIC, 443)]


def test_a_name_that_changes_between_two_requests_is_checked_again(
    authority: Authority, redirecting: tuple[Answering, dict[bytes, bytes]]
) -> None:
    server, targets = redirecting
    targets[b"/start"] = b"/next"
    names, connect = Changing(PUBLIC, "169.254.169.254", "127.0.0.1"), Connections(server)
    asked = Web([LISTED], [], clock=time.monotonic, resolve=names, connect=connect, tls=authority.trusted)
    with pytest.raises(RefusedError) as error:
        asked.fetch("GET", f"https://{LISTED}/start", timeout=SOON, redirects=3)
    assert said(error).startswith("redirect 1: its name leads into a private network")
    with pytest.raises(RefusedError):
        asked.fetch("GET", f"https://{LISTED}/", timeout=SOON)
    assert connect.tried == [(PUBLIC, 443)]


def test_a_server_inside_notices_nothing() -> None:
    with answering(plain()) as inside:
        port = inside.port
        for host in HOSTS:
            for url in (f"https://{host}:{port}/", f"http://{host}:{port}/"):
                for hosts in ([LISTED], [host], [f"{host}:{port}"]):
                    with contextlib.suppress(RefusedError):
                        Web(hosts, [], clock=time.monotonic, resolve=leads_inside).fetch(
                            "GET", url, timeout=SOON
                        )
        assert inside.connections == 0
        # And it could have: this is the same server, asked by who may.
        Web([], [inside.host], clock=time.monotonic).fetch("GET", inside.url(), timeout=SOON)
        assert inside.connections == 1


def test_the_guard_of_these_tests_sees_a_connection() -> None:
    with answering(plain()) as inside, pytest.raises(AssertionError), nobody_is_connected_to():
        Web([], [inside.host], clock=time.monotonic).fetch("GET", inside.url(), timeout=SOON)
