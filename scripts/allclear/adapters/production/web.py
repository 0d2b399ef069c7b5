"""One HTTP request to a host of the settings: checked before it connects, bounded in time and in size.

A URL is trusted as little as what answers it: names are resolved once and the connection goes to the address
that was checked; one deadline holds for everything together, however slowly the bytes come; nothing is read,
unpacked or followed beyond a limit. No proxy, no cookie and no credential of this machine takes part.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Literal
from urllib.parse import urljoin

from msgspec import Struct

from allclear.adapters.production.wire import (
    MOST,
    MOST_WIRE,
    PIECE,
    Clock,
    TimeLimit,
    TooLargeError,
    TooSlowError,
    UnreachableError,
    Wire,
)
from allclear.core.model.neutral import cut, headline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace
from allclear.core.policy.address import PORTS, Hosts, RefusedError, Target, WebError, unambiguous, usable

__all__ = [
    "HttpAnswer",
    "RefusedError",
    "TooLargeError",
    "TooSlowError",
    "UnreachableError",
    "Web",
    "WebError",
    "look_up",
]

Method = Literal["GET", "HEAD", "POST"]

LookUp = Callable[[str, int], Sequence[str]]
"""The addresses of a host and port. Raises OSError when there are none."""

Connect = Callable[[tuple[str, int], float], socket.socket]
"""A connection to an address and port, within so many seconds. Raises OSError."""

MOST_TRIED = 4
"""Addresses of a host that are tried, when those before cannot be reached."""

FOLLOWED = (301, 302, 303, 307, 308)

_OURS = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect")
)
"""Headers that frame a message, and no check's business."""

