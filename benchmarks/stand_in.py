"""What the peers ask of GitHub and the embedded one does not know, answered in the documented shapes.

Nothing of Allclear is answered here.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from delaying_proxy import Answered

from allclear_lab.github import RepositoryHandle
from allclear_lab.github.git.objects import GitObjects

_PULL = {
    "reviewDecision": "APPROVED",
    "mergeStateStatus": "CLEAN",
    "reviews": {"totalCount": 1},
    "commits": {"nodes": []},
}
"""A pull request that is approved, and has no checks: https://docs.github.com/en/graphql/reference/pulls"""


def _json(status: int, value: Any) -> Answered:
    return Answered(
        status, (("Content-Type", "application/json; charset=utf-8"),), json.dumps(value).encode()
    )


class StandInForGitHub:
    """Answers for one repository of the embedded GitHub; ``head``: the commit that is to be deployed."""

    def __init__(self, repo: RepositoryHandle, head: str = "") -> None:
        self._repo, self._head = repo, head
        self._under = f"/repos/{repo.full_name}/"

    def __call__(self, method: str, target: str, body: bytes) -> Answered | None:
        """The answer; None for what the embedded GitHub knows itself."""
        path = unquote(target.partition("?")[0])
        if path == "/graphql":
            return self._graphql(json.loads(body))
        if not path.startswith(self._under):
            return None
        asked = f"{method} {path.removeprefix(self._under)}"
        # https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
        if asked == "POST dispatches":
            return Answered(204, (), b"")
        # https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
        if asked.startswith("GET rules/branches/"):
            return _json(200, [])
        # https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
        if asked == "POST deployments":
            given = json.loads(body)
            return _json(201, {"id": 1, "sha": self._repo.branches()[given["ref"]]})
        # https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
        if asked == "POST deployments/1/statuses":
            return _json(201, {"id": 1, "state": json.loads(body)["state"]})
        if found := re.fullmatch(r"GET branches/(.+)", asked):
            return self._branch(found[1])
        return None

    def _branch(self, name: str) -> Answered:
        """https://docs.github.com/en/rest/branches/branches#get-a-branch"""
        sha = self._repo.branches().get(name)
        if sha is None:
            return _json(404, {"message": "Branch not found", "status": "404"})
        tree = self._repo.state.room(GitObjects).commits[sha].tree
        commit = {"sha": sha, "commit": {"tree": {"sha": tree}}}
        return _json(200, {"name": name, "commit": commit, "protected": False})

    def _graphql(self, asked: dict[str, Any]) -> Answered | None:
        query = asked["query"]
        if "reviewDecision" in query:
            commit = {"id": "C_1", "oid": self._head, "statusCheckRollup": None}
            pull = _PULL | {"commits": {"nodes": [{"commit": commit}]}}
            return _json(200, {"data": {"repository": {"pullRequest": pull}}})
        # https://docs.github.com/en/graphql/reference/mutations#updaterefs
        if "updateRefs" in query:
            return _json(200, {"data": {"updateRefs": {"clientMutationId": None}}})
        return None
