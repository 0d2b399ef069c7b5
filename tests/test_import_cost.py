"""Most comments of a repository are none of ours: such a run ends before anything third-party is imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOOR = f"""
import os, runpy, sys
sys.path.insert(0, {str(ROOT / "scripts")!r})
os._exit = sys.exit  # so that there is something to look at afterwards
before = set(sys.modules)
try:
    runpy.run_path({str(ROOT / "scripts" / "respond.py")!r}, run_name="__main__")
except SystemExit as end:
    code = end.code
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print("foreign:", *sorted(loaded - set(sys.stdlib_module_names) - {{"allclear"}}))
print("ours:", *sorted(name for name in sys.modules if name.startswith("allclear.")))
raise SystemExit(code)
"""
"""The door as a workflow runs it, then what is in memory; not ours is what Python starts with."""

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


@pytest.mark.parametrize("case", NOTHING_TO_DO.values(), ids=NOTHING_TO_DO)
def test_a_run_with_nothing_to_do_imports_nothing_third_party(
    tmp_path: Path, case: tuple[str, object]
) -> None:
    done = run(tmp_path, *case)
    nothing, foreign, ours = done.stdout.splitlines()
    assert nothing.startswith("Nothing to do: ")
    assert foreign == "foreign:"
    event = "allclear.adapters allclear.adapters.files allclear.adapters.files.event"
    assert ours == f"ours: {event} allclear.app allclear.single_run"
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_with_something_to_do_is_seen_to_import_the_client(tmp_path: Path) -> None:
    """The check above can fail: the same check on an incident finds PyGithub, and then no token."""
    incident = {"issue": {"number": 7, "labels": [{"name": "incident"}]}}
    done = run(tmp_path, "issues", incident)
    assert "is not set" in done.stdout
    assert "github" in done.stdout.split("foreign:")[1].split()
    assert done.returncode == 1
