"""The issues of action items: listed once for all incidents, and each opened once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allclear.adapters.github.again import UNSURE, again
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import (
    ForbiddenError,
    GoneError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from allclear.adapters.github.read import issue
from allclear.core.model.action_marker import action_marker
from allclear.core.model.effects import OpenActionIssue
from allclear.core.model.snapshot import Issue, Repository

MOST_PAGES = 5
"""Pages of a hundred issues that a sweep reads, those first that changed last."""


def listed(client: Client, repository: Repository, label: str) -> tuple[Issue, ...]:
    """The issues with the label, open and closed ones, those first that changed last; bounded.

    https://docs.github.com/en/rest/issues/issues#list-repository-issues
    """
    found: list[Issue] = []
    for page in range(1, MOST_PAGES + 1):
        params: dict[str, str | int] = {
            "labels": label,
            "state": "all",
            "sort": "updated",
            "direction": "desc",
            "per_page": 100,
            "page": page,
        }
        raw: Any = client.get(f"/repos/{repository.name}/issues", params).data
        if not isinstance(raw, list):
            raise UnavailableError(200, "the issues did not come as a list")
        found += [issue(one) for one in raw if "pull_request" not in one]
        if len(raw) < 100:
            break
    return tuple(found)


def open_action_issue(client: Client, base: str, wanted: OpenActionIssue, bots: Iterable[int]) -> None:
    """Open the issue, unless it is there: then what may be missing of it is done once more.

    https://docs.github.com/en/rest/issues/issues#create-an-issue
    https://docs.github.com/en/rest/issues/sub-issues#add-sub-issue
    """
    ours, marker = frozenset(bots), action_marker(wanted.body)

    def there() -> dict[str, Any] | None:
        newest: dict[str, str | int] = {
            "state": "all",
            "sort": "created",
            "direction": "desc",
            "per_page": 100,
        }
        for one in client.get(f"{base}/issues", newest).data:
            if (one.get("user") or {}).get("id") in ours and action_marker(one.get("body") or "") == marker:
                return dict(one)
        return None

    body = {"title": wanted.title, "body": wanted.body, "labels": list(wanted.labels)}
    made = there()
    if made is None:
        made = again(
            client.pause,
            lambda: dict(client.send("POST", f"{base}/issues", body).data),
            applied=there,
            waits=UNSURE,
        )
    _comfort(client, f"{base}/issues/{wanted.parent}/sub_issues", {"sub_issue_id": made["id"]})
    # Last of all: an issue without its owner is seen, and mended, by the next sweep.
    if wanted.assignees:
        path = f"{base}/issues/{made['number']}/assignees"
        _comfort(client, path, {"assignees": list(wanted.assignees)})


def _comfort(client: Client, path: str, body: dict[str, object]) -> None:
    """What the issue is whole without: its text names the owner, and the incident it belongs to."""
    try:
        again(client.pause, lambda: client.send("POST", path, body))
    except (ForbiddenError, GoneError, InvalidError, NotFoundError):
        return
