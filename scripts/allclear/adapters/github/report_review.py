"""A review on GitHub: a status on the newest commit of the pull request, and one comment, kept up to date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from allclear.adapters.github.again import again
from allclear.adapters.github.client import Client
from allclear.core.model.snapshot import Repository
from allclear.core.postmortem.file_name import is_report
from allclear.core.postmortem.verdict import CONTEXT, MARK, ReviewVerdict


def file_page(repository: Repository, commit: str, path: str) -> str:
    """The page of a file at a commit."""
    return f"{repository.url}/blob/{quote(commit)}/{quote(path)}"


@dataclass(frozen=True, slots=True)
class PullWithReports:
    """A pull request: its newest commit and branch, whether it is open, and the reports that it brings."""

    number: int
    head: str
    branch: str
    open: bool
    fork: bool
    paths: tuple[str, ...] = ()


def pull_with_reports(client: Client, repository: Repository, number: int) -> PullWithReports:
    """The pull request, with the reports among the first hundred files that it changes.

    https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
    """
    root = f"/repos/{repository.name}/pulls/{number}"
    data = client.get(root).data
    head = data["head"]
    fork = (head["repo"] or {}).get("id") != repository.id
    seen = PullWithReports(number, str(head["sha"]), str(head["ref"]), data["state"] == "open", fork)
    if not seen.open:
        return seen
    changed = client.get(f"{root}/files", {"per_page": 100}).data
    names = [str(one["filename"]) for one in changed if one["status"] != "removed"]
    return replace(seen, paths=tuple(one for one in names if is_report(one)))


def say(
    client: Client,
    repository: Repository,
    pull: int,
    commit: str,
    found: ReviewVerdict,
    bots: Collection[int],
) -> bool:
    """Write the status and the comment, as far as they do not say so already. Whether anything was written.

    https://docs.github.com/en/rest/commits/statuses, https://docs.github.com/en/rest/issues/comments
    """
    root = f"/repos/{repository.name}"
    wrote = set_status(client, repository, pull, commit, found.state, found.description)
    ours = _comment(client, root, pull, bots)
    if ours is None:
        client.send("POST", f"{root}/issues/{pull}/comments", {"body": found.comment})
        return True
    if ours["body"].replace("\r\n", "\n").strip() != found.comment.strip():
        client.send("PATCH", f"{root}/issues/comments/{ours['id']}", {"body": found.comment})
        return True
    return wrote


def set_status(
    client: Client, repository: Repository, pull: int, commit: str, state: str, description: str
) -> bool:
    """Write the status of the commit, unless it says so already. Whether it was written.

    https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
    """
    root = f"/repos/{repository.name}"
    if _status(client, root, commit) == (state, description):
        return False
    body = {
        "state": state,
        "context": CONTEXT,
        "description": description,
        "target_url": f"{repository.url}/pull/{pull}",
    }
    again(client.pause, lambda: client.send("POST", f"{root}/statuses/{commit}", body))
    return True


def _status(client: Client, root: str, commit: str) -> tuple[str, str] | None:
    """State and words of our newest status on the commit."""
    told = client.get(f"{root}/commits/{commit}/status", {"per_page": 100}).data["statuses"]
    ours = (one for one in told if str(one["context"]).lower() == CONTEXT)
    return next(((str(one["state"]), str(one["description"] or "")) for one in ours), None)


def _comment(client: Client, root: str, pull: int, bots: Collection[int]) -> Any:
    """Our comment among the first hundred of the pull request, which is where the first writing put it."""
    told = client.get(f"{root}/issues/{pull}/comments", {"per_page": 100}).data
    return next(
        (one for one in told if (one["user"] or {}).get("id") in bots and one["body"].startswith(MARK)), None
    )
