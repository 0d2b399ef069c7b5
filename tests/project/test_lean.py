"""What a run loads: modules are most of what a cold run takes. Who adds some sees by how many, and raises the
bound with a reason; who takes some away lowers it.

The door runs in a process of its own, as a workflow starts it. What a run loads is no matter of its machine.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear import app
from allclear.adapters.files.kept_runbooks import write_kept
from allclear.adapters.files.settings import SETTINGS
from allclear.adapters.files.templates import Templates
from conversations.room import ROOT, Room, open_room

DOOR = """
import json, os, runpy, sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
def end(code):
    loaded = set(sys.modules) - before
    ours = sorted(name for name in loaded if name.startswith("allclear"))
    tops = {name.partition(".")[0] for name in loaded if not name.startswith("_")}
    foreign = tops - set(sys.stdlib_module_names) - {"allclear"}
    modules = [name for name in loaded if name.partition(".")[0] in foreign]
    modules = [name for name in modules if not name.startswith("requests.packages.")]  # other names of these
    print(json.dumps([ours, sorted(foreign), sorted(modules)]), flush=True)
    sys.stdout = open(os.devnull, "w")
    raise SystemExit(code)
os._exit = end  # the process of a door ends with this, without clearing up
runpy.run_path(sys.argv[1] + "/" + sys.argv[2] + ".py", run_name="__main__")
"""

REQUESTS = {"github", "requests", "urllib3", "charset_normalizer", "idna", "certifi"}
MODELS = {"msgspec", "typing_extensions"}
PYDANTIC = {"pydantic", "pydantic_core", "annotated_types", "typing_inspection"}
"""What runbooks, reports and bad settings are read with."""
YAML = {"yaml", "cython_runtime"}
TEXTS = {"jinja2", "markupsafe"}
SPEAKING = REQUESTS | MODELS | YAML | TEXTS
"""Not Markdown, which only a comment that needs it is parsed with, no cryptography, and no pydantic."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """An incident that was acknowledged, on a GitHub for other processes, in a repository that has only its
    settings.
    """
    with open_room(tmp_path_factory.mktemp("lean"), http=True) as room:
        (room.root / "templates").unlink()
        room.opens("ann")
        room.says("bob", "/ack")
        room.door(app.respond, "workflow_dispatch", {"inputs": {"issue": str(room.number)}})
        yield room


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a tree like a release: what is made of templates and runbooks is there."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("scripts", "templates"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("allclear_*"))
    write_kept(tree)
    Templates(tree / "templates").write_compiled()
    return tree / "scripts"


class Loaded:
    """What a door had loaded when it ended."""

    def __init__(self, room: Room, scripts: Path, door: str, event: str, payload: object) -> None:
        file = room.root / "event.json"
        file.write_text(json.dumps(payload), encoding="utf-8")
        env = {
            "PATH": os.environ["PATH"],
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REPOSITORY_ID": str(room.repo.id),
            "GITHUB_API_URL": room.hub.api_url,
            "GITHUB_TOKEN": room.hub.actions_token(room.repo, permissions=room.rights(door)),
            "GITHUB_WORKSPACE": str(room.root),
        }
        done = subprocess.run(
            [sys.executable, "-c", DOOR, str(scripts), door],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        *self.said, told = done.stdout.splitlines()
        self.ours, foreign, self.modules = json.loads(told)
        self.foreign = set(foreign)


def comment(room: Room, scripts: Path, text: str) -> Loaded:
    room.people["bob"].comment(room.number, text)
    event = room.hub.deliveries[-1]
    return Loaded(room, scripts, "respond", event.event, event.payload)


def test_a_note_loads_what_reads_and_answers_and_nothing_of_operations_or_post_mortems(
    room: Room, scripts: Path
) -> None:
    run = comment(room, scripts, "/note saw the first error")
    assert any("1 new in the record" in line for line in run.said)
    assert run.foreign <= SPEAKING
    assert len(run.ours) <= 257, (len(run.ours), run.ours)
    assert len(run.modules) <= 113, (len(run.modules), run.modules)
    topics = {name.rpartition(".")[0] for name in run.ours}
    assert "allclear.core.postmortem" not in topics
    assert not {"allclear.core.language.document", "allclear.adapters.files.runbooks"} & {*run.ours}
    assert [name for name in run.ours if name.startswith("allclear.commands.")] == [
        "allclear.commands.ack",
        "allclear.commands.help",
        "allclear.commands.note",
    ]
    never = {"handover", "evidence", "clearance", "rollback", "action", "smoke", "order"}
    assert {f"allclear.core.production.{name}" for name in never} & {*run.ours} == set()


def test_a_run_with_bad_settings_loads_what_says_so_and_answers_still(room: Room, scripts: Path) -> None:
    file = room.root / SETTINGS
    good = file.read_bytes() if file.exists() else None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes((good or b"") + b"\nstatus_pge: https://status.example.com\n")
    try:
        run = comment(room, scripts, "/note it is the pool")
    finally:
        file.unlink()
        if good is not None:
            file.write_bytes(good)
    assert any("1 new in the record" in line for line in run.said)
    assert run.foreign >= PYDANTIC
    assert run.foreign <= SPEAKING | PYDANTIC


def test_talk_on_an_incident_loads_no_more_than_a_command(room: Room, scripts: Path) -> None:
    run = comment(room, scripts, "I am looking at the pool")
    assert run.foreign <= SPEAKING
    assert len(run.ours) <= 256, (len(run.ours), run.ours)


def test_a_comment_on_an_issue_that_is_none_of_ours_loads_what_says_so(room: Room, scripts: Path) -> None:
    payload = {"action": "created", "issue": {"number": 7, "labels": []}}
    run = Loaded(room, scripts, "respond", "issue_comment", payload)
    assert run.foreign == set()
    assert len(run.ours) <= 6, (len(run.ours), run.ours)


def test_a_quiet_sweep_loads_what_reads_reports_as_well(room: Room, scripts: Path) -> None:
    run = Loaded(room, scripts, "sweep", "schedule", {})
    assert run.foreign <= SPEAKING | PYDANTIC | {"frontmatter"}
    assert len(run.ours) <= 299, (len(run.ours), run.ours)
