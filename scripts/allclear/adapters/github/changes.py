"""What GitHub says of the changes that a post-mortem names: whether they are on the default branch."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import InvalidError, NotFoundError
from allclear.core.model.report_seen import ChangeState, NamedChange
from allclear.core.model.snapshot import Repository
from allclear.core.model.times import stamp
from allclear.core.postmortem.reviewing import begin_of, changes_in


def changes_seen(client: Client, repository: Repository, text: str) -> Mapping[NamedChange, ChangeState]:
    """The state of each change by which the report ``text`` shows that runbooks were updated.

    Raises adapters.errors.GitHubError when GitHub does not say: what it did not say is not decided.
    """
    named = changes_in(text, repository.name)
    begin = begin_of(text) if any(one.kind == "file" for one in named) else None
    since = {"since": stamp(begin)} if begin is not None else {}
    return {one: _state(client, f"/repos/{repository.name}", one, since) for one in named}


def _state(client: Client, root: str, change: NamedChange, since: Mapping[str, str]) -> ChangeState:
    try:
        match change.kind:
            case "pull":
                merged = _pull(client, root, change.name)
            case "commit":
                merged = _commit(client, root, change.name)
            case "file":
                merged = _file(client, root, change.name, since)
    except (InvalidError, NotFoundError):
        return "none"
    return "merged" if merged else "not merged"


def _pull(client: Client, root: str, number: str) -> bool:
    """Whether it was merged into the default branch: https://docs.github.com/en/rest/pulls/pulls."""
    data = client.get(f"{root}/pulls/{number}").data
    return bool(data["merged"]) and data["base"]["ref"] == data["base"]["repo"]["default_branch"]


def _commit(client: Client, root: str, sha: str) -> bool:
    """Whether nothing of it is beyond the default branch.

    https://docs.github.com/en/rest/commits/commits#compare-two-commits
    """
    default = quote(str(client.get(root).data["default_branch"]), safe="")
    told = client.get(f"{root}/compare/{default}...{sha}", {"per_page": 1}).data
    return str(told["status"]) in ("behind", "identical")


def _file(client: Client, root: str, path: str, since: Mapping[str, str]) -> bool:
    """Whether a commit on the default branch changed it since the incident began.

    https://docs.github.com/en/rest/commits/commits#list-commits
    """
    return bool(client.get(f"{root}/commits", {"path": path, "per_page": 1, **since}).data)
