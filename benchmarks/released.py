"""A release: what a job takes that runs one, set-up included, and how large it is."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from cold import TIMES, Doorway, Took, doorway, took
from figures import Figures, spread

from allclear_release.archive import written
from allclear_release.build import Release, build
from allclear_release.compiled import Python, python_at
from allclear_release.sources import of_commit
from allclear_release.targets import Target
from conversations.room import ROOT

BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
"""How a runner starts a step with `shell: bash`:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
"""


def a_release(say: Callable[[str], None]) -> Release:
    """One of the last commit, for this Python on this machine."""
    python = python_at(sys.executable)
    if not isinstance(python, Python):
        raise RuntimeError(python)  # noqa: TRY004 - why there is none is said in a sentence
    target = Target((sys.version_info[0], sys.version_info[1]), platform.machine())
    cache = ROOT / "build/wheels"
    return build(of_commit(ROOT), "0.0.0", pythons=[python], cache=cache, targets=[target], say=say)


def released(say: Callable[[str], None]) -> Figures:
    """One `/ack`: the steps of the action as a runner starts them, from a tree that was written to disk."""
    with TemporaryDirectory() as name, doorway() as here:
        (here.room.root / "templates").unlink()  # a repository has its settings, and the rest comes along
        release = a_release(say)
        tree = Path(name) / "tree"
        written(release.files, tree)
        steps = {step["name"]: step for step in yaml.safe_load(release.files["action.yml"])["runs"]["steps"]}
        look, door = (
            _script(Path(name), steps[step]["run"]) for step in ("Look for packages that came along", "Door")
        )
        found: list[tuple[Took, Took]] = []
        for time in range(TIMES + 1):
            say(f"release: {time} of {TIMES}")
            found.append(_ack(here, tree, look, door))
        found = found[1:]  # the first one fills the disk's cache
    rows = [
        ("the look for packages", *_spread([one for one, _ in found])),
        ("the door", *_spread([one for _, one in found])),
        ("both", *_spread([Took(one.wall + two.wall, one.cpu + two.cpu) for one, two in found])),
    ]
    size = sum(map(len, release.files.values())) / 1e6
    packed = len(release.packed()) / 1e6
    note = (
        "`/ack` on an incident, as the steps of `action.yml` do it, each in a `bash` of its own, without the "
        f"network; GitHub is the embedded one. Median of {TIMES} (smallest to largest). A release for "
        f"one Python and one machine: {len(release.files):,} files, {size:.0f} MB, {packed:.1f} MB packed."
    )
    return Figures("A release, set-up and run", ("a job's step", "wall ms", "CPU ms"), tuple(rows), note)


def _spread(times: list[Took]) -> tuple[str, str]:
    return spread([one.wall for one in times]), spread([one.cpu for one in times])


def _script(folder: Path, text: str) -> Path:
    """A step's script, in a file as the runner writes it."""
    file = folder / f"step-{len(list(folder.glob('step-*')))}.sh"
    file.write_text(text, encoding="utf-8")
    return file


def _ack(here: Doorway, tree: Path, look: Path, door: Path) -> tuple[Took, Took]:
    here.room.hub.restore(here.quiet)
    here.room.people["bob"].comment(here.room.number, "/ack")
    event = here.room.hub.deliveries[-1]
    output = here.folder / "output"
    output.unlink(missing_ok=True)
    env = here.comes(event.event, event.payload) | {
        "GITHUB_ACTION_PATH": str(tree),
        "GITHUB_OUTPUT": str(output),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    first = took([*BASH, str(look)], env, here.folder)
    if "there=true" not in output.read_text(encoding="utf-8"):
        raise RuntimeError("The release has no packages for this Python")
    second = took([*BASH, str(door)], env | {"ALLCLEAR_DOOR": "respond"}, here.folder)
    return first, second
