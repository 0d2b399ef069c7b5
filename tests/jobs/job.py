"""One job of an operation's workflow, played alone, step by step: any run, attempt or branch, with the job's
own token, and without it where the file says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yaml import safe_load

from allclear import app
from allclear_lab.github import Job, JobStep
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
    name: str,
    run: int,
    env: Mapping[str, str] = {},
    *,
    door: str = "rollback",
    sleep: Callable[[float], None] | None = None,
    only: str = "",
) -> Done:
    """Play a job of a run, or `only` one of its steps; `env` overrules what its runner would set, `sleep`
    what happens in a pause. What it handed on is given to the jobs that are played next.
    """
    room = production.room
    if name == "execute" and env.get("ALLCLEAR_JOB"):
        name = env["ALLCLEAR_JOB"]
    home = room.folder / f"alone-{len(list(room.folder.glob('alone-*')))}"
    home.mkdir()
    document = safe_load((ROOT / ".github" / "workflows" / FILES[door]).read_text(encoding="utf-8"))
    token = room.hub.actions_token(room.repo, document["jobs"][name]["permissions"])
    handed = production.handed.setdefault(run, {})
    outputs: dict[str, str] = {}
    played: list[Done] = []
    steps: list[JobStep] = []
    for step, opened in _doors(document["jobs"][name]["steps"]):
        own = step["env"]["ALLCLEAR_STEP"]
        if (only and own != only) or (played and played[-1].code):
            continue
        if "decision" in step.get("if", "") and not only and not outputs.get("decision"):
            continue
        given = {"ALLCLEAR_STEP": own, "ALLCLEAR_DECISION": outputs.get("decision", ""), **handed, **env}
        begun = room.hub.now()
        _show(production, run, name, [*steps, JobStep(step["name"], None, begun)], None)
        done = _step(production, opened, run, token if opened["token"] else "", given, home, sleep)
        outputs |= done.outputs
        played.append(done)
        conclusion = "failure" if done.code else "success"
        steps.append(JobStep(step["name"], conclusion, begun, room.hub.now()))
        _show(production, run, name, steps, conclusion)
    if name in ("execute", "deploy", "smoke") and "result" in outputs:
        handed["ALLCLEAR_SMOKE" if name == "smoke" else "ALLCLEAR_RESULT"] = outputs["result"]
    outputs.pop("decision", None)
    texts = ["\n".join(one.printed for one in played), "".join(one.summary for one in played)]
    return Done(max((one.code for one in played), default=0), outputs, *texts)


def _doors(steps: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The steps that open a door, and with what."""
    for step in steps:
        opened = step.get("with") or {}
        if opened.get("door"):
            yield step, {"token": opened.get("token", True), "door": opened["door"]}


def _show(production: Production, run: int, name: str, steps: list[JobStep], conclusion: str | None) -> None:
    """The page of the run shows the job."""
    there = [one for one in production.room.repo.run(run).jobs if one.name != name]
    job = Job(name, conclusion, tuple(steps), "" if conclusion else "in_progress")
    production.room.repo.set_jobs(run, *there, job)


def _step(
    production: Production,
    opened: Mapping[str, Any],
    run: int,
    token: str,
    env: Mapping[str, str],
    home: Any,
    sleep: Callable[[float], None] | None,
) -> Done:
    room, seen = production.room, production.room.repo.run(run)
    who = room.hub.world.accounts[seen.actor_id]
    (home / "event.json").write_text(json.dumps({"inputs": seen.inputs}), encoding="utf-8")
    for name in ("output", "summary"):
        (home / name).unlink(missing_ok=True)
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
        "GITHUB_WORKFLOW_REF": (
            f"acme/shop/.github/workflows/{FILES['smoke' if seen.path.endswith('smoke.yml') else 'rollback']}"
            "@refs/heads/main"
        ),
        "GITHUB_WORKSPACE": str(room.root),
        "RUNNER_TEMP": str(home),
        **env,
    }
    printed: list[str] = []
    code = DOORS[opened["door"]](
        given, sleep=sleep or room.sleep, out=printed.append, transport=room.hub.transport
    )
    written = {name: (home / name) for name in ("output", "summary")}
    text = {name: file.read_text(encoding="utf-8") if file.exists() else "" for name, file in written.items()}
    return Done(code, outputs_of(text["output"]), "\n".join(printed), text["summary"])


def after(claimed: Done) -> dict[str, str]:
    """What the claim gives the jobs that follow."""
    return {
        "ALLCLEAR_OPERATION": claimed.outputs["operation"],
        "ALLCLEAR_ISSUE": claimed.outputs["issue"],
        "ALLCLEAR_JOB": "deploy" if claimed.outputs["api"] == "true" else "execute",
    }


def alone(production: Production) -> None:
    """The runs that were started so far are played by the test, and by nobody else."""
    production.hosted.ignore()
    production.hosted.attempts.clear()
