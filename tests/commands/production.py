"""A service in production, for conversations about putting it back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from allclear.adapters.files.settings import read_provider
from allclear.core.model.authored import read_authored
from allclear.core.model.deploy_run import DeployRun
from allclear.core.model.release import Change, Comparison, EnvironmentSeen, Release, Releases
from allclear.core.policy.provider import Provider
from allclear.core.policy.settings import Settings
from commands.room import DECLARED, Talk, World

ROOT = Path(__file__).resolve().parents[2]
PROVIDERS: dict[str, Provider] = {
    name: read_provider(ROOT, name) for name in ("deploy-workflow", "fly", "kubernetes", "vercel")
}
A, B, C = (letter * 40 for letter in "abc")
RUN_OF = {A: 101, B: 102, C: 103}
"""The runs of `deploy.yml` that deployed them."""
GUARDED = EnvironmentSeen(exists=True, reviewers=True, self_review=False, branches=True)


def release(sha: str, hours: float, **more: Any) -> Release:
    """A commit that was deployed so many hours before the declaration."""
    url = f"https://github.com/acme/shop/commit/{sha}"
    at = DECLARED - timedelta(hours=hours)
    return Release(sha, sha[:7], sha, at=at, url=url, **({"run": RUN_OF.get(sha, 0)} | more))


RUNS = Releases(current=release(C, 0.5), earlier=(release(B, 20), release(A, 40)))
BETWEEN = Comparison(
    commits=(Change("1" * 40, "bob", "Sell more"), Change(C, "alice", "Sell *much* more @team #1 | x")),
    paths=("app/sell.py", "README.md"),
    total=2,
)


def deploy_run(commit: str, **more: Any) -> DeployRun:
    """The run that deployed a commit, an hour before the declaration, well."""
    said: dict[str, Any] = {
        "workflow": "deploy.yml",
        "sha": commit,
        "status": "completed",
        "conclusion": "success",
        "created": DECLARED - timedelta(hours=1),
        "url": f"https://github.com/acme/shop/actions/runs/{RUN_OF[commit]}",
    }
    return DeployRun(**{"id": RUN_OF[commit]} | said | more)


DEPLOY_RUNS: dict[int, DeployRun | None] = {RUN_OF[sha]: deploy_run(sha) for sha in (A, B, C)}


def settings(rollback: dict[str, Any] | None = None, **services: Any) -> Settings:
    """`web`, put back by its deploy workflow; other services by their settings."""
    web = {
        "provider": "deploy-workflow",
        "values": {"workflow": "deploy.yml"},
        "rollback": {"approval": "second-person"} | (rollback or {}),
    }
    return read_authored(Settings, {"services": {"web": web, **services}})


def production(
    severity: str = "P1",
    *,
    rollback: dict[str, Any] | None = None,
    services: dict[str, Any] | None = None,
    comparison: Comparison | None = BETWEEN,
    runs: Releases = RUNS,
    deploy_runs: dict[int, DeployRun | None] | None = None,
    **more: Any,
) -> Talk:
    """An incident of a repository whose `web` runs C and ran B and A before."""
    world = World(
        releases={"web": runs},
        comparisons={} if comparison is None else {(one, C): comparison for one in (A, B)},
        environments={"production": GUARDED},
        deploy_runs=DEPLOY_RUNS if deploy_runs is None else deploy_runs,
        providers=PROVIDERS,
    )
    return Talk(severity, settings=settings(rollback, **(services or {})), world=world, **more)
