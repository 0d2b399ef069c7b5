"""The issues of routines, and opening one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allclear.adapters.github.again import UNSURE, again
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import UnavailableError
from allclear.adapters.github.read import issue
from allclear.core.model.snapshot import Issue, Repository
from allclear.core.plan.routine_issue import marker_of
from allclear.core.plan.routines import NewIssue

NEWEST = 100
"""Issues that one request shows."""


def newest_issues(client: Client, repository: Repository, label: str = "") -> tuple[Issue, ...]:
    """The newest issues that carry the label, or of all without one, open and closed ones."""
    return _listed(client, repository, {"state": "all", **({"labels": label} if label else {})})


def open_issues(client: Client, repository: Repository, label: str) -> tuple[Issue, ...]:
    """The newest open issues that carry the label."""
    return _listed(client, repository, {"state": "open", "labels": label})


def open_issue(
    client: Client, repository: Repository, new: NewIssue, *, label: str, bots: Iterable[int]
) -> int:
    """Open the issue and return its number: after an unclear answer it is looked for before the next try.

    The label comes into being with it. https://docs.github.com/en/rest/issues/issues#create-an-issue
    """
    ours = frozenset(bots)
    body = {"title": new.title, "body": new.body, "labels": [label], "assignees": list(new.assignees)}

    def there() -> int | None:
        for one in newest_issues(client, repository):
            if one.author and one.author.id in ours and marker_of(one.body) == new.marker:
                return one.number
        return None

    return again(
        client.pause,
        lambda: int(client.send("POST", f"/repos/{repository.name}/issues", body).data["number"]),
        applied=there,
        waits=UNSURE,
    )


def _listed(client: Client, repository: Repository, asked: dict[str, str]) -> tuple[Issue, ...]:
    params: dict[str, str | int] = {**asked, "sort": "created", "direction": "desc", "per_page": NEWEST}
    found: Any = client.get(f"/repos/{repository.name}/issues", params).data
    if not isinstance(found, list):
        raise UnavailableError(200, "the issues did not come as a list")
    return tuple(issue(one) for one in found if "pull_request" not in one)
