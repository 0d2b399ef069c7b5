"""Cold starts: a door as a workflow starts it, in a process of its own, against the embedded GitHub."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from figures import Figures, spread

from allclear import app
from allclear_lab.github import HubSnapshot
from conversations.room import ROOT, Room, open_room

TIMES = 15
LIMIT = 60
"""Seconds after which a process counts as hanging."""

FAMILIES = {
    "PyGithub": {"github", "jwt", "cryptography", "nacl", "_cffi_backend", "cffi", "typing_extensions"},
    "requests": {"requests", "urllib3", "charset_normalizer", "idna", "certifi"},
    "pydantic": {"pydantic", "pydantic_core", "annotated_types", "typing_inspection"},
    "msgspec": {"msgspec"},
    "jinja2": {"jinja2", "markupsafe"},
    "markdown-it-py": {"markdown_it", "mdurl"},
    "PyYAML": {"yaml", "_yaml"},
    "allclear": {"allclear"},
}
"""What a library brings along counts as its own."""


@dataclass(frozen=True)
class Took:
    """Seconds of one process, and what it wrote to its standard error."""

    wall: float
    cpu: float
    errors: str = ""


def took(command: list[str], env: Mapping[str, str], folder: Path) -> Took:
    """Run it to its end. Raises RuntimeError when it fails: how long a failure takes is no figure."""
    errors = folder / "stderr"
    before, start = getrusage(RUSAGE_CHILDREN), perf_counter()
    with errors.open("wb") as err, (folder / "stdout").open("wb") as out:
        process = subprocess.Popen(command, env=dict(env), cwd=ROOT, stdout=out, stderr=err)  # noqa: S603 - this Python, with our own scripts
        code = process.wait(LIMIT)
    wall, after = perf_counter() - start, getrusage(RUSAGE_CHILDREN)
    if code:
        raise RuntimeError((folder / "stdout").read_text() + errors.read_text()[-2000:])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, cpu, errors.read_text())


@dataclass
class Doorway:
    """An incident that was answered, and what a workflow would tell a door about it."""

    room: Room
    quiet: HubSnapshot
    folder: Path

    def comes(self, event: str, payload: Any) -> dict[str, str]:
        """The environment of a job for this event."""
        file = self.folder / "event.json"
        file.write_text(json.dumps(payload), encoding="utf-8")
        hub, room = self.room.hub, self.room
        return {
            "PATH": os.environ["PATH"],
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REPOSITORY_ID": str(room.repo.id),
            "GITHUB_API_URL": hub.api_url,
            "GITHUB_TOKEN": hub.actions_token(room.repo, permissions=room.rights("respond")),
            "GITHUB_WORKSPACE": str(room.root),
        }

    def command(self) -> dict[str, str]:
        """Somebody says a command; the run for it."""
        self.room.hub.restore(self.quiet)
        self.room.people["bob"].comment(self.room.number, "/note saw the first error")
        event = self.room.hub.deliveries[-1]
        return self.comes(event.event, event.payload)

    def nothing_new(self) -> dict[str, str]:
        """A run for an incident that is up to date."""
        self.room.hub.restore(self.quiet)
        return self.comes("workflow_dispatch", {"inputs": {"issue": str(self.room.number)}})

    def no_incident(self) -> dict[str, str]:
        """A comment on any other issue."""
        return self.comes("issue_comment", {"action": "created", "issue": {"number": 7, "labels": []}})


@contextmanager
def doorway() -> Iterator[Doorway]:
    """An incident, answered, and nothing due."""
    with TemporaryDirectory() as name, open_room(Path(name), http=True) as room:
        room.opens("ann")
        room.says("bob", "/ack")
        room.door(app.respond, "workflow_dispatch", {"inputs": {"issue": str(room.number)}})
        yield Doorway(room, room.hub.snapshot(), Path(name))


def compiled_like_a_runner(here: Doorway) -> Path:
    """A folder of compiled files with those of Python's own library only."""
    cache = here.folder / "compiled"
    took(
        [sys.executable, str(ROOT / "scripts" / "respond.py")],
        here.command() | {"PYTHONPYCACHEPREFIX": str(cache)},
        here.folder,
    )
    for place in (ROOT / "scripts", Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))):
        shutil.rmtree(cache / place.relative_to("/"), ignore_errors=True)
    return cache


