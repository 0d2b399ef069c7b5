"""Runs the real workflow files with act: on this host, without a container, without the network.

https://github.com/nektos/act. Three things differ from a hosted runner: actions/checkout is skipped, as act
copies the checkout itself; actions/setup-python is the stand-in beside this file; and it knows no concurrency
groups, which test_concurrency.py looks at.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflows.documents import FOLDER, ROOT, steps, workflow

CHECKOUT = [".github", "requirements", "scripts", "templates"]


@dataclass(frozen=True)
class Run:
    """What a run left: exit code, jobs that started with their conclusions, and what the steps printed."""

    code: int
    jobs: Mapping[str, str]
    output: str


def copy_checkout(target: Path) -> Path:
    """The part of this repository that a repository using Allclear has, as a commit of its own."""
    for name in CHECKOUT:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def commit(checkout: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(checkout.parent)}
    for call in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "checkout"],
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
    ) -> Run:
        """Run a workflow file for an event; `job` alone, when named."""
        event_file = self.home / "event.json"
        event_file.write_text(json.dumps(payload))
        uses = {step.get("uses", "") for step in steps(name)}
        (setup_python,) = (use for use in uses if use.startswith("actions/setup-python@"))
        call = [
            str(self.act),
            event,
            "--json",
            "--workflows",
            str(FOLDER.relative_to(ROOT) / name),
            "--eventpath",
            str(event_file),
            "--platform",
            "ubuntu-latest=-self-hosted",
            "--local-repository",
            f"{setup_python}={Path(__file__).with_name('setup-python')}",
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
            "--secret",
            "GITHUB_TOKEN",
            *(["--job", job] if job else []),
            *(part for key, value in env.items() for part in ("--env", f"{key}={value}")),
        ]
        # Nothing else of this machine's environment leaks into the run; the token stands on no command line.
        surroundings = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "ACT_DISABLE_VERSION_CHECK": "1",
            "GITHUB_TOKEN": token,
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
        )


def rights(name: str, job: str) -> dict[str, str]:
    """The permissions the workflow file asks for its job: what the token of a run may do."""
    found: dict[str, str] = workflow(name)["jobs"][job]["permissions"]
    return found
