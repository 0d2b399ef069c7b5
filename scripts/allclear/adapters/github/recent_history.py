"""What GitHub tells of the time before an incident began: two requests, each asked once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from allclear.adapters.github.again import known
from allclear.adapters.github.client import Client
from allclear.adapters.github.deployments import deployment, spellings
from allclear.adapters.github.errors import UnavailableError
from allclear.adapters.github.read import moment
from allclear.core.model.snapshot import Repository
from allclear.core.model.times import stamp
from allclear.core.policy.settings import Settings
from allclear.core.production.recent_changes import (
    FailedRun,
    MergedPull,
    Question,
    RecentHistory,
    SeenCommit,
    environments,
)

QUERY = Path(__file__).with_name("recent_history.graphql")

PATHS: Mapping[str, str] = {
    "workflows": ".github/workflows",
    "actions": ".github/actions",
    "settings": ".github/allclear.yml",
    "infra": "infra",
    "infrastructure": "infrastructure",
    "terraform": "terraform",
    "deploy": "deploy",
    "k8s": "k8s",
    "helm": "helm",
    "dockerfile": "Dockerfile",
    "compose": "docker-compose.yml",
}
"""What may change production without a deployment, by the name that the query gives its history."""

RUNS = 30
"""Failed runs that are looked through."""


def recent_history(
    client: Client, repository: Repository, settings: Settings, asked: Question
) -> RecentHistory:
    """What happened in the window of the question. Raises GitHubError; that runs cannot be listed is no more
    than that there are none.
    """
    owner, _, name = repository.name.partition("/")
    wanted = {
        "owner": owner,
        "name": name,
        "environments": [spelt for one in environments(settings) for spelt in spellings(one)],
        "since": stamp(asked.since),
        "until": stamp(asked.until),
    }
    found = client.graphql(QUERY.read_text(encoding="utf-8"), wanted).get("repository")
    if not isinstance(found, dict):
        raise UnavailableError(200, "GitHub shows no such repository")
    rows = [row for row in found["deployments"]["nodes"] if row]
    ref = found["defaultBranchRef"] or {}
    branch, head = str(ref.get("name") or ""), ref.get("target") or {}
    nobody: tuple[FailedRun, ...] = ()
    return RecentHistory(
        branch=branch,
        page=repository.url,
        deployments=tuple(deployment(row, None) for row in rows),
        deployed={row["commitOid"]: _commit(row["commit"], {}) for row in rows if row["commit"]},
        commits=_commits(head),
        failed=known(partial(_failed, client, repository, branch, asked), nobody) if branch else nobody,
    )


def _commits(head: Mapping[str, Any]) -> tuple[SeenCommit, ...]:
    changed: dict[str, tuple[str, ...]] = {}
    for name, path in PATHS.items():
        for row in _nodes(head.get(name)):
            changed[row["oid"]] = (*changed.get(row["oid"], ()), path)
    return tuple(_commit(row, changed) for row in _nodes(head.get("history")))


def _commit(row: Mapping[str, Any], changed: Mapping[str, tuple[str, ...]]) -> SeenCommit:
    author = row["author"] or {}
    return SeenCommit(
        sha=row["oid"],
        at=moment(row["committedDate"]),
        subject=row["messageHeadline"],
        url=row["url"],
        login=(author.get("user") or {}).get("login") or "",
        name=author.get("name") or "",
        pull=next((_pull(one) for one in _nodes(row["associatedPullRequests"]) if one["mergedAt"]), None),
        changed=changed.get(row["oid"], ()),
    )


def _pull(row: Mapping[str, Any]) -> MergedPull:
    author = (row["author"] or {}).get("login") or ""
    return MergedPull(row["number"], row["title"], row["url"], author, moment(row["mergedAt"]))


def _nodes(found: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [row for row in (found or {}).get("nodes") or () if row]


def _failed(client: Client, repository: Repository, branch: str, asked: Question) -> tuple[FailedRun, ...]:
    """The runs on the default branch that failed: GraphQL would ask for the right to read checks.

    https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository
    """
    found = client.get(
        f"/repos/{repository.name}/actions/runs",
        {
            "branch": branch,
            "status": "failure",
            "created": f"{stamp(asked.since)}..{stamp(asked.until)}",
            "per_page": RUNS,
        },
    ).data
    return tuple(_run(row) for row in found["workflow_runs"])


def _run(row: Mapping[str, Any]) -> FailedRun:
    path = str(row["path"]).partition("@")[0]
    file = path.rpartition("/")[2]
    return FailedRun(
        id=int(row["id"]),
        at=moment(row["created_at"]),
        file=file,
        # A workflow that nobody gave a name is called like its path.
        name=file if row["name"] in (None, "", path) else str(row["name"]),
        url=str(row["html_url"]),
        by=(row.get("actor") or {}).get("login") or "",
    )
