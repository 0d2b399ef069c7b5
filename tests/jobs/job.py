"""One job of an operation's workflow, played alone: any run, attempt or branch, with the job's own token."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from yaml import safe_load

from allclear import app
from allclear_lab.runner.uploads import outputs_of
from conversations.room import ROOT
from production.stage import Production

DOORS = {"rollback": app.rollback, "smoke": app.smoke}
FILES = {"rollback": "rollback-production.yml", "smoke": "smoke.yml"}


@dataclass(frozen=True)
class Done:
    """How a job ended."""

    code: int
    outputs: Mapping[str, str]
    printed: str
    summary: str


def job(
    production: Production,
    step: str,
    run: int,
    env: Mapping[str, str] = {},
    *,
    door: str = "rollback",
    sleep: Callable[[float], None] | None = None,
) -> Done:
    """Play the step of a run; `env` overrules what its runner would set, `sleep` what happens in a pause."""
    room, seen = production.room, production.room.repo.run(run)
    home = room.folder / f"alone-{len(list(room.folder.glob('alone-*')))}"
    home.mkdir()
    who = room.hub.world.accounts[seen.actor_id]
    (home / "event.json").write_text(json.dumps({"inputs": seen.inputs}), encoding="utf-8")
    document = safe_load((ROOT / ".github" / "workflows" / FILES[door]).read_text(encoding="utf-8"))
    token = room.hub.actions_token(room.repo, document["jobs"][step]["permissions"])
    given = {
        "GITHUB_ACTOR": who.login,
        "GITHUB_ACTOR_ID": str(who.id),
        "GITHUB_API_URL": room.hub.api_url,
        "GITHUB_EVENT_NAME": "workflow_dispatch",
        "GITHUB_EVENT_PATH": str(home / "event.json"),
        "GITHUB_OUTPUT": str(home / "output"),
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_REPOSITORY_ID": str(room.repo.id),
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": str(run),
        "GITHUB_STEP_SUMMARY": str(home / "summary"),
        "GITHUB_TOKEN": token,
        "GITHUB_WORKFLOW_REF": f"acme/shop/.github/workflows/{FILES[door]}@refs/heads/main",
        "GITHUB_WORKSPACE": str(room.root),
        "ALLCLEAR_STEP": step,
        **env,
    }
    printed: list[str] = []
    code = DOORS[door](given, sleep=sleep or room.sleep, out=printed.append, transport=room.hub.transport)
    written = {name: (home / name) for name in ("output", "summary")}
    text = {name: file.read_text(encoding="utf-8") if file.exists() else "" for name, file in written.items()}
    return Done(code, outputs_of(text["output"]), "\n".join(printed), text["summary"])


def after(claimed: Done) -> dict[str, str]:
    """What the claim gives the jobs that follow."""
    return {"ALLCLEAR_OPERATION": claimed.outputs["operation"], "ALLCLEAR_ISSUE": claimed.outputs["issue"]}


def alone(production: Production) -> None:
    """The runs that were started so far are played by the test, and by nobody else."""
    production.hosted.ignore()
    production.hosted.attempts.clear()