def doors(say: Callable[[str], None]) -> Figures:
    """Wall and CPU time of `python scripts/respond.py`."""
    rows = []
    with doorway() as here:
        door = str(ROOT / "scripts" / "respond.py")
        as_installed = {
            "PYTHONPYCACHEPREFIX": str(compiled_like_a_runner(here)),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        kinds: dict[str, tuple[Callable[[], dict[str, str]], dict[str, str]]] = {
            "an event that is no incident": (here.no_incident, {}),
            "an incident with nothing new to do": (here.nothing_new, {}),
            "a command (5 requests)": (here.command, {}),
            "a command, where only Python's own library is compiled": (here.command, as_installed),
        }
        rows.append(("an empty Python", *_times(say, "python", here, ["-c", ""], here.no_incident, {})))
        for name, (event, more) in kinds.items():
            rows.append((name, *_times(say, name, here, [door], event, more)))
    note = (
        f"Median of {TIMES} (smallest to largest). GitHub is the embedded one on the same machine, so the "
        "network is not in it; CPU is the door's alone. The last line is a workflow's run: `respond.yml` "
        "installs with `--no-compile`, and a fresh checkout holds no compiled files either."
    )
    return Figures("A door run, from start to end", ("cold run", "wall ms", "CPU ms"), tuple(rows), note)


def _times(
    say: Callable[[str], None],
    name: str,
    here: Doorway,
    arguments: list[str],
    event: Callable[[], dict[str, str]],
    more: Mapping[str, str],
) -> tuple[str, str]:
    measured = []
    for time in range(TIMES + 1):
        say(f"cold: {name}, {time} of {TIMES}")
        measured.append(took([sys.executable, *arguments], event() | dict(more), here.folder))
    measured = measured[1:]  # the first one fills the disk's cache
    return spread([one.wall for one in measured]), spread([one.cpu for one in measured])


def imports(say: Callable[[str], None]) -> Figures:
    """Where the start goes: the time of importing, module by module, added up by library."""
    found: dict[str, list[float]] = defaultdict(list)
    with doorway() as here:
        for time in range(TIMES):
            say(f"imports: {time} of {TIMES}")
            one = took(
                [sys.executable, "-X", "importtime", "scripts/respond.py"], here.command(), here.folder
            )
            for family, micros in _by_family(one.errors).items():
                found[family].append(micros / 1000)
    rows = sorted(((name, median(times)) for name, times in found.items()), key=lambda row: -row[1])
    total = sum(time for _, time in rows)
    cells = [(name, f"{time:,.0f}", f"{time / total:.0%}") for name, time in rows]
    note = (
        f"A command, `-X importtime`, median of {TIMES}; the measuring itself makes imports slower. "
        "What a library brings along counts as its own; what Python's own library costs is listed once."
    )
    rows_of_text = (*cells, ("all", f"{total:,.0f}", "100%"))
    return Figures("What imports cost", ("library", "ms", "share"), rows_of_text, note)


def _by_family(report: str) -> dict[str, float]:
    """Microseconds. A line is ``import time: self | cumulative | module``."""
    spent: dict[str, float] = defaultdict(float)
    for line in report.splitlines():
        own, _, rest = line.removeprefix("import time:").partition("|")
        if own.strip().isdigit():
            root = rest.partition("|")[2].strip().partition(".")[0]
            family = next((name for name, roots in FAMILIES.items() if root in roots), "")
            known = root in sys.stdlib_module_names
            spent[family or ("Python's own" if known else "others")] += int(own)
    return spent


def drill(say: Callable[[str], None]) -> Figures:
    """The whole drill, as `make drill` starts it."""
    rows = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "allclear", "drill", "--out", str(folder / "out")]
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "scripts")}
        measured = []
        for time in range(3):
            say(f"drill: {time} of 3")
            measured.append(took(command, env, folder))
        rows.append(
            ("`allclear drill`", spread([m.wall for m in measured]), spread([m.cpu for m in measured]))
        )
    return Figures("The drill", ("from start to end", "wall ms", "CPU ms"), tuple(rows), "Three times.")
