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

import pytest

from allclear import app
from allclear.adapters.files.kept_runbooks import write_kept
from allclear.adapters.files.templates import Templates
from conversations.room import ROOT, Room, open_room

SCRIPTS = ROOT / "scripts"
DOOR = """
import json, os, runpy, sys
scripts = sys.argv[2]
sys.path.insert(0, scripts)
before = set(sys.modules)
def end(code):
    loaded = set(sys.modules) - before
    ours = sorted(name for name in loaded if name.startswith("allclear"))
    tops = {name.partition(".")[0] for name in loaded if not name.startswith("_")}
    foreign = tops - set(sys.stdlib_module_names) - {"allclear"}
    print(json.dumps([ours, sorted(foreign)]), flush=True)
    sys.stdout = open(os.devnull, "w")
    raise SystemExit(code)
os._exit = end  # the process of a door ends with this, without clearing up
runpy.run_path(f"{scripts}/{sys.argv[1]}.py", run_name="__main__")
"""

REQUESTS = {"github", "requests", "urllib3", "charset_normalizer", "idna", "certifi"}
MODELS = {"msgspec", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}
YAML = {"yaml", "cython_runtime"}
TEXTS = {"jinja2", "markupsafe"}
SPEAKING = REQUESTS | MODELS | YAML | TEXTS
"""Not Markdown, which only a comment that needs it is parsed with, and no cryptography."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """An incident that was acknowledged, on a GitHub for other processes; what a release makes of templates
    and runbooks is there.
    """
    with open_room(tmp_path_factory.mktemp("lean"), http=True) as room:
        texts = room.root / "templates"
        texts.unlink()
        shutil.copytree(ROOT / "templates", texts)
        # The code as well: what was made of templates is taken only where it came with the code that runs.
        shutil.copytree(SCRIPTS / "allclear", room.root / "scripts/allclear")
        for door in SCRIPTS.glob("*.py"):
            shutil.copy2(door, room.root / "scripts")
        write_kept(room.root)
        Templates(texts).write_compiled()
        room.opens("ann")
        room.says("bob", "/ack")
        room.door(app.respond, "workflow_dispatch", {"inputs": {"issue": str(room.number)}})
        yield room


class Loaded:
    """What a door had loaded when it ended."""

    def __init__(self, room: Room, door: str, event: str, payload: object) -> None:
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
            [sys.executable, "-c", DOOR, door, str(room.root / "scripts")],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        *self.said, told = done.stdout.splitlines()
        self.ours, foreign = json.loads(told)
        self.foreign = set(foreign)


def comment(room: Room, text: str) -> Loaded:
    room.people["bob"].comment(room.number, text)
    event = room.hub.deliveries[-1]
    return Loaded(room, "respond", event.event, event.payload)


def test_a_note_loads_what_reads_and_answers_and_nothing_of_operations_or_post_mortems(room: Room) -> None:
    run = comment(room, "/note saw the first error")
    assert any("1 new in the record" in line for line in run.said)
    assert run.foreign <= SPEAKING
    assert len(run.ours) <= 256, (len(run.ours), run.ours)
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


def test_talk_on_an_incident_loads_no_more_than_a_command(room: Room) -> None:
    run = comment(room, "I am looking at the pool")
    assert run.foreign <= SPEAKING
    assert len(run.ours) <= 255, (len(run.ours), run.ours)


def test_a_comment_on_an_issue_that_is_none_of_ours_loads_what_says_so(room: Room) -> None:
    payload = {"action": "created", "issue": {"number": 7, "labels": []}}
    run = Loaded(room, "respond", "issue_comment", payload)
    assert run.foreign == set()
    assert len(run.ours) <= 6, (len(run.ours), run.ours)


def test_a_quiet_sweep_loads_what_reads_reports_as_well(room: Room) -> None:
    run = Loaded(room, "sweep", "schedule", {})
    assert run.foreign <= SPEAKING | {"frontmatter"}
    assert len(run.ours) <= 298, (len(run.ours), run.ours)
