"""Runs the real workflow files with act: on this host, without a container, without the network.

https://github.com/nektos/act. What differs from a hosted runner: actions/checkout is skipped, as act copies
the checkout itself; actions/setup-python and actions/upload-artifact are the stand-ins beside this file; it
knows no concurrency groups, which test_concurrency.py looks at, and no environments, whose approval a test
plays (in tests/production the lab's runner does). All jobs of a run have one token. And its schema lacks two
keys that GitHub has: they are left out of its copy of the files (UNKNOWN).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflows.documents import FOLDER, ROOT, parts, steps, workflow

CHECKOUT = [".github", "action.yml", "requirements", "scripts", "templates"]
NOT_IN_IT = shutil.ignore_patterns("__pycache__", "allclear_lab", "drills")
STAND_INS = ("setup-python", "upload-artifact")

# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#concurrency
# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idenvironment
UNKNOWN = {
    "queue": re.compile(r"^  queue: max\n", re.MULTILINE),
    "deployment": re.compile(r"^      deployment: false\n", re.MULTILINE),
}
"""Lines that act 0.2.89 takes for mistakes, by their key."""


@dataclass(frozen=True)
class Run:
    """What a run left: exit code, jobs that started with their conclusions, what the steps printed, and the
    commands to the runner that were found in it, but for empty outputs: the action passes on what there is.
    """

    code: int
    jobs: Mapping[str, str]
    output: str
    commands: tuple[str, ...] = ()


def copy_checkout(target: Path) -> Path:
    """What this repository has of that which a repository using Allclear has."""
    target.mkdir()
    for name in CHECKOUT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=NOT_IN_IT)
        else:
            shutil.copy(ROOT / name, target / name)
    return for_act(target)


def for_act(checkout: Path) -> Path:
    """The same checkout, with workflow files that act can read."""
    for file in (checkout / FOLDER.relative_to(ROOT)).glob("*.yml"):
        file.write_text(readable(file.read_text()))
    return checkout


def readable(text: str) -> str:
    """A workflow file without the two keys that act does not know."""
    for line in UNKNOWN.values():
        text = line.sub("", text)
    return text


def commit(checkout: Path) -> None:
    """Make it a git repository, whose branch and commit act tells to the run. The commit is empty: act copies
    the whole folder for every job, file by file, and objects of git would be as many files again.
    """
    env = {"PATH": os.environ["PATH"], "HOME": str(checkout.parent)}
    named = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for call in (
        ["init", "-q", "-b", "main", "--template="],
        [*named, "commit", "-q", "--allow-empty", "-m", "checkout"],
    ):
        subprocess.run(["git", *call], cwd=checkout, env=env, check=True, timeout=30)


class Runner:
    """A machine that runs workflows of one checkout against one GitHub."""

    def __init__(self, act: Path, checkout: Path, home: Path) -> None:
        self.act = act
        self.checkout = checkout
        self.home = home
        commit(checkout)

    def run(
        self,
        name: str,
        event: str,
        payload: Mapping[str, Any],
        env: Mapping[str, str],
        *,
        token: str,
        job: str | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a workflow file for an event; `job` alone, when named. An environment variable
        ALLCLEAR_TEST_UPLOADS says where uploads go.
        """
        event_file = self.home / "event.json"
        event_file.write_text(json.dumps(payload))
        uses = {step.get("uses", "") for step in (*steps(name), *parts())}
        played = {use: one for use in uses for one in STAND_INS if use.startswith(f"actions/{one}@")}
        # A file, since steps of act inherit its environment: no secret reaches a step but by the workflow.
        secret_file = self.home / "secrets"
        hidden = {"GITHUB_TOKEN": token, **(secrets or {})}
        secret_file.write_text("".join(f'{name}="{value}"\n' for name, value in hidden.items()))
        call = [
            str(self.act),
            event,
            "--json",
            "--workflows",
            str(FOLDER.relative_to(ROOT) / name),
            "--eventpath",
            str(event_file),
            "--platform",
            "ubuntu-24.04=-self-hosted",
            "--actor",
            env.get("GITHUB_ACTOR", "nobody"),
            *(
                part
                for use, one in sorted(played.items())
                for part in ("--local-repository", f"{use}={Path(__file__).with_name(one)}")
            ),
            "--action-cache-path",
            str(self.home / "actions"),
            "--action-offline-mode",
            "--no-cache-server",
            "--cache-server-addr",
            "127.0.0.1",
            "--artifact-server-addr",
            "127.0.0.1",
            "--concurrent-jobs",
            "1",
            "--pull=false",
            "--secret-file",
            str(secret_file),
            *(["--job", job] if job else []),
            *(part for key, value in env.items() for part in ("--env", f"{key}={value}")),
        ]
        # Nothing of this machine's environment leaks into the run.
        surroundings = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "ACT_DISABLE_VERSION_CHECK": "1",
            "ALLCLEAR_TEST_PYTHON": str(Path(sys.executable).parent),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            call,
            cwd=self.checkout,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return Run(
            code=done.returncode,
            jobs={line["jobID"]: line["jobResult"] for line in lines if "jobResult" in line},
            output="".join(line["msg"] for line in lines if line.get("raw_output")),
            commands=tuple(
                str(line["command"])
                for line in lines
                if "command" in line and (line["command"] != "set-output" or line["arg"])
            ),
        )


def rights(name: str, job: str) -> dict[str, str]:
    """The permissions the workflow file asks for its job: what the token of a run may do."""
    found: dict[str, str] = workflow(name)["jobs"][job]["permissions"]
    return found
