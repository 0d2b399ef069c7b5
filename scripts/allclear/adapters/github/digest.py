"""The issue that lists what is overdue, and the comments below it that call the owners."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from allclear.adapters.github.again import UNSURE, again
from allclear.adapters.github.client import Client
from allclear.core.model.snapshot import Repository
from allclear.core.model.times import stamp
from allclear.core.plan.digest import TITLE, digest_marker


class DigestIssue(Struct, frozen=True):
    """Where the digest stands: an issue of ours, with this label and a marker in its first line."""

    client: Client
    repository: Repository
    label: str
    bots: tuple[int, ...]

    @property
    def issues(self) -> str:
        """The path of the repository's issues."""
        return f"/repos/{self.repository.name}/issues"

    def ours(self, one: Any) -> bool:
        """Whether our account wrote it."""
        return (one.get("user") or {}).get("id") in self.bots


def find_digest(where: DigestIssue) -> tuple[int | None, str]:
    """The newest digest, and the week that it told last; None and empty where there is none."""
    params: dict[str, str | int] = {
        "labels": where.label,
        "state": "all",
        "sort": "created",
        "direction": "desc",
        "per_page": 30,
    }
    for one in where.client.get(where.issues, params).data:
        marker = digest_marker(one.get("body") or "") if where.ours(one) else None
        if marker is not None and not one.get("locked"):
            return int(one["number"]), marker.week
    return None, ""


def put_digest(where: DigestIssue, number: int | None, body: str) -> int:
    """Write the text of the digest, open; without a number, of a new one. Returns the number."""
    client = where.client
    if number is not None:
        path = f"{where.issues}/{number}"
        again(client.pause, lambda: client.send("PATCH", path, {"body": body, "state": "open"}))
        return number
    new = {"title": TITLE, "body": body, "labels": [where.label]}
    return again(
        client.pause,
        lambda: int(client.send("POST", where.issues, new).data["number"]),
        applied=lambda: find_digest(where)[0],
        waits=UNSURE,
    )


def called(where: DigestIssue, number: int, week: str, since: datetime) -> frozenset[str]:
    """Who was told in this week already."""
    found = where.client.items(f"{where.issues}/{number}/comments", {"since": stamp(since)})
    markers = [digest_marker(one.get("body") or "") for one in found if where.ours(one)]
    return frozenset(one.owner for one in markers if one is not None and one.week == week)


def tell_owner(where: DigestIssue, number: int, body: str) -> None:
    """Call one owner, once."""
    client, path, marker = where.client, f"{where.issues}/{number}/comments", digest_marker(body)

    def there() -> bool | None:
        found = client.items(path, {})
        same = any(where.ours(one) and digest_marker(one.get("body") or "") == marker for one in found)
        return True if same else None

    def post() -> bool:
        client.send("POST", path, {"body": body})
        return True

    again(client.pause, post, applied=there, waits=UNSURE)
