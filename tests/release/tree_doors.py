"""Opens the doors of a release's tree as a job does: in a process of their own, without site-packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from conversations.room import Room

Door = Callable[..., int]

PATIENCE = 120
"""Seconds for one process, on a busy machine."""


def python(tree: Path, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """What `action.yml` runs of a tree, with a clean environment."""
    return subprocess.run(
        [sys.executable, "-S", str(tree / "scripts/allclear/launcher.py"), *words],
        env={"PATH": os.environ["PATH"], **(env or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def in_turn(doors: Iterable[Door]) -> Door:
    """The first of them for the first run, the second for the next, and over again."""
    turns = cycle(doors)

    def door(*words: Any, **more: str) -> int:
        return next(turns)(*words, **more)

    return door


def opens_doors_of(tree: Path, room: Room) -> Door:
    """What takes the place of ``room.door``, for a room that was opened with `http=True`."""

    def door(door: Door, event: str, payload: Mapping[str, Any], **more: str) -> int:
        assert isinstance(door, partial)
        (name,) = door.args
        room.runs += 1
        file, output = room.folder / f"event-{room.runs}.json", room.folder / f"output-{room.runs}"
        file.write_text(json.dumps(payload), encoding="utf-8")
        env = {
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REPOSITORY_ID": str(room.repo.id),
            "GITHUB_API_URL": room.hub.api_url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_TOKEN": room.hub.actions_token(room.repo, permissions=room.rights(name)),
            "GITHUB_RUN_ID": str(room.runs),
            "GITHUB_WORKSPACE": str(room.root),
            "GITHUB_OUTPUT": str(output),
            "ALLCLEAR_KEY": room.key,
            **more,
        }
        done = python(tree, name, env=env)
        assert done.stderr == ""
        room.printed += done.stdout.splitlines()
        room.codes.append(done.returncode)
        written = output.read_text().splitlines() if output.exists() else []
        room.outputs = dict(line.split("=", 1) for line in written)
        room.pending = json.loads(room.outputs.get("postmortem", "[]"))
        return done.returncode

    return door