_FIELD = lazy_regex(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


class HttpAnswer(Struct, frozen=True):
    """A whole answer. ``headers``: names in lower case, of several the values with a comma between.
    ``seconds``: from before the look-up until the last byte. ``hops``: redirects that were followed.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    seconds: float
    hops: int


class _Ask(Struct, frozen=True):
    """What is sent. ``headers`` are the check's own."""

    method: Method
    headers: Mapping[str, str]
    body: bytes

    def after(self, status: int, *, same_origin: bool) -> _Ask:
        """What a redirect makes of it (https://www.rfc-editor.org/rfc/rfc9110#section-15.4).

        Headers may hold credentials, and go to nobody else. Nor does a body.
        """
        asked = self if same_origin else replace(self, headers={})
        if self.method == "POST" and status in (301, 302, 303):
            kept = {name: value for name, value in asked.headers.items() if name.lower() != "content-type"}
            return _Ask("GET", kept, b"")
        if self.method == "POST" and not same_origin:
            raise RefusedError("it passes what was posted on to another host")
        return asked


def look_up(host: str, port: int) -> list[str]:
    """All addresses of ``host``, best first. Raises socket.gaierror."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class Web:
    """Asks the hosts of the settings, and no others. May be used by several threads at once."""

    def __init__(
        self,
        hosts: Iterable[str],
        private_hosts: Iterable[str],
        *,
        clock: Clock,
        resolve: LookUp = look_up,
        connect: Connect = socket.create_connection,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``hosts`` and ``private_hosts`` as in the settings. ``tls``: whose certificates count;
        those that the system trusts when it is None.
        """
        self._hosts = Hosts.of(hosts, private_hosts)
        self._clock = clock
        self._resolve = resolve
        self._connect = connect
        self._own_tls = tls

    def fetch(
        self,
        method: Method,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: str = "",
        timeout: timedelta,
        redirects: int = 0,
    ) -> HttpAnswer:
        """The answer to one request, all within ``timeout``, after at most ``redirects`` redirects.

        With ``redirects`` 0 a redirect is an answer like another, and its status says so. Raises RefusedError
        (before the host in question is connected to), UnreachableError, TooSlowError, TooLargeError.
        """
        begun = self._clock()
        seconds = timeout.total_seconds()
        deadline = TimeLimit(self._clock, begun + seconds, seconds)
        target = self._hosts.target(url)
        ask = _Ask(method, _sendable(headers or {}), body.encode(errors="replace"))
        answer = self._once(target, ask, deadline)
        for hop in range(1, redirects + 1):
            to = answer.headers.get("location", "")
            if answer.status not in FOLLOWED or not to:
                break
            with _named(f"redirect {hop}"):
                before, target = target, self._hosts.target(_onward(target, to), base=target)
                ask = ask.after(answer.status, same_origin=before.origin == target.origin)
                answer = replace(self._once(target, ask, deadline), hops=hop)
        if redirects and answer.status in FOLLOWED:
            raise RefusedError(f"it redirects more than {redirects} times, or to nowhere")
        return replace(answer, seconds=self._clock() - begun)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made when it is needed: reading the system's certificates takes a while."""
        return self._own_tls or ssl.create_default_context()

    def _once(self, target: Target, ask: _Ask, deadline: TimeLimit) -> HttpAnswer:
        with _in_words(deadline), contextlib.ExitStack() as opened:
            sock = opened.enter_context(self._connected(target, deadline))
            if target.scheme == "https":
                sock.settimeout(deadline.left())
                sock = opened.enter_context(self._tls.wrap_socket(sock, server_hostname=target.host))
            return _exchange(Wire(sock, deadline), target, ask)

    def _connected(self, target: Target, deadline: TimeLimit) -> socket.socket:
        """A connection to one of the host's addresses, if all of them may be used."""
        addresses = self._addresses(target, deadline)
        # One that may not is enough: who mixes them hopes that it is taken some other time.
        if not all(usable(address, private=target.private) for address in addresses):
            raise RefusedError(
                "its name leads to an address that may not be used"
                if target.private
                else "its name leads into a private network; if that is meant, list it under private_hosts"
            )
        tried = addresses[:MOST_TRIED]
        for number, address in enumerate(tried[:-1]):
            with contextlib.suppress(OSError):
                return self._connect((address, target.port), deadline.left() / (len(tried) - number))
        return self._connect((tried[-1], target.port), deadline.left())

    def _addresses(self, target: Target, deadline: TimeLimit) -> Sequence[str]:
        """What the name resolves to, asked once. The name service knows no deadline, so a thread waits for
        it.
        """
        said: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                said.put(self._resolve(target.host, target.port))
            except OSError as error:
                said.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            found = said.get(timeout=deadline.left())
        except queue.Empty:
            raise deadline.passed() from None
        if isinstance(found, OSError) or not found:
            raise UnreachableError("its name has no address")
        return found


def _onward(target: Target, to: str) -> str:
    """Where a redirect leads, which may be said relative to where it was."""
    try:
        # Servers write UTF-8 there, though they should not, and http.client reads all headers as Latin-1.
        return urljoin(target.url, unambiguous(to.encode("latin-1").decode()))
    except ValueError:
        raise RefusedError("it is not an address") from None


def _sendable(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers, or RefusedError: none that frames the message, and none that begins another line."""
    for name, value in headers.items():
        if not _FIELD.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("proxy-"):
            raise RefusedError(f"the header {cut(headline(name), 40)} cannot be set")
        if not value.isascii() or not value.replace("\t", " ").isprintable():
            raise RefusedError(f"the header {cut(headline(name), 40)} has signs that no header may have")
    return headers


def _exchange(wire: Wire, target: Target, ask: _Ask) -> HttpAnswer:
    """Send the request and read all of the answer."""
    talk = http.client.HTTPConnection(target.host, target.port)
    talk.default_port = PORTS[target.scheme]
    talk.sock = wire
    own = {"User-Agent": "allclear-smoke", "Accept": "*/*", "Connection": "close"}
    given = {name.lower() for name in ask.headers}
    sent = {name: value for name, value in own.items() if name.lower() not in given} | dict(ask.headers)
    talk.request(ask.method, target.path, body=ask.body or None, headers=sent)
    with talk.getresponse() as response:
        # http.client takes the end of the connection for that of the headers: half an answer would be one.
        if wire.incoming.ended:
            raise UnreachableError("it closed the connection in the middle of its answer")
        wire.incoming.most, wire.incoming.what = MOST_WIRE, "its answer is"
        headers: dict[str, str] = {}
        for name, value in response.getheaders():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        body = _unpacked(_read(response), headers.get("content-encoding", ""))
        return HttpAnswer(response.status, body, headers, 0.0, 0)


def _read(response: http.client.HTTPResponse) -> bytes:
    too_large = TooLargeError(f"its answer is over {MOST // 1024} KiB")
    if response.length is not None and response.length > MOST:
        raise too_large
    read = bytearray()
    while piece := response.read(PIECE):
        read += piece
        if len(read) > MOST:
            raise too_large
    # Not told by http.client when it is read in pieces.
    if response.length:
        raise UnreachableError("it closed the connection in the middle of its answer")
    return bytes(read)


def _unpacked(body: bytes, coding: str) -> bytes:
    """The bytes behind a Content-Encoding that we did not ask for, but get from some servers all the same."""
    name = coding.strip().lower()
    if not body or name in ("", "identity"):
        return body
    if name not in ("gzip", "x-gzip", "deflate"):
        raise UnreachableError("its answer is in an encoding that was not asked for")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip and zlib, by their first bytes
    try:
        whole = unpack.decompress(body, MOST + 1)
    except zlib.error:
        raise UnreachableError("its answer cannot be unpacked") from None
    if len(whole) > MOST:
        raise TooLargeError(f"its answer is over {MOST // 1024} KiB when unpacked")
    if not unpack.eof:
        raise UnreachableError("its answer cannot be unpacked to its end")
    return whole


@contextlib.contextmanager
def _named(step: str) -> Iterator[None]:
    """Say of an error at which step it was."""
    try:
        yield
    except WebError as error:
        raise type(error)(f"{step}: {error}") from error


@contextlib.contextmanager
def _in_words(deadline: TimeLimit) -> Iterator[None]:
    """What sockets, TLS and http.client raise, in words of ours: theirs may repeat what the server sent."""
    try:
        yield
    except TimeoutError:
        raise deadline.passed() from None
    except ConnectionRefusedError:
        raise UnreachableError("nothing listens there: the connection was refused") from None
    except ssl.SSLCertVerificationError as error:
        why = cut(headline(error.verify_message), 80)
        raise UnreachableError(f"its certificate is not valid: {why}") from None
    except ssl.SSLError as error:
        why = (error.reason or "no reason told").replace("_", " ").lower()
        raise UnreachableError(f"no TLS connection: {cut(why, 60)}") from None
    except http.client.RemoteDisconnected:
        raise UnreachableError("it closed the connection without an answer") from None
    except OSError as error:
        raise UnreachableError(f"the connection broke: {cut(error.strerror or 'unknown', 60)}") from None
    except (http.client.HTTPException, ValueError):
        raise UnreachableError("its answer is not HTTP") from None
