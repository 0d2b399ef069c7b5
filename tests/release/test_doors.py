"""A release runs from itself: its doors answer without site-packages, and in turn with those of yesterday."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from allclear import launcher
from allclear.core.record.entry import Entry
from allclear_lab.drill.library import DEFAULT
from allclear_release.manifest import MANIFEST, read_manifest
from allclear_release.targets import NEWEST_GLIBC
from conversations.room import KEY, Room, open_room
from conversations.test_budget import CASES, SERVICES, Crowd, pause
from release.conftest import ROOT, Workshop
from release.tree_doors import in_turn, opens_doors_of, python
from sampling import Proof
from workflows.documents import parts

FOR_A_DRILL = ("click", "graphql", "markdown_it", "mdurl", "pygments", "rich", "werkzeug")
"""What the drill needs beside the product: packages for people, which no release holds."""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with a_room(tmp_path) as opened:
        yield opened


@contextmanager
def a_room(folder: Path) -> Iterator[Room]:
    """A repository that pins a release: it has settings, and none of Allclear's code, words or runbooks."""
    with open_room(folder, http=True) as opened:
        (opened.root / "templates").unlink()
        opened.key = KEY
        yield opened


def test_a_python_that_the_packages_are_for_needs_no_set_up(workshop: Workshop) -> None:
    done = python(workshop.tree)
    assert (done.returncode, done.stderr) == (0, "")
    version = sys.version.split()[0]
    assert (
        done.stdout
        == f"Python {version} of this machine runs the packages of the release: nothing is set up.\n"
    )


def test_another_python_is_set_up_and_the_log_says_so(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "scripts/allclear").mkdir(parents=True)
    launcher = tmp_path / "scripts/allclear/launcher.py"
    launcher.write_bytes(workshop.release.files["scripts/allclear/launcher.py"])
    set_up = "Python is set up, and the packages are installed by the hashes of the lock.\n"
    done = python(tmp_path)
    assert (done.returncode, done.stdout) == (1, f"This is no release: {set_up}")
    (tmp_path / "vendor/cp399-x86_64").mkdir(parents=True)
    done = python(tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith(f"The release has no packages for Python {sys.version.split()[0]} on ")
    assert done.stdout.endswith(f": {set_up}")


@pytest.mark.parametrize(
    ("said", "version"),
    [("glibc 2.36", (2, 36)), ("glibc 2.4.1", (2, 4)), ("musl 1.2.5", ()), ("", ()), ("glibc x", ())],
)
def test_a_machine_whose_c_library_is_too_old_or_another_one_is_set_up(
    said: str, version: tuple[int, ...]
) -> None:
    assert launcher.glibc(said) == version
    assert (2, NEWEST_GLIBC) == launcher.GLIBC > ()


@pytest.mark.parametrize("step", ["Look for packages that came along", "Door"])
@pytest.mark.parametrize("layout", ["beside the action", "at the top of the checkout"])
def test_the_action_finds_the_code_beside_itself_or_at_the_top(
    tmp_path: Path, layout: str, step: str
) -> None:
    """It is beside it in a release and in our own repository; `allclear init` puts the action elsewhere."""
    (run,) = [part["run"] for part in parts() if part["name"] == step]
    action, checkout = tmp_path / "action", tmp_path / "checkout"
    for folder in (action, checkout):
        folder.mkdir()
    tree = action if layout == "beside the action" else checkout
    (tree / "scripts/allclear").mkdir(parents=True)
    (tree / "scripts/allclear/launcher.py").write_text("import sys\nprint(__file__, *sys.argv[1:])\n")
    (tmp_path / "step.sh").write_text(run)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(tmp_path / "step.sh")],
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_WORKSPACE": str(checkout),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "ALLCLEAR_DOOR": "respond",
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    said = done.stdout.split()
    assert said == [str(tree / "scripts/allclear/launcher.py"), *(["respond"] if step == "Door" else [])]
    assert (tmp_path / "output").exists() is (step != "Door")


def test_where_none_came_along_a_door_finds_the_packages_that_are_installed(tmp_path: Path) -> None:
    (tmp_path / "scripts/allclear").mkdir(parents=True)
    (tmp_path / "scripts/allclear/launcher.py").write_bytes(
        (ROOT / "scripts/allclear/launcher.py").read_bytes()
    )
    (tmp_path / "scripts/respond.py").write_text(
        "import sys, pydantic\nprint(__name__, __file__, sys.path[0])\nraise SystemExit(3)\n"
    )
    done = python(tmp_path, "respond")
    door = tmp_path / "scripts/respond.py"
    assert (done.returncode, done.stdout, done.stderr) == (3, f"__main__ {door} {door.parent}\n", "")


