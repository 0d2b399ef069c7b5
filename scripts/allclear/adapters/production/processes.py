"""Runs one command of the settings: a vector of words, no shell, an end in time, an output within bounds.

The command and everything it starts are one process group, which is ended when the command is over or its
time is. It sees the variables that it is given, beside PATH, HOME and LANG: a job's other secrets are not its
business.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO, Self

from msgspec import Struct, field

from allclear.core.model.neutral import plain
from allclear.core.production.evidence import legible

MOST = 64 * 1024
"""Bytes that are kept of what a command prints: the first half and the last half."""

PASSED_ON = ("PATH", "HOME", "LANG")
"""What every program needs."""

GRACE = 2.0
"""Seconds between asking a command to end and ending it; and for what it still prints once it is over."""

_TICK = 0.05


class Finished(Struct, frozen=True):
    """How a command ended.

    ``code``: its exit code, negative for a signal as in subprocess; None when it was not started or was ended
    for its length (``timed_out``). ``output``: what it printed, both streams in the order they came, as plain
    text with the middle left out beyond MOST bytes. ``printed``: the same of its standard output alone.
    ``missing``: it could not be started at all, and ``output`` says why.
    """

    code: int | None
    output: str
    seconds: float
    timed_out: bool = False
    missing: bool = False
    printed: str = ""

    @property
    def passed(self) -> bool:
        """Whether it ended by itself, with exit code 0."""
        return self.code == 0 and not self.timed_out


class _Kept(Struct):
    """The beginning and the end of a stream."""

    most: int
    head: bytearray = field(default_factory=bytearray)
    tail: deque[bytes] = field(default_factory=deque)
    size: int = 0
    held: int = 0

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        room = self.most // 2 - len(self.head)
        self.head += piece[:room]
        if rest := piece[room:]:
            self.tail.append(rest)
            self.held += len(rest)
        while self.tail and self.held - len(self.tail[0]) >= self.most // 2:
            self.held -= len(self.tail.popleft())

    def text(self) -> str:
        end = b"".join(self.tail)[-(self.most // 2) :]
        left_out = self.size - len(self.head) - len(end)
        if not left_out:
            return _text(bytes(self.head) + end)
        return f"{_text(bytes(self.head))}\n[{left_out:,} bytes left out]\n{_text(end)}"


def _text(data: bytes) -> str:
    """Plain text. Line by line, because looking at every sign takes its time and most lines are ASCII."""
    lines = legible(data).split("\n")
    return "\n".join(line if line.isascii() else plain(line) for line in lines)


def run_command(
    vector: Sequence[str], *, timeout: timedelta, env: Mapping[str, str], cwd: Path, most: int = MOST
) -> Finished:
    """Run the words of ``vector`` in ``cwd`` and wait for the end, for at most ``timeout`` and a few seconds.

    ``env`` is what it gets beside PATH, HOME and LANG. Never raises for a command that cannot be run.
    """
    begun = time.monotonic()
    given = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | dict(env)
    try:
        process = subprocess.Popen(  # noqa: S603 - the vector is the repository's own settings, no shell reads it
            list(vector),
            cwd=cwd,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Finished(None, plain(f"{vector[0]}: {why}"), time.monotonic() - begun, missing=True)
    everything, printed = _Kept(most), _Kept(most)
    timed_out = False
    with process, _group(process), _Streams(process, everything, printed) as streams:
        if not streams.follow(begun + timeout.total_seconds()):
            timed_out = True
            _signal(process, signal.SIGTERM)
            streams.follow(time.monotonic() + GRACE)
    code = None if timed_out else process.returncode
    seconds = time.monotonic() - begun
    output = everything.text()
    quiet = printed.size == everything.size  # nothing on the other stream
    return Finished(code, output, seconds, timed_out, printed=output if quiet else printed.text())


@contextlib.contextmanager
def _group(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whatever happens, nobody of the group is left behind, and the pipes do not wait for who escaped."""
    try:
        yield
    finally:
        # Not reaped yet, so its id cannot be another group's by now.
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


class _Streams:
    """What a process prints, read as it comes."""

    def __init__(self, process: subprocess.Popen[bytes], everything: _Kept, printed: _Kept) -> None:
        self._pid = process.pid
        self._selector = selectors.DefaultSelector()
        assert process.stdout is not None  # both are pipes
        assert process.stderr is not None
        self._selector.register(process.stdout, selectors.EVENT_READ, (everything, printed))
        self._selector.register(process.stderr, selectors.EVENT_READ, (everything,))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def follow(self, end: float) -> bool:
        """Read until the process is over. Whether that was before ``end``, a time of time.monotonic().

        What was printed is read to its end, though not for ever: a child may hold the pipes open.
        """
        while not self._over():
            left = end - time.monotonic()
            if left <= 0:
                return False
            self._read(min(left, _TICK))
        last = time.monotonic() + GRACE
        while self._selector.get_map() and self._read(4 * _TICK) and time.monotonic() < last:
            pass
        return True

    def _over(self) -> bool:
        """Whether the process ended; it stays a zombie, so that its group keeps its number."""
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._pid, flags) is not None

    def _read(self, patience: float) -> bool:
        """Read what is there, or comes within ``patience`` seconds. Whether there was anything."""
        if not self._selector.get_map():
            time.sleep(patience)
            return False
        ready = self._selector.select(patience)
        for key, _ in ready:
            stream: IO[bytes] = key.fileobj  # type: ignore[assignment] # the streams that were registered above
            piece = os.read(stream.fileno(), MOST)
            if not piece:
                self._selector.unregister(stream)
            for kept in key.data if piece else ():
                kept.add(piece)
        return bool(ready)
