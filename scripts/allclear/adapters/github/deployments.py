"""The deployments of an environment: their statuses, what their makers said, and whose workflow it was."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import (
    ForbiddenError,
    GoneError,
    NotFoundError,
    UnavailableError,
)
from allclear.adapters.github.read import moment
from allclear.core.model.release import Good
from allclear.core.model.snapshot import Repository
from allclear.core.model.structs import replace
from allclear.core.production.announcement import TASK
from allclear.core.production.deployments import ORDER, Deployment, DeploymentStatus, ordered

QUERY = Path(__file__).with_name("deployments.graphql")

PAGES = 4
"""Pages of 50 deployments that are read where services share an environment; one is enough for one."""

RUNS = 20
"""Runs that are asked for one by one, because no list of a workflow's newest runs has them."""

_SMOKE: Mapping[str, Good] = {"SUCCESS": "good", "FAILURE": "bad", "ERROR": "bad"}


class DeploymentReader:
    """Reads for one repository."""

    def __init__(self, client: Client, repository: Repository) -> None:
        self._client = client
        self._repository = repository

    @property
    def _base(self) -> str:
        return f"/repos/{self._repository.name}"

    def read(
        self, environment: str, workflows: Collection[str] = (), *, shared: bool = False
    ) -> tuple[Deployment, ...]:
        """What was deployed to an environment, the newest first. ``workflows``: files whose runs have to be
        known; without any, no run is asked for. Raises ForbiddenError, UnavailableError.
        """
        rows = list(self._rows(environment, PAGES if shared else 1))
        said = self._said({row["environment"] or environment for row in rows}, len(rows))
        made = [deployment(row, said.get(row["databaseId"] or 0)) for row in rows]
        return tuple(self._with_workflows(made, workflows) if workflows else made)

    def deployed_since(self, environment: str, sha: str, since: datetime) -> bool | None:
        """Whether somebody but us reported since then that the commit was deployed to the environment; None
        when GitHub could not be asked.
        """
        try:
            made = [deployment(row, None) for row in self._rows(environment, 1)]
        except (ForbiddenError, UnavailableError):
            return None
        return any(
            status.state == "success" and status.at >= since
            for one in made
            if one.sha == sha and one.task != TASK
            for status in ordered(one)
        )

    def _rows(self, environment: str, pages: int) -> Iterator[Mapping[str, Any]]:
        owner, _, name = self._repository.name.partition("/")
        spelt = list(spellings(environment))
        asked = {"owner": owner, "name": name, "environments": spelt, "after": None}
        query = QUERY.read_text(encoding="utf-8")
        for _ in range(pages):
            repository = self._client.graphql(query, asked).get("repository")
            if not isinstance(repository, dict):
                raise UnavailableError(200, "GitHub shows no such repository")
            found = repository["deployments"]
            yield from (row for row in found["nodes"] if row)
            if not found["pageInfo"]["hasNextPage"]:
                break
            asked["after"] = found["pageInfo"]["endCursor"]

    def _said(self, environments: Collection[str], count: int) -> Mapping[int, Mapping[str, Any]]:
        """What only REST tells of a deployment: ref, maker, and what kind of environment that was.

        https://docs.github.com/en/rest/deployments/deployments#list-deployments
        """
        found: dict[int, Mapping[str, Any]] = {}
        for environment in sorted(environments):
            pages = self._client.pages(
                f"{self._base}/deployments", {"environment": environment, "per_page": 100}
            )
            for _, page in zip(range((count + 99) // 100), pages, strict=False):
                found |= {int(one["id"]): one for one in page}
        return found

    def _with_workflows(
        self, deployments: Sequence[Deployment], workflows: Collection[str]
    ) -> Iterator[Deployment]:
        known: dict[int, str | None] = {}
        for workflow in sorted(workflows):
            known |= dict.fromkeys(self._runs_of(workflow), workflow)
        left = RUNS
        for one in deployments:
            run = self._run(one)
            if run and run not in known:
                known[run] = self._workflow(run) if left > 0 else None
                left -= 1
            yield replace(one, workflow=known[run] if run else "")

    def _run(self, one: Deployment) -> int:
        """The number of the run of this repository that its log leads to; 0 when it leads elsewhere."""
        found = re.match(re.escape(self._repository.url) + r"/actions/runs/([0-9]{1,18})(?![0-9])", one.log)
        return int(found[1]) if found else 0

    def _runs_of(self, workflow: str) -> frozenset[int]:
        """The newest runs of a workflow file; none when there is no such file.

        https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow
        """
        path = f"{self._base}/actions/workflows/{workflow}/runs"
        try:
            found = self._client.get(path, {"per_page": 100}).data
        except NotFoundError:
            return frozenset()
        return frozenset(int(one["id"]) for one in found["workflow_runs"])

    def _workflow(self, run: int) -> str | None:
        """The name of the file of a run; None when the run is gone."""
        try:
            path = str(self._client.get(f"{self._base}/actions/runs/{run}").data["path"])
        except (GoneError, NotFoundError):
            return None
        return path.partition("@")[0].rpartition("/")[2]


def spellings(environment: str) -> tuple[str, ...]:
    """How an environment may be spelt. Names of environments have no case at GitHub, but every deployment
    keeps its own spelling.
    """
    spelt = (environment, environment.lower(), environment.capitalize(), environment.upper())
    return tuple(dict.fromkeys(spelt))


def deployment(row: Mapping[str, Any], said: Mapping[str, Any] | None) -> Deployment:
    """A deployment of the GraphQL API. ``said``: what REST tells of it, where that was asked for."""
    shown = row.get("statuses") or {}
    rows = [status for status in shown.get("nodes") or () if status]
    newest = row.get("latestStatus")
    known = [status for status in rows if status["state"].lower() in ORDER]
    smoke = ((row.get("commit") or {}).get("status") or {}).get("context") or {}
    told = said or {}
    return Deployment(
        id=row.get("databaseId") or 0,
        sha=row["commitOid"],
        created=moment(row["createdAt"]),
        statuses=tuple(_status(status) for status in known),
        newest=_status(newest) if newest and newest["state"].lower() in ORDER else None,
        # A state that is not known to us says as little as one that is not shown.
        cut=bool((shown.get("pageInfo") or {}).get("hasNextPage")) or len(known) < len(rows),
        task=row.get("task") or "",
        ref=told.get("ref") or (row.get("ref") or {}).get("name") or "",
        creator=(told.get("creator") or row.get("creator") or {}).get("login") or "",
        environment=row.get("environment") or "",
        transient=bool(told.get("transient_environment")),
        production=told.get("production_environment"),
        payload=_payload(row.get("payload")),
        smoke=_SMOKE.get(smoke.get("state", ""), "unknown"),
    )


def _status(row: Mapping[str, Any]) -> DeploymentStatus:
    return DeploymentStatus(
        state=row["state"].lower(),
        at=moment(row["createdAt"]),
        url=row.get("environmentUrl") or "",
        log=row.get("logUrl") or "",
    )


def _payload(text: object) -> Mapping[str, Any]:
    """The deployment's own data. It comes as JSON text, which some tools put into JSON text once more."""
    value = text
    for _ in range(2):
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return {}
    return value if isinstance(value, dict) else {}
