"""A review on GitHub: a status on the newest commit of the pull request, one comment and one label, kept up
to date; and whoever approved an earlier text is asked again.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from allclear.adapters.github.again import again
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import ForbiddenError, NotFoundError
from allclear.core.model.snapshot import Repository
from allclear.core.model.structs import replace
from allclear.core.postmortem.file_name import is_report
from allclear.core.postmortem.verdict import CONTEXT, MARK, ReviewVerdict
from allclear.core.view.labels import to_change


def file_page(repository: Repository, commit: str, path: str) -> str:
    """The page of a file at a commit."""
    return f"{repository.url}/blob/{quote(commit)}/{quote(path)}"


class PullWithReports(Struct, frozen=True):
    """A pull request: its newest commit and branch, whether it is open, its labels, the logins that are asked
    to review it, and the reports that it brings.
    """

    number: int
    head: str
    branch: str
    open: bool
    fork: bool
    labels: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()


def pull_with_reports(
    client: Client, repository: Repository, number: int, *, merged: bool = False
) -> PullWithReports:
    """The pull request, with the reports among the first hundred files that it changes, while it is open or,
    if that is asked for, was ``merged``.

    https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
    """
    root = f"/repos/{repository.name}/pulls/{number}"
    data = client.get(root).data
    head = data["head"]
    fork = (head["repo"] or {}).get("id") != repository.id
    seen = PullWithReports(
        number,
        str(head["sha"]),
        str(head["ref"]),
        data["state"] == "open",
        fork,
        frozenset(str(one["name"]) for one in data["labels"]),
        frozenset(str(one["login"]).lower() for one in data["requested_reviewers"]),
    )
    if not seen.open and not (merged and data["merged"]):
        return seen
    changed = client.get(f"{root}/files", {"per_page": 100}).data
    names = [str(one["filename"]) for one in changed if one["status"] != "removed"]
    return replace(seen, paths=tuple(one for one in names if is_report(one)))


def newest_commit(client: Client, repository: Repository, number: int) -> str:
    """The commit that the pull request ends with now."""
    return str(client.get(f"/repos/{repository.name}/pulls/{number}").data["head"]["sha"])


def say(
    client: Client,
    repository: Repository,
    pull: int,
    commit: str,
    found: ReviewVerdict,
    bots: Collection[int],
    *,
    afresh: bool = False,
) -> bool:
    """Write the comment and the status, as far as they do not say so already; ``afresh``: the status anyway.
    Whether anything was written.

    The status comes last, for a commit that has one counts as looked at: who died before it is made up for.
    A comment that may not be written keeps the status from nobody.
    https://docs.github.com/en/rest/commits/statuses, https://docs.github.com/en/rest/issues/comments
    """
    root = f"/repos/{repository.name}"
    refused: ForbiddenError | None = None
    wrote = False
    try:
        wrote = _write_comment(client, root, pull, found.comment, bots)
    except ForbiddenError as error:
        refused = error
    told = set_status(client, repository, pull, commit, found.state, found.description, afresh=afresh)
    if refused is not None:
        raise refused
    return wrote or told


def set_status(
    client: Client,
    repository: Repository,
    pull: int,
    commit: str,
    state: str,
    description: str,
    *,
    afresh: bool = False,
) -> bool:
    """Write the status of the commit, unless it says so already; ``afresh``: in any case. Whether it was
    written.

    https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
    """
    root = f"/repos/{repository.name}"
    if not afresh and _status(client, root, commit) == (state, description):
        return False
    body = {
        "state": state,
        "context": CONTEXT,
        "description": description,
        "target_url": f"{repository.url}/pull/{pull}",
    }
    again(client.pause, lambda: client.send("POST", f"{root}/statuses/{commit}", body))
    return True


def _write_comment(client: Client, root: str, pull: int, text: str, bots: Collection[int]) -> bool:
    """Have one comment of ours say ``text``: two runs that look for the first time may both write one."""
    ours, made = _comments(client, root, pull, bots), False
    if not ours:
        client.send("POST", f"{root}/issues/{pull}/comments", {"body": text})
        ours, made = _comments(client, root, pull, bots), True
    for one in ours[1:]:
        client.send("DELETE", f"{root}/issues/comments/{one['id']}", accept=(404,))
    if ours and ours[0]["body"].replace("\r\n", "\n").strip() != text.strip():
        client.send("PATCH", f"{root}/issues/comments/{ours[0]['id']}", {"body": text})
        return True
    return made or len(ours) > 1


def label(
    client: Client, repository: Repository, pull: PullWithReports, wanted: str, family: Collection[str]
) -> None:
    """Put the label on the pull request that is ``wanted`` of its family, and take the others off.

    https://docs.github.com/en/rest/issues/labels: on a pull request, write access to those is enough.
    """
    root = f"/repos/{repository.name}/issues/{pull.number}/labels"
    add, remove = to_change(pull.labels, (wanted,), family)
    if add:
        client.send("POST", root, {"labels": [*add]})
    for name in remove:
        with suppress(NotFoundError):  # Somebody took it off meanwhile.
            client.send("DELETE", f"{root}/{quote(name, safe='')}")


def ask_again(
    client: Client, repository: Repository, pull: PullWithReports, logins: Collection[str]
) -> tuple[str, ...]:
    """Ask people for another review who are not asked already. Whom.

    https://docs.github.com/en/rest/pulls/review-requests
    """
    left = tuple(one for one in logins if one.lower() not in pull.asked)
    if left:
        root = f"/repos/{repository.name}/pulls/{pull.number}"
        client.send("POST", f"{root}/requested_reviewers", {"reviewers": [*left]})
    return left


def _status(client: Client, root: str, commit: str) -> tuple[str, str] | None:
    """State and words of our newest status on the commit."""
    told = client.get(f"{root}/commits/{commit}/status", {"per_page": 100}).data["statuses"]
    ours = (one for one in told if str(one["context"]).lower() == CONTEXT)
    return next(((str(one["state"]), str(one["description"] or "")) for one in ours), None)


def _comments(client: Client, root: str, pull: int, bots: Collection[int]) -> list[Any]:
    """Our comments on the pull request, the oldest first."""
    told = client.items(f"{root}/issues/{pull}/comments")
    return [one for one in told if (one["user"] or {}).get("id") in bots and one["body"].startswith(MARK)]
