"""Comments that asked for an operation, as GitHub shows them now, and whether they ever changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from allclear.adapters.github.client import Client
from allclear.adapters.github.editors import shown
from allclear.adapters.github.errors import GoneError, NotFoundError
from allclear.adapters.github.read import moment, person
from allclear.core.model.snapshot import Repository
from allclear.core.production.source import SourceComment, Sources


def read_sources(client: Client, repository: Repository, ids: Collection[int]) -> Sources:
    """The comments with these ids. Raises UnavailableError when GitHub does not show one at all.

    https://docs.github.com/en/rest/issues/comments#get-an-issue-comment
    """
    raw = {number: _comment(client, repository, number) for number in sorted(ids)}
    edits = shown(client, [one["node_id"] for one in raw.values() if one is not None], texts=True)
    return {number: _source(one, edits.get(one["node_id"])) if one else None for number, one in raw.items()}


def _comment(client: Client, repository: Repository, number: int) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.get(f"/repos/{repository.name}/issues/comments/{number}").data
    except (NotFoundError, GoneError):
        return None
    return found


def _source(raw: dict[str, Any], edit: Mapping[str, Any] | None) -> SourceComment:
    issue = str(raw.get("issue_url", "")).rpartition("/issues/")[2]
    body = raw.get("body") or ""
    edited = None
    if edit is not None:
        told = (edit.get("includesCreatedEdit"), edit.get("lastEditedAt"), edit.get("editor"))
        # Two texts of one comment: it was edited between the two questions.
        edited = any(told) or (edit.get("body") or "") != body
    return SourceComment(
        id=raw["id"],
        at=moment(raw.get("created_at")),
        issue=int(issue) if issue.isdigit() else 0,
        author=person(raw.get("user")),
        body=body,
        edited=edited,
    )
