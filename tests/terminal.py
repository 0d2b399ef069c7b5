"""A program run on a terminal: what it shows to somebody who looks."""

import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread

LONGEST = 60.0
"""Seconds until a program is ended."""


def on_a_terminal(call: Sequence[str], cwd: Path, env: Mapping[str, str]) -> str:
    """Everything that ``call`` prints when its output is a terminal, escape codes included."""
    ours, its = pty.openpty()
    shown: list[bytes] = []
    with subprocess.Popen(
        call, cwd=cwd, env=dict(env) | {"TERM": "xterm-256color"}, stdin=its, stdout=its, stderr=its
    ) as program:
        os.close(its)
        reader = Thread(target=_read, args=(ours, shown), daemon=True)
        reader.start()
        try:
            program.wait(LONGEST)
        finally:
            program.kill()
        reader.join(LONGEST)
    os.close(ours)
    return b"".join(shown).decode(errors="replace")


def _read(end: int, shown: list[bytes]) -> None:
    """Until nobody holds the other end any more: Linux says so with an error."""
    try:
        while found := os.read(end, 65_536):
            shown.append(found)
    except OSError:
        return
