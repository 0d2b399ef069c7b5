"""How long a process took, measured from a small one.

Linux counts the memory of whoever starts a process into its `ru_maxrss`, so a benchmark that holds a whole
GitHub would see its own. A small Python without packages starts the processes and waits for them.
https://man7.org/linux/man-pages/man2/getrusage.2.html
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LIMIT = 60
"""Seconds after which a process counts as hanging, and is killed."""

_STARTER = """
import json, os, signal, sys, time
child = 0
signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
for line in sys.stdin:
    command, env, out, err, limit = json.loads(line)
    new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, out, new, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, err, new, 0o600),
    ]
    begun = time.monotonic()
    child = os.posix_spawnp(command[0], command, env, file_actions=files)
    signal.alarm(limit)
    status, used = os.wait4(child, 0)[1:]
    ended = time.monotonic()
    signal.alarm(0)
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps([begun, ended, used.ru_utime + used.ru_stime, used.ru_maxrss, code]), flush=True)
"""


@dataclass(frozen=True)
class Lap:
    """One process. ``begun`` and ``ended`` are seconds of `time.monotonic`, the same for all processes of a
    machine; ``cpu`` seconds, its own and the kernel's; ``memory`` MiB at its largest.
    """

    begun: float
    ended: float
    cpu: float
    memory: float
    out: str = ""

    @property
    def wall(self) -> float:
        """Seconds."""
        return self.ended - self.begun


class Stopwatch:
    """Starts one process after the other, with ``folder`` as their working directory."""

    def __init__(self, starter: subprocess.Popen[str], folder: Path) -> None:
        self._starter, self._folder = starter, folder

    def time(self, command: Sequence[str], env: Mapping[str, str]) -> Lap:
        """Run it to its end. Raises RuntimeError when it fails: how long a failure takes is no figure."""
        out, err = self._folder / "stdout", self._folder / "stderr"
        order = [list(command), dict(env), str(out), str(err), LIMIT]
        assert self._starter.stdin is not None
        assert self._starter.stdout is not None
        self._starter.stdin.write(json.dumps(order) + "\n")
        self._starter.stdin.flush()
        answer = self._starter.stdout.readline()
        if not answer:
            raise RuntimeError(f"{command[0]} could not be started")
        begun, ended, cpu, memory, code = json.loads(answer)
        said = out.read_text(encoding="utf-8", errors="replace")
        if code:
            told = said[-2000:] + err.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{told}")
        return Lap(begun, ended, cpu, memory / 1024, said)


@contextmanager
def stopwatch(folder: Path) -> Iterator[Stopwatch]:
    """One that is ready; its small process ends with it."""
    command = [sys.executable, "-I", "-S", "-c", _STARTER]
    with subprocess.Popen(  # noqa: S603 - this Python, with the program above
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
    ) as starter:
        yield Stopwatch(starter, folder)
        assert starter.stdin is not None
        starter.stdin.close()
