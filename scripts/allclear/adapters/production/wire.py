"""A connection as http.client uses it, held to one deadline and to a number of bytes."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from allclear.core.policy.address import WebError

if TYPE_CHECKING:
    from typing_extensions import Buffer

Clock = Callable[[], float]
"""Seconds of a clock that only goes forward, such as time.monotonic."""

MOST = 1024 * 1024
"""Bytes of an answer, unpacked; one that is longer is no answer."""

MOST_HEAD = 64 * 1024
"""Bytes of its status line and headers."""

MOST_WIRE = 2 * MOST
"""Bytes that are read for it at all: chunks may cost more than what they hold."""

PIECE = 64 * 1024
"""Bytes that are read or written at once."""


class UnreachableError(WebError):
    """It could not be connected to, or what it said is no HTTP answer."""


class TooSlowError(WebError):
    """The deadline passed before the last byte of the answer."""


class TooLargeError(WebError):
    """The answer is longer than anybody should read."""


class TimeLimit(Struct, frozen=True):
    """When it has to be over. ``end``: by ``clock``. ``seconds``: how long that was, for people."""

    clock: Clock
    end: float
    seconds: float

    def left(self) -> float:
        """Seconds that are left, more than 0; TooSlowError when there are none."""
        left = self.end - self.clock()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> TooSlowError:
        """What to raise when it is over."""
        return TooSlowError(f"no whole answer within {self.seconds:g} s")


class Incoming(io.RawIOBase):
    """What comes from a socket, held to the deadline and to ``most`` bytes with every single read.

    A time-out of the socket alone would begin anew with each byte. ``ended``: the other side closed it.
    """

    def __init__(self, sock: socket.socket, deadline: TimeLimit) -> None:
        self._sock = sock
        self._deadline = deadline
        self._read = 0
        self.ended = False
        self.most = MOST_HEAD
        self.what = "the headers of its answer are"

    def readable(self) -> bool:
        """Yes: what io.RawIOBase wants to know."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Read into ``buffer``; 0 at the end. Raises TooSlowError, TooLargeError, OSError."""
        if self._read > self.most:
            raise TooLargeError(f"{self.what} over {self.most // 1024} KiB")
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(buffer)
        self._read += count
        self.ended = not count
        return count


class Wire:
    """As much of a socket as http.client uses. Who opened the socket closes it."""

    def __init__(self, sock: socket.socket, deadline: TimeLimit) -> None:
        self._sock = sock
        self._deadline = deadline
        self.incoming = Incoming(sock, deadline)

    def sendall(self, data: bytes) -> None:
        """Send all of it, piece by piece. Raises TooSlowError, OSError."""
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self._deadline.left())
            rest = rest[self._sock.send(rest[:PIECE]) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What http.client reads an answer from."""
        return io.BufferedReader(self.incoming)

    def close(self) -> None:
        """Nothing: an answer that ends with its connection is still to be read."""
