"""Most comments of a repository are none of ours: such a run ends before anything third-party is imported."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOOR = f"""
import os, sys
sys.path.insert(0, {str(ROOT / "scripts")!r})
os._exit = sys.exit  # so that there is something to look at afterwards
before = set(sys.modules)
try:
    exec(compile(open({str(ROOT / "scripts" / "respond.py")!r}).read(), "respond.py", "exec"))
except SystemExit as end:
    code = end.code
standard = set(sys.modules) - before
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print("foreign:", *sorted(loaded - set(sys.stdlib_module_names) - {{"allclear"}}))
print("ours:", *sorted(name for name in sys.modules if name.startswith("allclear.")))
print("standard:", *sorted(name for name in standard if name.partition(".")[0] in sys.stdlib_module_names))
raise SystemExit(code)
"""
"""The door as a workflow runs it, then what is in memory; not ours is what Python starts with."""

NEEDED = "import sys; before = set(sys.modules); import __future__, functools, gc, json; "
"""What reading an event takes. Which modules that are depends on the Python."""

QUESTION = {
    "action": "created",
    "issue": {"number": 7, "labels": [{"name": "question"}]},
    "comment": {"id": 1},
}
NOTHING_TO_DO = {
    "an issue that is no incident": ("issue_comment", QUESTION),
    "a pull request": ("issue_comment", {"issue": {"number": 8, "labels": [], "pull_request": {"url": "x"}}}),
    "no issue at all": ("push", {"ref": "refs/heads/main"}),
}


def run(folder: Path, event: str, payload: object, **env: str) -> subprocess.CompletedProcess[str]:
    file = folder / "event.json"
    file.write_text(json.dumps(payload), encoding="utf-8")
    given = {"GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(file), **env}
    return subprocess.run(
        [sys.executable, "-c", DOOR], env=given, capture_output=True, text=True, timeout=60, check=False
    )


@cache
def needed() -> frozenset[str]:
    """The modules of the standard library that such a run may load: those that reading JSON takes."""
    command = [sys.executable, "-c", f"{NEEDED} print(*(set(sys.modules) - before))"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return frozenset(done.stdout.split()) | {"collections.abc"}


@pytest.mark.parametrize("case", NOTHING_TO_DO.values(), ids=NOTHING_TO_DO)
def test_a_run_with_nothing_to_do_imports_nothing_third_party(
    tmp_path: Path, case: tuple[str, object]
) -> None:
    done = run(tmp_path, *case)
    nothing, foreign, ours, standard = done.stdout.splitlines()
    assert nothing.startswith("Nothing to do: ")
    assert foreign == "foreign:"
    event = "allclear.adapters allclear.adapters.files allclear.adapters.files.event"
    assert ours == f"ours: {event} allclear.app allclear.single_run"
    assert set(standard.removeprefix("standard: ").split()) <= needed()
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_with_something_to_do_is_seen_to_import_the_client(tmp_path: Path) -> None:
    """The check above can fail: the same check on an incident finds PyGithub, and then no token."""
    incident = {"issue": {"number": 7, "labels": [{"name": "incident"}]}}
    done = run(tmp_path, "issues", incident)
    assert "is not set" in done.stdout
    assert "github" in done.stdout.split("foreign:")[1].split()
    assert done.returncode == 1