def test_a_door_sees_nothing_but_python_and_the_tree_and_compiles_nothing(
    workshop: Workshop, room: Room
) -> None:
    room.opens("ann")
    room.writes("bob", "/ack")
    env = {"PYTHONVERBOSE": "1", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_TOKEN": "t", "ALLCLEAR_KEY": ""}
    done = python(workshop.tree, "sweep", env=env | {"GITHUB_API_URL": room.hub.api_url})
    loaded = [line for line in done.stderr.splitlines() if line.startswith("# code object from ")]
    own = [line for line in loaded if f"'{workshop.tree}/" in line]
    assert len(own) > 100
    assert [line for line in own if not line.endswith(".pyc'")] == []
    assert "site-packages" not in done.stderr
    assert f"import {'sitecustomize'!r}" not in done.stderr


def test_a_conversation_is_answered_in_a_repository_that_has_only_settings(
    workshop: Workshop, room: Room
) -> None:
    room.door = opens_doors_of(workshop.tree, room)  # type: ignore[method-assign]  # as a job of this release
    room.opens("ann")
    assert "bob" in room.says("bob", "/ack")
    assert room.journal.entries[-1].what == "ack"
    assert room.codes == [0] * len(room.codes)
    assert room.panel.body


def test_a_command_each_is_answered_through_the_tree(workshop: Workshop, room: Room, proof: Proof) -> None:
    for text in ("1", "2"):
        room.repo.deploy(room.repo.put_file("version", text))
    room.opens("ann")
    incident, report = room.opens("ann"), room.opens("out", form_labels=("incident",))
    people = Crowd(room, room.hub.snapshot(), incident, report)
    here, there = room.door, opens_doors_of(workshop.tree, room)
    for case in proof(CASES, 4):
        room.door = here  # type: ignore[method-assign]  # what leads up to it costs no process
        people.back(report=case.report)
        people.settle(SERVICES if case.services else "")
        for text in case.before:
            room.says("bob", text, after=pause(text))
        room.door = there  # type: ignore[method-assign]  # and this is the release
        people.answered(case.by, case.text)
        told = [entry for entry in room.journal.entries if entry.what == case.name]
        assert told, f"{case.text} was not answered"
        assert [fact for fact in told[-1].facts if fact.t == "refused"] == []


SAID = (
    ("bob", "/ack"),
    ("bob", "/check verification"),
    ("bob", "/uncheck verification"),
    ("cat", "/note 14:05 saw the first error"),
    ("cat", "/undo"),
    ("bob", "thanks, that helps"),
    ("bob", "/sev P1"),
    ("bob", "/finding a bad migration"),
    ("bob", "/ic @cat"),
    ("mia", "/update the rollback is under way"),
    ("bob", "/flag security"),
    ("bob", "/status monitoring"),
    ("bob", "/check verification"),
    ("bob", "/resolve rolled back"),
)
"""Half of it builds on what was said right before, which is answered by the other release."""
A_PART = 7
"""So much of it in a sample."""


def test_a_release_of_yesterday_and_one_of_today_answer_the_same_incident_in_turn(
    workshop: Workshop, yesterday: Path, tmp_path: Path, proof: Proof
) -> None:
    """Each reads the panel and the record of the other, and what comes of it is what the code as it stands
    here makes of it alone.
    """
    old, new = read_manifest((yesterday / MANIFEST).read_bytes()), workshop.release.manifest
    changed = {name for name, found in new.files.items() if old.files.get(name) != found}
    assert [name for name in changed if name.startswith("scripts/allclear/core/record/")]
    said = SAID if proof.whole else SAID[:A_PART]
    alone = _answered(tmp_path / "alone", [], said)
    for first in proof(("today", "yesterday"), 1):
        trees = [workshop.tree, yesterday] if first == "today" else [yesterday, workshop.tree]
        assert _answered(tmp_path / first, trees, said) == alone


def _answered(folder: Path, trees: list[Path], said: Sequence[tuple[str, str]]) -> list[Entry]:
    """The record of an incident whose runs are of these releases in turn; of none, of this process."""
    folder.mkdir()
    with a_room(folder) as room:
        if trees:
            room.door = in_turn([opens_doors_of(tree, room) for tree in trees])  # type: ignore[method-assign]  # of trees
        room.opens("ann")
        for by, text in said:
            assert bool(room.says(by, text)) is text.startswith("/"), text
        assert set(room.codes) == {0}
        return list(room.journal.entries)


DRILL = """
import sys
tree, people, out, *runbooks = sys.argv[1:]
own = next(__import__("pathlib").Path(tree, "vendor").glob("cp*"))
sys.path[:0] = [f"{tree}/scripts", str(own), f"{tree}/vendor/pure"]
sys.path.append(people)
from pathlib import Path
from rich.console import Console
import allclear, pydantic
assert allclear.__file__.startswith(tree) and pydantic.__file__.startswith(tree)
from allclear_lab.drill.library import DrillLibrary
from allclear_lab.drill.play import DrillOptions, play_drill
from allclear_lab.drill.repository import DOORS, ProductFiles
checkout = Path(people, "checkout").resolve()
library = DrillLibrary(checkout / "templates", Path(out), Path(out, "folder"))
workflows, action = checkout / ".github/workflows", Path(tree, "action.yml")
product = ProductFiles(DOORS, Path(tree, "templates"), workflows, action)
for runbook in runbooks:
    script, options = library.script(None, runbook), DrillOptions(out=Path(out))
    record = play_drill(script, options, product, console=Console(), sleep=None)
    assert not record.missed
"""


def test_the_drill_is_played_by_the_tree(workshop: Workshop, tmp_path: Path, proof: Proof) -> None:
    """The embedded GitHub comes from the checkout, and what it needs from the packages for people; the
    product, its words and its packages from the tree alone.
    """
    people = tmp_path / "people"
    people.mkdir()
    (people / "allclear_lab").symlink_to(ROOT / "scripts/allclear_lab")
    (people / "checkout").symlink_to(ROOT)
    for name in FOR_A_DRILL:
        module = __import__(name)
        (people / name).symlink_to(Path(module.__file__ or "").parent)
    all_of_them = sorted(file.stem for file in (ROOT / "templates/runbooks").glob("*.yml"))
    runbooks = all_of_them if proof.whole else [DEFAULT]
    proof.count(len(runbooks), len(all_of_them))
    words = (DRILL, str(workshop.tree), str(people), str(tmp_path / "out"), *runbooks)
    done = subprocess.run(
        [sys.executable, "-S", "-c", *words],
        env={"PATH": os.environ["PATH"], "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("It ended as the script expects.") == len(runbooks)
